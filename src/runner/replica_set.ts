/**
 * The workers of a service: one, or several that handle its items at the same time, each on this machine or on a host.
 * All of them take from the same queue. The items of a worker that is lost go back to the queue, and the others take
 * them.
 */
import { t } from "../language.ts";
import type { ServiceConfig } from "../service.ts";
import type { Feed } from "./feed.ts";
import { handOut } from "./hand_out.ts";
import type { ItemInFlight } from "./posted_items.ts";
import {
  Runner,
  type RunnerOptions,
  type RunnerState,
  type RunnerStats,
  type StopOptions,
} from "./runner.ts";

export type ReplicaSetOptions = Omit<RunnerOptions, "wakeAll">;

/** The phase of a set is the first of these that one of its workers has. */
const phases = ["running", "starting", "stopping", "backing_off", "switched_off", "stopped"] as const;

export class ReplicaSet {
  readonly #options: ReplicaSetOptions;
  readonly #feed: Feed;
  #service: ServiceConfig;
  #runners: Runner[];
  #isPaused = false;
  /** Whether the last call was `start` or `restart`, rather than `stop`. */
  #isWanted = false;
  /** Until the workers of an earlier config are gone. */
  #leaving: Promise<unknown> = Promise.resolve();

  constructor(options: ReplicaSetOptions) {
    this.#options = options;
    this.#feed = options.feed;
    this.#service = options.service;
    this.#runners = this.#makeRunners();
  }

  /** That of the worker that does best. */
  get state(): RunnerState {
    const states = this.#runners.map(({ state }) => state);
    for (const phase of phases) {
      const found = states.filter((state) => state.phase === phase);
      if (found.length > 0) return found.reduce((first, state) => isSooner(state, first) ? state : first);
    }
    return { phase: "stopped" };
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** The sums over all workers. `startedAt` and `lastPongAt`: the earliest. */
  get stats(): RunnerStats {
    const all = this.#runners.map(({ stats }) => stats);
    const sum = (of: (stats: RunnerStats) => number) => all.reduce((sum, stats) => sum + of(stats), 0);
    return {
      restarts: sum(({ restarts }) => restarts),
      startedAt: earliest(all.map(({ startedAt }) => startedAt)),
      lastPongAt: earliest(all.map(({ lastPongAt }) => lastPongAt)),
      heapBytes: all.every(({ heapBytes }) => heapBytes === null)
        ? null
        : sum(({ heapBytes }) => heapBytes ?? 0),
      completedCount: sum(({ completedCount }) => completedCount),
      failedCount: sum(({ failedCount }) => failedCount),
    };
  }

  /** Whether the way to a host that runs the service is interrupted at the moment. */
  get isInterrupted(): boolean {
    return this.#runners.some(({ isInterrupted }) => isInterrupted);
  }

  /** What keeps some of the workers from their work, while others do it. A complete sentence each. */
  get lacks(): string[] {
    const { replicas } = this.#service;
    const all = this.#runners.length;
    if (all < 2 || this.state.phase !== "running") return [];
    return this.#runners.flatMap(({ state }, index) => {
      if (!("failure" in state)) return [];
      const why = state.failure.sentence.replace(/\.$/, "");
      const host = replicas[index] ?? null;
      return host === null
        ? t`Worker ${index + 1} of ${all} does not run: ${why}.`
        : t`The worker on ${host} does not run: ${why}.`;
    });
  }

  /** The items that the workers have. */
  get inFlight(): ItemInFlight[] {
    return this.#runners.flatMap(({ inFlight }) => inFlight);
  }

  /** As `Runner.start`, for all workers. */
  async start(): Promise<void> {
    this.#isWanted = true;
    await Promise.all(this.#runners.map((runner) => runner.start()));
  }

  /** As `Runner.stop`, for all workers at once. */
  async stop(options?: StopOptions): Promise<void> {
    this.#isWanted = false;
    await Promise.all([this.#leaving, ...this.#runners.map((runner) => runner.stop(options))]);
  }

  pause(): void {
    this.#isPaused = true;
    for (const runner of this.#runners) runner.pause();
  }

  /** Wakes all workers together. Otherwise the first would take all items. */
  resume(): void {
    for (const runner of this.#runners) runner.resume();
    this.#isPaused = false;
    this.#options.onChange?.();
    this.wake();
  }

  /** As `Runner.restart`, for all workers at once. A changed service may have other workers. */
  async restart(options: Partial<StopOptions> & { service?: ServiceConfig } = {}): Promise<void> {
    const { service = this.#service, graceMs } = options;
    const { replicas } = this.#service;
    this.#isWanted = true;
    this.#service = service;
    if (JSON.stringify(service.replicas) === JSON.stringify(replicas)) {
      await Promise.all(
        this.#runners.map((runner, index) =>
          runner.restart({ ...options, service: replicaOf(service, index) })
        ),
      );
      return;
    }
    const former = this.#runners;
    this.#runners = this.#makeRunners();
    const stop = graceMs === undefined ? undefined : { graceMs };
    this.#leaving = Promise.all([this.#leaving, ...former.map((runner) => runner.stop(stop))]);
    await this.#leaving;
    if (this.#isWanted) await this.start();
  }

  /** Tells a worker that a key of one of its panes was pressed. Returns whether there is a worker. */
  press(press: { pane: string; key: string }): boolean {
    return this.#runners.some((runner) => runner.press(press));
  }

  /** Whether there is a worker that takes items now. */
  get isTaking(): boolean {
    return this.#runners.some(({ isTaking }) => isTaking);
  }

  /** As `Runner.wake`. */
  readonly wake = (): void => {
    if (!this.#isPaused) handOut(this.#feed, this.#runners);
  };

  #makeRunners(): Runner[] {
    return this.#service.replicas.map((_, index) => {
      const runner = new Runner({
        ...this.#options,
        service: replicaOf(this.#service, index),
        wakeAll: this.wake,
      });
      if (this.#isPaused) runner.pause();
      return runner;
    });
  }
}

/** The service as one of its workers has it. */
function replicaOf(service: ServiceConfig, index: number): ServiceConfig {
  return { ...service, runsOn: service.replicas[index] ?? null };
}

function isSooner(state: RunnerState, than: RunnerState): boolean {
  return state.phase === "backing_off" && than.phase === "backing_off" && state.nextAt < than.nextAt;
}

function earliest(times: readonly (number | null)[]): number | null {
  return times.reduce(
    (first, time) => time === null || (first !== null && first <= time) ? first : time,
    null,
  );
}
