/** ffmpeg plays the streams of a real service. */
import assert from "node:assert/strict";
import { mostBits } from "../../../services/tts/hls/playlists.ts";
import { decode, probe, testWithFfmpeg } from "../../support/ffmpeg.ts";
import { commentBy, viewer } from "../../support/overlay_events.ts";
import { post } from "../../support/page_stream.ts";
import { likeness } from "../../support/sounds.ts";
import { withFolder } from "../../support/temporary_store.ts";
import { startTts, testTts, type TtsUnderTest } from "../../support/tts_under_test.ts";

const moderator = viewer("Ana", { roles: ["moderator"] });
const short = "And was that all? It was.";
const long = `${"This sentence is quite a long one, as everybody can hear. ".repeat(4)}${short}`;
const leadSamples = 576;
/** The size of a silent segment of the live stream, and a few bytes more. */
const silentBytes = 15 * 1024 + 100;

async function withSpeech(text: string, use: (tts: TtsUnderTest) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    await using tts = await startTts({ folder });
    await tts.tested.feed.add(1, commentBy(moderator, text));
    await use(tts);
  });
}

async function listAt(url: string): Promise<string[]> {
  const answer = await fetch(url);
  assert.equal(answer.status, 200, url);
  assert.equal(answer.headers.get("content-type"), "application/vnd.apple.mpegurl");
  return (await answer.text()).split("\n");
}

async function statusOf(url: string, method = "GET"): Promise<number> {
  const answer = await fetch(url, { method });
  await answer.body?.cancel();
  return answer.status;
}

testWithFfmpeg(
  "A speech is a stream that lasts as long as it says, and sounds like its segments in a row",
  () =>
    withSpeech(long, async ({ url }) => {
      const address = `${url}/hls/1/voice/espeak:en-us/audio.m3u8`;
      const lines = await listAt(address);
      const { files } = await (await fetch(`${url}/speech/1`)).json();
      const [heard, { streams: [stream], packets }] = [await decode(address), await probe(address)];
      assert.deepEqual([stream?.codec_name, stream?.sample_rate, stream?.channels], ["mp3", "24000", 1]);
      const toldMs = lines.flatMap((line) => line.match(/^#EXTINF:([\d.]+),$/)?.[1] ?? [])
        .reduce((sum, seconds) => sum + Math.round(Number(seconds) * 1000), 0);
      assert.equal(heard.length, toldMs * 24);
      packets.forEach(({ pts }, index) => assert.equal(Number(pts), index * 2160));
      let at = 0;
      for (const file of files) {
        const sound = await decode(`${url}${file}`);
        assert.ok(likeness(sound, heard.subarray(at + leadSamples)) > 40, file);
        at += leadSamples + Math.ceil(sound.length / leadSamples) * leadSamples;
      }
      assert.equal(at, heard.length);
      assert.ok(files.length > 1);
    }),
);

testWithFfmpeg(
  "Each segment of a stream is sound by itself, below the bandwidth that the stream says",
  () =>
    withSpeech(long, async ({ url }) => {
      const folder = `${url}/hls/1/voice/espeak:en-us`;
      const lines = await listAt(`${folder}/audio.m3u8`);
      const names = lines.filter((line) => line.endsWith(".mp3"));
      assert.ok(names.length > 2);
      for (const name of names) {
        const seconds = Number(lines[lines.indexOf(name) - 1]?.match(/[\d.]+/)?.[0]);
        const bytes = new Uint8Array(await (await fetch(`${folder}/${name}`)).arrayBuffer());
        assert.equal((await decode(bytes, ["-f", "mp3"])).length, Math.round(seconds * 24_000));
        assert.ok(bytes.length * 8 / seconds < mostBits, `${bytes.length * 8 / seconds} bits a second`);
      }
    }),
);

testWithFfmpeg(
  "A speech has a variant for each voice of its language, its own first, and others on demand",
  () =>
    withSpeech(short, async ({ url }) => {
      const lines = await listAt(`${url}/hls/1/master.m3u8`);
      const uris = lines.filter((line) => line !== "" && !line.startsWith("#"));
      assert.equal(uris[0], "voice/espeak%3Aen-us/audio.m3u8");
      assert.ok(uris.length > 3 && uris.every((uri) => uri.startsWith("voice/espeak%3Aen")), uris.join());
      const bandwidths = lines.flatMap((line) => line.match(/BANDWIDTH=(\d+)/)?.[1] ?? []);
      assert.equal(Math.max(...bandwidths.map(Number)), Number(bandwidths[0]));
      assert.equal(new Set(bandwidths).size, uris.length);
      const [own, other, variant] = await Promise.all(
        ["espeak:en-us", "espeak:en-gb-scotland", "espeak:en-us+f3"].map((voice) =>
          decode(`${url}/hls/1/voice/${encodeURIComponent(voice)}/audio.m3u8`)
        ),
      ) as [Float32Array, Float32Array, Float32Array];
      for (const sound of [other, variant]) {
        assert.ok(sound.length > own.length / 2);
        assert.ok(likeness(own, sound) < 3, "it sounds the same");
      }
      const { streams } = await probe(`${url}/hls/1/master.m3u8`);
      assert.equal(streams.length, uris.length);
    }),
);

Deno.test("An address without a stream gets 404", () =>
  withSpeech(short, async ({ url }) => {
    const paths = [
      "",
      "1",
      "1/",
      "2/master.m3u8",
      "x/master.m3u8",
      "-1/master.m3u8",
      "1e0/master.m3u8",
      "0x1/master.m3u8",
      "1e999/master.m3u8",
      "1/voice/espeak:xx/audio.m3u8",
      "1/voice/nobody/audio.m3u8",
      "1/voice/espeak:en-us+nobody/audio.m3u8",
      "1/voice/edge:en-us/audio.m3u8",
      "1/voice/%E0%A4%A/audio.m3u8",
      "1/voice/espeak:en-us/999.mp3",
      "1/voice/espeak:en-us/-1.mp3",
      "1/voice/espeak:en-us/0.wav",
      "1/voice/espeak:en-us/0.mp3/0.mp3",
      "live/",
      "live/0.mp3",
      "live/999999999999.mp3",
      "live/NaN.mp3",
      "live/../master.m3u8",
    ];
    for (const path of paths) assert.equal(await statusOf(`${url}/hls/${path}`), 404, path);
    assert.equal(await statusOf(`${url}/hls/live/master.m3u8`, "POST"), 405);
  }));

testTts(
  "A text is spoken to a player of the live stream alone, until somebody skips it",
  async (tts) => {
    const { url, tested } = tts;
    const live = `${url}/hls/live`;
    assert.ok((await listAt(`${live}/master.m3u8`)).includes("audio.m3u8"));
    const newest = async () => {
      const name = (await listAt(`${live}/audio.m3u8`)).findLast((line) => line.endsWith(".mp3")) ?? "";
      const { byteLength } = await (await fetch(`${live}/${name}`)).arrayBuffer();
      return { number: Number.parseInt(name), isLoud: byteLength > silentBytes };
    };
    const until = async (isLoud: boolean) => {
      for (let segment = await newest();; segment = await newest()) {
        if (segment.isLoud === isLoud) {
          return segment.number;
        }
      }
    };
    const silent = await until(false);
    await tested.feed.add(1, commentBy(moderator, long));
    const loud = await until(true);
    assert.ok(loud > silent);
    assert.equal(tts.rows("SELECT status FROM speech")[0]?.["status"], "speaking");
    await post(`${url}/skip`, { id: 1 });
    assert.equal(tts.rows("SELECT status FROM speech")[0]?.["status"], "skipped");
    assert.ok(await until(false) - loud <= 4, "it goes on after the skip");
  },
);

testTts("With a token, the addresses in a playlist have the token too", async ({ url }) => {
  const own = (path: string) => `${url}/hls/${path}?token=secret-token`;
  for (const path of ["live/master.m3u8", "live/audio.m3u8"]) {
    assert.equal(await statusOf(`${url}/hls/${path}`), 403);
    const lines = await listAt(own(path));
    const uris = lines.filter((line) => line !== "" && !line.startsWith("#"));
    assert.ok(uris.length > 0 && uris.every((uri) => uri.endsWith("?token=secret-token")), uris.join());
    const target = new URL(uris[0] as string, own(path));
    assert.equal(await statusOf(target.href), 200);
  }
}, { token: "secret-token" });
