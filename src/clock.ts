/**
 * Injected time: the only module that reads the clock or sets timers. Tests use a fake clock.
 *
 * Wall time (`now`) is for rows and for display: a person or a time server may set it back or forward. Use
 * `monotonic` to measure durations, and a `Limit` for timeouts of others.
 */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number;
  /** Milliseconds since some moment of this process. Never goes back, even if the wall clock is changed. */
  monotonic(): number;
  /**
   * Milliseconds since this computer started, including sleep, accurate to a second or two. On some systems the
   * monotonic clock stops during sleep.
   */
  uptime(): number;
  /** Calls `run` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/** A longer timer would fire immediately. */
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

/** False in a service's worker, which then notices sleep only if the monotonic clock includes it. */
function mayReadUptime(): boolean {
  isUptimeReadable ??= Deno.permissions.querySync({ name: "sys", kind: "osUptime" }).state === "granted";
  return isUptimeReadable;
}

/**
 * Calls `run` after the runtime has polled its sockets, pipes and signals, which takes some milliseconds; the
 * returned function cancels it. A thread that schedules one `setImmediate` after another polls them only at every
 * 61st turn, so it must become idle for a moment. The first timer may be due at once, because of pending work; the
 * second one makes the thread idle.
 */
export function lookOutside(run: () => void): () => void {
  let timer = setTimeout(() => timer = setTimeout(run, 0), 0);
  return () => clearTimeout(timer);
}

/** Resolves after `delayMs`, or as soon as `signal` aborts; `signal.aborted` tells which. */
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
  /** The most time left after a long absence, including sleep of the computer. Default: the time left before it. */
  leftAfterAbsenceMs?: number;
  /**
   * This thread was suspended or blocked for this long. Messages that arrived in the meantime are not delivered yet.
   */
  onAbsence?(absenceMs: number): void;
  /** The time is up. Called once, unless the limit is cancelled before. */
  onOver(): void;
}

/** A limit is counted in slices, so that an absence in the middle is noticed too. */
const sliceMs = 1000;
/** A timer that fires this late shows that its thread was suspended or blocked. */
const toleratedMs = 1000;
/** A timer later than this may have fired before messages that arrived earlier. */
const promptMs = 10;
/** Uptime has a resolution of whole seconds. */
const toleratedSleepMs = 3000;
/** An absence that connections rarely survive. */
const longAbsenceMs = 10_000;
/** The least time left after an absence, so that messages from others can arrive. */
const graceMs = 1000;
/** Turns of the event loop in which messages are delivered before the limit is over. */
const turnCount = 10;

/**
 * How long another party may be silent, or take. Time in which this thread could not receive (stopped by a signal,
 * asleep with the computer, blocked by its own work) does not count, and messages that have arrived are delivered
 * before the time is up. An absence leaves at least `graceMs`, but only once until the limit restarts: so the limit
 * ends even in a thread that is always late.
 */
export class Limit {
  readonly #options: LimitOptions;
  #leftMs: number;
  #hasGivenGrace = false;
  /** The time up to which the limit was counted, by the monotonic clock. */
  #countedTo = 0;
  /** When the current slice ends, by the monotonic clock. */
  #dueAt = 0;
  /** How long the computer had slept when the current slice started, plus a constant. */
  #sleptMs = 0;
  #cancel: (() => void) | null = null;

  constructor(options: LimitOptions) {
    this.#options = options;
    this.#leftMs = options.limitMs;
    this.#countedTo = options.clock.monotonic();
    this.#wait();
  }

  /** Starts the whole time again, as after a message. Has no effect once the limit is over or cancelled. */
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

  /** Reads the uptime only if sleep matters. During sleep the monotonic clock usually stops. */
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
    // `onAbsence` may have cancelled.
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

/** Calls `onOver` after `limitMs`, counted by a `Limit`; the returned function cancels it. */
export function limit(clock: Clock, limitMs: number, onOver: () => void): () => void {
  const single = new Limit({ clock, limitMs, onOver });
  return () => single.cancel();
}

/** Calls `run` every `intervalMs`, counted by a `Limit`, until the returned function is called. */
export function limitEvery(clock: Clock, intervalMs: number, run: () => void): () => void {
  let cancel = limit(clock, intervalMs, tick);
  function tick() {
    cancel = limit(clock, intervalMs, tick);
    run();
  }
  return () => cancel();
}

/** The longest rest of a pause after a long absence. */
const pauseLeftMs = 1000;

/**
 * Like `sleep`, for a pause before a retry. After a long absence, or sleep of the computer, it ends soon, because the
 * situation may have changed.
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
