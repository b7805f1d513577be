/**
 * How a run stops, in order or by force:
 *
 * a signal, or q ──▶ the app stops in order ──▶ done │ a second signal, or the deadline is over └──▶ waiting data is
 * stored at once, or kept in a file; the process exits
 *
 * If the main thread itself is blocked, the guard kills the process.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Clock, every } from "../clock.ts";
import type { Deadline } from "../deadline.ts";
import { t } from "../language.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Log } from "../log/log.ts";
import { endGroups } from "../runner/child_groups.ts";
import type { ExitGuard } from "./exit_guard.ts";
import { exitCodeOf, onStopSignals } from "./signals.ts";

/** What a signal ends. */
export interface Stoppable {
  stop(reason: string): Promise<void>;
  /** Returns a sentence about what could not be stored, or null. */
  stopNow(): string | null;
}

export interface RunEndOptions {
  log: Log;
  clock: Clock;
  guard: ExitGuard;
  /** Restores the terminal if a screen has it, and logs the sentence. Resolves when it is written, or cannot be. */
  logLast: (sentence: string) => Promise<void>;
  /** Whether another program has the terminal now. */
  isTerminalLent: () => boolean;
  exitNow: (code: number) => void;
}

/** Added to the deadline: for the parts that end at the deadline, and for the guard, which acts only if nothing else does. */
const slackMs = 250;
const guardSlackMs = 3_000;
/** When the log names the parts that the stop waits for: first, and then repeatedly. */
const firstReportMs = 2_000;
const reportEveryMs = 3_000;

export class RunEnd implements Lifecycle {
  readonly #options: RunEndOptions;
  /** Set as soon as there is an app to stop in order. */
  app: Stoppable | null = null;
  #removeSignals: (() => void) | null = null;
  #cancelWaits: (() => void)[] = [];
  #isEnding = false;
  #hasStopped = false;

  constructor(options: RunEndOptions) {
    this.#options = options;
  }

  /** Handles signals from now on. */
  start(): void {
    if (this.#removeSignals !== null || this.#hasStopped) return;
    const { guard, clock, isTerminalLent } = this.#options;
    guard.start();
    this.#removeSignals = onStopSignals({
      first: (signal) => this.#stopInOrder(signal),
      second: (signal) => void this.endNow(exitCodeOf(signal), t`Stopped at once (second ${signal}).`),
      isTerminalLent,
      clock,
    });
  }

  /** Await it between the steps of the start. It lets a signal arrive, and never resolves after one. */
  async goOn(): Promise<void> {
    await nextTurn();
    if (this.#isEnding) await new Promise(() => {});
  }

  /** The run is over, and signals no longer end it. */
  stop(): void {
    this.#hasStopped = true;
    this.#removeSignals?.();
    for (const cancel of this.#cancelWaits) cancel();
  }

  /** Ends the run by force if it has not finished at the deadline. */
  enforce(deadline: Deadline): void {
    const { clock, guard, log } = this.#options;
    guard.endWithin(deadline.leftMs + guardSlackMs);
    const limitMs = deadline.leftMs;
    const report = () => {
      if (deadline.waitsFor.length > 0) log.info(describeWait(deadline));
    };
    this.#cancelWaits.push(
      clock.after(firstReportMs, report),
      every(clock, reportEveryMs, report),
      clock.after(limitMs + slackMs, () => {
        const whom = deadline.waitsFor.length > 0
          ? ` ${t`It was still waiting for ${deadline.waitsFor.join(", ")}.`}`
          : "";
        void this.endNow(
          1,
          t`The stop did not finish within ${Math.round(limitMs / 1000)} s and was cut off.` + whom,
        );
      }),
    );
  }

  /** Exits after a last message. A second call exits at once. */
  async endNow(code: number, why: string): Promise<void> {
    const { exitNow, logLast, guard } = this.#options;
    if (this.#isEnding) return exitNow(code);
    this.#isEnding = true;
    guard.endWithin(guardSlackMs);
    endGroups();
    // Errors from now on only happen because everything is being closed.
    for (const failure of ["error", "unhandledrejection"]) {
      globalThis.addEventListener(failure, (event) => event.preventDefault());
    }
    const unsaved = this.app?.stopNow() ?? t`Work in progress continues at the next start.`;
    await logLast(`${why} ${unsaved}`);
    exitNow(code);
  }

  #stopInOrder(signal: Deno.Signal): void {
    const { log } = this.#options;
    if (this.app === null) {
      void this.endNow(exitCodeOf(signal), t`Stopped (${signal}) during the start.`);
      return;
    }
    log.info(t`Stopping (${signal}). A second signal stops at once.`);
    void this.app.stop(t`Stopped by the user.`);
  }
}

function describeWait({ waitsFor, leftMs }: Deadline): string {
  return t`Waiting for ${waitsFor.join(", ")}: ${Math.ceil(leftMs / 1000)} s left.`;
}
