/**
 * How many events a second the store takes, each over its whole life for two services: one event, two queue
 * items, and for each a claim and a finish. Grouped by 1, 10 and 100 events a transaction, at both durabilities.
 * `deno run -A bench/store.ts`
 */
import { join } from "node:path";
import { systemClock } from "../src/clock.ts";
import type { Operation } from "../src/operation.ts";
import { openForWriting } from "../src/store/open.ts";
import { Writer } from "../src/store/writer.ts";
import { sampleEvent } from "../test/support/stored_events.ts";

const eventCount = 20_000;
const groupSizes = [1, 10, 100];
const startedAt = 1_700_000_000_000;

function lifeOf(id: number): Operation[] {
  const life: Operation[] = [{ kind: "insert_event", event: sampleEvent({ id, type: "GiftEvent" }) }];
  const itemIds = [2 * id - 1, 2 * id];
  for (const [index, itemId] of itemIds.entries()) {
    const row = { id: itemId, serviceId: index + 1, liveEventId: id, priority: 10, createdAt: startedAt };
    life.push({
      kind: "insert_item",
      row: { ...row, isAsync: false, isDiscardable: true, count: 1 },
      discardReason: null,
    });
  }
  for (const itemId of itemIds) life.push({ kind: "claim_item", id: itemId, attempts: 1, startedAt });
  for (const itemId of itemIds) {
    const counts = { attempts: 1, failures: 0, crashes: 0 };
    life.push({
      kind: "finish_item",
      id: itemId,
      ...counts,
      status: "completed",
      finishedAt: startedAt,
      error: null,
    });
  }
  return life;
}

/** Events a second. The writer cuts the batches itself: each is one transaction of `groupSize` events. */
async function measure(durability: "normal" | "full", groupSize: number): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
  const database = openForWriting(join(folder, "bench.db"), durability);
  database.exec(`INSERT INTO service VALUES (1, 'a', 'A', 'a.ts', 50, 1), (2, 'b', 'B', 'b.ts', 50, 1);
    INSERT INTO live (id, source_type, room_id, username, title, started_at)
      VALUES (1, 'demo', '1', 'ana', '', ${startedAt});
    INSERT INTO live_session (id, live_id, username, room_id, source, status, started_at)
      VALUES (1, 1, 'ana', '1', 'demo', 'active', ${startedAt})`);
  const writer = new Writer(database, { clock: systemClock, batchSize: groupSize });
  const begin = performance.now();
  for (let id = 1; id <= eventCount; id += 1) {
    for (const operation of lifeOf(id)) writer.add(operation);
  }
  await writer.stop();
  const seconds = (performance.now() - begin) / 1000;
  database.close();
  await Deno.remove(folder, { recursive: true });
  return eventCount / seconds;
}

await measure("normal", 100);
const results: { durability: string; groupSize: number; eventsPerSecond: number }[] = [];
for (const durability of ["normal", "full"] as const) {
  for (const groupSize of groupSizes) {
    results.push({ durability, groupSize, eventsPerSecond: await measure(durability, groupSize) });
  }
}
const base = results[0]!.eventsPerSecond;
console.log("durability  events a transaction   events/s   ratio");
for (const { durability, groupSize, eventsPerSecond } of results) {
  console.log(
    durability.padEnd(10),
    String(groupSize).padStart(22),
    Math.round(eventsPerSecond).toLocaleString("en").padStart(10),
    (eventsPerSecond / base).toFixed(2).padStart(7),
  );
}
