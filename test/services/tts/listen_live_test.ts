/** The live stream in a real browser, with its sound measured. */
import assert from "node:assert/strict";
import { makeClip } from "../../../services/tts/clip.ts";
import { Mp3Encoder } from "../../../services/tts/mp3.ts";
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
import { tone } from "../../support/sounds.ts";
import { withStream } from "../../support/stream_under_test.ts";

const moderator = viewer("Ana", { roles: ["moderator"] });

testPage(
  "A text that is spoken is heard in the live stream, once",
  (page) =>
    withTts(async ({ url, tested }) => {
      await listen(page, `${url}/listen`);
      await untilState(page, "You hear what is spoken.");
      await tested.feed.add(1, commentBy(moderator, "Good evening, to you all!"));
      await untilPlayed(page, 9);
      const { durationMs, state, words } = await (await fetch(`${url}/speech/1`)).json();
      const { seconds, pauses } = await heardSound(page);
      assert.equal(state, "spoken");
      assert.ok(Math.abs(seconds - durationMs / 1000) < 0.25, `${seconds} s heard of ${durationMs} ms`);
      assertPauses(pauses, pausesIn(words));
    }),
);

testPage("The live stream has no gap, also where its times begin anew at a day's end", async (page) => {
  const ahead = Date.UTC(2026, 10, 26, 23, 59, 52) - Date.now();
  const clock = { now: () => Date.now() + ahead, monotonic: () => performance.now() };
  const encoder = await Mp3Encoder.open();
  await withStream(async ({ url, live }) => {
    await listen(page, `${url}/listen`);
    await untilState(page, "You hear what is spoken.");
    const made = [2, 2, 2].map((seconds) =>
      makeClip(encoder, { samples: tone(440, seconds * 1000), words: [] })
    );
    await live.begin(made.map((clip) => Promise.resolve(clip)));
    await untilPlayed(page, 14);
    const { seconds, pauses } = await heardSound(page);
    assert.ok(Math.abs(seconds - 6.1) < 0.06, `${seconds} s`);
    assert.deepEqual(pauses, []);
  }, clock);
});
