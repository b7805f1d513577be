/** `item_step` rows. */
import type { Step, StepProgress, StepStatus } from "../step.ts";
import {
  boundedText,
  jsonIn,
  momentIn,
  numberIn,
  optionalMomentIn,
  optionalTextIn,
  textIn,
} from "./columns.ts";
import type { Query } from "./query.ts";

interface StepRow {
  name: string;
  seq: number;
  status: StepStatus;
  attempts: number;
  failures: number;
  error: string | null;
  started_at: number;
  finished_at: number | null;
  not_before: number | null;
  progress: string | null;
}

const statuses: readonly unknown[] = ["running", "waiting", "completed", "failed"];

/** A completed step whose result cannot be read has to run again. */
const readableStatus = `CASE WHEN status = 'completed' AND result IS NOT NULL AND NOT json_valid(result)
  THEN 'waiting' ELSE status END`;

/** The steps of an item, in the order in which they began. */
export function stepsOf(query: Query, itemId: number): Step[] {
  const rows = query.all<StepRow>(
    `SELECT name, seq, ${readableStatus} AS status, attempts, failures, ${boundedText("error")} AS error,
        started_at, finished_at, not_before, ${boundedText("progress")} AS progress
      FROM item_step WHERE item_id = ? ORDER BY seq`,
    itemId,
  );
  return rows.map((row) => ({
    name: textIn(row.name),
    seq: Math.max(1, numberIn(row.seq)),
    status: statuses.includes(row.status) ? row.status : "waiting",
    attempts: numberIn(row.attempts),
    failures: numberIn(row.failures),
    startedAt: momentIn(row.started_at),
    finishedAt: optionalMomentIn(row.finished_at),
    notBefore: optionalMomentIn(row.not_before),
    error: optionalTextIn(row.error),
    progress: progressIn(row.progress),
  }));
}

/** Null if it cannot be read. */
function progressIn(text: string | null): StepProgress | null {
  const progress = jsonIn(text) as Partial<StepProgress> | null | undefined;
  if (typeof progress?.fraction !== "number" || typeof progress.text !== "string") return null;
  return { fraction: progress.fraction, text: progress.text };
}

/** The result of a completed step; undefined if it has none. */
export function stepResult(query: Query, itemId: number, name: string): unknown {
  const row = query.first<{ result: string | null }>(
    `SELECT ${boundedText("result")} AS result FROM item_step WHERE item_id = ? AND name = ?`,
    itemId,
    name,
  );
  return jsonIn(row?.result);
}
