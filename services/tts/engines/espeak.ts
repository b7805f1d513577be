/** eSpeak NG. It works offline, in the service's own worker, and needs no permission. */
import { t } from "livecue/language";
import { setTimeout as wait } from "node:timers/promises";
import { resample } from "../resample.ts";
import type { Engine, Sound, SpeechRequest, Voice } from "../speech.ts";
import { type Place, wordsOf } from "../words.ts";
import { type EspeakEvent, type EspeakVoice, type LoadedEspeak, loadEspeak } from "./espeak_library.ts";
import { timesOf } from "./espeak_times.ts";

const engineRate = 22_050;
const wordsAMinute = 175;
const middlePitch = 50;
const maxPitch = 99;
/** eSpeak spells unknown characters at length. Sound that is longer than a slow speaker needs is cut off. */
const longest = { seconds: 5, secondsPerCharacter: 0.4 };

export class Espeak implements Engine {
  readonly name = "espeak";
  /** The library blocks the worker while it speaks, so the worker handles other things between two texts. */
  #lastTurn: Promise<unknown> = Promise.resolve();

  async voices(): Promise<Voice[]> {
    const { voices } = await loadEspeak();
    return [...namedVoices(voices)].map(([name, { languages: [language = name, ...others] }]) => {
      // eSpeak names the region of Portuguese only in the voice's second language.
      const withRegion = others.find((other) => other.startsWith(`${language}-`) && /-[a-z]{2}$/.test(other));
      return { engine: this.name, name, language: languageTag(withRegion ?? language) };
    });
  }

  /** Each voice has each variant: "en-us+f3" is the variant "f3" of "en-us". */
  async variants(): Promise<string[]> {
    return (await loadEspeak()).variants;
  }

  async speak(request: SpeechRequest): Promise<Sound> {
    const loaded = await loadEspeak();
    const turn = this.#lastTurn.then(() => wait(0)).then(() => wait(0));
    this.#lastTurn = turn;
    await turn;
    request.signal.throwIfAborted();
    return speakAtOnce(loaded, request);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Voices by their language. A second voice of the same language gets the name of its file. */
function namedVoices(voices: readonly EspeakVoice[]): Map<string, EspeakVoice> {
  const named = new Map<string, EspeakVoice>();
  for (const voice of voices) {
    const byFile = voice.path.slice(voice.path.lastIndexOf("/") + 1).toLowerCase();
    const byLanguage = voice.languages[0] ?? byFile;
    named.set(named.has(byLanguage) ? byFile : byLanguage, voice);
  }
  return named;
}

/** "cmn" becomes "zh", and "en-us" becomes "en-US". */
function languageTag(language: string): string {
  try {
    return Intl.getCanonicalLocales(language)[0] ?? language;
  } catch {
    // Some of eSpeak's tags are not BCP 47, such as its tag of Klingon.
    return language;
  }
}

function speakAtOnce({ library, voices, variants }: LoadedEspeak, request: SpeechRequest): Sound {
  const { text, voice, rate, pitch, volume } = request;
  const [name = "", variant] = voice.split("+");
  const found = namedVoices(voices).get(name.toLowerCase());
  if (found === undefined || (variant !== undefined && !variants.includes(variant))) {
    throw new Error(t`eSpeak has no voice ${JSON.stringify(voice)}`);
  }
  library.set_voice(variant === undefined ? found.path : `${found.path}+${variant}`);
  library.set_rate(Math.round(wordsAMinute * rate));
  library.set_pitch(Math.min(maxPitch, Math.round(middlePitch * pitch)));
  const words = wordsOf(text);
  const pieces: Int16Array[] = [];
  const events: EspeakEvent[] = [];
  const mostSamples = engineRate * (longest.seconds + longest.secondsPerCharacter * text.length) / rate;
  let sampleCount = 0;
  library.synthesize(withMarks(text, words), (samples, happened) => {
    pieces.push(samples);
    sampleCount += samples.length;
    events.push(...happened);
    return sampleCount > mostSamples;
  });
  return { samples: resample(joined(pieces, volume), engineRate), words: timesOf(words, events) };
}

/** The text as SSML, with a mark before each word. The mark's name is the word's number. */
function withMarks(text: string, words: readonly Place[]): string {
  let marked = "";
  let end = 0;
  for (const [index, { from, to }] of words.entries()) {
    marked += `${plain(text.slice(end, from))}<mark name="${index}"/>${plain(text.slice(from, to))}`;
    end = to;
  }
  return marked + plain(text.slice(end));
}

/** Removes characters of tags, entities, phonemes ("[[…]]") and commands (control characters), and lone surrogates. */
function plain(text: string): string {
  return text.replace(/[<>[\]\p{Cc}\p{Cs}]/gu, " ").replaceAll("&", "&amp;");
}

function joined(pieces: readonly Int16Array[], volume: number): Float32Array {
  const whole = new Float32Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let length = 0;
  for (const piece of pieces) {
    for (const sample of piece) whole[length++] = sample / 0x8000 * volume;
  }
  return whole;
}
