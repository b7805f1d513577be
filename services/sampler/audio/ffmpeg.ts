/** Makes the sampler's WAV and MP3 by ffmpeg, the user's own program. */
import { FinalError, UserError } from "livecue/service";
import { limit } from "livecue/limit";
import { cleanText } from "livecue/clean_text";
import { run } from "../download/engines/program.ts";
import type { Container } from "./decode.ts";
import { sampleRate } from "./sound.ts";

/**
 * ffmpeg's names. With a fixed name, ffmpeg does not take the file for a playlist that names other files of the
 * computer.
 */
const demuxers: Record<Container, string> = {
  mp4: "mov",
  m4a: "mov",
  webm: "matroska",
  mp3: "mp3",
  wav: "wav",
  ogg: "ogg",
  flac: "flac",
};

const shownCharacters = 200;
const keptErrorBytes = 4_096;
/** ffmpeg needs about a hundredth of the length of the sound. */
const spareSeconds = 60;

interface Conversion {
  file: string;
  container: Container;
  wav: string;
  mp3: string;
  /** ffmpeg reads no more of the sound than this. */
  mostSeconds: number;
}

/**
 * Returns false if there is no such program, or no permission to run it. Throws a `FinalError` if ffmpeg cannot read
 * the file.
 */
export async function convertByFfmpeg(
  program: string,
  conversion: Conversion,
  signal: AbortSignal,
): Promise<boolean> {
  const child = spawn(program, argumentsOf(conversion));
  if (child === null) return false;
  const stopping = new AbortController();
  const allowedSeconds = spareSeconds + conversion.mostSeconds;
  const late = new Error(`ffmpeg did not end within ${allowedSeconds} s`);
  const cancelLimit = limit(allowedSeconds * 1000, () => stopping.abort(late));
  const ending = AbortSignal.any([signal, stopping.signal]);
  const kill = () => end(child);
  ending.addEventListener("abort", kill, { once: true });
  if (ending.aborted) kill();
  try {
    const [complaint, { success }] = await Promise.all([lastOf(child.stderr), child.status]);
    ending.throwIfAborted();
    if (!success) throw failureOf(complaint.replaceAll(`file:${conversion.file}: `, ""));
    return true;
  } finally {
    cancelLimit();
    ending.removeEventListener("abort", kill);
  }
}

/** ffmpeg's version, such as "7.1". Throws a `UserError` if the program does not run. */
export async function ffmpegVersion(program: string, signal: AbortSignal): Promise<string> {
  const { code, output } = await run({
    program,
    args: ["-version"],
    cwd: Deno.cwd(),
    timeoutMs: 30_000,
    signal,
  });
  const [, version] = output.match(/^ffmpeg version (\S+)/) ?? [];
  if (code === 0 && version !== undefined) return cleanText(version, 40);
  throw new UserError(`"${program}" is not ffmpeg. Write the path to ffmpeg into "ffmpeg" of the options.`);
}

function argumentsOf({ file, container, wav, mp3, mostSeconds }: Conversion): string[] {
  const input = ["-protocol_whitelist", "file", "-f", demuxers[container], "-t", `${mostSeconds}`];
  const mapping = ["-map", "0:a:0", "-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"];
  const format = ["-af", "aformat=channel_layouts=mono|stereo", "-ar", `${sampleRate}`];
  return [
    ...["-nostdin", "-hide_banner", "-v", "error", "-y", ...input, "-i", `file:${file}`],
    ...[...mapping, ...format, "-c:a", "pcm_s24le", "-f", "wav", `file:${wav}`],
    ...[...mapping, ...format, "-c:a", "libmp3lame", "-b:a", "320k", "-f", "mp3", `file:${mp3}`],
  ];
}

function spawn(program: string, args: string[]): Deno.ChildProcess | null {
  try {
    return new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "piped" }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return null;
    throw error;
  }
}

function end(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // The program has already ended.
  }
}

/** The last lines that a program wrote. */
async function lastOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  let kept = "";
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    kept = (kept + decoder.decode(bytes, { stream: true })).slice(-keptErrorBytes);
  }
  return kept.trim();
}

function failureOf(complaint: string): Error {
  if (complaint.includes("matches no streams")) return new FinalError("The file has no sound in it.");
  if (/No space left|Permission denied|Cannot allocate memory/.test(complaint)) {
    return new Error(`ffmpeg could not write the sound: ${shown(complaint)}`);
  }
  return new FinalError(`ffmpeg cannot read the sound of this file: ${shown(complaint)}`);
}

function shown(complaint: string): string {
  const last = (complaint.split("\n").at(-1) ?? "").trim().slice(0, shownCharacters);
  return last === "" ? "it gave no reason" : last;
}
