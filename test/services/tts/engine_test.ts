import assert from "node:assert/strict";
import { edgeOptions } from "../../../services/tts/engines/edge.ts";
import { Engines } from "../../../services/tts/engine.ts";
import { sampleRate, type Sound, type SpeechRequest, type Voice } from "../../../services/tts/speech.ts";
import { FakeEdge, type Mood } from "../../support/fake_edge.ts";

const aria = { engine: "edge", name: "en-US-AriaNeural", language: "en-US" };

interface UnderTest {
  edge: FakeEdge;
  engines: Engines;
  log: string[];
  /** Milliseconds. */
  time: { now: number };
  speak(text: string, request?: Partial<SpeechRequest>): Promise<Sound & { engine: string }>;
}

/** A healthy server may take long when the computer is busy. */
const longMs = 10_000;

async function withEdge(run: (underTest: UnderTest) => Promise<void>, patience_ms = longMs): Promise<void> {
  const edge = new FakeEdge();
  const log: string[] = [];
  const time = { now: 0 };
  const engines = new Engines({ edge: edgeOptions.parse({ url: edge.url, patience_ms }) }, {
    folder: ".",
    log: { info: (line) => log.push(`info ${line}`), warn: (line) => log.push(`warn ${line}`) },
    now: () => time.now,
  });
  try {
    await run({
      edge,
      engines,
      log,
      time,
      speak: (text, request) => speakOrStandIn(engines, aria, { text, ...request }),
    });
  } finally {
    await engines.close();
    await edge.close();
  }
}

function speakOrStandIn(
  engines: Engines,
  voice: Voice,
  request: Partial<SpeechRequest> & { text: string },
): Promise<Sound & { engine: string }> {
  const signal = request.signal ?? new AbortController().signal;
  const speak = async (voice: Voice) => ({
    engine: voice.engine,
    ...await engines.speak(voice, { rate: 1, pitch: 1, volume: 1, ...request, signal }),
  });
  return engines.withStandIn(voice, speak, signal);
}

Deno.test("edge speaks, and each word has its time and its place in the text", () =>
  withEdge(async ({ edge, speak, log }) => {
    const text = "Hello there, hello <you>!";
    const { engine, samples, words } = await speak(text);
    assert.equal(engine, "edge");
    const seconds = samples.length / sampleRate;
    assert.ok(seconds > 1.3 && seconds < 1.5, `${seconds} s`);
    assert.ok(Math.max(...samples) > 0.3);
    assert.deepEqual(words.map(({ from, to }) => text.slice(from, to)), ["Hello", "there", "hello", "<you>"]);
    assert.deepEqual(words.map(({ startMs, endMs }) => [startMs, endMs]), [[100, 400], [400, 700], [
      700,
      1000,
    ], [1000, 1300]]);
    assert.deepEqual(log, []);
    const [address] = edge.addresses;
    assert.equal(address?.pathname, "/readaloud/edge/v1");
    assert.equal(address?.searchParams.get("Sec-MS-GEC-Version"), "1-143.0.3650.96");
    assert.match(address?.searchParams.get("Sec-MS-GEC") ?? "", /^[0-9A-F]{64}$/);
    assert.match(edge.browsers[0] ?? "", /^Mozilla.*Edg\/143/);
  }));

Deno.test("edge reads SSML in a text as text, and refuses it in a voice's name", () =>
  withEdge(async ({ edge, engines, speak }) => {
    await speak("</prosody><break time='9s'/> & \u0001", { rate: 1.5, pitch: 0.75 });
    assert.match(edge.texts[0] ?? "", /rate='\+50%' pitch='-50Hz'/);
    assert.match(
      edge.texts[0] ?? "",
      /&lt;\/prosody&gt;&lt;break time=&apos;9s&apos;\/&gt; &amp; {2}<\/prosody>/,
    );
    const { engine } = await speakOrStandIn(engines, { ...aria, name: "x'><break/>" }, { text: "hi" });
    assert.equal(engine, "espeak");
    assert.equal(edge.texts.length, 1);
  }));

const badMoods = "refuse cut stall silent slow rubbish timeless noise soundless".split(" ") as Mood[];

for (const mood of badMoods) {
  Deno.test(`espeak speaks in place of edge when edge does this: ${mood}; the log says so once`, () =>
    withEdge(async ({ edge, speak, log }) => {
      edge.mood = mood;
      const text = "Hello there";
      const sounds = await Promise.all([speak(text), speak(text), speak(text)]);
      for (const { engine, words } of sounds) {
        assert.equal(engine, "espeak");
        assert.deepEqual(words.map(({ from, to }) => text.slice(from, to)), ["Hello", "there"]);
      }
      assert.equal(log.length, 1);
      assert.match(log[0] ?? "", /^warn edge did not speak \(.+\): espeak speaks until edge works again$/);
      assert.doesNotMatch(log[0] ?? "", /JSON|undefined|function|Invalid/);
    }, 100));
}

Deno.test("After each failure Livecue waits longer before it asks edge again, and then edge speaks again", () =>
  withEdge(async ({ edge, speak, log, time }) => {
    edge.mood = "refuse";
    const speakAfter = async (ms: number) => {
      time.now += ms;
      const before = edge.addresses.length;
      const { engine } = await speak("Hello there");
      return `${engine}, ${edge.addresses.length === before ? "not asked" : "asked"}`;
    };
    assert.equal(await speakAfter(0), "espeak, asked");
    assert.equal(await speakAfter(4_999), "espeak, not asked");
    assert.equal(await speakAfter(1), "espeak, asked");
    assert.equal(await speakAfter(9_999), "espeak, not asked");
    edge.mood = "well";
    assert.equal(await speakAfter(1), "edge, asked");
    assert.equal(await speakAfter(0), "edge, asked");
    assert.deepEqual(log.slice(1), ["info edge speaks again"]);
  }));

Deno.test("When espeak replaces a voice, it speaks that voice's language", () =>
  withEdge(async ({ edge, engines }) => {
    edge.mood = "refuse";
    const dalia = { engine: "edge", name: "es-MX-DaliaNeural", language: "es-MX" };
    const spanish = await speakOrStandIn(engines, dalia, { text: "Son 25" });
    const own = await speakOrStandIn(engines, { ...dalia, engine: "espeak", name: "es" }, { text: "Son 25" });
    assert.ok(Math.abs(spanish.samples.length - own.samples.length) < sampleRate / 20);
  }));

Deno.test("A skipped text does not count as a failure of edge", () =>
  withEdge(async ({ edge, speak, log }) => {
    edge.mood = "silent";
    await assert.rejects(speak("Hello", { signal: AbortSignal.abort(new Error("skipped")) }), /skipped/);
    assert.deepEqual(log, []);
  }));

Deno.test("edge lists its voices once, the usual voices first; without an answer Livecue uses the usual voices", () =>
  withEdge(async ({ edge, engines, log }) => {
    edge.mood = "refuse";
    await assert.rejects(engines.voices("edge"), /403/);
    assert.ok((await engines.usualVoices("edge")).some(({ name }) => name === "ja-JP-NanamiNeural"));
    assert.match(log[0] ?? "", /^warn edge did not list its voices/);
    edge.mood = "well";
    const asked = edge.addresses.length;
    for (const voices of await Promise.all([engines.voices("edge"), engines.usualVoices("edge")])) {
      const names = voices.map(({ name }) => name);
      assert.deepEqual(names, ["en-US-AriaNeural", "es-MX-DaliaNeural", "en-GB-RyanNeural"]);
    }
    assert.equal(edge.addresses.length, asked + 1);
  }));
