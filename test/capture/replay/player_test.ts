import assert from "node:assert/strict";
import { Player } from "../../../src/capture/replay/player.ts";
import { Timeline } from "../../../src/capture/replay/timeline.ts";

Deno.test("After an entry with a wrong time the position is that of the entries around it", () => {
  const start = Date.UTC(2026, 0, 1);
  const wrong = Date.UTC(2100, 0, 1);
  const timeline = new Timeline({ keepGaps: false });
  const player = new Player({ file: "a.jsonl", speed: 1, timeline });
  const positions = [start, start + 5_000, wrong, start + 6_000, start + 5_500, 1].map((at) => {
    timeline.note(at);
    player.play(at);
    return player.view().positionMs;
  });
  assert.deepEqual(positions, [0, 5_000, 15_000, 6_000, 6_000, 6_000]);
});
