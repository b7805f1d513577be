/** One service in this run: its settings, its queue, its runner if this process works on it, and its counts. */
import { pageOf } from "../config/own_services.ts";
import type { QueuedItem } from "../item.ts";
import type { ServiceConfig } from "../service.ts";
import type { Subscriber } from "../lives/dispatcher.ts";
import { type QueueOptions, ServiceQueue } from "../queue/service_queue.ts";
import type { Runner } from "../runner/runner.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log/log.ts";
import type { ServiceView } from "../control.ts";
import type { Pane } from "../pane.ts";
import type { ServicePhase } from "../service_state.ts";
import { ServiceMetrics } from "./metrics.ts";
import { OverflowLog } from "./overflow_log.ts";
import type { QueueFeed } from "./queue_feed.ts";

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
  /** Set while what was emptied is still being discarded. */
  emptying: Promise<void> | null = null;
  readonly metrics: ServiceMetrics;
  /** Of what its queue had no room for. */
  readonly #overflow: OverflowLog;
  readonly counts = { completed: 0, failed: 0, discarded: 0 };
  readonly #clock: Clock;

  constructor(
    serviceId: number,
    config: ServiceConfig,
    { clock, log, ...options }: QueueOptions & { clock: Clock; log: Log },
  ) {
    this.serviceId = serviceId;
    this.#clock = clock;
    this.metrics = new ServiceMetrics(clock);
    this.#overflow = new OverflowLog(clock, log.named(config.slug, pageOf(config.serviceClass)));
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
      workerSettings.some((key) => JSON.stringify(config[key]) !== JSON.stringify(this.config[key]));
    this.config = config;
    this.queue.rules = config;
    if (needsRestart) await this.runner?.restart({ graceMs, service: config });
    else this.runner?.wake();
  }

  /** Whether its runner is at work: neither paused nor switched off nor missing. One that is restarted goes on. */
  get isWorking(): boolean {
    const { phase } = this;
    return phase !== "paused" && phase !== "switched off" && phase !== "not processed";
  }

  /** Nothing of its queue is left that this process would still do. */
  get isIdle(): boolean {
    return this.queue.processingCount === 0 && (this.queue.pendingCount === 0 || !this.isWorking);
  }

  /** Those that would be taken next, in their order, as far as they are in memory. */
  pendingItems(): QueuedItem[] {
    return this.queue.pendingItems(this.#clock.now());
  }

  /** Takes a pane in place of the one with its title; one without lines goes. */
  show(pane: Pane): void {
    if (pane.lines.length === 0) this.#panes.delete(pane.title);
    else this.#panes.set(pane.title, pane);
  }

  /** A second has passed. */
  tick(): void {
    this.metrics.tick(this.queue.pendingCount);
  }

  /** Its queue had no room for an item, or for one that had waited. */
  countDiscarded(item: QueuedItem): void {
    this.counts.discarded++;
    this.#overflow.count(item, this.queue.rules.maxQueueSize);
  }

  /** Its worker has what `graceMs` gives it; what is not told yet is told. */
  async stop(graceMs: number): Promise<void> {
    await this.runner?.stop({ graceMs });
    this.feed?.stop();
    this.#overflow.stop(this.queue.rules.maxQueueSize);
  }

  /** An item that had ended so is put back: it counts for what becomes of it now. */
  uncount(status: "failed" | "discarded"): void {
    this.counts[status] = Math.max(0, this.counts[status] - 1);
  }

  get phase(): ServicePhase {
    if (this.runner === null) return "not processed";
    const phase = phaseOf(this.runner);
    return phase === "running" && (this.#heartbeatMs ?? 0) > lateHeartbeatMs ? "stuck" : phase;
  }

  /** What a face shows of it. */
  view(): ServiceView {
    const { config, queue, metrics, runner, counts } = this;
    const now = this.#clock.monotonic();
    const stats = runner?.stats;
    const startedAt = stats?.startedAt ?? null;
    return {
      slug: config.slug,
      name: config.name,
      phase: this.phase,
      failure: runner !== null && "failure" in runner.state ? runner.state.failure : null,
      inMs: runner?.state.phase === "backing_off" ? Math.max(0, runner.state.nextAt - now) : null,
      pending: queue.pendingCount,
      maxQueueSize: queue.rules.maxQueueSize,
      inFlight: queue.processingCount,
      ...counts,
      rate: metrics.rate,
      wait: metrics.wait.percentiles(),
      run: metrics.run.percentiles(),
      depths: metrics.depths.values(),
      restarts: stats?.restarts ?? 0,
      upMs: startedAt === null ? null : now - startedAt,
      heartbeatMs: this.#heartbeatMs,
      memoryBytes: stats?.heapBytes ?? null,
      busy: metrics.busy,
      panes: [...this.#panes.values()],
      page: pageOf(config.serviceClass),
    };
  }

  get #heartbeatMs(): number | null {
    const at = this.runner?.stats.lastPongAt ?? null;
    return at === null ? null : this.#clock.monotonic() - at;
  }
}

/** What a running worker cannot be told of. */
const workerSettings = [
  "serviceClass",
  "configFolder",
  "dataFolder",
  "emits",
  "timeoutMs",
  "isolation",
  "maxMemoryMb",
  "permissions",
  "options",
] as const satisfies (keyof ServiceConfig)[];

function phaseOf(runner: Runner): ServicePhase {
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
