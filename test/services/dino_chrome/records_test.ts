import assert from "node:assert/strict";
import { Records } from "../../../services/dino_chrome/records.ts";
import type { KeptState, StateOptions } from "../../../src/kit/service.ts";

/** What a service kept, as it has it, in the live that is on; its own under null. */
function keptIn(on: { liveId: number }, kept: Map<number | null, unknown>): KeptState {
  const ownerOf = (scope?: string) => scope === "live" ? on.liveId : null;
  return {
    get: <Value>(_key: string, { scope }: StateOptions = {}) =>
      Promise.resolve(kept.get(ownerOf(scope)) as Value | undefined),
    set: (_key, value, { scope } = {}) => {
      kept.set(ownerOf(scope), structuredClone(value));
      return Promise.resolve();
    },
  };
}

Deno.test("A live's records begin with the live, and those of one that goes on are found again", async () => {
  const on = { liveId: 0 };
  const kept = new Map<number | null, unknown>([
    [null, { best_score: 900, distance: 5000 }],
    [8, { best_score: 300, distance: 700 }],
  ]);
  const enter = (records: Records, liveId: number) => {
    on.liveId = liveId;
    return records.enter({ liveId, source: "main" });
  };
  const records = new Records(keptIn(on, kept));
  await records.load();
  await records.add({ run: 1, score: 40, isRunning: false });
  assert.deepEqual(records.lines, [["Best ever", "900"]]);

  await enter(records, 7);
  await records.add({ run: 2, score: 50, isRunning: false });
  const ofLive = (best: string, distance: string) => [
    ["Best of this live", best],
    ["Best ever", "900"],
    ["Distance of this live", distance],
  ];
  assert.deepEqual(records.lines, ofLive("50", "50"));

  const restarted = new Records(keptIn(on, kept));
  await restarted.load();
  await enter(restarted, 8);
  assert.deepEqual(restarted.lines, ofLive("300", "700"));
  await enter(restarted, 7);
  assert.deepEqual(restarted.lines, ofLive("50", "50"), "back in the live of before");
});
