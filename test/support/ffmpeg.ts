/** ffmpeg and ffprobe, to check sound with programs of others. */

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

type Told = Record<string, string | number>;

/** What ffprobe says of it; `entries` are all that is wanted of it beside the format. */
export async function probe(
  source: Uint8Array | string,
  entries: string[] = [],
): Promise<{ format: Told; streams: Told[]; packets: Told[] }> {
  const input = typeof source === "string" ? source : "pipe:0";
  const shown = entries.length === 0
    ? ["-show_format", "-show_streams", "-show_packets"]
    : ["-show_entries", ["format=duration", ...entries].join(":")];
  const output = await run("ffprobe", ["-v", "warning", ...shown, "-of", "json", input], source);
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
