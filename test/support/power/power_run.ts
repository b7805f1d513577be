/** A program that writes, and the power that is cut at any moment of it: what is there afterwards. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { Random } from "../../../src/capture/demo/random.ts";
import { checkDatabase } from "../../../src/store/sqlite/check.ts";
import { openAsItIs } from "../temporary_store.ts";
import { cutPower, readJournal, type Write } from "./power_cut.ts";

const shimSource = fileURLToPath(new URL("./record_writes.c", import.meta.url));
const writer = fileURLToPath(new URL("./store_writer.ts", import.meta.url));
const config = fileURLToPath(new URL("../../../deno.json", import.meta.url));

/** The reason why the power cannot be cut here; null if it can. */
export function whyNoPowerCut(): string | null {
  if (Deno.build.os !== "linux") return "writes can be recorded under Linux alone";
  try {
    return new Deno.Command("gcc", { args: ["--version"], stdout: "null" }).outputSync().success
      ? null
      : "gcc fails";
  } catch {
    return "there is no gcc";
  }
}

export type Durability = "normal" | "full";

/** Runs the writer in the folder and returns all that it wrote to `disk` below it. */
export async function recordWrites(folder: string, durability: Durability, events: number): Promise<Write[]> {
  const shim = join(folder, "record_writes.so");
  await run("gcc", { args: ["-O1", "-shared", "-fPIC", "-o", shim, shimSource, "-ldl", "-lpthread"] });
  const disk = join(folder, "disk");
  await Deno.mkdir(disk);
  await run(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-prompt", "--no-check", "--quiet", "--config", config, writer],
      ...[join(disk, "livecue.db"), durability, String(events)],
    ],
    env: { LD_PRELOAD: shim, POWER_FOLDER: disk, POWER_JOURNAL: join(folder, "journal") },
  });
  return readJournal(join(folder, "journal"));
}

async function run(command: string, options: Deno.CommandOptions): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { ...options, stdout: "null", stderr: "piped" })
    .output();
  if (!success) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
}

/** Cuts the power at one moment, starts anew, and returns how many events were told to be stored, and how many are. */
export async function cutAndStart(
  writes: readonly Write[],
  folder: string,
  seed: number,
): Promise<{ told: number; stored: number }> {
  const random = new Random(seed);
  const count = random.whole(1, writes.length);
  const told = writes.slice(0, count).filter(({ name }) => name === "told")
    .flatMap(({ bytes }) => new TextDecoder().decode(bytes).trim().split("\n")).length;
  cutPower(writes, count, folder, random);
  const path = join(folder, "livecue.db");
  const { store } = openAsItIs(path);
  await store.recover(0);
  await store.stop();
  assert.deepEqual(checkDatabase(path).faults, []);
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const row = database.prepare(`SELECT count(*) AS stored, coalesce(max(event.id), 0) AS highest,
        count(item.id) AS items FROM live_event AS event LEFT JOIN event_queue AS item ON item.id = event.id`)
      .get()!;
    assert.equal(row.highest, row.stored, "none is missing before the last one");
    assert.equal(row.items, row.stored, "an event comes with its item");
    return { told, stored: Number(row.stored) };
  } finally {
    database.close();
  }
}
