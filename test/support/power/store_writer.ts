/**
 * Writes events to a store and tells of each, in a file beside it, when the store has said that it cannot be lost:
 * to be run under `record_writes.c`. Arguments: the database, its durability, how many events.
 */
import { dirname, join } from "node:path";
import { systemClock } from "../../../src/clock.ts";
import { openStore } from "../../../src/store/open.ts";
import { sampleEvent } from "../stored_events.ts";
import { silentLog } from "../silent_log.ts";
import { insertItem, openSession, serviceConfig } from "../temporary_store.ts";

const [path, durability, count] = Deno.args as [string, "normal" | "full", string];
const store = await openStore({ address: path, durability, clock: systemClock, log: silentLog() });
const told = Deno.openSync(join(dirname(path), "told"), { write: true, create: true });
await store.syncServices([serviceConfig("dummy")]);
const live = { id: 1, sourceType: "demo", roomId: "", username: "", title: "", startedAt: 5 };
store.writer.add({ kind: "open_live", live, streamer: "" });
store.writer.add(openSession(1));
const long = { comment: "a long comment ".repeat(300), language: "en", emotes: [] };
for (let id = 1; id <= Number(count); id += 1) {
  store.writer.add({ kind: "insert_event", event: sampleEvent({ id, type: "CommentEvent", data: long }) });
  store.writer.add(insertItem({ id, eventId: id, as: "processing" }), () => {
    told.writeSync(new TextEncoder().encode(`${id}\n`));
  });
  // Groups of all sizes, as they come in a live.
  if (id % 7 < 3) await store.writer.flush();
}
await store.stop();
told.close();
