/**
 * A process that owns the database named by its first argument. "hold": says that it has it, and keeps it until
 * killed. "write": writes events for ever, saying after each commit how many are committed.
 */
import { writeSync } from "node:fs";
import { sampleEvent } from "./stored_events.ts";
import { insertItem, openSession, openTemporary, serviceConfig } from "./temporary_store.ts";

const [path, task] = Deno.args as [string, "hold" | "write"];
const { store } = openTemporary(path, { batchSize: 50 });
await store.syncServices([serviceConfig("dummy")]);

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

function writeEvent(id: number): void {
  store.writer.add({ kind: "insert_event", event: sampleEvent({ id, type: "LikeEvent" }) }, () => {
    if (id % 50 === 0) say(String(id));
  });
  store.writer.add(insertItem({ id, eventId: id }));
  if (id % 3 === 0) store.writer.add({ kind: "claim_item", id, attempts: 1, startedAt: 1_700_000_000_000 });
}

if (task === "hold") {
  say("has it");
  await new Promise(() => setInterval(() => {}, 60_000));
} else {
  store.writer.add(openSession(1));
  for (let id = 1;; id += 1) writeEvent(id);
}
