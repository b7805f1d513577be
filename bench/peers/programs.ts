/** The programs that the peers need on the machine, and the peers' packages. */
import { join } from "node:path";
import { tmpdir } from "node:os";

/** Debian's package for each program that a peer may need. */
const debianPackages = {
  npm: "npm",
  "redis-server": "redis-server",
  initdb: "postgresql",
  pg_ctl: "postgresql",
  pg_basebackup: "postgresql-client",
  psql: "postgresql-client",
} as const;

export type Program = keyof typeof debianPackages;

/** The packages that npm installs. Node is one of them, because the newest packages need a newer Node than Debian's. */
const versions = {
  "better-sqlite3": "13.2.0",
  bullmq: "6.7.0",
  "graphile-worker": "0.18.0",
  ioredis: "5.11.1",
  node: "24.9.0",
  pg: "8.23.1",
  plainjob: "0.0.14",
} as const;

/** The folders in which to look for programs: PATH, then Debian's folders of PostgreSQL, the newest version first. */
export async function programFolders(): Promise<string[]> {
  const root = "/usr/lib/postgresql";
  const found: string[] = [];
  try {
    for await (const { name } of Deno.readDir(root)) found.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  found.sort((one, other) => Number(other) - Number(one));
  const path = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== "");
  return [...path, ...found.map((version) => join(root, version, "bin"))];
}

/** The program's path, or null if none of the folders contains it. */
export async function pathOf(program: Program, folders: readonly string[]): Promise<string | null> {
  for (const folder of folders) {
    const path = join(folder, program);
    if (await isThere(path)) return path;
  }
  return null;
}

/** A sentence that says what to install to measure the peer; null if nothing is missing. */
export async function whatIsMissing(
  peer: { name: string; needs: readonly Program[] },
  folders: readonly string[],
): Promise<string | null> {
  const missing = new Set<string>();
  for (const program of peer.needs) {
    if (await pathOf(program, folders) === null) missing.add(debianPackages[program]);
  }
  if (missing.size === 0) return null;
  return `${peer.name} is left out: install Debian's ${[...missing].join(" and ")} to measure it.`;
}

/** The folder of the packages. It is kept between runs; other versions have another folder. */
export function packagesFolder(): string {
  const name = Object.entries(versions).map(([name, version]) => `${name}-${version}`).join("-");
  return join(tmpdir(), "livecue-bench", name);
}

/** Whether an earlier run installed the packages. */
export function arePackagesThere(): Promise<boolean> {
  return isThere(packagesFolder());
}

/** Installs the packages if they are missing. Takes some ten seconds. */
export async function installPackages(npm: string, signal: AbortSignal): Promise<void> {
  if (await arePackagesThere()) return;
  console.error("The peers' packages are installed by npm, once.");
  await Deno.mkdir(join(packagesFolder(), ".."), { recursive: true, mode: 0o700 });
  const folder = await Deno.makeTempDir({ dir: join(packagesFolder(), ".."), prefix: "unfinished-" });
  try {
    await Deno.writeTextFile(join(folder, "package.json"), JSON.stringify({ private: true }));
    // Node first: the other packages choose their binaries by the Node that runs npm.
    const { node, ...others } = versions;
    for (const wanted of [{ node }, others]) {
      const names = Object.entries(wanted).map(([name, version]) => `${name}@${version}`);
      await run(npm, ["install", "--save-exact", "--no-audit", "--no-fund", ...names], { folder, signal });
    }
    await Deno.rename(folder, packagesFolder());
  } catch (error) {
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
}

async function run(
  command: string,
  args: string[],
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<void> {
  const PATH = `${join(folder, "node_modules", ".bin")}:${Deno.env.get("PATH") ?? ""}`;
  const output = await new Deno.Command(command, { args, cwd: folder, env: { PATH }, signal }).output();
  if (output.success) return;
  const said = new TextDecoder().decode(output.stderr);
  throw new Error(`"${command} ${args.join(" ")}" ended with code ${output.code}: ${said}`);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    // A folder of PATH that this user may not enter has no program for this user.
    const { NotFound, NotADirectory, PermissionDenied } = Deno.errors;
    if ([NotFound, NotADirectory, PermissionDenied].some((kind) => error instanceof kind)) return false;
    throw error;
  }
}
