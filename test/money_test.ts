import assert from "node:assert/strict";
import fc from "fast-check";
import { amountText, fractionDigits, minorUnits, wholeUnits } from "../src/money.ts";

Deno.test("An amount is written with as many digits as its currency has", () => {
  assert.equal(amountText({ amount: 500, currency: "EUR" }), "5.00");
  assert.equal(amountText({ amount: 7, currency: "usd" }), "0.07");
  assert.equal(amountText({ amount: 500, currency: "JPY" }), "500");
  assert.equal(amountText({ amount: 1_500, currency: "KWD" }), "1.500");
});

Deno.test("What is no currency has two digits", () => {
  for (const currency of ["", "€", "EURO", "12"]) assert.equal(fractionDigits(currency), 2);
});

Deno.test("minorUnits converts exactly, and nothing that is finer than the currency", () => {
  const cases = [
    ["3.00", "USD", 300],
    ["3", "USD", 300],
    ["0.1", "USD", 10],
    ["1.15", "USD", 115],
    ["4.350", "USD", 435],
    ["8.41", "EUR", 841],
    ["500", "JPY", 500],
    ["500.00", "JPY", 500],
    ["500.5", "JPY", null],
    ["1.5", "KWD", 1500],
    ["1.234", "KWD", 1234],
    ["3.005", "USD", null],
    ["1000000000.00", "USD", 100_000_000_000],
    ["1000000000.01", "USD", null],
  ] as const;
  for (const [text, currency, amount] of cases) assert.equal(minorUnits(text, currency), amount, text);
});

Deno.test("minorUnits takes nothing but a plain number from 0 on", () => {
  const texts = [
    "",
    "-1",
    "+1",
    "1e3",
    "1,50",
    ".5",
    "5.",
    " 5",
    "Infinity",
    "NaN",
    "0x10",
    "١",
    "9".repeat(400),
  ];
  for (const text of texts) {
    assert.equal(minorUnits(text, "EUR"), null, text);
    assert.equal(wholeUnits(text), null, text);
  }
});

Deno.test("What amountText shows is read back as the same amount", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 100_000_000_000 }),
      fc.constantFrom("EUR", "JPY", "KWD"),
      (amount, currency) => {
        assert.equal(minorUnits(amountText({ amount, currency }), currency), amount);
      },
    ),
  );
});
