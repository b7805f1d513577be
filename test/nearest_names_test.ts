import assert from "node:assert/strict";
import fc from "fast-check";
import { nearestName } from "../src/nearest_names.ts";
import { eventTypes } from "../src/event.ts";

const keys = [
  "name",
  "service_class",
  "is_active",
  "max_queue_size",
  "max_concurrency",
  "timeout_ms",
  "options",
];

const cases: [found: string, allowed: readonly string[], expected: string | null][] = [
  ["max_queue_sise", keys, "max_queue_size"],
  ["maxQueueSize", keys, "max_queue_size"],
  ["active", keys, "is_active"],
  ["timeout", keys, "timeout_ms"],
  ["optoins", keys, "options"],
  ["Name", keys, "name"],
  ["size", keys, "max_queue_size"],
  ["color", keys, null],
  ["", keys, null],
  ["__", keys, null],
  ["name".repeat(50), keys, null],
  ["Gift", eventTypes, "GiftEvent"],
  ["Gifts", eventTypes, "GiftEvent"],
  ["comment_event", eventTypes, "CommentEvent"],
  ["Liek", eventTypes, "LikeEvent"],
  ["Banana", eventTypes, null],
  ["dino-chrome", ["dummy", "dino_chrome"], "dino_chrome"],
  ["dumy", ["dummy", "dino_chrome"], "dummy"],
  ["ful", ["normal", "full"], "full"],
  ["anything", [], null],
];

for (const [found, allowed, expected] of cases) {
  Deno.test(`nearestName answers ${expected ?? "nothing"} to "${found.slice(0, 20)}" among ${allowed.length}`, () => {
    assert.equal(nearestName(found, allowed), expected);
  });
}

Deno.test("nearestName finds an event type in which one letter was left out, doubled or swapped", () => {
  const misspelling = fc.constantFrom(...eventTypes).chain((type) =>
    fc.record({
      type: fc.constant(type),
      at: fc.nat(type.length - 2),
      how: fc.constantFrom("left out", "doubled", "swapped"),
    })
  );
  fc.assert(fc.property(misspelling, ({ type, at, how }) => {
    const [before, here, next, after] = [type.slice(0, at), type[at]!, type[at + 1]!, type.slice(at + 2)];
    const changed = { "left out": next, doubled: here + here + next, swapped: next + here }[how]!;
    assert.equal(nearestName(before + changed + after, eventTypes), type);
  }));
});

Deno.test("nearestName answers with one of the allowed names or nothing, whatever was found", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.string()), (found, allowed) => {
    const answer = nearestName(found, allowed);
    assert(answer === null || allowed.includes(answer));
  }));
});
