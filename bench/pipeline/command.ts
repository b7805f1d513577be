/**
 * Measures the same with Livecue's command, from a recording of raw messages. Includes reading, decoding and cleaning.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { encodeEvent } from "../../src/capture/tiktok/encode.ts";
import type { CapturedEvent } from "../../src/source.ts";
import { checkRows, dummy, type Durability, inFolder } from "./livecue.ts";

const main = fileURLToPath(new URL("../../main.ts", import.meta.url));
const config = fileURLToPath(new URL("../../deno.json", import.meta.url));

interface CommandOptions {
  events: readonly CapturedEvent[];
  durability: Durability;
  prefetch: number;
}

/** Events per second, from the first received event to the last ended item, by the times in the database. */
export function runCommand({ events, durability, prefetch }: CommandOptions): Promise<number> {
  return inFolder(async (folder) => {
    const [recording, database, settings] = ["live.jsonl", "bench.db", "config.jsonc"]
      .map((name) => join(folder, name)) as [string, string, string];
    await Deno.writeTextFile(recording, events.map(lineOf).join(""));
    await Deno.writeTextFile(settings, JSON.stringify(configOf({ database, durability, prefetch })));
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-prompt", "--quiet", "--config", config, main, "start", "--config", settings],
        ...["--source", `replay:${recording}`, "--speed", "max", "--plain", "--database", database],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (code !== 0) throw new Error(`Livecue ended with code ${code}: ${new TextDecoder().decode(stderr)}`);
    await checkRows(database, events.length, 2 * events.length);
    return events.length / secondsOf(database);
  });
}

function lineOf(event: CapturedEvent): string {
  const { method, createTime, payload } = encodeEvent(event, "demo");
  return JSON.stringify({ method, createTime, streamer: "demo", payload: payload.toBase64() }) + "\n";
}

function configOf({ database, durability, prefetch }: Omit<CommandOptions, "events"> & { database: string }) {
  const service = (isAsync: boolean) => ({
    service_class: dummy,
    prefetch,
    max_queue_size: 5_000_000,
    subscriptions: { CommentEvent: { priority: 5, is_async: isAsync, is_discardable: false } },
  });
  return {
    database,
    durability,
    log_file: false,
    services: { one_by_one: service(false), at_once: service(true) },
  };
}

function secondsOf(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare(
    "SELECT (SELECT min(received_at) FROM live_event) AS first, (SELECT max(finished_at) FROM event_queue) AS last",
  ).get();
  database.close();
  return (Number(row?.last) - Number(row?.first)) / 1000;
}
