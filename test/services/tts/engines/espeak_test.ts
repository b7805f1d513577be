import assert from "node:assert/strict";
import { Espeak } from "../../../../services/tts/engines/espeak.ts";
import { sampleRate, type Sound, type SpeechRequest } from "../../../../services/tts/speech.ts";

const engine = new Espeak();

function speak(text: string, request: Partial<SpeechRequest> = {}): Promise<Sound> {
  const signal = new AbortController().signal;
  return engine.speak({ text, voice: "en-us", rate: 1, pitch: 1, volume: 1, signal, ...request });
}

function secondsOf({ samples }: Sound): number {
  return samples.length / sampleRate;
}

/** The strength of the sound, from 0 to 1. */
function strengthOf({ samples }: Sound, fromMs = 0, toMs = Infinity): number {
  const part = samples.slice(fromMs * sampleRate / 1000, Math.min(samples.length, toMs * sampleRate / 1000));
  return Math.sqrt(part.reduce((sum, sample) => sum + sample ** 2, 0) / part.length);
}

const texts: [string, string, string[]][] = [
  [
    "en-us",
    "A nice dog. It is Mr. Smith, e.g. 5 of them; really! So much for the rose.",
    "A nice dog It is Mr Smith e.g 5 of them really So much for the rose".split(" "),
  ],
  [
    "es",
    "¡Muchas gracias por la rosa! ¿Cómo estás? Bien. Sí.",
    ["Muchas", "gracias", "por", "la", "rosa", "Cómo", "estás", "Bien", "Sí"],
  ],
  ["ar", "شكرا جزيلا على الوردة.", ["شكرا", "جزيلا", "على", "الوردة"]],
  ["cmn", "谢谢你的玫瑰，我们今天很高兴！", ["谢谢", "你的", "玫瑰", "我们", "今天", "很", "高兴"]],
  ["ja", "ありがとう、ローズをみました。", ["ありがとう", "ローズ", "を", "み", "ま", "した"]],
];

for (const [voice, text, words] of texts) {
  Deno.test(`espeak reports when each word of a text in ${voice} sounds`, async () => {
    const sound = await speak(text, { voice });
    assert.deepEqual(sound.words.map(({ from, to }) => text.slice(from, to)), words);
    let last = 0;
    for (const { startMs, endMs } of sound.words) {
      assert.ok(startMs >= last && endMs > startMs && endMs <= secondsOf(sound) * 1000 + 1);
      assert.ok(strengthOf(sound, startMs, endMs) > 0.01);
      last = endMs;
    }
  });
}

Deno.test("espeak is silent between the last word of a sentence and the first word of the next", async () => {
  for (const text of ["Hello. World", "Hello! World", "Hello, world"]) {
    const sound = await speak(text);
    const [first, second] = sound.words;
    assert.ok(first && second && second.startMs - first.endMs > 50, text);
    assert.ok(strengthOf(sound, first.endMs + 20, second.startMs) < 0.005, text);
  }
});

const hostile: [string, string][] = [
  ['hello <break time="3s"/> you', 'hello break time="3s"/ you'],
  ["hello [[w'i:]] you", "hello w'i: you"],
  ["</speak>hello you", "/speak hello you"],
  ["hello <!-- x --> you", "hello !-- x -- you"],
  ['hello <mark name="0"/> you', 'hello mark name="0"/ you'],
  ['<voice name="fr">hello</voice> you', 'voice name="fr" hello /voice you'],
  ["hello &lt; you", "hello and lt; you"],
  ["hello &#60;break time='3s'/&#62; you", "hello and#60;break time='3s'/and#62; you"],
  ["hello \x1b[31m\x01\x1f50S you", "hello 31m 50S you"],
];

for (const [text, read] of hostile) {
  Deno.test(`espeak reads ${JSON.stringify(text)} as text`, async () => {
    const sound = await speak(text);
    const difference = secondsOf(sound) - secondsOf(await speak(read));
    assert.ok(Math.abs(difference) < 0.3, `${difference} s longer`);
    assert.equal(text.slice(sound.words.at(-1)?.from), "you");
  });
}

Deno.test("espeak makes no sound of a text without letters, and speaks the next text", async () => {
  for (const text of ["", " ", "…", "\u202e\u200b", "\ud800"]) {
    const sound = await speak(text);
    assert.ok(secondsOf(sound) < 1, JSON.stringify(text));
    assert.deepEqual(sound.words, []);
  }
  assert.equal((await speak("hello")).words.length, 1);
});

Deno.test("Sound of characters that espeak spells at length is cut off, and the next text is whole", async () => {
  const plain = await speak("hello there");
  const spelt = await speak("漢".repeat(200));
  assert.ok(secondsOf(spelt) < 90, `${secondsOf(spelt)} s`);
  assert.ok(spelt.words.every(({ endMs }) => endMs <= secondsOf(spelt) * 1000 + 1));
  assert.ok(Math.abs(secondsOf(await speak("hello there")) - secondsOf(plain)) < 0.05);
});

Deno.test("Rate, pitch and volume change how a voice speaks, and only for that text", async () => {
  const text = "Thank you very much for the roses";
  const plain = await speak(text);
  assert.ok(secondsOf(await speak(text, { rate: 2 })) < secondsOf(plain) * 0.7);
  assert.ok(secondsOf(await speak(text, { rate: 0.5 })) > secondsOf(plain) * 1.5);
  const quiet = strengthOf(await speak(text, { volume: 0.5 })) / strengthOf(plain);
  assert.ok(Math.abs(quiet - 0.5) < 0.05, `${quiet}`);
  assert.ok(hertzOf(await speak(text, { pitch: 1.8 })) > hertzOf(plain) * 1.2);
  assert.ok(hertzOf(await speak(text, { pitch: 0.5 })) < hertzOf(plain) * 0.9);
  assert.ok(Math.abs(strengthOf(await speak(text)) / strengthOf(plain) - 1) < 0.1);
});

/** The voice's pitch, as the number of samples after which the sound repeats best. */
function hertzOf({ samples }: Sound): number {
  let [best, most] = [0, 0];
  for (let lag = sampleRate / 400; lag < sampleRate / 60; lag++) {
    let likeness = 0;
    for (let index = lag; index < samples.length; index += 3) {
      likeness += (samples[index] as number) * (samples[index - lag] as number);
    }
    if (likeness > most) [best, most] = [lag, likeness];
  }
  return sampleRate / best;
}

Deno.test("espeak lists its voices and variants, and speaks with both", async () => {
  const voices = await engine.voices();
  assert.ok(voices.length > 100);
  assert.equal(new Set(voices.map(({ name }) => name)).size, voices.length);
  assert.equal(voices.find(({ name }) => name === "cmn")?.language, "zh");
  assert.equal(voices.find(({ name }) => name === "en-us")?.language, "en-US");
  const variants = await engine.variants();
  assert.ok(variants.includes("f3") && variants.includes("whisper"));
  const [plain, varied] = [await speak("hello"), await speak("hello", { voice: "en-us+f3" })];
  assert.notDeepEqual(plain.samples.slice(4000, 5000), varied.samples.slice(4000, 5000));
});

Deno.test("espeak reports an unknown voice and does not use another voice", async () => {
  for (const voice of ["xx-nobody", "en-us+nobody", ""]) {
    await assert.rejects(speak("hello", { voice }), new RegExp(`no voice "${voice.replace("+", "\\+")}"`));
  }
});

Deno.test("espeak does not begin a text that nobody waits for anymore", async () => {
  const signal = AbortSignal.abort(new Error("skipped"));
  await assert.rejects(speak("hello", { signal }), /skipped/);
});

Deno.test("The worker handles other things between two texts", async () => {
  let turns = 0;
  const speaking = Promise.all(Array.from({ length: 5 }, () => speak("hello there")));
  const count = () => {
    turns++;
    if (turns < 1000) setImmediate(count);
  };
  const { setImmediate } = await import("node:timers");
  setImmediate(count);
  await speaking;
  const seen = turns;
  turns = 1000;
  assert.ok(seen >= 4, `${seen} turns`);
});
