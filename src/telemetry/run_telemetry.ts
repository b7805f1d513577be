/** Metrics and traces of a run. Those of many rooms in one process share their instruments. */
import type { Attributes } from "@opentelemetry/api";
import type { LiveEvent } from "../event.ts";
import type { Outcome, QueuedItem } from "../item.ts";
import type { Commit, ObservedRun, RunObserver } from "../run_observer.ts";
import { labels } from "./labels.ts";
import { RunMetrics } from "./run_metrics.ts";
import { RunTraces } from "./run_traces.ts";

export interface RunTelemetryParts {
  /** null: no metrics. */
  metrics: RunMetrics | null;
  /** null: no traces. */
  traces: RunTraces | null;
}

export class RunTelemetry implements RunObserver {
  readonly #metrics: RunMetrics | null;
  readonly #traces: RunTraces | null;
  readonly #room: Attributes;

  /** `streamer`: of one room of many; null in a run with one. */
  constructor({ metrics, traces }: RunTelemetryParts, streamer: string | null) {
    this.#metrics = metrics;
    this.#traces = traces;
    this.#room = streamer === null ? {} : { [labels.streamer]: streamer };
  }

  arrived(event: LiveEvent): void {
    this.#traces?.arrived(event, this.#room);
  }

  committed(commit: Commit): void {
    this.#metrics?.committed(commit, this.#room);
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

  watch(run: ObservedRun): () => void {
    return this.#metrics?.watch(run, this.#room) ?? (() => {});
  }
}
