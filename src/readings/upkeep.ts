/** Copies and checks the readings' database, even while a process writes to it. */
import type { DatabaseSync } from "node:sqlite";
import { unpackChunk } from "./chunk.ts";
import { openForReading } from "./schema.ts";

export interface ReadingsReport {
  /** Unpacked and packed readings. */
  readings: number;
  channels: number;
  /** A sentence for each problem. */
  faults: string[];
}

/** More are not reported. */
const maxFaults = 20;

/** Copies the database to a file that does not exist, and checks the copy. Throws a `WrongFileError`, or SQLite's error. */
export function copyReadings(file: string, target: string): ReadingsReport {
  const source = openForReading(file);
  try {
    source.prepare("VACUUM INTO ?").run(target);
  } finally {
    source.close();
  }
  return checkReadingsFile(target);
}

/** Looks for damage. Throws like `copyReadings`. */
export function checkReadingsFile(file: string): ReadingsReport {
  const database = openForReading(file);
  try {
    const pages = database.prepare(`PRAGMA integrity_check(${maxFaults})`).all();
    const broken = pages.map((row) => String(row.integrity_check)).filter((text) => text !== "ok");
    const chunks = lookAtChunks(database);
    const count = (table: string) =>
      Number(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count);
    return {
      readings: count("reading") + chunks.readings,
      channels: count("channel"),
      faults: [...broken, ...chunks.faults].slice(0, maxFaults),
    };
  } finally {
    database.close();
  }
}

function lookAtChunks(database: DatabaseSync): Pick<ReadingsReport, "readings" | "faults"> {
  const faults: string[] = [];
  let readings = 0;
  const rows = database.prepare("SELECT id, from_at, to_at, count, data FROM reading_chunk").iterate();
  for (const { id, from_at, to_at, count, data } of rows) {
    readings += Number(count);
    if (!isWhole(data, { count, from: from_at, to: to_at })) {
      faults.push(`reading_chunk, row ${id}: its ${count} readings cannot be unpacked.`);
    }
  }
  return { readings, faults };
}

function isWhole(
  data: unknown,
  { count, from, to }: { count: unknown; from: unknown; to: unknown },
): boolean {
  try {
    const { at } = unpackChunk(data as Uint8Array);
    return at.length === count && at[0] === from && at.at(-1) === to;
  } catch {
    return false;
  }
}
