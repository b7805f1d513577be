/**
 * Whether Deno exports telemetry (`OTEL_DENO=true`), and what Livecue adds to it then. Without it, no module of
 * OpenTelemetry is loaded.
 */
import type { RunObserver } from "../run_observer.ts";
import type { ContinueTrace } from "./traces.ts";

/** Where Deno registers itself for the library of OpenTelemetry, before it runs any module. */
const registered = Symbol.for("opentelemetry.js.api.1");

function api(): { trace?: object; metrics?: object } {
  return (globalThis as { [registered]?: object })[registered] ?? {};
}

export function hasTelemetry(): boolean {
  return api().trace !== undefined || api().metrics !== undefined;
}

/** Null if there is no telemetry. */
export async function observeRun(): Promise<RunObserver | null> {
  return (await observeRooms())?.(null) ?? null;
}

/**
 * The observer of each room of a process, by its streamer. Null if there is no telemetry. Each metric of a room has its
 * streamer, except the histograms.
 */
export async function observeRooms(): Promise<((streamer: string | null) => RunObserver) | null> {
  if (!hasTelemetry()) return null;
  const { RunTelemetry } = await import("./run_telemetry.ts");
  const { RunMetrics } = await import("./run_metrics.ts");
  const { RunTraces } = await import("./run_traces.ts");
  const parts = {
    metrics: api().metrics === undefined ? null : new RunMetrics(),
    traces: api().trace === undefined ? null : new RunTraces(),
  };
  return (streamer) => new RunTelemetry(parts, streamer);
}

/** Notes the exports from now on. Returns what to await before an exit; null if there are no metrics. */
export async function openExports(): Promise<((interval: string | undefined) => Promise<void>) | null> {
  if (api().metrics === undefined) return null;
  const { watchExports, nextPause } = await import("./exports.ts");
  watchExports();
  return nextPause;
}

/**
 * Call it once in each thread, before any code of a service and before any request: from then on, Deno's spans tell
 * the host of a request, but neither its path nor its query, which may be secret. Null if there are no traces.
 */
export async function openTraces(): Promise<ContinueTrace | null> {
  if (api().trace === undefined) return null;
  const { hideAddresses, continueTrace } = await import("./traces.ts");
  hideAddresses();
  return continueTrace;
}
