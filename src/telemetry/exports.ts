/**
 * The exports of metrics. Deno exits only after its last exports, and an export asks each thread for its metrics. If one
 * begins while the main thread exits, both wait for each other for ever, so the exit begins between two exports.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { metrics } from "@opentelemetry/api";
import { systemClock } from "../clock.ts";

/** By the monotonic clock. Deno counts the first interval from the start of the process. */
let exportedAt = systemClock.monotonic();
let onExport = () => {};

/** How long an exit usually takes. */
const exitMs = 1_500;
/** Exports come late if the process is busy. */
const latenessMs = 1_000;
/** Of Deno. */
const defaultIntervalMs = 60_000;

export function watchExports(): void {
  metrics.getMeter("livecue").addBatchObservableCallback(() => {
    exportedAt = systemClock.monotonic();
    onExport();
  }, []);
}

/** If an export is due soon, waits until it has asked this thread. Does nothing if exports are too frequent. */
export async function nextPause(interval: string | undefined): Promise<void> {
  const intervalMs = Number(interval) || defaultIntervalMs;
  const leftMs = exportedAt + intervalMs - systemClock.monotonic();
  if (leftMs > exitMs || intervalMs < 2 * exitMs) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  onExport = resolve;
  systemClock.after(Math.max(0, leftMs) + latenessMs, resolve);
  await promise;
  // This thread answers in the same turn.
  await nextTurn();
}
