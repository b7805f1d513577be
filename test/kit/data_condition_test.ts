/** A rule's condition on the data of events, above all of those that services emit. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import type { LiveEvent } from "../../src/event.ts";
import { Rules, rulesSchema } from "../../src/kit/rules.ts";
import { makeEvent } from "../support/events.ts";
import { MemoryState } from "../support/memory_state.ts";

const schema = rulesSchema(z.string());
const item = { count: 1, isFirstOfUser: false };

function emitted(data: Record<string, unknown>, type = "DetectionEvent"): LiveEvent {
  return { ...makeEvent({}), type, data } as unknown as LiveEvent;
}

async function acts(fields: unknown, event: LiveEvent): Promise<boolean> {
  const rules = schema.parse([{ when: event.type, if: { data: fields }, do: "act" }]);
  return (await new Rules(rules, new MemoryState()).match(event, item)).length === 1;
}

function mistakes(fields: unknown): string[] {
  const { error } = schema.safeParse([{ when: "DetectionEvent", if: { data: fields }, do: "act" }]);
  return (error?.issues ?? []).map(({ path, message }) => `${path.slice(1).join(".")}: ${message}`);
}

const detection = emitted({
  name: "Tank fills",
  channel: "NODE3000005",
  confidence: 0.8,
  isFinal: true,
  window: { from: 100, to: 200 },
  values: { sigma: 3.5, "rate.per.hour": 2 },
  tags: ["urine", "Näher"],
  note: "",
});

Deno.test("A rule acts for an emitted event whose fields have these values", async () => {
  assert.ok(await acts({ name: "tank FILLS" }, detection));
  assert.ok(await acts({ name: ["Tank empties", "Tank fills"] }, detection));
  assert.ok(await acts({ isFinal: true, confidence: 0.8 }, detection));
  assert.ok(await acts({ note: "" }, detection));
  assert.ok(await acts({ tags: "naher" }, detection));
  assert.ok(!await acts({ name: "Tank" }, detection));
  assert.ok(!await acts({ isFinal: "true" }, detection));
  assert.ok(!await acts({ name: "Tank fills", isFinal: false }, detection));
});

Deno.test("A rule acts for a field within a range, also in nested data", async () => {
  assert.ok(await acts({ confidence: { min: 0.8 } }, detection));
  assert.ok(!await acts({ confidence: { min: 0.81 } }, detection));
  assert.ok(await acts({ "values.sigma": { min: 3, max: 4 }, "window.from": { max: 100 } }, detection));
  assert.ok(!await acts({ "values.sigma": { max: 3 } }, detection));
  assert.ok(await acts({ "values.rate.per.hour": 2 }, detection));
  assert.ok(await acts({ "tags.1": "Näher" }, detection));
  assert.ok(
    await acts({ "options.0.votes": { min: 5 } }, emitted({ options: [{ votes: 5 }] }, "PollEndedEvent")),
  );
});

Deno.test("A field that is missing, or of another kind, makes no rule act", async () => {
  for (
    const path of ["nothing", "values.nothing", "name.length", "constructor", "tags.length", "."]
  ) {
    assert.ok(!await acts({ [path]: { min: -1e300 } }, detection), path);
    assert.ok(!await acts({ [path]: ["", true, 0] }, detection), path);
  }
  assert.ok(!await acts({ name: { min: 0 } }, detection));
  assert.ok(!await acts({ x: 1 }, emitted({ x: null })));
  assert.ok(!await acts({ "x.y": 1 }, emitted({ x: null })));
});

Deno.test("The condition looks at Livecue's own events too, beside the others", async () => {
  const event = makeEvent({ type: "ViewerCountEvent", data: { viewerCount: 250 } } as never);
  assert.ok(await acts({ viewerCount: { min: 250 } }, event));
  assert.ok(!await acts({ viewerCount: { min: 251 } }, event));
  const rules = schema.parse([
    { when: event.type, if: { data: { viewerCount: { min: 1 } }, role: "moderator" }, do: "act" },
  ]);
  assert.deepEqual(await new Rules(rules, new MemoryState()).match(event, item), []);
});

Deno.test("A wrong condition on data says at its place what is right", () => {
  assert.match(mistakes({})[0] ?? "", /if\.data: names no field/);
  assert.match(
    mistakes(5)[0] ?? "",
    /if\.data: expected fields of the data with their values, as \{ "level"/,
  );
  assert.match(mistakes({ a: null })[0] ?? "", /if\.data\.a.*: expected a text, a number, true or false/);
  assert.match(mistakes({ a: [] })[0] ?? "", /if\.data\.a: is an empty list/);
  assert.match(mistakes({ a: {} })[0] ?? "", /if\.data\.a: has neither "min" nor "max"/);
  assert.match(mistakes({ a: { min: 5, max: 3 } })[0] ?? "", /if\.data\.a\.max: is below min: 3 < 5/);
  assert.match(
    mistakes({ a: { at_least: 5 } })[0] ?? "",
    /if\.data\.a: "at_least" is unknown here: use min, max/,
  );
  assert.deepEqual(mistakes({ a: [1, "b", false], "c.d": { min: 0 } }), []);
});

Deno.test("Every text and number of any data is found at its own path", async () => {
  const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.boolean());
  const key = fc.string({ minLength: 1, maxLength: 8 }).filter((key) => key !== "__proto__");
  await fc.assert(fc.asyncProperty(key, key, value, async (outer, inner, found) => {
    assert.ok(
      await acts({ [`${outer}.${inner}`]: found }, emitted({ [outer]: { [inner]: found } })) ||
        outer.includes("."),
    );
    assert.ok(await acts({ [outer]: found }, emitted({ [outer]: found })));
  }));
});
