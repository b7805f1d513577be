/** A durable step: a part of a service's work for one item, whose result is kept when the work is run again. */
import { msg } from "./language.ts";

/**
 * - running: its function runs in the worker.
 * - waiting: it runs again at `notBefore`, or with the item's next hand-out; a sleep waits for its end.
 * - failed: it has failed for good.
 */
export type StepStatus = "running" | "waiting" | "completed" | "failed";

/** For people. */
export const stepStatusWords: Readonly<Record<StepStatus, string>> = {
  running: msg("running"),
  waiting: msg("waiting"),
  completed: msg("completed"),
  failed: msg("failed"),
};

/** A row of `item_step`, without its result. Times are Unix milliseconds. */
export interface Step {
  /** Unique in its item. */
  name: string;
  /** Its place in the order in which the item's steps began, from 1. */
  seq: number;
  status: StepStatus;
  /** Tries begun. */
  attempts: number;
  /** Tries that failed. A try that a crash or a stop cut is none. */
  failures: number;
  /** Of its last try. */
  startedAt: number;
  finishedAt: number | null;
  notBefore: number | null;
  /** The error of the last failed try, with the stack below. */
  error: string | null;
  /** Null unless it is running. */
  progress: StepProgress | null;
}

/** How far a running step is, as its service says. */
export interface StepProgress {
  /** 0 to 1. */
  fraction: number;
  text: string;
}

/** How long its last try took, or runs so far; for a sleep, the whole wait. Null while it waits. */
export function stepDurationMs({ status, startedAt, finishedAt }: Step, now: number): number | null {
  if (status === "waiting") return null;
  return Math.max(0, (finishedAt ?? now) - startedAt);
}

export interface StepRules {
  /** Further tries after the first one. */
  retries: number;
  /** The wait before the second try. It doubles with each failure, up to an hour. */
  backoffMs: number;
  /** How long one try may take; null: the service's `timeout_ms`. */
  timeoutMs: number | null;
}

/** What a worker asks of the main thread about the steps of an item that it handles. */
export type StepRequest =
  /** The step's turn has come, or its wait is over. `sleepMs` is set for a sleep, which has no function. */
  | { kind: "begin_step"; itemId: number; name: string; rules: StepRules; sleepMs: number | null }
  /** A try returned. `result` undefined: it returned nothing. */
  | { kind: "complete_step"; itemId: number; name: string; result?: unknown }
  /** A try threw. `isFinal`: another try would not help. `leastWaitMs`: no earlier try would. */
  | { kind: "fail_step"; itemId: number; name: string; error: string; isFinal: boolean; leastWaitMs?: number }
  | ProgressRequest;

export type ProgressRequest = { kind: "show_step"; itemId: number; name: string } & StepProgress;

/** What it says is committed. Progress that was shown is answered as completed. */
export type StepAnswer =
  /** Run the function. `key` is the same for all tries of this step, and differs from that of every other step. */
  | { kind: "run"; attempt: number; key: string; timeoutMs: number }
  /** Ask again after this time. */
  | { kind: "wait"; waitMs: number }
  | { kind: "completed"; result?: unknown }
  | { kind: "failed"; error: string };

export const maxSteps = 1_000;
/** Of a result, as JSON in UTF-8. */
export const maxResultBytes = 64 * 1024;
/** A longer wait gives the item's place back. */
export const longestWaitInPlaceMs = 60_000;
