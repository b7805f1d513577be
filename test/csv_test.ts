import assert from "node:assert/strict";
import { csvRow, csvText } from "../src/csv.ts";

Deno.test("A text that a spreadsheet would take for a formula gets an apostrophe; a number stays a number", () => {
  const formulas = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    " =1",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    '=HYPERLINK("http://x","y")',
  ];
  for (const formula of formulas) assert.match(csvRow([formula]), /^"?'/);
  assert.equal(csvRow([-1, 0, null, 1.5, "a=1", "Ana"]), "-1,0,,1.5,a=1,Ana\r\n");
});

Deno.test("A long id keeps its digits, and quotes, commas and line breaks stay in their cell", () => {
  assert.equal(
    csvRow(["7300000000000000007", 'say "a,b"', "two\nlines"]),
    `'7300000000000000007,"say ""a,b""","two\nlines"\r\n`,
  );
});

Deno.test("No formula starts behind a semicolon or a tab, with which other countries' spreadsheets read the file", () => {
  assert.equal(csvText("hi;=cmd|' /C calc'!A0"), "hi;'=cmd|' /C calc'!A0");
  assert.equal(csvText("a; @SUM(A1)\t+1;-2"), "a; '@SUM(A1)\t'+1;'-2");
  assert.equal(csvText("good night ;-) ;=]"), "good night ;-) ;=]");
});
