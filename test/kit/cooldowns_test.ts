import assert from "node:assert/strict";
import fc from "fast-check";
import { type Cooldown, Cooldowns } from "../../src/kit/cooldowns.ts";
import type { LiveEvent } from "../../src/event.ts";
import { makeEvent } from "../support/events.ts";
import { MemoryState } from "../support/memory_state.ts";

interface Moment {
  viewer: string;
  second: number;
  /** A new process goes on with what the last one kept. */
  isAfterRestart?: boolean;
}

let lastEventId = 0;

function eventOf({ viewer, second }: Moment, given: Partial<LiveEvent>): LiveEvent {
  const event = makeEvent({ ...given as object, id: ++lastEventId, createdAt: second * 1000 });
  return { ...event, user: { ...event.user, id: viewer } };
}

/** Which of the moments act, by the code. */
async function acting(
  moments: Moment[],
  { cooldown, state = new MemoryState(), ...given }: {
    cooldown: Cooldown;
    state?: MemoryState;
    sessionId?: number;
    liveId?: number;
    isTest?: boolean;
  },
): Promise<boolean[]> {
  let cooldowns = new Cooldowns(state);
  const acts: boolean[] = [];
  for (const moment of moments) {
    if (moment.isAfterRestart) cooldowns = new Cooldowns(state);
    acts.push(await cooldowns.start(0, cooldown, eventOf(moment, given)));
  }
  return acts;
}

/** Which of the moments should act, told by all that acted before. */
function expected(moments: Moment[], { rule_seconds = 0, viewer_seconds = 0 }: Cooldown): boolean[] {
  const acted: Moment[] = [];
  return moments.map((moment) => {
    const isFree = acted.every(({ viewer, second }) => {
      const wait = viewer === moment.viewer ? Math.max(rule_seconds, viewer_seconds) : rule_seconds;
      return moment.second - second >= wait;
    });
    if (isFree) acted.push(moment);
    return isFree;
  });
}

const aMoment = fc.record({
  viewer: fc.constantFrom("101", "201", "102"),
  second: fc.nat(60),
  isAfterRestart: fc.boolean(),
});
const momentsInOrder = fc.array(aMoment, { maxLength: 40 })
  .map((moments) => moments.toSorted((one, other) => one.second - other.second));
const aCooldown = fc.record({
  rule_seconds: fc.integer({ min: 1, max: 10 }),
  viewer_seconds: fc.integer({ min: 1, max: 20 }),
}, {
  requiredKeys: [],
});

Deno.test("Whatever comes, a rule and each viewer wait as long as they have to, and no longer", async () => {
  await fc.assert(fc.asyncProperty(momentsInOrder, aCooldown, async (moments, cooldown) => {
    assert.deepEqual(await acting(moments, { cooldown }), expected(moments, cooldown));
  }));
});

Deno.test("A live that is played again acts as it did", async () => {
  await fc.assert(fc.asyncProperty(momentsInOrder, aCooldown, async (moments, cooldown) => {
    const state = new MemoryState();
    const first = await acting(moments, { cooldown, state, liveId: 1 });
    assert.deepEqual(await acting(moments, { cooldown, state, liveId: 2 }), first);
  }));
});

Deno.test("A session that goes on in the same live waits for what the one before it used", async () => {
  const cooldown = { rule_seconds: 10 };
  const state = new MemoryState();
  assert.deepEqual(await acting([{ viewer: "1", second: 100 }], { cooldown, state, sessionId: 1 }), [true]);
  const next = [{ viewer: "1", second: 105 }, { viewer: "1", second: 110 }];
  assert.deepEqual(await acting(next, { cooldown, state, sessionId: 2 }), [false, true]);
});

Deno.test("Lives side by side wait each for itself", async () => {
  const cooldown = { rule_seconds: 10, viewer_seconds: 10 };
  const state = new MemoryState();
  const acted: boolean[] = [];
  const moments: [liveId: number, second: number][] = [
    [5, 100],
    [6, 99],
    [5, 105],
    [6, 105],
    [6, 109],
    [5, 110],
    [6, 110],
  ];
  for (const [liveId, second] of moments) {
    const [acts] = await acting([{ viewer: "1", second }], { cooldown, state, liveId });
    acted.push(acts as boolean);
  }
  assert.deepEqual(acted, [true, true, false, false, true, true, false]);
});

Deno.test("A test event neither waits nor makes others wait", async () => {
  const cooldown = { rule_seconds: 10 };
  const state = new MemoryState();
  const at = (second: number) => [{ viewer: "1", second }];
  assert.deepEqual(await acting(at(100), { cooldown, state, isTest: true }), [true]);
  assert.deepEqual(await acting(at(101), { cooldown, state }), [true]);
  assert.deepEqual(await acting(at(102), { cooldown, state, isTest: true }), [true]);
  assert.deepEqual(await acting(at(111), { cooldown, state }), [true]);
});

Deno.test("What was used in lives long over is not kept, nor what an earlier version kept", async () => {
  const state = new MemoryState();
  await state.set("cooldowns", [["0", { at: 0, seconds: 5, eventId: 1, sessionId: 1 }]]);
  for (let liveId = 1; liveId <= 100; liveId++) {
    await acting([{ viewer: "1", second: 100 - liveId }], { cooldown: { rule_seconds: 5 }, state, liveId });
  }
  const kept = await state.get<unknown[]>("cooldowns");
  assert.ok((kept ?? []).length <= 21, `${kept?.length} are kept`);
});

Deno.test("An old event that comes late does not shorten the wait after a newer one", async () => {
  const moments = [100, 30, 101].map((second) => ({ viewer: "1", second }));
  assert.deepEqual(await acting(moments, { cooldown: { rule_seconds: 10 } }), [true, true, false]);
});

Deno.test("One viewer's cooldown is kept without writing down those of all the others", async () => {
  const state = new MemoryState();
  const crowd = Array.from(
    { length: 2000 },
    (_, viewer) => ({ viewer: String(700_000 + viewer), second: 1 }),
  );
  const acted = await acting(crowd, { cooldown: { viewer_seconds: 60 }, state });
  assert.ok(acted.every((acts) => acts));
  const longest = Math.max(...[...state.values.values()].map((json) => json.length));
  assert.ok(longest < 3000, `${longest} characters at a time`);
});
