/** Microsoft's online voices, which the browser Edge uses. Microsoft may change them at any time. */
import { t } from "livecue/language";
import { z } from "zod";
import { resample } from "../resample.ts";
import type { Engine, Sound, SpeechRequest, SpokenWord, Voice } from "../speech.ts";
import { ask, type HeardWord, newId } from "./edge_socket.ts";

export const edgeOptions = z.strictObject({
  url: z.string().regex(/^(https?|wss?):\/\//, "expected an address that begins with https://")
    .refine(URL.canParse, "expected an address that begins with https://")
    .default("https://speech.platform.bing.com/consumer/speech/synthesize/readaloud"),
  /** The version of Edge. The server requires it. */
  version: z.string().regex(/^\d+(\.\d+){3}$/, 'expected a version of Edge, such as "143.0.3650.96"').default(
    "143.0.3650.96",
  ),
  token: z.string().regex(/^\w+$/, "expected letters and digits").default("6A5AA1D4EAFF4E9FB37E23D68491D6F4"),
  /** The longest wait for a message of the server. The default leaves eSpeak time to speak within the same second. */
  patience_ms: z.int().min(50).max(10_000).default(600),
});

export type EdgeOptions = z.output<typeof edgeOptions>;

const listTimeoutMs = 2000;
/** The server requires a hash of the time: since 1601, in steps of five minutes, in units of 100 ns. */
const secondsBefore1970 = 11_644_473_600;
const stepSeconds = 300;
const unitsInSecond = "0000000";
/** Twice the pitch is this many hertz higher. */
const pitchHertz = 200;

export class Edge implements Engine {
  readonly name = "edge";
  readonly #options: EdgeOptions;

  constructor(options: EdgeOptions) {
    this.#options = options;
  }

  /** The usual voices first. Rejects when the server does not list its voices within two seconds. */
  async voices(): Promise<Voice[]> {
    const address = await this.#address("http", "/voices/list", "trustedclienttoken");
    const signal = AbortSignal.timeout(listTimeoutMs);
    const response = await fetch(address, { headers: this.#headers(), signal }).catch(() => {
      throw new Error(t`Livecue cannot reach ${address.host}`);
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(t`the server answered with ${response.status}`);
    }
    const voices = listSchema.parse(await response.json());
    const listed = voices.map(({ ShortName, Locale }) => ({
      engine: this.name,
      name: ShortName,
      language: Locale,
    }));
    const isUsual = ({ name }: Voice) => usualVoices.some((usual) => usual.name === name);
    return [...listed.filter(isUsual), ...listed.filter((voice) => !isUsual(voice))];
  }

  async speak(request: SpeechRequest): Promise<Sound> {
    const { text, volume, signal } = request;
    signal.throwIfAborted();
    const address = await this.#address("ws", "/edge/v1", "TrustedClientToken");
    address.searchParams.set("ConnectionId", newId());
    const { mp3, words } = await ask({
      address,
      headers: {
        ...this.#headers(),
        "Pragma": "no-cache",
        "Cache-Control": "no-cache",
        "Origin": "chrome-extension://jdiccldimpdaibmpdkjnbmckianbfold",
      },
      ssml: ssmlOf(request),
      patienceMs: this.#options.patience_ms,
      signal,
    });
    const samples = (await decode(mp3)).map((sample) => Math.max(-1, Math.min(1, sample * volume)));
    return { samples, words: placed(words, text) };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #address(scheme: "http" | "ws", path: string, tokenName: string): Promise<URL> {
    const { url, version, token } = this.#options;
    const address = new URL(url.replace(/^(?:http|ws)/, scheme).replace(/\/*$/, path));
    address.searchParams.set(tokenName, token);
    address.searchParams.set("Sec-MS-GEC", await proofOfTime(token));
    address.searchParams.set("Sec-MS-GEC-Version", `1-${version}`);
    return address;
  }

  #headers(): Record<string, string> {
    const major = this.#options.version.split(".")[0];
    return {
      "User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
        `Chrome/${major}.0.0.0 Safari/537.36 Edg/${major}.0.0.0`,
      "Accept-Language": "en-US,en;q=0.9",
    };
  }
}

/** One or two voices of each language that is common in lives. These voices have existed for years. */
export const usualVoices: readonly Voice[] = [
  "en-US-AriaNeural",
  "es-ES-ElviraNeural",
  "es-MX-DaliaNeural",
  "pt-BR-FranciscaNeural",
  "fr-FR-DeniseNeural",
  "de-DE-KatjaNeural",
  "it-IT-ElsaNeural",
  "nl-NL-ColetteNeural",
  "pl-PL-ZofiaNeural",
  "tr-TR-EmelNeural",
  "ru-RU-SvetlanaNeural",
  "uk-UA-PolinaNeural",
  "ar-EG-SalmaNeural",
  "ar-SA-ZariyahNeural",
  "hi-IN-SwaraNeural",
  "id-ID-GadisNeural",
  "vi-VN-HoaiMyNeural",
  "th-TH-PremwadeeNeural",
  "ja-JP-NanamiNeural",
  "ko-KR-SunHiNeural",
  "zh-CN-XiaoxiaoNeural",
].map((name) => ({ engine: "edge", name, language: name.split("-").slice(0, 2).join("-") }));

const listSchema = z.array(z.object({ ShortName: z.string(), Locale: z.string() }));

async function proofOfTime(token: string): Promise<string> {
  const seconds = Math.floor(Date.now() / 1000) + secondsBefore1970;
  const text = `${seconds - seconds % stepSeconds}${unitsInSecond}${token}`;
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(hash).toHex().toUpperCase();
}

function ssmlOf({ text, voice, rate, pitch }: SpeechRequest): string {
  if (!/^[\w()-]+$/.test(voice)) throw new Error(t`"edge" has no voice ${JSON.stringify(voice)}`);
  const language = voice.split("-").slice(0, 2).join("-");
  const prosody = `rate='${signed((rate - 1) * 100)}%' pitch='${
    signed((pitch - 1) * pitchHertz)
  }Hz' volume='+0%'`;
  return `<speak version='1.0' xmlns='http://www.w3.org/2001/10/synthesis' xml:lang='${language}'>` +
    `<voice name='${voice}'><prosody ${prosody}>${escaped(text)}</prosody></voice></speak>`;
}

function signed(value: number): string {
  return `${value < 0 ? "-" : "+"}${Math.abs(Math.round(value))}`;
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&apos;",
  '"': "&quot;",
};

function escaped(text: string): string {
  return text.toWellFormed().replace(/\p{Cc}/gu, " ").replace(/[&<>'"]/g, (sign) => entities[sign] as string);
}

async function decode(mp3: Uint8Array): Promise<Float32Array> {
  const { MPEGDecoder } = await import("mpg123-decoder");
  const decoder = new MPEGDecoder();
  try {
    await decoder.ready;
    const { channelData: [samples], sampleRate, errors } = decoder.decode(mp3);
    if (samples === undefined || samples.length === 0 || errors.length > 0) {
      throw new Error(t`the server's sound is not MP3`);
    }
    return resample(samples, sampleRate);
  } finally {
    decoder.free();
  }
}

/** Finds the place of each word in the text. The server sends the words in their order. */
function placed(words: readonly HeardWord[], text: string): SpokenWord[] {
  const spoken: SpokenWord[] = [];
  let end = 0;
  for (const { text: word, startMs, endMs } of words) {
    const name = unescaped(word);
    const from = text.indexOf(name, end);
    if (name === "" || from === -1) continue;
    end = from + name.length;
    spoken.push({ from, to: end, startMs, endMs });
  }
  return spoken;
}

function unescaped(text: string): string {
  return Object.entries(entities).toReversed().reduce(
    (whole, [sign, entity]) => whole.replaceAll(entity, sign),
    text,
  );
}
