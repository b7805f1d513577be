/** A stream of readings that can be sent again, and a check that each one is stored exactly once. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { ReadingBatch } from "../../src/source.ts";
import { dayMs, hourMs, minuteMs, startOf } from "../../src/reading_query.ts";
import { unpackChunk } from "../../src/readings/chunk.ts";
import type { RetentionDays } from "../../src/readings/retention.ts";

/** Everything but the newest day is packed. */
export const days: RetentionDays = { rawDays: 1, packedDays: 1000, rollupDays: 1000 };

const batchReadings = 500;
const batchesPerDay = 8;
const start = Date.UTC(2026, 0, 1);
const distanceMs = dayMs / batchReadings / batchesPerDay;

/** Each reading of the stream has a value of its own, on one of two channels. */
export function batchAt(number: number): ReadingBatch {
  const readings = Array.from({ length: batchReadings }, (_, index) => {
    const value = number * batchReadings + index;
    return { channel: `channel ${value % 2}`, at: timeOf(value), value };
  });
  return { readings, receivedAt: start + 400 * dayMs };
}

export interface StoredStream {
  /** How many readings of the stream came, from the first one on. */
  count: number;
  /** How many of them are deleted. */
  deleted: number;
  chunks: number;
}

/**
 * Fails unless the file has the stream's readings up to some batch, each once, without those that are old enough to be
 * deleted, and their summaries.
 */
export function checkStream(file: string, kept: RetentionDays = days): StoredStream {
  const database = new DatabaseSync(file);
  try {
    assert.equal(database.prepare("PRAGMA integrity_check").get()?.integrity_check, "ok");
    const chunks = Number(database.prepare("SELECT count(*) AS count FROM reading_chunk").get()?.count);
    const values = [0, 1].map((channel) => valuesOf(database, channel));
    const count = 1 + Math.max(-1, ...values.map((each) => each.at(-1) ?? -1));
    assert.equal(count % batchReadings, 0);
    const cut = (keptDays: number) => startOf(timeOf(count - 1) - keptDays * dayMs, dayMs);
    let deleted = 0;
    for (const [channel, own] of values.entries()) {
      const first = own[0] ?? channel;
      assert.deepEqual(
        own,
        Array.from({ length: (count - first + 1) >> 1 }, (_, index) => first + 2 * index),
      );
      assert.ok(first === channel || timeOf(first - 2) < cut(kept.packedDays), `the first one is ${first}`);
      deleted += (first - channel) / 2;
      checkSummaries(database, { channel, count, from: cut(kept.rollupDays) });
    }
    return { count, deleted, chunks };
  } finally {
    database.close();
  }
}

function timeOf(value: number): number {
  return start + value * distanceMs;
}

/** All readings of a channel, by their values, which must be at the right times. */
function valuesOf(database: DatabaseSync, channel: number): number[] {
  const ofChannel = "WHERE channel_id = (SELECT id FROM channel WHERE name = ?)";
  const all = (sql: string) => database.prepare(`${sql} ${ofChannel}`).all(`channel ${channel}`);
  const stored = all("SELECT at, value FROM reading").map(({ at, value }) => [Number(at), Number(value)]);
  for (const { count, data } of all("SELECT count, data FROM reading_chunk")) {
    const { at, value } = unpackChunk(data as Uint8Array);
    assert.equal(at.length, count);
    stored.push(...Array.from(at, (time, index) => [time, value[index] as number]));
  }
  for (const [at, value] of stored) assert.equal(at, timeOf(value as number));
  return stored.map(([, value]) => value as number).sort((one, other) => one - other);
}

/** Those from `from` on are there, and none but those of the stream, in which a channel's values rise by two. */
function checkSummaries(
  database: DatabaseSync,
  { channel, count, from }: { channel: number; count: number; from: number },
): void {
  for (const [table, spanMs] of [["reading_rollup_1m", minuteMs], ["reading_rollup_1h", hourMs]] as const) {
    const rows = database.prepare(`SELECT at, count, low, high, sum, first, last FROM ${table}
      WHERE channel_id = (SELECT id FROM channel WHERE name = ?) ORDER BY at`).all(`channel ${channel}`);
    const oldest = Number(rows[0]?.["at"] ?? start);
    assert.ok(oldest <= Math.max(start, from), `the oldest summary is of ${new Date(oldest).toISOString()}`);
    const expected: number[][] = [];
    for (let at = oldest; at < timeOf(count); at += spanMs) {
      const [first, end] = [at, at + spanMs].map((time) => Math.ceil((time - start) / distanceMs)) as [
        number,
        number,
      ];
      const low = first + (first + channel) % 2;
      const own = Math.max(0, Math.ceil((Math.min(end, count) - low) / 2));
      if (own === 0) continue;
      const high = low + 2 * (own - 1);
      expected.push([at, own, low, high, own * (low + high) / 2, low, high]);
    }
    assert.deepEqual(rows.map((row) => Object.values(row)), expected);
  }
}

export function batchCount({ count }: StoredStream): number {
  return count / batchReadings;
}
