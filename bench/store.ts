/**
 * Measures the writer alone: the whole life of events for two services (one event, two queue items, and a claim and a
 * finish for each), in groups of 1, 10 and 100 events per transaction, at both durabilities. For comparison, a bare
 * loop writes the same rows with seven statements of its own, 100 events per transaction.
 */
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { systemClock } from "../src/clock.ts";
import type { Operation } from "../src/operation.ts";
import { openForWriting } from "../src/store/sqlite/open.ts";
import { Transactions } from "../src/store/sqlite/transactions.ts";
import { Writer } from "../src/store/writer.ts";
import { sampleEvent } from "../test/support/stored_events.ts";
import { type Benchmark, type Figure, runAlone } from "./benchmark.ts";

const groupSizes = [1, 10, 100];
const loopGroup = 100;
const startedAt = 1_700_000_000_000;

type Durability = "normal" | "full";

function lifeOf(id: number): Operation[] {
  const life: Operation[] = [{ kind: "insert_event", event: sampleEvent({ id, type: "GiftEvent" }) }];
  const itemIds = [2 * id - 1, 2 * id];
  for (const [index, itemId] of itemIds.entries()) {
    const row = { id: itemId, serviceId: index + 1, liveEventId: id, priority: 10, createdAt: startedAt };
    life.push({
      kind: "insert_item",
      row: { ...row, isAsync: false, isDiscardable: true, count: 1 },
      as: "pending",
    });
  }
  for (const itemId of itemIds) life.push({ kind: "claim_item", id: itemId, attempts: 1, startedAt });
  for (const itemId of itemIds) {
    const counts = { attempts: 1, failures: 0, crashes: 0 };
    life.push({
      kind: "finish_item",
      serviceId: 1,
      id: itemId,
      ...counts,
      status: "completed",
      finishedAt: startedAt,
      error: null,
    });
  }
  return life;
}

/** Events per second that `write` reaches with its own database, in which two services have a live. */
async function rateOf(
  durability: Durability,
  eventCount: number,
  write: (database: DatabaseSync) => Promise<void> | void,
): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
  const database = openForWriting(join(folder, "bench.db"), durability);
  database.exec(
    `INSERT INTO service VALUES (1, 'a', 'A', 'a.ts', 50, 1, ''), (2, 'b', 'B', 'b.ts', 50, 1, '');
    INSERT INTO live (id, source_type, room_id, username, title, started_at)
      VALUES (1, 'demo', '1', 'ana', '', ${startedAt});
    INSERT INTO live_session (id, live_id, username, room_id, source, status, started_at)
      VALUES (1, 1, 'ana', '1', 'demo', 'active', ${startedAt})`,
  );
  const begin = performance.now();
  await write(database);
  const seconds = (performance.now() - begin) / 1000;
  checkWritten(database, eventCount);
  database.close();
  await Deno.remove(folder, { recursive: true });
  return eventCount / seconds;
}

/** Throws if the database does not contain exactly the expected rows. */
function checkWritten(database: DatabaseSync, eventCount: number): void {
  const events = database.prepare("SELECT count(*) AS count FROM live_event").get()?.count;
  const items = database.prepare("SELECT count(*) AS count FROM event_queue WHERE status = 'completed'").get()
    ?.count;
  if (events === eventCount && items === 2 * eventCount) return;
  throw new Error(`Of ${eventCount} events ${events} were written, and ${items} items completed.`);
}

/** The writer forms the batches itself: each is one transaction of `groupSize` events. */
function measureWriter(durability: Durability, groupSize: number, eventCount: number): Promise<number> {
  return rateOf(durability, eventCount, async (database) => {
    const writer = new Writer(new Transactions(database), { clock: systemClock, batchSize: groupSize });
    for (let id = 1; id <= eventCount; id++) {
      for (const operation of lifeOf(id)) writer.add(operation);
    }
    await writer.stop();
  });
}

/** Writes the same rows with prepared statements and no other work. */
function measureLoop(durability: Durability, eventCount: number): Promise<number> {
  return rateOf(durability, eventCount, (database) => {
    const insertEvent = database.prepare(
      `INSERT INTO live_event (id, session_id, room_id, event_type, message_id,
        is_history, created_at, received_at, user_id, user_unique_id, user_nickname, user_avatar_url, user_roles,
        is_first_of_user, event_data, streak_id, streak_count, streak_delta, streak_ended)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    const insertItem = database.prepare(
      `INSERT INTO event_queue (id, service_id, live_event_id, priority, is_async,
        is_discardable, status, created_at) VALUES (?, ?, ?, 10, 0, 1, 'pending', ?)`,
    );
    const claim = database.prepare(`UPDATE event_queue SET status = 'processing', attempts = ?, started_at = ?
      WHERE id = ? AND status = 'pending'`);
    const finish = database.prepare(`UPDATE event_queue SET status = 'completed', finished_at = ?
      WHERE id = ? AND status = 'processing' AND attempts = ?`);
    for (let id = 1; id <= eventCount; id++) {
      if (id % loopGroup === 1) database.exec("BEGIN IMMEDIATE");
      const { user, streak, ...event } = sampleEvent({ id, type: "GiftEvent" });
      insertEvent.run(
        ...[id, 1, event.roomId, event.type, event.messageId, 0, event.createdAt, event.receivedAt],
        ...[user.id, user.uniqueId, user.nickname, user.avatarUrl, JSON.stringify(user.roles)],
        ...[id % 2, JSON.stringify(event.data)],
        ...[streak?.id ?? null, streak?.count ?? null, streak?.delta ?? null, 0],
      );
      for (const [index, itemId] of [2 * id - 1, 2 * id].entries()) {
        insertItem.run(itemId, index + 1, id, startedAt);
      }
      for (const itemId of [2 * id - 1, 2 * id]) claim.run(1, startedAt, itemId);
      for (const itemId of [2 * id - 1, 2 * id]) finish.run(startedAt, itemId, 1);
      if (id % loopGroup === 0 || id === eventCount) database.exec("COMMIT");
    }
  });
}

async function* measure({ isShort }: { isShort: boolean }): AsyncGenerator<Figure> {
  const eventCount = isShort ? 4_000 : 50_000;
  await measureWriter("normal", 100, 2_000);
  await measureLoop("normal", 2_000);
  for (const durability of ["normal", "full"] as const) {
    const name = durability.toUpperCase();
    const loop = await measureLoop(durability, eventCount);
    yield { name: `bare loop, ${name}, ${loopGroup} events a transaction`, value: loop, unit: "events/s" };
    for (const groupSize of groupSizes) {
      const value = await measureWriter(durability, groupSize, eventCount);
      const grouped = `writer, ${name}, ${groupSize} ${groupSize === 1 ? "event" : "events"} a transaction`;
      yield { name: grouped, value, unit: "events/s" };
      if (groupSize === loopGroup) yield { name: `${grouped}, of the loop`, value: value / loop, unit: "" };
    }
  }
}

export const benchmark: Benchmark = {
  name: "store",
  about:
    "The writer alone: an event's whole life for two services, beside a bare loop that writes the same rows.",
  measure,
};

if (import.meta.main) await runAlone(benchmark);
