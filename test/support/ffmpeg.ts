/** ffmpeg and ffprobe, as players and checkers of sound that are not ours. */

function isThere(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["-version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

/** Debian's package ffmpeg has both. */
export const lacksFfmpeg = !isThere("ffmpeg") || !isThere("ffprobe");

/** A test that needs them. */
export function testWithFfmpeg(name: string, run: () => Promise<void>): void {
  Deno.test({ name: lacksFfmpeg ? `${name} (there is no ffmpeg)` : name, ignore: lacksFfmpeg, fn: run });
}

/** One channel of 24,000 samples a second; of a file's bytes, or of an address. Throws when ffmpeg finds any fault. */
export async function decode(source: Uint8Array | string, format: string[] = []): Promise<Float32Array> {
  const input = typeof source === "string" ? source : "pipe:0";
  const args = [...["-v", "warning"], ...format, "-i", input, ...[
    "-f",
    "f32le",
    "-ar",
    "24000",
    "-ac",
    "1",
    "pipe:1",
  ]];
  const output = await run("ffmpeg", args, source);
  return new Float32Array(output.buffer);
}

/** What ffprobe says of it. */
export async function probe(
  source: Uint8Array | string,
): Promise<
  { format: Record<string, string>; streams: Record<string, string>[]; packets: Record<string, string>[] }
> {
  const input = typeof source === "string" ? source : "pipe:0";
  const shown = ["-show_format", "-show_streams", "-show_packets", "-of", "json"];
  const output = await run("ffprobe", ["-v", "warning", ...shown, input], source);
  return JSON.parse(new TextDecoder().decode(output));
}

async function run(
  program: string,
  args: string[],
  source: Uint8Array | string,
): Promise<Uint8Array<ArrayBuffer>> {
  const stdio = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  const child = new Deno.Command(program, { args, ...stdio }).spawn();
  const writer = child.stdin.getWriter();
  const writing = writer.write(typeof source === "string" ? new Uint8Array() : new Uint8Array(source))
    .then(() => writer.close()).catch(() => {});
  const [{ stdout, stderr, success }] = await Promise.all([child.output(), writing]);
  const complaint = new TextDecoder().decode(stderr).trim();
  if (!success || complaint !== "") throw new Error(`${program}: ${complaint}`);
  return stdout;
}
