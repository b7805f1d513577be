import assert from "node:assert/strict";
import { PacedLines } from "../../src/runner/paced_lines.ts";
import { FakeClock } from "../support/fake_clock.ts";

function open(hasRoom?: () => boolean) {
  const clock = new FakeClock();
  const said: string[] = [];
  const lines = new PacedLines({ clock, hasRoom, write: (level, text) => said.push(`${level}: ${text}`) });
  return { clock, said, lines };
}

Deno.test("Lines over the rate are dropped, and their number is logged within a second, with the highest level", () => {
  const { clock, said, lines } = open();
  for (let i = 0; i < 100_000; i++) lines.write(i === 50_000 ? "warn" : "info", `line ${i}`);
  assert.equal(said.length, 1_000);
  clock.advance(1_000);
  assert.equal(said.length, 1_001);
  assert.equal(said.at(-1), "warn: … and 99,000 more lines");
  assert.equal(clock.timerCount, 0);
  // After a second, there was room for some lines again.
  for (let i = 0; i < 400; i++) lines.write("info", `later ${i}`);
  assert.equal(said.length, 1_301);
  lines.reportDropped();
  assert.equal(said.at(-1), "info: … and 100 more lines");
});

Deno.test("The number of dropped lines is logged before the next line", () => {
  let hasRoom = false;
  const { clock, said, lines } = open(() => hasRoom);
  lines.write("error", "left out");
  hasRoom = true;
  lines.write("info", "said");
  assert.deepEqual(said, ["error: … and 1 more line", "info: said"]);
  assert.equal(clock.timerCount, 0);
});

Deno.test("A text with many lines or a long one is cut, and the log says how much is missing", () => {
  const { said, lines } = open();
  lines.write("warn", "a line\n".repeat(2_000_000));
  assert.equal(said[0], `warn: ${"a line\n".repeat(50)}… and 1,999,951 more lines`);
  lines.write("info", "x".repeat(50_000_000));
  assert.equal(said[1], `info: ${"x".repeat(8_000)}\n… (cut: it has 50,000,000 characters)`);
  lines.write("info", "as it is\nwith two lines");
  assert.equal(said[2], "info: as it is\nwith two lines");
});

Deno.test("Long lines are fewer", () => {
  const { said, lines } = open();
  for (let i = 0; i < 1_000; i++) lines.write("info", "x".repeat(5_000));
  assert.equal(said.length, Math.floor(256_000 / 5_000));
});
