import assert from "node:assert/strict";
import fc from "fast-check";
import { SeenMessages } from "../../src/lives/seen_messages.ts";
import { FakeClock } from "../support/fake_clock.ts";

const hourMs = 3_600_000;
const forGood = () => new SeenMessages();

Deno.test("SeenMessages takes a message for new once in each room", () => {
  const seen = forGood();
  assert.equal(seen.isNew("700", "7312345678901234567"), true);
  assert.equal(seen.isNew("700", "7312345678901234567"), false);
  assert.equal(seen.isNew("701", "7312345678901234567"), true);
  assert.equal(seen.isNew("700", "7312345678901234568"), true);
});

Deno.test("SeenMessages takes messages without an id for new every time", () => {
  const seen = forGood();
  assert.equal(seen.isNew("700", null), true);
  assert.equal(seen.isNew("700", null), true);
});

Deno.test("SeenMessages tells ids apart that are no plain numbers, or too large for one", () => {
  const seen = forGood();
  const ids = [
    "1",
    "01",
    "1.0",
    "-1",
    " 1",
    "",
    "0",
    "demo 1",
    "18446744073709551617",
    "9999999999999999999",
    "1e3",
  ];
  assert.deepEqual(ids.map((id) => seen.isNew("700", id)), ids.map(() => true));
  assert.deepEqual(ids.map((id) => seen.isNew("700", id)), ids.map(() => false));
});

Deno.test("SeenMessages remembers for at least its horizon and at most two", () => {
  const clock = new FakeClock();
  const seen = new SeenMessages({ horizonMs: 24 * hourMs, clock });
  clock.advance(23 * hourMs);
  seen.isNew("700", "1");
  clock.advance(24 * hourMs - 1);
  assert.equal(seen.isNew("700", "1"), false);
  clock.advance(25 * hourMs);
  assert.equal(seen.isNew("700", "1"), true);
});

Deno.test("SeenMessages forgets all after a long silence", () => {
  const clock = new FakeClock();
  const seen = new SeenMessages({ horizonMs: 24 * hourMs, clock });
  seen.isNew("700", "1");
  clock.advance(72 * hourMs);
  assert.equal(seen.isNew("700", "1"), true);
});

Deno.test("SeenMessages agrees with a plain set on many ids that differ little", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 2n ** 63n }),
      fc.integer({ min: 0, max: 40 }),
      fc.array(fc.nat({ max: 3000 }), { maxLength: 5000 }),
      (first, shift, offsets) => {
        const seen = forGood();
        const model = new Set<string>();
        for (const offset of offsets) {
          const id = BigInt.asUintN(63, first + (BigInt(offset) << BigInt(shift))).toString();
          assert.equal(seen.isNew("700", id), !model.has(id));
          model.add(id);
        }
      },
    ),
    { numRuns: 50 },
  );
});
