/** The live stream in a real browser, with its gaps measured. */
import assert from "node:assert/strict";
import { makeClip } from "../../../services/tts/clip.ts";
import { Mp3Encoder } from "../../../services/tts/mp3.ts";
import { heardSound } from "../../support/heard_sound.ts";
import { listen, testPage, untilPlayed, untilState } from "../../support/listening.ts";
import { tone } from "../../support/sounds.ts";
import { withStream } from "../../support/stream_under_test.ts";

testPage("The live stream has no gap, even when its times restart at the end of a day", async (page) => {
  const ahead = Date.UTC(2026, 10, 26, 23, 59, 52) - Date.now();
  const clock = { now: () => Date.now() + ahead, monotonic: () => performance.now() };
  const encoder = await Mp3Encoder.open();
  await withStream(async ({ url, live }) => {
    await listen(page, `${url}/listen`);
    await untilState(page, "You are listening.");
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
