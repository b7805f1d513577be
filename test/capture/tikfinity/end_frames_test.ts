import assert from "node:assert/strict";
import { Streaks } from "../../../src/lives/streaks.ts";
import type { CapturedEvent } from "../../../src/source.ts";
import { FakeTikfinity, roseFields } from "../../support/fake_tikfinity.ts";
import { TikfinityScene } from "../../support/tikfinity_scene.ts";

function sums(events: CapturedEvent[]): { gifts: number; ended: number } {
  const streaks = new Streaks();
  let [gifts, ended] = [0, 0];
  for (const [index, event] of events.entries()) {
    const { streak, closed } = streaks.count(event, 1_000 + index, index + 1);
    if (event.type === "GiftEvent") gifts += streak?.delta ?? 0;
    if (closed !== null) ended++;
  }
  return { gifts, ended };
}

Deno.test("TikFinity source counts a streak once, with groups or without, with ids or without", async () => {
  await using tikfinity = await FakeTikfinity.start();
  await using scene = new TikfinityScene(tikfinity.url);
  await scene.until("live");
  const client = await tikfinity.nextClient();
  let messages = 0;
  const rose = (count: number, isEnd: boolean, given: Record<string, unknown>) => {
    messages++;
    client.send("gift", roseFields(count, isEnd, given));
  };
  // Each with the end sent twice, and a second streak of the same length right after it.
  for (const groups of [["1749859560141", "1749859560999"], [undefined, undefined], ["0", ""]]) {
    for (const groupId of groups) {
      for (const count of [1, 2, 3]) rose(count, false, { groupId });
      rose(3, true, { groupId });
      rose(3, true, { groupId });
    }
  }
  const repeated = 4;
  const seen = await scene.events(messages - repeated);
  assert.equal(sums(seen.slice(0, 10)).gifts, 6);
  assert.deepEqual(sums(seen.slice(10, 18)), { gifts: 6, ended: 2 });
  assert.deepEqual(sums(seen.slice(18)), { gifts: 6, ended: 2 });
});

Deno.test("TikFinity source keeps two ends of the same length where the server sends no other frames", async () => {
  await using tikfinity = await FakeTikfinity.start();
  await using scene = new TikfinityScene(tikfinity.url);
  await scene.until("live");
  const client = await tikfinity.nextClient();
  for (let index = 0; index < 3; index++) client.send("gift", roseFields(2, true, { groupId: undefined }));
  assert.deepEqual(sums(await scene.events(3)), { gifts: 6, ended: 3 });
});

Deno.test("TikFinity source does not take two givers for one whose numbers are not told", async () => {
  await using tikfinity = await FakeTikfinity.start();
  await using scene = new TikfinityScene(tikfinity.url);
  await scene.until("live");
  const client = await tikfinity.nextClient();
  for (const uniqueId of ["ana", "ben"]) {
    client.send("gift", roseFields(2, false, { uniqueId, userId: undefined, groupId: undefined }));
  }
  assert.equal(sums(await scene.events(2)).gifts, 4);
});
