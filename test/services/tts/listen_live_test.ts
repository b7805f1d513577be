/** Speech in the live stream, played by a real browser that measures its sound. */
import assert from "node:assert/strict";
import { heardSound } from "../../support/heard_sound.ts";
import {
  assertPauses,
  listen,
  pausesIn,
  testPage,
  untilPlayed,
  untilState,
  withTts,
} from "../../support/listening.ts";
import { commentBy, viewer } from "../../support/overlay_events.ts";

const moderator = viewer("Ana", { roles: ["moderator"] });

testPage(
  "The live stream plays a text, once",
  (page) =>
    withTts(async ({ url, tested }) => {
      await listen(page, `${url}/listen`);
      await untilState(page, "You are listening.");
      await tested.feed.add(1, commentBy(moderator, "Good evening, to you all!"));
      await untilPlayed(page, 9);
      const { durationMs, state, words } = await (await fetch(`${url}/speech/1`)).json();
      const { seconds, pauses } = await heardSound(page);
      assert.equal(state, "spoken");
      assert.ok(Math.abs(seconds - durationMs / 1000) < 0.25, `${seconds} s heard of ${durationMs} ms`);
      assertPauses(pauses, pausesIn(words));
    }),
);
