/** One service in this run: its settings, its queue, its runner if this process runs it, and its counts. */
import { pageOf } from "../config/own_services.ts";
import type { QueuedItem } from "../item.ts";
import { hostsOf, type ServiceConfig } from "../service.ts";
import type { Subscriber } from "../lives/dispatcher.ts";
import { type QueueOptions, ServiceQueue } from "../queue/service_queue.ts";
import type { ReplicaSet } from "../runner/replica_set.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log/log.ts";
import type { ServiceView, TroubleView } from "../control.ts";
import { t } from "../language.ts";
import type { Pane } from "../pane.ts";
import type { ServicePhase } from "../service_state.ts";
import { ServiceMetrics } from "./metrics.ts";
import { OverflowLog } from "./overflow_log.ts";
import { ServiceTroubles } from "./service_troubles.ts";
import type { QueueFeed } from "./queue_feed.ts";

/** A worker is pinged every second. */
const lateHeartbeatMs = 3_500;

export class ServiceUnit implements Subscriber {
  readonly serviceId: number;
  config: ServiceConfig;
  readonly queue: ServiceQueue;
  /** Both are null if this process does not run the service. */
  runner: ReplicaSet | null = null;
  feed: QueueFeed | null = null;
  readonly #panes = new Map<string, Pane>();
  /** Set while the rows of an emptied queue are being discarded. */
  emptying: Promise<void> | null = null;
  readonly metrics: ServiceMetrics;
  /** Logs the items for which its queue had no room. */
  readonly #overflow: OverflowLog;
  readonly troubles: ServiceTroubles;
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
    this.troubles = new ServiceTroubles(clock);
    this.#overflow = new OverflowLog(clock, log.named(config.slug, pageOf(config.serviceClass)));
    this.config = config;
    this.queue = new ServiceQueue(config, options);
  }

  get slug(): string {
    return this.config.slug;
  }

  get subscriptions(): ServiceConfig["subscriptions"] {
    return this.config.subscriptions;
  }

  /**
   * Applies new settings. Queue and subscriptions change at once. The worker is restarted, with `graceMs` for running
   * items, if one of its settings changed or the service was switched off.
   */
  async configure(config: ServiceConfig, graceMs: number): Promise<void> {
    const needsRestart = this.runner?.state.phase === "switched_off" ||
      workerSettings.some((key) => JSON.stringify(config[key]) !== JSON.stringify(this.config[key]));
    this.config = config;
    this.queue.rules = config;
    if (needsRestart) {
      this.troubles.refuseCode(null);
      await this.runner?.restart({ graceMs, service: config });
    } else this.runner?.wake();
  }

  /**
   * Whether its runner works: neither paused, nor switched off, nor missing. A runner that is restarting counts as
   * working.
   */
  get isWorking(): boolean {
    const { phase } = this;
    return phase !== "paused" && phase !== "switched off" && phase !== "not processed";
  }

  /** Whether it has nothing left to do in this process: it has started, and has no items and no readings to look at. */
  get isIdle(): boolean {
    if (this.queue.processingCount > 0) return false;
    if (!this.isWorking) return true;
    return this.queue.pendingCount === 0 && this.phase !== "starting" && !this.isJudging;
  }

  /** Whether it looks at readings. */
  get isJudging(): boolean {
    return this.feed?.reading.isBehind ?? false;
  }

  /** How many more items its queue takes. */
  get room(): number {
    return Math.max(0, this.queue.rules.maxQueueSize - this.queue.pendingCount);
  }

  /** The items that would be taken next, in order, as far as they are in memory. */
  pendingItems(): QueuedItem[] {
    return this.queue.pendingItems(this.#clock.now());
  }

  /** Replaces the pane of the same title. A pane without lines is removed. */
  show(pane: Pane): void {
    if (pane.lines.length === 0) this.#panes.delete(pane.title);
    else this.#panes.set(pane.title, pane);
  }

  /** Called once per second. */
  tick(): void {
    this.metrics.tick(this.queue.pendingCount);
    this.troubles.tick(this.room > 0);
  }

  /** Counts an item that was discarded because the queue was full, whether new or evicted. */
  countDiscarded(item: QueuedItem): void {
    this.counts.discarded++;
    this.troubles.countDiscarded();
    this.feed?.folders.remove(item.id);
    this.#overflow.count(item, this.queue.rules.maxQueueSize);
  }

  /** Starts its worker, if this process runs it. */
  start(): void {
    this.feed?.folders.sweep();
    this.runner?.start();
  }

  /** Restarts its worker with the code that is in its file now. */
  async restart(): Promise<void> {
    this.troubles.refuseCode(null);
    await this.runner?.restart();
  }

  /** Stops its worker, which has `graceMs` for running items, and logs counts that are not logged yet. */
  async stop(graceMs: number): Promise<void> {
    await this.runner?.stop({ graceMs });
    this.feed?.stop();
    this.#overflow.stop(this.queue.rules.maxQueueSize);
  }

  /** An item with this status was put back, so only its new outcome will count. */
  uncount(status: "failed" | "discarded"): void {
    this.counts[status] = Math.max(0, this.counts[status] - 1);
  }

  get phase(): ServicePhase {
    if (this.runner === null) return "not processed";
    const phase = phaseOf(this.runner);
    // Of a host that cannot be heard, its worker's silence says nothing.
    if (this.runner.isInterrupted) return phase;
    return phase === "running" && (this.#heartbeatMs ?? 0) > lateHeartbeatMs ? "stuck" : phase;
  }

  /** What the screen and the plain log show of the service. */
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
      runsOn: hostsOf(config),
      troubles: [...this.#interruptions(), ...this.troubles.views(this.room > 0)],
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

  /** The first of its troubles apart from its phase, as a sentence; null if there is none. */
  get trouble(): string | null {
    const [trouble] = [...this.#interruptions(), ...this.troubles.views(this.room > 0)];
    return trouble?.text ?? null;
  }

  /** The troubles of a running service whose host cannot be heard at the moment, or of which a worker is missing. */
  #interruptions(): TroubleView[] {
    const { runner } = this;
    if (runner === null) return [];
    const forMs = this.#heartbeatMs ?? 0;
    const lacks = runner.lacks.map((text) => ({ text, forMs }));
    if (runner.state.phase !== "running" || !runner.isInterrupted) return lacks;
    const hosts = hostsOf(this.config);
    const text = t`The link to ${hosts} is interrupted: its items go on there, and their results wait.`;
    return [{ text, forMs }, ...lacks];
  }

  get #heartbeatMs(): number | null {
    const at = this.runner?.stats.lastPongAt ?? null;
    return at === null ? null : this.#clock.monotonic() - at;
  }
}

/** Settings that a running worker cannot change. */
const workerSettings = [
  "serviceClass",
  "replicas",
  "configFolder",
  "dataFolder",
  "roomsFolder",
  "emits",
  "timeoutMs",
  "wholeTimeoutMs",
  "isolation",
  "maxMemoryMb",
  "permissions",
  "options",
] as const satisfies (keyof ServiceConfig)[];

function phaseOf(runner: ReplicaSet): ServicePhase {
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
