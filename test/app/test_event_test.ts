import assert from "node:assert/strict";
import { makeTestEvent } from "../../src/app/test_event.ts";
import type { KnownGift } from "../../src/gift.ts";
import { emptyForm, eventOfForm, shownField, type TestForm } from "../../src/faces/tui/test_form.ts";

const sent = (given: Partial<TestForm>) => makeTestEvent(eventOfForm({ ...emptyForm, ...given }), 1_000);

for (const type of ["DonationEvent", "MembershipEvent", "OrderEvent"] as const) {
  Deno.test(`A test payment has the entered cents, so that rules by amount can be tested: ${type}`, () => {
    assert.partialDeepStrictEqual(sent({ type, amount: "1234" }), {
      data: { amount: 1234, currency: "EUR" },
    });
    assert.partialDeepStrictEqual(sent({ type }), { data: { amount: 500 } });
    const { label, value } = shownField({ ...emptyForm, type }, "amount", []);
    assert.deepEqual([label, value], ["cents", "500"]);
  });
}

Deno.test("The text of a test membership or order is its tier or its item", () => {
  assert.partialDeepStrictEqual(sent({ type: "MembershipEvent", text: "Gold" }), { data: { tier: "Gold" } });
  assert.partialDeepStrictEqual(sent({ type: "OrderEvent", text: "Mug" }), {
    data: { items: [{ name: "Mug", count: 1 }] },
  });
});

Deno.test("A test gift without an amount is a single gift", () => {
  assert.partialDeepStrictEqual(sent({ type: "GiftEvent" }), { data: { repeatCount: 1 } });
});

Deno.test("A test event of a known gift has its true id, name, price and picture, unless a price is typed", () => {
  const lion: KnownGift = {
    id: 6369,
    name: "Lion",
    diamonds: 29_999,
    imageUrl: "https://p16/lion",
    count: 0,
    firstAt: null,
    lastAt: null,
    earlier: [],
  };
  const made = (given: Partial<TestForm>) =>
    makeTestEvent(eventOfForm({ ...emptyForm, gift: "lion", ...given }), 1_000, lion);
  const gift = { id: 6369, name: "Lion", diamondCount: 29_999, imageUrl: "https://p16/lion" };
  assert.partialDeepStrictEqual(made({}), { data: { gift } });
  assert.partialDeepStrictEqual(made({ diamonds: "7" }), { data: { gift: { ...gift, diamondCount: 7 } } });
});

Deno.test("A test event of an unknown gift has the typed name, cleaned, with the id 0", () => {
  const { data } = sent({ gift: "\x1b[31m🌹 وردة" });
  assert.partialDeepStrictEqual(data, { gift: { id: 0, name: "🌹 وردة", diamondCount: 1 } });
});
