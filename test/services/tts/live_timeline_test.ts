/** Half an hour of the live stream with a fake clock, checked by ffprobe. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type Clip, makeClip } from "../../../services/tts/clip.ts";
import { Hls } from "../../../services/tts/hls/hls.ts";
import { LiveTimeline } from "../../../services/tts/hls/live_timeline.ts";
import { privateData } from "../../../services/tts/id3.ts";
import { Mp3Encoder, silentFrame } from "../../../services/tts/mp3.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { decode, probe, testWithFfmpeg } from "../../support/ffmpeg.ts";
import { heardIn, tone } from "../../support/sounds.ts";
import { withFolder } from "../../support/temporary_store.ts";

const encoder = await Mp3Encoder.open();
const clipOf = (ms: number) => makeClip(encoder, { samples: tone(440, ms), words: [] });
const desk = { voicesOf: () => [], clips: () => Promise.resolve([]) };
const owner = "com.apple.streaming.transportStreamTimestamp";
const segmentMs = 1800;
const segmentTicks = segmentMs * 90;
const mostTicks = 2 ** 33;

/** A player that keeps all segments. */
class Listener {
  readonly segments = new Map<number, { seconds: string; isDiscontinuous: boolean; bytes: Uint8Array }>();
  readonly #hls: Hls;

  constructor(live: LiveTimeline) {
    this.#hls = new Hls({ desk, live });
  }

  async #get(name: string): Promise<Response> {
    const answer = await this.#hls.route(new Request(`http://127.0.0.1/hls/live/${name}`), `live/${name}`);
    assert.equal(answer?.status, 200, name);
    return answer as Response;
  }

  /** Fetches new segments. Returns the playlist. */
  async listen(): Promise<string> {
    const list = await (await this.#get("audio.m3u8")).text();
    const listed = list.matchAll(/(#EXT-X-DISCONTINUITY\n)?#EXTINF:([\d.]+),\n(\d+)\.mp3/g);
    for (const [, discontinuity, seconds = "", number] of listed) {
      if (this.segments.has(Number(number))) continue;
      const bytes = new Uint8Array(await (await this.#get(`${number}.mp3`)).arrayBuffer());
      this.segments.set(Number(number), { seconds, isDiscontinuous: discontinuity !== undefined, bytes });
    }
    return list;
  }
}

function ticksOf(bytes: Uint8Array): number {
  const data = privateData(owner, bytes) as Uint8Array;
  return Number(new DataView(data.buffer, data.byteOffset, 8).getBigUint64(0));
}

/** All segments in one file, for ffprobe. */
async function writeStream(folder: string, { segments }: Listener): Promise<string> {
  const lines = ["#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-TARGETDURATION:2"];
  for (const [number, { seconds, bytes }] of segments) {
    await Deno.writeFile(join(folder, `${number}.mp3`), bytes);
    lines.push(`#EXTINF:${seconds},`, `${number}.mp3`);
  }
  await Deno.writeTextFile(join(folder, "audio.m3u8"), [...lines, "#EXT-X-ENDLIST", ""].join("\n"));
  return join(folder, "audio.m3u8");
}

const made = (...clips: Clip[]) => clips.map((clip) => Promise.resolve(clip));

/** Half an hour in odd steps, with a speech every half minute. Returns the times of sound in milliseconds. */
async function halfAnHour(clock: FakeClock, live: LiveTimeline, listener: Listener): Promise<number[]> {
  const spoken: number[] = [];
  const clip = clipOf(700);
  const begin = clock.monotonic();
  await listener.listen();
  for (let elapsed = 0; elapsed < 1_800_000; elapsed = clock.monotonic() - begin) {
    const next = 30_000 * (spoken.length + 1) - 7_311;
    if (elapsed >= next) {
      spoken.push(clock.now());
      await live.begin(made(clip, clip));
    }
    clock.advance(1_733.7);
    await listener.listen();
  }
  return spoken;
}

testWithFfmpeg(
  "In half an hour nothing drifts: lengths, numbers, times and the clock agree exactly",
  async () => {
    const clock = new FakeClock();
    const live = new LiveTimeline(clock);
    const listener = new Listener(live);
    const spoken = await halfAnHour(clock, live, listener);
    const numbers = [...listener.segments.keys()];
    const [first = 0] = numbers;
    assert.deepEqual(numbers, numbers.map((_, index) => first + index));
    assert.ok(numbers.length >= 1000);
    const toldMs = [...listener.segments.values()].reduce(
      (sum, { seconds }) => sum + Number(seconds) * 1000,
      0,
    );
    assert.equal(Math.round(toldMs * 1000) / 1000, numbers.length * segmentMs);
    const age = clock.now() - (first * segmentMs + toldMs);
    assert.ok(age >= 0 && age < segmentMs, `the newest sound is ${age} ms old`);
    for (const [number, { bytes }] of listener.segments) {
      assert.equal(ticksOf(bytes), number * segmentTicks % (86_400_000 * 90));
    }
    await withFolder(async (folder) => {
      const stream = await writeStream(folder, listener);
      const { format, packets } = await probe(stream, ["packet=pts"]);
      assert.equal(Number(format?.duration), numbers.length * segmentMs / 1000);
      const firstPts = Number(packets[0]?.pts);
      packets.forEach(({ pts }, index) => assert.equal(Number(pts), firstPts + index * 2160));
      assert.equal(packets.length, numbers.length * 75);
      const heard = heardIn(await decode(stream), 60);
      assert.equal(heard.length, spoken.length);
      for (const [index, at] of spoken.entries()) {
        const { startMs, endMs } = heard[index] as { startMs: number; endMs: number };
        const lateMs = startMs - (at - first * segmentMs);
        assert.ok(lateMs > -8 && lateMs < 56, `speech ${index} is heard ${lateMs} ms late`);
        assert.ok(Math.abs(endMs - startMs - 1444) < 30, `${endMs - startMs} ms of two segments`);
      }
    });
  },
);

Deno.test("A speech that begins during another one comes after it without a gap, and a skip ends both", async () => {
  const clock = new FakeClock();
  const live = new LiveTimeline(clock);
  const loud = () =>
    live.ask().flatMap(({ frames }) => frames).filter((frame) => frame !== silentFrame).length;
  await live.begin(made(clipOf(2000), clipOf(1000)));
  await live.begin(made(clipOf(1000)));
  clock.advance(12_000);
  const whole = loud();
  assert.ok(whole >= 4000 / 24 && whole <= 4000 / 24 + 6, `${whole} frames`);
  clock.advance(60_000);
  assert.equal(loud(), 0);

  const rest = Promise.withResolvers<Clip>();
  const begun = live.begin([Promise.resolve(clipOf(5000)), rest.promise]);
  await setImmediate();
  clock.advance(1000);
  live.cut();
  rest.resolve(clipOf(5000));
  await begun;
  clock.advance(11_000);
  const cut = loud();
  assert.ok(cut >= 38 && cut <= 42, `${cut} frames of the second that was heard`);
});

Deno.test("Numbers continue after a restart, and times begin at 0 again after a day, as the playlist says", async () => {
  const beforeMidnight = Date.UTC(2026, 10, 26, 23, 59, 50);
  const clock = new FakeClock(beforeMidnight);
  const listener = new Listener(new LiveTimeline(clock));
  await listener.listen();
  clock.advance(8_000);
  await listener.listen();
  const restarted = new Listener(new LiveTimeline(clock));
  const lists: string[] = [];
  for (let step = 0; step < 30; step++) {
    clock.advance(1000);
    lists.push(await restarted.listen());
  }
  assert.ok([...restarted.segments.keys()].some((number) => listener.segments.has(number)));
  const all = [...listener.segments, ...restarted.segments];
  assert.ok(all.every(([, { bytes }]) => ticksOf(bytes) < mostTicks));
  const marked = all.filter(([, { isDiscontinuous }]) => isDiscontinuous);
  assert.deepEqual(new Set(marked.map(([number]) => number * segmentMs)), new Set([Date.UTC(2026, 10, 27)]));
  assert.ok(marked.every(([, { bytes }]) => ticksOf(bytes) === 0));
  // The discontinuity number of a segment, wherever it is in the list.
  const days = new Map<string, Set<number>>();
  for (const list of lists) {
    let day = Number(list.match(/#EXT-X-DISCONTINUITY-SEQUENCE:(\d+)/)?.[1]);
    for (const line of list.split("\n")) {
      if (line === "#EXT-X-DISCONTINUITY") day++;
      if (line.endsWith(".mp3")) days.set(line, (days.get(line) ?? new Set()).add(day));
    }
  }
  assert.ok([...days.values()].every((found) => found.size === 1));
  assert.equal(new Set([...days.values()].flatMap((found) => [...found])).size, 2);
});

Deno.test("The stream continues when somebody sets the wall clock", async () => {
  const clock = new FakeClock();
  const listener = new Listener(new LiveTimeline(clock));
  await listener.listen();
  for (const shift of [-3_600_000, 3_600_000, 86_400_000]) {
    clock.shiftWall(shift);
    clock.advance(6_000);
    await listener.listen();
  }
  const numbers = [...listener.segments.keys()];
  assert.deepEqual(numbers, numbers.map((_, index) => (numbers[0] ?? 0) + index));
  assert.equal(numbers.length, 8 + 10);
});

Deno.test("Old speech is deleted, and at most ten minutes are ahead of the clock", async () => {
  const clock = new FakeClock();
  const live = new LiveTimeline(clock);
  const minute = Promise.resolve(clipOf(60_000));
  for (let index = 0; index < 20; index++) await live.begin([minute]);
  clock.advance(599_000);
  assert.ok(live.ask().flatMap(({ frames }) => frames).some((frame) => frame !== silentFrame));
  clock.advance(20_000);
  assert.ok(live.ask().flatMap(({ frames }) => frames).every((frame) => frame === silentFrame));
});

Deno.test("A player that asks for the playlist counts as a listener for ten seconds", () => {
  const clock = new FakeClock();
  const live = new LiveTimeline(clock);
  assert.equal(live.isHeard, false);
  live.ask();
  clock.advance(9_999);
  assert.equal(live.isHeard, true);
  clock.advance(1);
  assert.equal(live.isHeard, false);
});
