/**
 * The main thread's side of a service: keeps a worker for it, feeds it, and replaces it when it fails.
 *
 *   stopped ──start──▶ starting ──ready──▶ running
 *      ▲                 ▲   │ fails          │ dies, or leaves an item hanging
 *      │           after the │                │
 *      │            wait     └▶ backing_off ◀─┘ ──ten restarts without a success──▶ switched_off
 *      └── stopping ◀── stop, from any of them; restart leads back to starting, also from switched_off
 *
 * A success is a completed item, or a worker that lived for a minute and did not die while it handled an item. So a
 * service that has nothing to do is not switched off for a rare crash, but one that crashes on each item is, however
 * rarely items arrive.
 */
import { backoffMs, type BackoffOptions } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import { type Failure, failureText } from "../failure.ts";
import { t } from "../language.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Log } from "../log/log.ts";
import type { ServiceConfig } from "../service.ts";
import type { Feed, SettledItem, Work } from "./feed.ts";
import { handOut, type Taker } from "./hand_out.ts";
import type { LifeEnd } from "./life_end.ts";
import type { OptionPlaces } from "./option_places.ts";
import type { ItemInFlight } from "./posted_items.ts";
import { openProcess } from "./process_transport.ts";
import { SharedWorkers } from "./shared_transport.ts";
import { openWorker, type Transport, type TransportOptions } from "./transport.ts";
import { WorkerLife } from "./worker_life.ts";

/** `nextAt` is by the monotonic clock. */
export type RunnerState =
  | { phase: "stopped" }
  | { phase: "starting" }
  | { phase: "running" }
  /** `isAway`: the machine that runs the service cannot be reached, or does not run it now. */
  | { phase: "backing_off"; nextAt: number; failure: Failure; isAway?: true }
  /** Until a person or a config change restarts it. */
  | { phase: "switched_off"; failure: Failure }
  | { phase: "stopping" };

export interface RunnerOptions extends OptionPlaces {
  service: ServiceConfig;
  feed: Feed;
  clock: Clock;
  log: Log;
  /** Those of the process. Default: a service with `isolation` "shared" shares its worker with nobody. */
  sharedWorkers?: SharedWorkers | undefined;
  /** Opens a worker on the machine that `runsOn` names. */
  openRemote?: ((options: TransportOptions) => Transport) | undefined;
  /** Wakes all workers of the service. Default: it has this one only. */
  wakeAll?(): void;
  /** Called after each change of `state` or `isPaused`. */
  onChange?(): void;
}

/** A snapshot of a runner; plain data. The counts cover the runner's whole life. */
export interface RunnerStats {
  /** Workers that had to be replaced since `start`. */
  restarts: number;
  /** When the current worker became ready, by the monotonic clock. */
  startedAt: number | null;
  /** By the monotonic clock. */
  lastPongAt: number | null;
  /** Memory of the service's code at the last answer to a ping. */
  heapBytes: number | null;
  completedCount: number;
  failedCount: number;
}

export interface StopOptions {
  /** How long running items may take to finish before they are aborted. */
  graceMs: number;
}

/** The service itself has failed. */
type DisorderlyEnd = Exclude<LifeEnd, { kind: "stopped" | "away" }>;

const restartBackoff: BackoffOptions = { firstMs: 1000, longestMs: 60_000 };
const restartLimit = 10;
/** A host that is back is found soon, and nothing is switched off while one is away. */
const awayBackoff: BackoffOptions = { firstMs: 1000, longestMs: 5000 };
/** How long running items may take to finish by default. */
const usualGraceMs = 2000;
/** A worker that lived this long proves that the service works. */
const provenAfterMs = 60_000;

export class Runner implements Lifecycle, Taker {
  #service: ServiceConfig;
  readonly #options: RunnerOptions;
  readonly #log: Log;
  readonly #sharedWorkers: SharedWorkers;
  #state: RunnerState = { phase: "stopped" };
  #isPaused = false;
  #life: WorkerLife | null = null;
  #starting: PromiseWithResolvers<void> | null = null;
  #stopping: Promise<void> | null = null;
  #cancelRestart: (() => void) | null = null;
  /** When the worker of the last life is gone. */
  #terminated: Promise<void> = Promise.resolve();
  /** Restarts since the last success. */
  #restartsInARow = 0;
  #lastStartError = "";
  /** Tries in a row that found the host away. */
  #awayCount = 0;
  #lastAway = "";
  /** Whether the last call was `start` or `restart`, rather than `stop`. */
  #isWanted = false;
  #restarts = 0;
  #completedCount = 0;
  #failedCount = 0;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#service = options.service;
    this.#log = options.log.named(options.service.slug);
    this.#sharedWorkers = options.sharedWorkers ?? new SharedWorkers(options);
  }

  get state(): RunnerState {
    return this.#state;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get stats(): RunnerStats {
    return {
      restarts: this.#restarts,
      startedAt: this.#life?.readyAt ?? null,
      lastPongAt: this.#life?.pulse?.lastPongAt ?? null,
      heapBytes: this.#life?.pulse?.heapBytes ?? null,
      completedCount: this.#completedCount,
      failedCount: this.#failedCount,
    };
  }

  /** Whether the service runs on another machine, and the way to it is interrupted at the moment. */
  get isInterrupted(): boolean {
    return this.#life?.isInterrupted ?? false;
  }

  /** The items that are in the worker. */
  get inFlight(): ItemInFlight[] {
    return this.#life?.inFlight ?? [];
  }

  /**
   * Resolves when the service is ready or its first try has failed. Does nothing if it has already started. Waits for a
   * stop in progress.
   */
  async start(): Promise<void> {
    this.#isWanted = true;
    await this.#startIfWanted();
  }

  /**
   * Takes no more items, lets running ones finish for `graceMs`, gives the others one second to answer their abort, and
   * calls `onStop`, which has two seconds. Releases unfinished items. Resolves when the worker is gone. May be called
   * at any time, and repeatedly.
   */
  async stop({ graceMs }: StopOptions = { graceMs: usualGraceMs }): Promise<void> {
    this.#isWanted = false;
    await this.#stopOnce(graceMs);
  }

  /** Begins no more items; running ones go on. */
  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    if (this.#life) this.#life.isHeld = true;
    this.#options.onChange?.();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.#life) this.#life.isHeld = false;
    this.#options.onChange?.();
    this.wake();
  }

  /**
   * Stops in order and starts again, with past failures forgotten, on a person's request or with a changed config. If
   * `stop` is called meanwhile, it stays stopped.
   */
  async restart(options: Partial<StopOptions> & { service?: ServiceConfig } = {}): Promise<void> {
    this.#isWanted = true;
    if (options.service) this.#service = options.service;
    await this.#stopOnce(options.graceMs ?? usualGraceMs);
    await this.#startIfWanted();
  }

  /** Tells the worker that a key of one of its panes was pressed. Returns whether there is a worker. */
  press(press: { pane: string; key: string }): boolean {
    if (!this.#life?.canTakeItems) return false;
    this.#life.press(press);
    return true;
  }

  /** Whether there is a worker that takes items now. */
  get isTaking(): boolean {
    return !this.#isPaused && (this.#life?.canTakeItems ?? false);
  }

  /**
   * The only entry point that starts work. Call it whenever an item may be able to go on: after a commit, an end, a
   * retry that is due, a worker that becomes ready, or a resume.
   */
  wake(): void {
    const { feed, wakeAll = () => handOut(feed, [this]) } = this.#options;
    wakeAll();
  }

  give(items: readonly Work[]): void {
    this.#life?.give(items);
  }

  async #startIfWanted(): Promise<void> {
    if (this.#stopping !== null) await this.#stopping;
    if (this.#isWanted && this.#state.phase === "stopped") this.#startAnew();
    await this.#starting?.promise;
  }

  async #stopOnce(graceMs: number): Promise<void> {
    this.#stopping ??= this.#stop(graceMs).finally(() => this.#stopping = null);
    await this.#stopping;
  }

  #startAnew(): void {
    this.#restartsInARow = 0;
    this.#lastStartError = "";
    this.#starting = Promise.withResolvers();
    this.#openLife();
  }

  #openLife(): void {
    const { feed, clock, describeOptionMistakes, placeOfOption } = this.#options;
    const life = new WorkerLife({
      service: this.#service,
      feed,
      clock,
      log: this.#log,
      openTransport: (options) => this.#openTransport(options),
      describeOptionMistakes,
      placeOfOption,
      onReady: () => this.#becomeReady(),
      onSettled: (items) => this.#count(items),
      onOver: (ending) => this.#afterLife(life, ending),
    });
    this.#life = life;
    this.#setState({ phase: "starting" });
  }

  #openTransport(options: TransportOptions): Transport {
    const { openRemote } = this.#options;
    if (this.#service.runsOn !== null && openRemote !== undefined) return openRemote(options);
    switch (this.#service.isolation) {
      case "worker":
        return openWorker(options);
      case "process":
        return openProcess(options);
      case "shared":
        return this.#sharedWorkers.open(options);
    }
  }

  #becomeReady(): void {
    if (this.#awayCount > 0) this.#log.info(t`${this.#service.runsOn} runs the service again`);
    this.#awayCount = 0;
    this.#lastAway = "";
    this.#setState({ phase: "running" });
    this.#starting?.resolve();
    this.wake();
  }

  #count(items: readonly SettledItem[]): void {
    for (const { outcome: { kind } } of items) {
      if (kind === "completed") this.#completedCount++;
      if (kind === "failed") this.#failedCount++;
      if (kind === "completed") this.#restartsInARow = 0;
    }
  }

  async #stop(graceMs: number): Promise<void> {
    this.#cancelRestart?.();
    this.#cancelRestart = null;
    if (this.#state.phase === "stopped") return;
    this.#setState({ phase: "stopping" });
    await this.#life?.stop(graceMs);
    await this.#terminated;
    this.#life = null;
    this.#setState({ phase: "stopped" });
    this.#starting?.resolve();
  }

  #afterLife(life: WorkerLife, ending: LifeEnd): void {
    if (ending.kind === "stopped" || this.#state.phase === "stopping") return;
    this.#warnOfLoop(life, ending);
    this.#terminated = life.terminated;
    this.#life = null;
    if (this.#hasProved(life, ending)) this.#restartsInARow = 0;

    const { failure } = ending;
    const isMistake = ending.kind === "start_failed" && ending.isMistake;
    // A mistake in the host's config is put right there, where nobody can restart this runner.
    if (ending.kind === "away" || (isMistake && this.#service.runsOn !== null)) {
      this.#waitForHost(failure);
    } else if (isMistake) {
      this.#switchOff(
        failure,
        (why) =>
          t`${why}. It is switched off, and its items wait: fix it, then restart it by hand or by a change of its config`,
      );
    } else if (this.#restartsInARow >= restartLimit) {
      this.#switchOff(
        failure,
        (why) =>
          t`${why}. It is switched off, after ${restartLimit} restarts without a success, and its items wait: fix it, then restart it by hand or by a change of its config`,
      );
    } else {
      this.#backOff(ending);
    }
    this.#starting?.resolve();
  }

  #hasProved(life: WorkerLife, ending: LifeEnd): boolean {
    const isIdleDeath = ending.kind === "died" && !ending.wasInItem;
    return isIdleDeath && life.readyAt !== null &&
      this.#options.clock.monotonic() - life.readyAt >= provenAfterMs;
  }

  #switchOff(failure: Failure, explain: (why: string) => string): void {
    this.#log.error(failureText(explained(failure, explain)));
    this.#setState({ phase: "switched_off", failure });
  }

  #backOff(ending: DisorderlyEnd): void {
    const { clock } = this.#options;
    // Whoever did nothing to lose the worker is never switched off for it.
    if (!("isBystander" in ending && ending.isBystander)) this.#restartsInARow++;
    this.#restarts++;
    const delayMs = backoffMs(Math.max(1, this.#restartsInARow), restartBackoff);
    this.#logRestart(ending, delayMs);
    this.#openLifeAfter(delayMs);
    this.#setState({
      phase: "backing_off",
      nextAt: clock.monotonic() + delayMs,
      failure: ending.failure,
    });
  }

  #waitForHost(failure: Failure): void {
    const delayMs = backoffMs(++this.#awayCount, awayBackoff);
    const text = failureText(failure);
    this.#log[text === this.#lastAway ? "debug" : "warn"](text);
    this.#lastAway = text;
    this.#openLifeAfter(delayMs);
    const nextAt = this.#options.clock.monotonic() + delayMs;
    this.#setState({ phase: "backing_off", nextAt, failure, isAway: true });
  }

  #openLifeAfter(delayMs: number): void {
    this.#cancelRestart = this.#options.clock.after(delayMs, () => {
      this.#cancelRestart = null;
      this.#openLife();
    });
  }

  /** Logs the reason of a failed start once, not at each try. */
  #logRestart({ kind, failure }: DisorderlyEnd, delayMs: number): void {
    const seconds = delayMs / 1000;
    const text = failureText(failure);
    if (kind === "start_failed" && text === this.#lastStartError) {
      this.#log.warn(t`the service could not start again, for the same reason; next try in ${seconds} s`);
    } else {
      this.#log.error(failureText(explained(failure, (why) => t`${why}; next try in ${seconds} s`)));
    }
    if (kind === "start_failed") this.#lastStartError = text;
  }

  #warnOfLoop(life: WorkerLife, ending: LifeEnd): void {
    if (!("isStuck" in ending) || !ending.isStuck || life.canKill) return;
    this.#log.warn(
      t`a worker that is stuck in a loop cannot be stopped: it may use a CPU core until Livecue exits. With "isolation": "process", Livecue could kill it`,
    );
  }

  #setState(state: RunnerState): void {
    this.#state = state;
    this.#options.onChange?.();
  }
}

function explained(failure: Failure, explain: (why: string) => string): Failure {
  return { ...failure, sentence: explain(failure.sentence.replace(/\.$/, "")) };
}
