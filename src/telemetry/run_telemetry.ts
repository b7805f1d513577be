/** Metrics and traces of a run. */
import type { LiveEvent } from "../event.ts";
import type { Outcome, QueuedItem } from "../item.ts";
import type { Commit, ObservedRun, RunObserver } from "../run_observer.ts";
import { RunMetrics } from "./run_metrics.ts";
import { RunTraces } from "./run_traces.ts";

export class RunTelemetry implements RunObserver {
  readonly #metrics: RunMetrics | null;
  readonly #traces: RunTraces | null;

  constructor({ hasMetrics, hasTraces }: { hasMetrics: boolean; hasTraces: boolean }) {
    this.#metrics = hasMetrics ? new RunMetrics() : null;
    this.#traces = hasTraces ? new RunTraces() : null;
  }

  arrived(event: LiveEvent): void {
    this.#traces?.arrived(event);
  }

  committed(commit: Commit): void {
    this.#metrics?.committed(commit);
    this.#traces?.committed(commit);
  }

  handedOut(slug: string, item: QueuedItem, waitMs: number | null): string | undefined {
    if (waitMs !== null) this.#metrics?.waited(slug, waitMs);
    return this.#traces?.handedOut(slug, item, waitMs);
  }

  settled(slug: string, item: QueuedItem, end: { outcome: Outcome["kind"]; runMs: number }): void {
    this.#metrics?.ran(slug, end);
    this.#traces?.settled(item, end.outcome);
  }

  watch(run: ObservedRun): void {
    this.#metrics?.watch(run);
  }
}
