/** Recordings with which the program once went wrong; they lie beside this repository, and are no part of it. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createReplaySource } from "../../../src/capture/replay/replay.ts";
import { describeCaptured } from "../../support/captured_events.ts";
import type { CapturedEvent } from "../../../src/source.ts";
import { collect, only } from "../../support/collect.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const folder = new URL("../../../../shared/cases/", import.meta.url);
const isThere = await Deno.stat(folder).then(() => true, () => false);

function replays(name: string, sentence: string, check: (events: CapturedEvent[], roomId: string) => void) {
  Deno.test({
    name: sentence,
    ignore: !isThere,
    fn: async () => {
      const clock = new FakeClock();
      const path = fileURLToPath(new URL(`${name}.jsonl`, folder));
      const source = createReplaySource({ path, speed: "max", keepGaps: false, clock });
      const items = await collect(source.open(new AbortController().signal), clock);
      check(only(items, "event").map(({ event }) => event), only(items, "session")[0]?.roomId ?? "");
    },
  });
}

replays("super_fan", "Ann became a Super Fan, Bo only came in, and Cy gave five boxes", (events) => {
  assert.deepEqual(events.map(describeCaptured), [
    "💬 Ann: hello",
    "🌟 Ann became a Super Fan",
    "🎉 Super Fan Bo joined",
    "🌟 Cy gave 5 Super Fan subscriptions",
  ]);
  assert.equal(events[3]?.user.uniqueId, "viewer_3");
});

replays("chat_emotes", "Emotes are kept at their places, and seen", (events) => {
  assert.deepEqual(events.map(describeCaptured), [
    "💬 Ann: plain comment",
    "💬 Bo: [emote][emote]",
    "💬 Cy: [emote] wow[emote] ",
  ]);
  const places = events.map((event) =>
    event.type === "CommentEvent" && event.data.emotes.map(({ at }) => at)
  );
  assert.deepEqual(places, [[], [0, 0], [0, 4]]);
});

replays("guest", "Four gifts are for the host, a Lion and two roses for Guest Gil", (events) => {
  const gil = { id: "6900000000000000077", uniqueId: "viewer_77", nickname: "Guest Gil" };
  const gifts = events.flatMap((event) => event.type === "GiftEvent" ? [event] : []);
  assert.deepEqual(
    gifts.map(({ data: { gift, receiver }, streak }) => [gift.name, streak.count, receiver]),
    [["Rose", 1, null], ["Lion", 1, gil], ["Rose", 3, null], ["Rose", 2, gil]],
  );
});

replays("battle", "A message of a battle's other side keeps its room", (events, roomId) => {
  const foreign = events.filter((event) => event.isForeign);
  assert.deepEqual(foreign, events.filter((event) => event.roomId !== roomId));
  assert.deepEqual(foreign.map(describeCaptured), ["💬 From the other side: go red! (from another room)"]);
  const counts = events.map(({ streak }) => streak?.count ?? 0);
  assert.equal(counts.reduce((sum, count) => sum + count, 0), 45 + 71);
});
