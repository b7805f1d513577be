/** The user's own program, such as piper. It reads a text on standard input and writes WAV on standard output. */
import { t } from "livecue/language";
import { isAbsolute, resolve } from "node:path";
import { limit } from "livecue/limit";
import { z } from "zod";
import { resample } from "../resample.ts";
import {
  type Engine,
  sampleRate,
  type Sound,
  type SpeechRequest,
  type SpokenWord,
  type Voice,
} from "../speech.ts";
import { readWav } from "../wav.ts";
import { wordsOf } from "../words.ts";

export const commandOptions = z.strictObject({
  program: z.string().min(1, "is empty: write the program's name or its path"),
  /** Livecue replaces `{voice}`, `{language}`, `{rate}` and `{pitch}` with the values of the text. */
  args: z.array(z.string()).default([]),
  /** The language of each voice, by its name. */
  voices: z.record(
    z.string().regex(/^[\w.-]+$/, "expected a voice's name of letters, digits, dots, - and _"),
    z.string(),
  )
    .refine(
      (voices) => Object.keys(voices).length > 0,
      { error: () => t`is empty: name a voice and its language, such as { "NAME": "en" }` },
    ),
  timeout_seconds: z.number().positive().max(120).default(20),
});

export type CommandOptions = z.output<typeof commandOptions>;

/** More than ten minutes of a voice at 48 kHz and two bytes a sample. */
const mostBytes = 64 * 2 ** 20;
const shownCharacters = 200;
/** A quieter sample belongs to the silence around the words. */
const silence = 0.01;

export class CommandEngine implements Engine {
  readonly name = "command";
  readonly #options: CommandOptions;
  readonly #folder: string;

  /** `folder` is the program's working directory. A relative path to the program starts from `folder`. */
  constructor(options: CommandOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
  }

  voices(): Promise<Voice[]> {
    const voices = Object.entries(this.#options.voices);
    return Promise.resolve(voices.map(([name, language]) => ({ engine: this.name, name, language })));
  }

  async speak(request: SpeechRequest): Promise<Sound> {
    const { text, voice, volume } = request;
    if (!Object.hasOwn(this.#options.voices, voice)) {
      throw new Error(t`"command" has no voice ${JSON.stringify(voice)}`);
    }
    const { samples, rate } = readWav(await this.#output(request));
    const sound = resample(samples, rate).map((sample) => Math.max(-1, Math.min(1, sample * volume)));
    return { samples: sound, words: estimatedWords(text, sound) };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #output(request: SpeechRequest): Promise<Uint8Array> {
    const { timeout_seconds } = this.#options;
    const stopping = new AbortController();
    const late = new Error(t`the program made no sound within ${timeout_seconds} s ("timeout_seconds")`);
    const cancelLimit = limit(timeout_seconds * 1000, () => stopping.abort(late));
    try {
      const ended = AbortSignal.any([request.signal, stopping.signal]);
      ended.throwIfAborted();
      return await run(this.#command(request), request.text, ended);
    } finally {
      cancelLimit();
    }
  }

  #command({ voice, rate, pitch }: SpeechRequest): Deno.Command {
    const { program, args, voices } = this.#options;
    const values: Record<string, string> = {
      voice,
      language: voices[voice] ?? "",
      rate: String(rate),
      pitch: String(pitch),
    };
    const filled = args.map((arg) =>
      arg.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
    );
    const isPath = /[/\\]/.test(program) && !isAbsolute(program);
    return new Deno.Command(isPath ? resolve(this.#folder, program) : program, {
      args: filled,
      cwd: this.#folder,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    });
  }
}

/** Does not wait for output after `signal` aborts, because another program may hold the output open. */
async function run(command: Deno.Command, text: string, signal: AbortSignal): Promise<Uint8Array> {
  const child = command.spawn();
  const ended = new AbortController();
  const ending = AbortSignal.any([signal, ended.signal]);
  try {
    const [, output, complaint, { success, code }] = await Promise.all([
      write(child.stdin, `${text.replace(/\s+/gu, " ")}\n`),
      read(child.stdout, ending),
      read(child.stderr, ending),
      unlessAborted(child.status, signal),
    ]);
    if (success) return output;
    const lines = new TextDecoder().decode(complaint).trim().split("\n");
    const last = (lines.at(-1) ?? "").trim().slice(0, shownCharacters);
    throw new Error(`the program ended with exit code ${code}${last === "" ? "" : `: ${last}`}`);
  } catch (error) {
    kill(child);
    await child.status;
    throw error;
  } finally {
    ended.abort();
  }
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // The program has already ended.
  }
}

function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  return Promise.race([promise, aborted.promise]).finally(() => signal.removeEventListener("abort", abort));
}

/** Ignores a write error: the program may end without reading all of its input. */
async function write(stream: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stream.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch {
    await writer.abort().catch(() => {});
  }
}

async function read(stream: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<Uint8Array> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const sink = new WritableStream<Uint8Array<ArrayBuffer>>({
    write(piece) {
      length += piece.length;
      if (length > mostBytes) throw new Error(t`the program wrote more than ${mostBytes / 2 ** 20} MB`);
      pieces.push(piece);
    },
  });
  await stream.pipeTo(sink, { signal });
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

/** The program reports no times, so each word gets a share of the sound in proportion to its length. */
function estimatedWords(text: string, samples: Float32Array): SpokenWord[] {
  const isHeard = (sample: number) => Math.abs(sample) > silence;
  const first = samples.findIndex(isHeard);
  if (first === -1) return [];
  const startMs = first * 1000 / sampleRate;
  const lengthMs = (samples.findLastIndex(isHeard) + 1) * 1000 / sampleRate - startMs;
  const words = wordsOf(text);
  const letters = words.reduce((sum, { from, to }) => sum + to - from, 0);
  let before = 0;
  return words.map(({ from, to }) => {
    const start = startMs + lengthMs * before / letters;
    before += to - from;
    return { from, to, startMs: start, endMs: startMs + lengthMs * before / letters };
  });
}
