/** Speech with Microsoft's voices, in a real worker, against a fake server. */
import assert from "node:assert/strict";
import { FakeEdge } from "../../support/fake_edge.ts";
import { commentBy, viewer } from "../../support/overlay_events.ts";
import { withFolder } from "../../support/temporary_store.ts";
import { startTts, type TtsUnderTest } from "../../support/tts_under_test.ts";

const rules = [{ when: "CommentEvent", do: { say: "{comment}" } }];

/** Which voice spoke the comment. */
async function speakerOf(tts: TtsUnderTest, id: number, text: string): Promise<unknown[]> {
  await tts.tested.feed.add(id, commentBy(viewer("Anna"), text));
  while (true) {
    const [row] = tts.rows(`SELECT * FROM speech WHERE text = '${text}' AND duration_ms IS NOT NULL`);
    if (row !== undefined) return [row["engine"], row["voice"]];
    await (await fetch(`${tts.url}/health`)).body?.cancel();
  }
}

Deno.test("When edge ends early, espeak speaks, also after a restart; the log says so once", () =>
  withFolder(async (folder) => {
    const edge = new FakeEdge();
    const options = { engine: "edge", edge: { url: edge.url, patience_ms: 10_000 }, rules };
    try {
      await using tts = await startTts({ folder, options });
      assert.deepEqual(await speakerOf(tts, 1, "good evening everybody"), ["edge", "en-US-AriaNeural"]);
      edge.mood = "cut";
      assert.deepEqual(await speakerOf(tts, 2, "muchas gracias a todos"), ["espeak", "es"]);
      const asked = edge.addresses.length;
      assert.deepEqual(await speakerOf(tts, 3, "thank you very much"), ["espeak", "en-us"]);
      assert.equal(edge.addresses.length, asked);
      const told = tts.tested.log.entries.filter(({ text }) => text.includes("edge"));
      assert.deepEqual(told.map(({ level }) => level), ["warn"]);
      assert.match(
        told[0]?.text ?? "",
        /edge did not speak \(the server ended the connection \(\d+\)\): espeak speaks until/,
      );

      await tts.tested.runner.stop();
      await using again = await startTts({ folder, options, before: tts });
      const sounds = await Promise.all([1, 2, 3].map((id) => fetch(`${again.url}/sound/${id}/0.mp3`)));
      for (const sound of sounds) {
        assert.equal(sound.status, 200);
        assert.ok((await sound.arrayBuffer()).byteLength > 5_000);
      }
    } finally {
      await edge.close();
    }
  }));
