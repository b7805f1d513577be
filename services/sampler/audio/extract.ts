/** Makes the two audio files of a sample: WAV of 24 bits, and MP3 of 320 kbit/s, both at 48 kHz. */
import { FinalError } from "livecue/service";
import { join } from "node:path";
import { createMp3Encoder } from "wasm-media-encoders";
import { type Container, decode } from "./decode.ts";
import { convertByFfmpeg } from "./ffmpeg.ts";
import { Resampler } from "./resampler.ts";
import { sampleRate, type SoundPiece } from "./sound.ts";
import { secondsOfWav } from "./wav_reader.ts";
import { WavWriter, writeAll } from "./wav_writer.ts";

export interface ExtractOptions {
  /** A path. */
  file: string;
  container: Container;
}

export interface ExtractWork {
  /** The absolute path of the folder for the two files. */
  folder: string;
  /** The program's name or its path; null to do without it. */
  ffmpeg: string | null;
  /** A longer sound is refused. */
  maxSeconds: number;
  signal: AbortSignal;
  onProgress?: (fraction: number) => void;
}

export interface Extracted {
  /** The names of the files in the folder. */
  wav: string;
  mp3: string;
  seconds: number;
}

const names = { wav: "audio.wav", mp3: "audio.mp3" };
const kilobits = 320;

/**
 * Stereo and mono stay as they are. More channels become two. Replaces files of an earlier try. Uses the libraries for
 * single formats if there is no ffmpeg, or no permission to run it. Throws a `FinalError` if the file has no sound,
 * has too much of it, or cannot be read. Rejects with the signal's reason soon after it aborts.
 */
export async function extract(source: ExtractOptions, work: ExtractWork): Promise<Extracted> {
  const { folder, signal, maxSeconds } = work;
  signal.throwIfAborted();
  const [wav, mp3] = [join(folder, names.wav), join(folder, names.mp3)];
  const parts = { wav: `${wav}.part`, mp3: `${mp3}.part` };
  try {
    // One second more shows that the sound is too long.
    const conversion = { ...source, ...parts, mostSeconds: maxSeconds + 1 };
    const isDone = work.ffmpeg !== null && await convertByFfmpeg(work.ffmpeg, conversion, signal);
    if (!isDone) await convert(source, parts, work);
    const seconds = await secondsOfWav(parts.wav);
    checkLength(seconds, maxSeconds);
    await Deno.rename(parts.wav, wav);
    await Deno.rename(parts.mp3, mp3);
    work.onProgress?.(1);
    return { ...names, seconds };
  } finally {
    await removeIfThere(parts.wav);
    await removeIfThere(parts.mp3);
  }
}

async function convert(
  { file, container }: ExtractOptions,
  parts: { wav: string; mp3: string },
  { signal, maxSeconds, onProgress }: ExtractWork,
): Promise<void> {
  if (container === "mp4" || container === "m4a" || container === "webm") {
    throw new FinalError(
      "This file needs ffmpeg. Install ffmpeg and grant it to the service: " +
        '"permissions": { "run": ["ffmpeg"] }. Or set "engine": "rapidapi", which gets the sound as MP3.',
    );
  }
  using wav = await WavWriter.create(parts.wav);
  using mp3 = await Mp3Writer.create(parts.mp3);
  let frames = 0;
  for await (const piece of at48Khz(decode(file, container, onProgress), signal)) {
    frames += (piece.channels[0] as Float32Array).length;
    checkLength(frames / sampleRate, maxSeconds);
    await wav.write(piece);
    await mp3.write(piece);
  }
  await wav.finish();
  await mp3.finish();
}

function checkLength(seconds: number, maxSeconds: number): void {
  if (seconds === 0) throw new FinalError("The file has no sound in it that can be read.");
  if (seconds > maxSeconds) {
    throw new FinalError(`The sound is longer than ${maxSeconds} s, the most that "max_seconds" allows.`);
  }
}

/** A second of sound at most in each piece. The number of channels is that of the first piece. */
async function* at48Khz(pieces: AsyncGenerator<SoundPiece>, signal: AbortSignal): AsyncGenerator<SoundPiece> {
  let resamplers: Resampler[] = [];
  let from = 0;
  for await (const { channels, rate } of pieces) {
    if (resamplers.length === 0) {
      from = rate;
      resamplers = channels.map(() => new Resampler(rate, sampleRate));
    }
    if (rate !== from) {
      throw new FinalError("The sample rate of the sound changes in the middle of the file.");
    }
    const length = (channels[0] as Float32Array).length;
    for (let start = 0; start < length; start += rate) {
      signal.throwIfAborted();
      const part = (channel: number) =>
        (channels[channel] ?? channels[0] as Float32Array).subarray(start, start + rate);
      yield {
        channels: resamplers.map((resampler, channel) => resampler.next(part(channel))),
        rate: sampleRate,
      };
    }
  }
  if (resamplers.length > 0) {
    yield { channels: resamplers.map((resampler) => resampler.end()), rate: sampleRate };
  }
}

class Mp3Writer {
  readonly #file: Deno.FsFile;
  readonly #encoder: Awaited<ReturnType<typeof createMp3Encoder>>;
  #isOpen = false;

  private constructor(file: Deno.FsFile, encoder: Awaited<ReturnType<typeof createMp3Encoder>>) {
    this.#file = file;
    this.#encoder = encoder;
  }

  static async create(path: string): Promise<Mp3Writer> {
    const encoder = await createMp3Encoder();
    return new Mp3Writer(await Deno.open(path, { write: true, create: true, truncate: true }), encoder);
  }

  async write({ channels }: SoundPiece): Promise<void> {
    if (!this.#isOpen) {
      this.#encoder.configure({ sampleRate, channels: channels.length === 1 ? 1 : 2, bitrate: kilobits });
      this.#isOpen = true;
    }
    await writeAll(this.#file, this.#encoder.encode([...channels]).slice());
  }

  async finish(): Promise<void> {
    if (this.#isOpen) await writeAll(this.#file, this.#encoder.finalize().slice());
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
