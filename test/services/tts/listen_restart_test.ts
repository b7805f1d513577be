/** The live stream in a real browser while Livecue restarts. */
import assert from "node:assert/strict";
import { heardSound } from "../../support/heard_sound.ts";
import { listen, testPage, untilPlayed, untilState } from "../../support/listening.ts";
import { commentBy, viewer } from "../../support/overlay_events.ts";
import { withFolder } from "../../support/temporary_store.ts";
import { startTts } from "../../support/tts_under_test.ts";

const playing = "You are listening.";
const moderator = viewer("Ana", { roles: ["moderator"] });

testPage(
  "A page that listens goes on after a restart of Livecue",
  (page) =>
    withFolder(async (folder) => {
      const before = await startTts({ folder });
      await listen(page, `${before.url}/listen`);
      await untilState(page, playing);
      await before[Symbol.asyncDispose]();
      await untilState(page, "Livecue is not running. The page keeps trying.");
      await using tts = await startTts({ folder, before });
      await untilState(page, playing);
      await tts.tested.feed.add(1, commentBy(moderator, "Good evening!"));
      await untilPlayed(page, 8);
      const { durationMs } = await (await fetch(`${tts.url}/speech/1`)).json();
      const { seconds } = await heardSound(page);
      assert.ok(Math.abs(seconds - durationMs / 1000) < 0.25, `${seconds} s heard of ${durationMs} ms`);
    }),
);
