/** One service in this run: its settings, its queue, its runner if this process works on it, and its counts. */
import type { ServiceConfig } from "../config/config.ts";
import type { Subscriber } from "../live/dispatcher.ts";
import { type QueueOptions, ServiceQueue } from "../queue/service_queue.ts";
import type { Runner } from "../runner/runner.ts";
import type { ServiceView } from "../control.ts";
import type { Pane } from "../pane.ts";
import { ServiceMetrics } from "./metrics.ts";
import type { QueueFeed } from "./queue_feed.ts";

/** How a service stands, as plain data for the log and the screen. Counts are of this run. */
export interface ServiceSnapshot {
  slug: string;
  name: string;
  /** "not processed" where this process leaves the service's items pending. */
  state:
    | "starting"
    | "running"
    | "paused"
    | "backing off"
    | "switched off"
    | "stopping"
    | "stopped"
    | "not processed";
  pending: number;
  maxQueueSize: number;
  processing: number;
  completed: number;
  failed: number;
  discarded: number;
  restarts: number;
}

/** A worker is asked for a sign of life every second. */
const lateHeartbeatMs = 3_500;

export class ServiceUnit implements Subscriber {
  readonly serviceId: number;
  config: ServiceConfig;
  readonly queue: ServiceQueue;
  /** Both null where this process does not work on the service. */
  runner: Runner | null = null;
  feed: QueueFeed | null = null;
  readonly #panes = new Map<string, Pane>();
  readonly metrics = new ServiceMetrics();
  /** Set while what was emptied is still being discarded. */
  emptying: Promise<void> | null = null;
  readonly counts = { completed: 0, failed: 0, discarded: 0 };

  constructor(serviceId: number, config: ServiceConfig, options: QueueOptions) {
    this.serviceId = serviceId;
    this.config = config;
    this.queue = new ServiceQueue(config, options);
  }

  get subscriptions(): ServiceConfig["subscriptions"] {
    return this.config.subscriptions;
  }

  /**
   * Takes new settings. Queue and subscriptions change at once; its worker is restarted, with `graceMs` for what
   * runs, where something of its own changed or it was switched off.
   */
  async configure(config: ServiceConfig, graceMs: number): Promise<void> {
    const needsRestart = this.runner?.state.phase === "switched_off" ||
      JSON.stringify(workerSettings(config)) !== JSON.stringify(workerSettings(this.config));
    this.config = config;
    this.queue.rules = config;
    if (needsRestart) await this.runner?.restart({ graceMs, service: config });
  }

  /** Whether its runner is at work: neither paused nor switched off nor missing. One that is restarted goes on. */
  get isWorking(): boolean {
    const state = this.snapshot().state;
    return state !== "paused" && state !== "switched off" && state !== "not processed";
  }

  /** Nothing of its queue is left that this process would still do. */
  get isIdle(): boolean {
    return this.queue.processingCount === 0 && (this.queue.pendingCount === 0 || !this.isWorking);
  }

  /** What it shows of itself. */
  get panes(): Pane[] {
    return [...this.#panes.values()];
  }

  /** Takes a pane in place of the one with its title; one without lines goes. */
  show(pane: Pane): void {
    if (pane.lines.length === 0) this.#panes.delete(pane.title);
    else this.#panes.set(pane.title, pane);
  }

  /** A second has passed. */
  tick(now: number): void {
    this.metrics.tick(now, this.queue.pendingCount);
  }

  /** What a screen shows of it. */
  view(now: number): ServiceView {
    const { state, processing, ...counts } = this.snapshot();
    const { metrics, runner } = this;
    const lastHeartbeatAt = runner?.stats.lastPongAt ?? null;
    const isLate = lastHeartbeatAt !== null && now - lastHeartbeatAt > lateHeartbeatMs;
    return {
      ...counts,
      phase: state === "running" && isLate ? "stuck" : state,
      why: runner !== null && "why" in runner.state ? runner.state.why : "",
      nextAt: runner?.state.phase === "backing_off" ? runner.state.nextAt : null,
      inFlight: processing,
      rate: metrics.rate,
      wait: metrics.wait.percentiles(),
      run: metrics.run.percentiles(),
      depths: metrics.depths.values(),
      startedAt: runner?.stats.startedAt ?? null,
      lastHeartbeatAt,
      memoryBytes: runner?.stats.heapBytes ?? null,
      busy: metrics.busy,
    };
  }

  snapshot(): ServiceSnapshot {
    return {
      slug: this.config.slug,
      name: this.config.name,
      state: this.runner === null ? "not processed" : stateOf(this.runner),
      pending: this.queue.pendingCount,
      maxQueueSize: this.queue.rules.maxQueueSize,
      processing: this.queue.processingCount,
      restarts: this.runner?.stats.restarts ?? 0,
      ...this.counts,
    };
  }
}

/** What a running worker cannot be told of. */
function workerSettings(
  { serviceClass, configFolder, timeoutMs, isolation, maxMemoryMb, permissions, options }: ServiceConfig,
) {
  return { serviceClass, configFolder, timeoutMs, isolation, maxMemoryMb, permissions, options };
}

function stateOf(runner: Runner): ServiceSnapshot["state"] {
  const { state, isPaused } = runner;
  switch (state.phase) {
    case "switched_off":
      return "switched off";
    case "stopping":
    case "stopped":
      return state.phase;
    case "backing_off":
      return isPaused ? "paused" : "backing off";
    case "starting":
    case "running":
      return isPaused ? "paused" : state.phase;
  }
}
