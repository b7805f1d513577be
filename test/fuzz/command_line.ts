/** The command line in this process: what a person would be shown of it, and nothing worse. */
import assert from "node:assert/strict";
import process from "node:process";
import { join } from "node:path";
import { runCommand } from "../../src/commands/program.ts";
import { everyEvent } from "../support/stored_events.ts";
import { insertItem, openSession, openTemporary, serviceConfig } from "../support/temporary_store.ts";
import { assertRefusal } from "./asserts.ts";

/** What the command line writes goes there, and is gone with the process. */
export const folder = Deno.makeTempDirSync({ prefix: "livecue-fuzz-" });
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

export const configFile = join(folder, "config.jsonc");
export const databaseFile = join(folder, "livecue.db");

/** The bytes of a database with an event of each type, and items that wait, have ended and were let go. */
export async function makeDatabase(): Promise<Uint8Array> {
  const { store } = openTemporary(databaseFile);
  await store.syncServices([serviceConfig("dino"), serviceConfig("overlays", { isActive: false })]);
  store.writer.add(openSession(1));
  for (const event of everyEvent()) {
    store.writer.add({ kind: "insert_event", event });
    const as = (["pending", "processing", "discarded"] as const)[event.id % 3]!;
    store.writer.add(insertItem({ id: event.id, eventId: event.id, as }));
  }
  await store.writer.flush();
  await store.stop();
  return Deno.readFileSync(databaseFile);
}

/** A folder with this database and a config of no services, and nothing else. */
export function prepare(database: Uint8Array): void {
  for (const { name } of Deno.readDirSync(folder)) Deno.removeSync(join(folder, name), { recursive: true });
  Deno.writeTextFileSync(configFile, '{ "log_file": false }');
  Deno.writeFileSync(databaseFile, database);
}

export interface Shown {
  /** null if it was refused. */
  code: number | null;
  output: string;
}

/** Runs it to its end; a mistake or a trouble is told in a sentence, or this throws. */
export async function show(args: string[]): Promise<Shown> {
  let output = "";
  const take = (part: Uint8Array | string) => {
    output += typeof part === "string" ? part : new TextDecoder().decode(part);
    return part.length;
  };
  const restored = [
    replaced(Deno.stdout, "writeSync", take),
    replaced(Deno.stderr, "writeSync", take),
    replaced(process.stdout, "write", take),
    replaced(process.stderr, "write", take),
    ...(["log", "info", "warn", "error"] as const).map((name) => replaced(console, name, take)),
  ];
  try {
    const code = await runCommand(args, { exitNow: (code) => assert.fail(`ended at once with ${code}`) });
    assert.ok([0, 1, 2, 130].includes(code), `exit code ${code}`);
    return { code, output };
  } catch (error) {
    assertRefusal(error);
    return { code: null, output };
  } finally {
    for (const restore of restored) restore();
  }
}

function replaced<Owner extends object>(owner: Owner, name: keyof Owner, by: unknown): () => void {
  const before = owner[name];
  owner[name] = by as Owner[keyof Owner];
  return () => owner[name] = before;
}
