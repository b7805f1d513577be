/**
 * A program that lets the service `escaping` try all it can, in a worker, and writes to a file what came of it: FILE, the
 * permissions as JSON, the service's folder, and its isolation. It prints nothing by itself.
 */
import { DatabaseSync } from "node:sqlite";
import type { Permissions, ServiceConfig } from "../../src/service.ts";
import { noPermissions, startRunner } from "./runner_under_test.ts";
import { names } from "./services/escaping.ts";

export interface EscapesTold {
  /** What each attempt ended with, by its name. */
  errors: Record<string, string>;
  /** What the service said, and what Livecue said of it. */
  said: string[];
  /** Of the program, after each attempt, where it is another than before. */
  changes: string[];
}

if (import.meta.main) {
  const [file = "", permissions = "{}", dataFolder = "", isolation = "worker"] = Deno.args;
  const service = { dataFolder, isolation: isolation as ServiceConfig["isolation"] };
  Deno.writeTextFileSync(file, JSON.stringify(await run(JSON.parse(permissions), service)));
}

async function run(
  granted: Partial<Permissions>,
  service: Pick<ServiceConfig, "dataFolder" | "isolation">,
): Promise<EscapesTold> {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE stored (bytes BLOB)");
  const state = () => {
    database.exec("DELETE FROM stored; INSERT INTO stored VALUES (zeroblob(100000))");
    const { ESCAPED, HOME } = Deno.env.toObject();
    return JSON.stringify([Deno.cwd(), Deno.umask(), ESCAPED, HOME, hearsSignal()]);
  };
  using _own = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const told: EscapesTold = { errors: {}, said: [], changes: [] };
  const before = state();
  await using tested = await startRunner("escaping", {
    ...service,
    permissions: { ...noPermissions, ...granted },
  });
  for (const [i, name] of names.entries()) {
    const outcome = await tested.feed.say(i + 1, name);
    told.errors[name] = "error" in outcome ? outcome.error : outcome.kind;
    const after = state();
    if (after !== before) told.changes.push(`${name}: ${after}`);
  }
  told.said = tested.log.entries.map(({ level, text }) => `${level}: ${text}`);
  return told;
}

/** Whether the process catches that signal, SIGUSR2, as Linux tells it. */
function hearsSignal(): boolean {
  if (Deno.build.os !== "linux") return false;
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1];
  return (BigInt(`0x${caught}`) >> 11n) % 2n === 1n;
}
