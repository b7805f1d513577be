/**
 * Bare loops over npm:pg, without a queue, a worker's protocol and checks: what PostgreSQL itself can do on this
 * machine with the work that Livecue gives it.
 */
// @ts-types="@types/pg"
import pg from "pg";
import type { CapturedEvent } from "../../src/source.ts";
import { sampleEvent } from "../../test/support/stored_events.ts";
import { ask, withBareWorker } from "../latency/bare_worker.ts";
import { dueMoments } from "../latency/pace.ts";
import type { Span } from "../latency/program_run.ts";
import type { ToWorker } from "../latency/worker.ts";

const groupSize = 100;
const now = 1_700_000_000_000;

const tables = `
  CREATE TABLE bare_event (id bigint PRIMARY KEY, room_id text, event_type text, message_id text, created_at bigint,
    user_id text, user_unique_id text, user_nickname text, event_data text);
  CREATE TABLE bare_item (id bigint PRIMARY KEY, service_id int, event_id bigint, status text, attempts int,
    created_at bigint, started_at bigint, finished_at bigint)`;

const sql = {
  insertEvents: `INSERT INTO bare_event SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[],
    $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[])`,
  insertItems: `INSERT INTO bare_item SELECT id, service_id, event_id, 'pending', 0, ${now}
    FROM unnest($1::bigint[], $2::int[], $3::bigint[]) AS item (id, service_id, event_id)`,
  claim: `UPDATE bare_item SET status = 'processing', attempts = 1, started_at = ${now}
    WHERE id = ANY($1::bigint[]) AND status = 'pending'`,
  finish: `UPDATE bare_item SET status = 'completed', finished_at = ${now}
    WHERE id = ANY($1::bigint[]) AND status = 'processing' AND attempts = 1`,
};

async function connected(address: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  await client.query(tables);
  return client;
}

/** Events per second: for each an event's row and two items', and for each of those the claim and the end. */
export async function bareRate(address: string, events: readonly CapturedEvent[]): Promise<number> {
  const client = await connected(address);
  const query = (name: keyof typeof sql, values: unknown[]) =>
    client.query({ name, text: sql[name], values });
  const startedAt = performance.now();
  for (let first = 0; first < events.length; first += groupSize) {
    const group = events.slice(first, first + groupSize);
    const ids = group.map((_, index) => first + index + 1);
    const itemIds = ids.flatMap((id) => [2 * id - 1, 2 * id]);
    await client.query("BEGIN");
    await query("insertEvents", [ids, ...columnsOf(group)]);
    await query("insertItems", [
      itemIds,
      itemIds.map((id) => 2 - id % 2),
      itemIds.map((id) => Math.ceil(id / 2)),
    ]);
    await query("claim", [itemIds]);
    await query("finish", [itemIds]);
    await client.query("COMMIT");
  }
  const seconds = (performance.now() - startedAt) / 1000;
  await client.end();
  return events.length / seconds;
}

function columnsOf(events: readonly CapturedEvent[]): unknown[][] {
  return [
    events.map(({ roomId }) => roomId),
    events.map(({ type }) => type),
    events.map(({ messageId }) => messageId),
    events.map(() => now),
    events.map(({ user }) => user.id),
    events.map(({ user }) => user.uniqueId),
    events.map(({ user }) => user.nickname),
    events.map(({ data }) => JSON.stringify(data)),
  ];
}

/**
 * Posts events at an even pace to a bare worker, each after it and its item are committed. What becomes due during a
 * commit is in the next one. Milliseconds from the moment at which the event is due, after the warm-up.
 */
export async function bareLatencies(
  address: string,
  { ratePerSecond, warmUpSeconds, seconds }: Span & { ratePerSecond: number },
): Promise<number[]> {
  const client = await connected(address);
  const waiting: { id: number; due: number }[] = [];
  let committing: Promise<void> | null = null;
  return await withBareWorker(async (worker) => {
    const commit = async () => {
      while (waiting.length > 0) {
        const batch = waiting.splice(0).map(({ id, due }) => ({ due, event: sampleEvent({ id }) }));
        const ids = batch.map(({ event }) => event.id);
        await client.query("BEGIN");
        await client.query({
          name: "events",
          text: "INSERT INTO bare_event (id, event_data) SELECT * FROM unnest($1::bigint[], $2::text[])",
          values: [ids, batch.map(({ event }) => JSON.stringify(event))],
        });
        const items = ids.map(() => 1);
        await client.query({ name: "items", text: sql.insertItems, values: [ids, items, ids] });
        await client.query("COMMIT");
        for (const { due, event } of batch) {
          worker.postMessage({ kind: "event", due, event } satisfies ToWorker);
        }
      }
      committing = null;
    };
    let id = 0;
    const count = ratePerSecond * (warmUpSeconds + seconds);
    for await (const due of dueMoments({ ratePerSecond, count })) {
      waiting.push({ id: ++id, due });
      committing ??= commit();
    }
    await committing;
    await client.end();
    const answer = await ask(worker, { kind: "end" });
    return answer.kind === "latencies" ? answer.milliseconds.slice(ratePerSecond * warmUpSeconds) : [];
  });
}
