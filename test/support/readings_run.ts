/** A stream of readings that can be sent again, and a check that each one is stored exactly once. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { ReadingBatch } from "../../src/source.ts";
import { dayMs } from "../../src/reading_query.ts";
import { unpackChunk } from "../../src/readings/chunk.ts";

/** Everything but the newest day is packed. */
export const days = { rawDays: 1, packedDays: 1000, rollupDays: 1000 };

const batchReadings = 500;
const batchesPerDay = 8;
const start = Date.UTC(2026, 0, 1);
const distanceMs = dayMs / batchReadings / batchesPerDay;

/** Each reading of the stream has a value of its own, on one of two channels. */
export function batchAt(number: number): ReadingBatch {
  const readings = Array.from({ length: batchReadings }, (_, index) => {
    const value = number * batchReadings + index;
    return { channel: `channel ${value % 2}`, at: start + value * distanceMs, value };
  });
  return { readings, receivedAt: start + 400 * dayMs };
}

export interface StoredStream {
  /** How many readings of the stream are stored, from the first one on. */
  count: number;
  chunks: number;
}

/** Fails unless the file has the stream's readings up to some batch, each once, with summaries that fit. */
export function checkStream(file: string): StoredStream {
  const database = new DatabaseSync(file);
  try {
    assert.equal(database.prepare("PRAGMA integrity_check").get()?.integrity_check, "ok");
    const readings = database.prepare("SELECT at, value FROM reading").all() as {
      at: number;
      value: number;
    }[];
    const chunks = database.prepare("SELECT count, data FROM reading_chunk").all() as {
      count: number;
      data: Uint8Array;
    }[];
    for (const { count, data } of chunks) {
      const { at, value } = unpackChunk(data);
      assert.equal(at.length, count);
      at.forEach((time, index) => readings.push({ at: time, value: value[index] as number }));
    }
    readings.sort((one, other) => one.value - other.value);
    readings.forEach(({ at, value }, index) =>
      assert.deepEqual([at, value], [start + index * distanceMs, index])
    );
    assert.equal(readings.length % batchReadings, 0);
    for (const table of ["reading_rollup_1m", "reading_rollup_1h"]) {
      const { count, sum } = database.prepare(`SELECT sum(count) AS count, sum(sum) AS sum FROM ${table}`)
        .get()!;
      assert.equal(count, readings.length);
      assert.equal(sum, readings.length * (readings.length - 1) / 2);
    }
    return { count: readings.length, chunks: chunks.length };
  } finally {
    database.close();
  }
}

export function batchCount({ count }: StoredStream): number {
  return count / batchReadings;
}
