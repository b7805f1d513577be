import assert from "node:assert/strict";
import catalog from "../../src/app/gift_catalog.json" with { type: "json" };
import { withCatalog } from "../../src/app/gift_catalog.ts";
import { cleanName } from "../../src/clean_text.ts";
import { findGift, giftsOf, type GiftVariant } from "../../src/gift.ts";

function variant(given: Partial<GiftVariant>): GiftVariant {
  return { id: 5655, name: "Rose", diamonds: 1, imageUrl: "", count: 1, firstAt: 10, lastAt: 20, ...given };
}

Deno.test("Every gift of the catalog has an id of its own, a name and a price, and its lists have a date", () => {
  const gifts = withCatalog([]);
  assert.ok(gifts.length > 900);
  assert.equal(new Set(gifts.map(({ id }) => id)).size, gifts.length);
  for (const { id, name, diamonds } of gifts) {
    assert.ok(Number.isInteger(id) && id > 0 && Number.isInteger(diamonds) && diamonds > 0, name);
    assert.equal(cleanName(name), name);
    assert.notEqual(name, "");
  }
  for (const { list, date } of catalog.sources) {
    assert.match(list, /^github\.com\/.+, .+\.json$/);
    assert.ok(!Number.isNaN(Date.parse(date)));
  }
});

Deno.test("A gift that was seen takes the place of the catalog's, with its own name and price", () => {
  const gifts = withCatalog(giftsOf([variant({ name: "Red Rose", diamonds: 2 })]));
  const roses = gifts.filter(({ id }) => id === 5655);
  assert.deepEqual(roses.map(({ name, diamonds, count }) => [name, diamonds, count]), [["Red Rose", 2, 1]]);
  assert.equal(findGift(gifts, "rose"), null);
  assert.equal(findGift(gifts, "RED ROSE")?.id, 5655);
});

Deno.test("Of gifts with one name, the one that was given most is found; a name goes before an id", () => {
  const gifts = withCatalog(giftsOf([
    variant({ id: 1, count: 2 }),
    variant({ id: 2, count: 3 }),
    variant({ id: 3, name: "5655", diamonds: 7 }),
  ]));
  assert.equal(findGift(gifts, "Rose")?.id, 2);
  assert.equal(findGift(gifts, "5655")?.diamonds, 7);
  assert.equal(findGift(gifts, "6369")?.name, "Lion");
  assert.equal(findGift(gifts, "nothing of this name"), null);
});
