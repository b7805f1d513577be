import assert from "node:assert/strict";
import { amountText, fractionDigits } from "../src/money.ts";

Deno.test("An amount is written with as many digits as its currency has", () => {
  assert.equal(amountText({ amount: 500, currency: "EUR" }), "5.00");
  assert.equal(amountText({ amount: 7, currency: "usd" }), "0.07");
  assert.equal(amountText({ amount: 500, currency: "JPY" }), "500");
  assert.equal(amountText({ amount: 1_500, currency: "KWD" }), "1.500");
});

Deno.test("What is no currency has two digits", () => {
  for (const currency of ["", "€", "EURO", "12"]) assert.equal(fractionDigits(currency), 2);
});
