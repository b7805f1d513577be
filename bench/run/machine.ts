/** Describes in words the machine and the versions with which the benchmarks ran. */
import os from "node:os";
import { DatabaseSync } from "node:sqlite";

/** As "AMD EPYC, 2 cores, 23.5 GB, linux 6.1". */
export function describeMachine(): string {
  const cpus = os.cpus();
  const gigabytes = (os.totalmem() / 2 ** 30).toFixed(1);
  return `${cpus[0]?.model.trim()}, ${cpus.length} cores, ${gigabytes} GB, ${os.platform()} ${os.release()}`;
}

/** As "Deno 2.9.6, V8 14.9, SQLite 3.53.0". */
export function describeVersions(): string {
  const database = new DatabaseSync(":memory:");
  const sqlite = database.prepare("SELECT sqlite_version() AS version").get()?.version;
  database.close();
  return `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}, SQLite ${sqlite}`;
}

/** The commit in the folder, and whether everything is committed. The benchmarks' own output does not count. */
export async function describeCommit(root: string): Promise<string> {
  const commit = (await git(root, "rev-parse", "--short=10", "HEAD")).trim();
  const changes = await git(root, "status", "--porcelain", "--", ".", ":!bench/RESULTS.md");
  return `commit ${commit}${changes === "" ? ", clean tree" : ", with changes that are not committed"}`;
}

/** The output of git. Throws git's error message. */
export async function git(root: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", { args: ["-C", root, ...args] }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stderr).trim());
  return decoder.decode(stdout);
}
