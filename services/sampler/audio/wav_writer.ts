/** Writes WAV of 24 bits piece by piece. */
import { sampleRate, type SoundPiece } from "./sound.ts";

const headBytes = 44;
const bytesPerSample = 3;
const fullScale = 2 ** 23;

export class WavWriter {
  readonly #file: Deno.FsFile;
  #channels = 1;
  #bytes = 0;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /** Replaces a file of this name. */
  static async create(path: string): Promise<WavWriter> {
    const file = await Deno.open(path, { write: true, create: true, truncate: true });
    const writer = new WavWriter(file);
    await writeAll(file, new Uint8Array(headBytes));
    return writer;
  }

  /** Clips samples beyond full scale. */
  async write({ channels }: SoundPiece): Promise<void> {
    this.#channels = channels.length;
    const frames = (channels[0] as Float32Array).length;
    const bytes = new Uint8Array(frames * channels.length * bytesPerSample);
    let place = 0;
    for (let frame = 0; frame < frames; frame++) {
      for (const samples of channels) {
        const scaled = Math.round((samples[frame] as number) * fullScale);
        const value = Math.max(-fullScale, Math.min(fullScale - 1, scaled));
        bytes[place++] = value;
        bytes[place++] = value >> 8;
        bytes[place++] = value >> 16;
      }
    }
    await writeAll(this.#file, bytes);
    this.#bytes += bytes.length;
  }

  /** Writes the header, now that the length is known. */
  async finish(): Promise<void> {
    await this.#file.seek(0, Deno.SeekMode.Start);
    await writeAll(this.#file, header(this.#channels, this.#bytes));
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

function header(channels: number, soundBytes: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(headBytes));
  const write = (place: number, text: string) =>
    [...text].forEach((character, index) => view.setUint8(place + index, character.charCodeAt(0)));
  write(0, "RIFF");
  view.setUint32(4, headBytes - 8 + soundBytes, true);
  write(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * channels * bytesPerSample, true);
  view.setUint16(32, channels * bytesPerSample, true);
  view.setUint16(34, bytesPerSample * 8, true);
  write(36, "data");
  view.setUint32(40, soundBytes, true);
  return new Uint8Array(view.buffer);
}

export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
}
