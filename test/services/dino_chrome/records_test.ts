import assert from "node:assert/strict";
import { Records } from "../../../services/dino_chrome/records.ts";
import { StoredState } from "../../../src/app/service_state.ts";
import type { ServiceState } from "../../../src/kit/service.ts";

/** What a service kept, as it has it, in the session that is on: null before the first. */
function keptIn(live: { sessionId: number | null }, kept: Map<number | null, unknown>): ServiceState {
  const stored = new StoredState({
    serviceId: 1,
    sessionId: () => live.sessionId,
    load: (sessionId) => new Map(kept.has(sessionId) ? [["records", kept.get(sessionId)]] : []),
    operations: { add: (_operation, onStored) => onStored?.() },
  });
  return {
    get: <Value>(key: string, { scope = "service" } = {}) =>
      Promise.resolve(stored.get(scope as "session" | "service", key) as Value | undefined),
    set: (key, value, { scope = "service" } = {}) => stored.set(scope, key, value),
  };
}

Deno.test("A live's records begin with the live, and those of one that goes on are found again", async () => {
  const live: { sessionId: number | null } = { sessionId: null };
  const kept = new Map<number | null, unknown>([
    [null, { best_score: 900, distance: 5000 }],
    [8, { best_score: 300, distance: 700 }],
  ]);
  const records = new Records(keptIn(live, kept));
  await records.load();
  await records.add({ run: 1, score: 40, isRunning: false });
  assert.deepEqual(records.lines, [["Best ever", "900"]]);

  live.sessionId = 7;
  await records.enter(7);
  await records.add({ run: 2, score: 50, isRunning: false });
  const ofLive = (best: string, distance: string) => [
    ["Best of this live", best],
    ["Best ever", "900"],
    ["Distance of this live", distance],
  ];
  assert.deepEqual(records.lines, ofLive("50", "50"));

  live.sessionId = 8;
  const restarted = new Records(keptIn(live, kept));
  await restarted.load();
  await restarted.enter(8);
  assert.deepEqual(restarted.lines, ofLive("300", "700"));
  await restarted.enter(9);
  assert.deepEqual(restarted.lines, ofLive("0", "0"));
});
