/**
 * The engines of OBS's browser source: Chromium 103 (OBS 28 to 30), 127 (OBS 31 and 32), and the present one. The older
 * ones come from npm, once, into a folder of the user's cache.
 * `deno run -A test/support/obs_engines.ts` fetches them.
 */
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { createReadStream, createWriteStream } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import { browserPath } from "./browser.ts";

/** Debian's x64 is what they were built for. */
const isForThem = Deno.build.os === "linux" && Deno.build.arch === "x86_64";

const folder = join(Deno.env.get("XDG_CACHE_HOME") ?? join(homedir(), ".cache"), "livecue_engines");

export interface Engine {
  name: string;
  /** Of Chromium; null for the present one. */
  version: 103 | 127 | null;
  /** Where it is; null if it is missing. */
  path: string | null;
  /** Why it is missing; "" if it is not. */
  lack: string;
}

/** Tests that a debugger watches must not use shared workers in 127: there they hang after a reload. */
export async function obsEngines(): Promise<Engine[]> {
  const present: Engine = {
    name: "the present Chromium",
    version: null,
    path: browserPath ?? null,
    lack: browserPath === undefined ? "there is no browser" : "",
  };
  return [present, await engineOf(103), await engineOf(127)];
}

async function engineOf(version: 103 | 127): Promise<Engine> {
  const engine = { name: `Chromium ${version}`, version };
  if (!isForThem) return { ...engine, path: null, lack: "npm has it for Linux on x64 only" };
  const path = join(folder, String(version), "chromium");
  try {
    if (await stat(path).then(() => false, () => true)) await install(version, path);
    return { ...engine, path, lack: "" };
  } catch (error) {
    return { ...engine, path: null, lack: `npm does not give it: ${error}` };
  }
}

/** Is whole, or not there: it gets its name last. */
async function install(version: number, path: string): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  const unfinished = await mkdtemp(join(path, "..", "unfinished_"));
  try {
    const fromNpm = ["pack", `@sparticuz/chromium@${version}.0.0`, "--silent", "--fetch-retries=0"];
    await run("npm", [...fromNpm, `--pack-destination=${unfinished}`]);
    const [packed = ""] = await readdir(unfinished);
    await run("tar", ["xzf", join(unfinished, packed), "-C", unfinished, "package/bin/chromium.br"]);
    const unpacked = join(unfinished, "chromium");
    await pipeline(
      createReadStream(join(unfinished, "package/bin/chromium.br")),
      createBrotliDecompress(),
      createWriteStream(unpacked),
    );
    await chmod(unpacked, 0o755);
    await rename(unpacked, path);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function run(program: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr).trim().slice(0, 200)}`);
}

if (import.meta.main) {
  for (const { name, path, lack } of await obsEngines()) console.log(`${name}: ${path ?? lack}`);
}
