/**
 * Injected time: the one module that reads the clock or sets a timer. Tests pass a fake one.
 *
 * Wall time (`now`) is for rows and for display: a person or a time server may set it back or forward. A span that
 * is running is measured by `monotonic`. Whoever judges another by how long that one takes uses a `Limit`.
 */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number;
  /** Milliseconds since some moment of this process; never goes back, whatever is done to the wall clock. */
  monotonic(): number;
  /**
   * Milliseconds since this computer was started, its sleep included, true to a second or two. The monotonic clock of
   * some systems stands still while the computer sleeps.
   */
  uptime(): number;
  /** Calls `run` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/** A timer that is set for longer goes off at once. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  uptime: () => mayReadUptime() ? Deno.osUptime() * 1000 : performance.now(),
  after(delayMs, run) {
    let timer = setTimer(delayMs);
    function setTimer(restMs: number): ReturnType<typeof setTimeout> {
      return restMs > longestTimerMs
        ? setTimeout(() => timer = setTimer(restMs - longestTimerMs), longestTimerMs)
        : setTimeout(run, Math.max(0, restMs));
    }
    return () => clearTimeout(timer);
  },
};

let isUptimeReadable: boolean | null = null;

/** A service's worker may not: there a computer that slept is noticed only where the monotonic clock ran on. */
function mayReadUptime(): boolean {
  isUptimeReadable ??= Deno.permissions.querySync({ name: "sys", kind: "osUptime" }).state === "granted";
  return isUptimeReadable;
}

/**
 * Calls `run` when the runtime has looked at its sockets, pipes and signals, which takes some milliseconds; the
 * returned function cancels it. A thread that goes from one `setImmediate` to the next is told what came there at every
 * 61st turn alone: it has to wait for a moment with nothing to do. A first timer may be due as soon as it is set, since
 * work was left to do; of a second one it is waited for in peace.
 */
export function lookOutside(run: () => void): () => void {
  let timer = setTimeout(() => timer = setTimeout(run, 0), 0);
  return () => clearTimeout(timer);
}

/** Resolves after `delayMs`, or as soon as `signal` aborts: look at `signal.aborted` to tell which. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      cancel();
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const cancel = clock.after(delayMs, finish);
    signal?.addEventListener("abort", finish, { once: true });
  });
}

/** Calls `run` every `intervalMs` until the returned function is called. */
export function every(clock: Clock, intervalMs: number, run: () => void): () => void {
  let cancel = clock.after(intervalMs, tick);
  function tick() {
    cancel = clock.after(intervalMs, tick);
    run();
  }
  return () => cancel();
}

export interface LimitOptions {
  clock: Clock;
  limitMs: number;
  /**
   * After a long absence, a sleep of the computer too, no more than this is left. Default: what was left before it.
   */
  leftAfterAbsenceMs?: number;
  /** This thread was not there for so long. What arrived meanwhile is still to be delivered. */
  onAbsence?(absenceMs: number): void;
  /** The time is over. Called once, unless it is cancelled before. */
  onOver(): void;
}

/** A limit is counted in slices, so that an absence in its midst is noticed, too. */
const sliceMs = 1000;
/** A timer that goes off so much later than it was set for shows that its thread was not there. */
const toleratedMs = 1000;
/** A timer that is later than this may have come before what arrived earlier. */
const promptMs = 10;
/** Uptime is told in whole seconds. */
const toleratedSleepMs = 3000;
/** One that connections seldom survive. */
const longAbsenceMs = 10_000;
/** What an absence leaves at least: whoever was away as well, or sent while nobody read, has time to be heard. */
const graceMs = 1000;
/** Turns of the event loop in which what has arrived is delivered before the limit is over. */
const turnCount = 10;

/**
 * How long another may be silent, or take. Time in which this thread was not there to hear it (stopped by a signal,
 * asleep with the computer, held up by its own work) does not count, and what has arrived is heard before the time is
 * over. An absence leaves `graceMs` at least, but only once until the limit starts anew: a thread that is late all the
 * time still comes to the end of it.
 */
export class Limit {
  readonly #options: LimitOptions;
  #leftMs: number;
  #hasGivenGrace = false;
  /** Until when time was counted, by the monotonic clock. */
  #countedTo = 0;
  /** When the present slice ends, by the monotonic clock. */
  #dueAt = 0;
  /** How long the computer had slept when the present slice began, plus a constant. */
  #sleptMs = 0;
  #cancel: (() => void) | null = null;

  constructor(options: LimitOptions) {
    this.#options = options;
    this.#leftMs = options.limitMs;
    this.#countedTo = options.clock.monotonic();
    this.#wait();
  }

  /** Something was heard: the whole time is left again. Of no use once it is over or cancelled. */
  restart(): void {
    this.#leftMs = this.#options.limitMs;
    this.#countedTo = this.#options.clock.monotonic();
    this.#hasGivenGrace = false;
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #wait(): void {
    const { clock } = this.#options;
    const waitMs = Math.min(this.#leftMs, sliceMs);
    this.#dueAt = clock.monotonic() + waitMs;
    this.#sleptMs = this.#sleptSoFar();
    this.#cancel = clock.after(waitMs, () => this.#endSlice());
  }

  /** Whoever does not care is spared the reading: the monotonic clock of a computer that sleeps mostly stands still. */
  #sleptSoFar(): number {
    const { clock, leftAfterAbsenceMs } = this.#options;
    return leftAfterAbsenceMs === undefined ? 0 : clock.uptime() - clock.monotonic();
  }

  #endSlice(): void {
    const now = this.#options.clock.monotonic();
    const lateMs = now - this.#dueAt;
    const heldUpMs = lateMs > toleratedMs ? lateMs : 0;
    const sleptMs = this.#sleptSoFar() - this.#sleptMs;
    this.#leftMs -= Math.max(0, now - this.#countedTo - heldUpMs);
    this.#countedTo = now;
    const absenceMs = heldUpMs + (sleptMs > toleratedSleepMs ? sleptMs : 0);
    if (absenceMs > 0) this.#noteAbsence(absenceMs);
    // Whoever was told of it may have cancelled.
    if (this.#cancel !== null) this.#judge(lateMs > promptMs ? turnCount : 0);
  }

  #noteAbsence(absenceMs: number): void {
    const { limitMs, leftAfterAbsenceMs = Infinity, onAbsence } = this.#options;
    if (absenceMs >= longAbsenceMs) this.#leftMs = Math.min(this.#leftMs, leftAfterAbsenceMs);
    if (!this.#hasGivenGrace) this.#leftMs = Math.max(this.#leftMs, Math.min(graceMs, limitMs));
    this.#hasGivenGrace = true;
    onAbsence?.(absenceMs);
  }

  #judge(turns: number): void {
    if (this.#leftMs > 0) return this.#wait();
    if (turns > 0) {
      this.#cancel = this.#options.clock.after(0, () => this.#judge(turns - 1));
    } else {
      this.#cancel = null;
      this.#options.onOver();
    }
  }
}

/** Calls `onOver` after `limitMs` as a `Limit` counts them; the returned function cancels it. */
export function limit(clock: Clock, limitMs: number, onOver: () => void): () => void {
  const single = new Limit({ clock, limitMs, onOver });
  return () => single.cancel();
}

/** Calls `run`, which judges by time, every `intervalMs` as a `Limit` counts them, until the returned function is called. */
export function limitEvery(clock: Clock, intervalMs: number, run: () => void): () => void {
  let cancel = limit(clock, intervalMs, tick);
  function tick() {
    cancel = limit(clock, intervalMs, tick);
    run();
  }
  return () => cancel();
}

/** After a long absence, a pause lasts no longer than this. */
const pauseLeftMs = 1000;

/**
 * As `sleep`, for a pause before the next try: after a long absence, or a sleep of the computer, all may be different,
 * so it is soon over.
 */
export async function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const whole = new Limit({ clock, limitMs: delayMs, leftAfterAbsenceMs: pauseLeftMs, onOver: resolve });
  const stop = () => resolve();
  signal.addEventListener("abort", stop, { once: true });
  await promise;
  whole.cancel();
  signal.removeEventListener("abort", stop);
}
