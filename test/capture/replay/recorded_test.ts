/** Real recordings, which are not part of this repository: where they lie beside it, their sums must come out. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createReplaySource } from "../../../src/capture/replay/replay.ts";
import { collect, only } from "../../support/collect.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { tally } from "../../support/tally.ts";

const folder = new URL("../../../../shared/recorded/", import.meta.url);

for (const name of ["streak_minute", "small_room", "unknown_types"]) {
  const path = fileURLToPath(new URL(`${name}.jsonl`, folder));
  const isThere = await Deno.stat(path).then(() => true, () => false);
  Deno.test({
    name: `A replay of ${name} gives the sums counted from its bytes`,
    ignore: !isThere,
    fn: async () => {
      const expected = JSON.parse(await Deno.readTextFile(new URL(`${name}.expected.json`, folder)));
      const clock = new FakeClock();
      const source = createReplaySource({ path, speed: "max", keepGaps: false, clock });
      const items = await collect(source.open(new AbortController().signal), clock);
      const sums = tally(items);
      assert.deepEqual(
        {
          lines: only(items, "event").length,
          unique: sums.unique,
          repeated: sums.repeated,
          comments: sums.byType.CommentEvent ?? 0,
          gifts: sums.gifts,
          diamonds: sums.diamonds,
          giftMessages: sums.byType.GiftEvent ?? 0,
          likes: sums.likes,
          follows: sums.byType.FollowEvent ?? 0,
          shares: sums.byType.ShareEvent ?? 0,
          joins: sums.byType.JoinEvent ?? 0,
          subscribes: sums.byType.SubscribeEvent ?? 0,
        },
        {
          lines: expected.lines,
          unique: expected.unique_messages,
          repeated: expected.repeated_messages,
          comments: expected.comments,
          gifts: expected.gifts,
          diamonds: expected.diamonds,
          giftMessages: expected.gift_messages,
          likes: expected.likes,
          follows: expected.follows,
          shares: expected.shares,
          joins: expected.joins,
          subscribes: expected.subscribes,
        },
      );
    },
  });
}
