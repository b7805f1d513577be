import assert from "node:assert/strict";
import { giftsOf, giftsWith, type GiftVariant, sortedGifts } from "../src/gift.ts";

function variant(given: Partial<GiftVariant>): GiftVariant {
  return { id: 5655, name: "Rose", diamonds: 1, imageUrl: "", count: 1, firstAt: 10, lastAt: 20, ...given };
}

Deno.test("A gift whose name and price changed is one gift with the latest ones, and counts in all", () => {
  const [rose, ...others] = giftsOf([
    variant({ name: "Red Rose", diamonds: 2, count: 3, firstAt: 50, lastAt: 60 }),
    variant({
      name: "Red Rose",
      diamonds: 1,
      count: 4,
      imageUrl: "https://p16/rose",
      firstAt: 30,
      lastAt: 40,
    }),
    variant({ count: 5 }),
  ]);
  assert.deepEqual(others, []);
  assert.deepEqual(rose, {
    id: 5655,
    name: "Red Rose",
    diamonds: 2,
    imageUrl: "https://p16/rose",
    count: 12,
    firstAt: 10,
    lastAt: 60,
    earlier: [{ name: "Red Rose", diamonds: 1, lastAt: 40 }, { name: "Rose", diamonds: 1, lastAt: 20 }],
  });
});

Deno.test("Gifts of the same name with other ids are two, and of gifts without an id each name is one", () => {
  const gifts = giftsOf([
    variant({}),
    variant({ id: 8 }),
    variant({ id: 0 }),
    variant({ id: 0, name: "وردة" }),
  ]);
  assert.deepEqual(gifts.map(({ id, name }) => [id, name]), [[5655, "Rose"], [8, "Rose"], [0, "Rose"], [
    0,
    "وردة",
  ]]);
});

Deno.test("A search ignores case and accents, and finds earlier names and ids", () => {
  const gifts = giftsOf([
    variant({ name: "Corazón" }),
    variant({ name: "Heart", lastAt: 5 }),
    variant({ id: 7, name: "🌹" }),
  ]);
  const found = (text: string) => giftsWith(gifts, text).map(({ id }) => id);
  assert.deepEqual(found("CORAZON"), [5655]);
  assert.deepEqual(found("hear"), [5655]);
  assert.deepEqual(found("🌹"), [7]);
  assert.deepEqual(found("7"), [7]);
  assert.deepEqual(found(" "), [5655, 7]);
  assert.deepEqual(found("lion"), []);
});

Deno.test("Gifts are sorted by each order, and equal ones by their names", () => {
  const gifts = giftsOf([
    variant({ id: 1, name: "b", count: 2, diamonds: 5, firstAt: 3, lastAt: 9 }),
    variant({ id: 2, name: "A", count: 2, diamonds: 1, firstAt: 1, lastAt: 8 }),
    variant({ id: 3, name: "c", count: 7, diamonds: 9, firstAt: 2, lastAt: 7 }),
  ]);
  const ids = (order: Parameters<typeof sortedGifts>[1]) =>
    sortedGifts(gifts, order).map(({ id }) => id).join("");
  assert.deepEqual(
    [ids("count"), ids("diamonds"), ids("name"), ids("first"), ids("last")],
    ["321", "312", "213", "231", "123"],
  );
});
