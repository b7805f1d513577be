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

function eventOf({ viewer, second }: Moment, sessionId: number): LiveEvent {
  const event = makeEvent({ id: ++lastEventId, sessionId, createdAt: second * 1000 });
  return { ...event, user: { ...event.user, id: viewer } };
}

/** Which of the moments act, by the code. */
async function acting(
  moments: Moment[],
  { cooldown, state = new MemoryState(), sessionId = 1 }: {
    cooldown: Cooldown;
    state?: MemoryState;
    sessionId?: number;
  },
): Promise<boolean[]> {
  let cooldowns = new Cooldowns(state);
  const acts: boolean[] = [];
  for (const moment of moments) {
    if (moment.isAfterRestart) cooldowns = new Cooldowns(state);
    acts.push(await cooldowns.start(0, cooldown, eventOf(moment, sessionId)));
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
    const first = await acting(moments, { cooldown, state, sessionId: 1 });
    assert.deepEqual(await acting(moments, { cooldown, state, sessionId: 2 }), first);
  }));
});

Deno.test("A session that goes on where the last one ended waits for what that one used", async () => {
  const cooldown = { rule_seconds: 10 };
  const state = new MemoryState();
  assert.deepEqual(await acting([{ viewer: "1", second: 100 }], { cooldown, state, sessionId: 1 }), [true]);
  const next = [{ viewer: "1", second: 105 }, { viewer: "1", second: 110 }];
  assert.deepEqual(await acting(next, { cooldown, state, sessionId: 2 }), [false, true]);
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
