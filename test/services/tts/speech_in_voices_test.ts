/** A speech in several voices, for many players at once, with a fake engine. */
import assert from "node:assert/strict";
import { Hls } from "../../../services/tts/hls/hls.ts";
import { LiveTimeline } from "../../../services/tts/hls/live_timeline.ts";
import { SpeechInVoices } from "../../../services/tts/hls/speech_in_voices.ts";
import { Slots } from "../../../services/tts/slots.ts";
import type { Speech, Voice } from "../../../services/tts/speech.ts";
import { Synthesis } from "../../../services/tts/synthesis.ts";
import { openCache } from "../../support/cache_under_test.ts";
import { tone } from "../../support/sounds.ts";
import { withFolder } from "../../support/temporary_store.ts";

const voiceOf = (name: string, language: string): Voice => ({ engine: "stand-in", name, language });
const [anna, ben, eva] = [voiceOf("Anna", "en-GB"), voiceOf("Ben", "en"), voiceOf("Eva", "es")] as const;

const speech: Speech = {
  id: 7,
  text: "This is a sentence that is long enough to be a segment of its own, more or less. ".repeat(5),
  voice: ben,
  delivery: { rate: 1, pitch: 1, volume: 1 },
  priority: 5,
  isDiscardable: true,
  viewer: { id: "1", name: "Ana" },
  liveEventId: null,
  status: "spoken",
};

/** Streams of the speech. `spoken` has the requests to the engine, which fails for Eva. */
async function withHls(use: (hls: Hls, spoken: string[]) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const spoken: string[] = [];
    const synthesis = new Synthesis({
      slots: new Slots({ total: 30, perViewer: 6 }),
      cache: openCache(folder).cache,
      engines: {
        withStandIn: (voice, make) => make(voice),
        speak: async (voice, { text }) => {
          await Promise.resolve();
          if (voice.name === "Eva") throw new Error("she is not here");
          spoken.push(`${voice.name}: ${text}`);
          return { samples: tone(440, 1000), words: [] };
        },
      },
      signal: new AbortController().signal,
    });
    const desk = new SpeechInVoices({
      find: (id) => id === speech.id ? speech : null,
      make: (speech) => synthesis.make(speech),
      voices: () => [anna, ben, eva],
      findVoice: (name) => [anna, ben, eva].find((voice) => voice.name === name),
    });
    await use(new Hls({ desk, live: new LiveTimeline() }), spoken);
  });
}

async function get(hls: Hls, path: string): Promise<Response> {
  return await hls.route(new Request(`http://127.0.0.1/hls/${path}`), path) as Response;
}

Deno.test("Each segment is made once in each voice, even when many players ask at once", () =>
  withHls(async (hls, spoken) => {
    const voices = ["stand-in:Anna", "stand-in:Ben"];
    const paths = Array.from({ length: 20 }, (_, index) => {
      const folder = `7/voice/${voices[index % 2]}`;
      return [`${folder}/audio.m3u8`, `${folder}/0.mp3`, `${folder}/1.mp3`];
    }).flat();
    const answers = await Promise.all(paths.map((path) => get(hls, path)));
    assert.ok(answers.every(({ status }) => status === 200));
    assert.ok(spoken.length >= 4);
    assert.equal(new Set(spoken).size, spoken.length, spoken.join("\n"));
    assert.equal(spoken.filter((text) => text.startsWith("Anna: ")).length, spoken.length / 2);
  }));

Deno.test("The variants are the voices of the speech's language, the speech's own voice first", () =>
  withHls(async (hls, spoken) => {
    const lines = (await (await get(hls, "7/master.m3u8")).text()).split("\n");
    const uris = lines.filter((line) => line !== "" && !line.startsWith("#"));
    assert.deepEqual(uris, ["voice/stand-in%3ABen/audio.m3u8", "voice/stand-in%3AAnna/audio.m3u8"]);
    assert.deepEqual(spoken, []);
  }));

Deno.test("The answer says why a voice cannot speak", () =>
  withHls(async (hls) => {
    const answer = await get(hls, "7/voice/stand-in:Eva/audio.m3u8");
    assert.equal(answer.status, 503);
    assert.match(await answer.text(), /^The speech could not be synthesized: she is not here/);
  }));
