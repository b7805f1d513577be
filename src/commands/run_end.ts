/**
 * How a run ends that is told to, and that it does:
 *
 *   a signal, or q ──▶ the app stops in order ──▶ it is through
 *                       │ once more, or the deadline is over
 *                       └──▶ what waits is stored at once, or kept in a file; what was cut off is told; the process ends
 *
 * Where the main thread itself is held up, the guard ends the process.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { App } from "../app/app.ts";
import { type Clock, every } from "../clock.ts";
import type { Deadline } from "../deadline.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Log } from "../log/log.ts";
import { endGroups } from "../runner/child_groups.ts";
import type { ExitGuard } from "./exit_guard.ts";
import { exitCodeOf, onStopSignals } from "./signals.ts";

export interface RunEndOptions {
  log: Log;
  clock: Clock;
  guard: ExitGuard;
  /** Gives the terminal back, where a screen has it, and says the rest there. Resolves when it is said, or cannot be. */
  sayLast: (sentence: string) => Promise<void>;
  /** Another program has the terminal now. */
  isTerminalLent: () => boolean;
  exitNow: (code: number) => void;
}

/** Beyond the deadline: for the parts that end with it, and for the guard, who comes only where nobody else does. */
const slackMs = 250;
const guardSlackMs = 3_000;
/** When it is told who is waited for: at first, and again. */
const firstTellMs = 2_000;
const tellEveryMs = 3_000;

export class RunEnd implements Lifecycle {
  readonly #options: RunEndOptions;
  /** Set as soon as there is something to stop in order. */
  app: App | null = null;
  #removeSignals: (() => void) | null = null;
  #cancelWaits: (() => void)[] = [];
  #isEnding = false;
  #hasStopped = false;

  constructor(options: RunEndOptions) {
    this.#options = options;
  }

  /** Hears signals from now on. */
  start(): void {
    if (this.#removeSignals !== null || this.#hasStopped) return;
    const { guard, clock, isTerminalLent } = this.#options;
    guard.start();
    this.#removeSignals = onStopSignals({
      first: (signal) => this.#stopInOrder(signal),
      second: (signal) => void this.endNow(exitCodeOf(signal), `Ended at once (${signal} once more).`),
      isTerminalLent,
      clock,
    });
  }

  /** To be awaited between steps of the start: hears a signal that has come, and goes no further where one has. */
  async goOn(): Promise<void> {
    await nextTurn();
    if (this.#isEnding) await new Promise(() => {});
  }

  /** The run is through, and nobody is to end it any more. */
  stop(): void {
    this.#hasStopped = true;
    this.#removeSignals?.();
    for (const cancel of this.#cancelWaits) cancel();
  }

  /** The run is being closed: it is to have ended by then. */
  enforce(deadline: Deadline): void {
    const { clock, guard, log } = this.#options;
    guard.endWithin(deadline.leftMs + guardSlackMs);
    const limitMs = deadline.leftMs;
    const tell = () => {
      if (deadline.waitsFor.length > 0) log.info(describeWait(deadline));
    };
    this.#cancelWaits.push(
      clock.after(firstTellMs, tell),
      every(clock, tellEveryMs, tell),
      clock.after(limitMs + slackMs, () => {
        const whom = deadline.waitsFor.length > 0
          ? ` It still waited for ${deadline.waitsFor.join(", ")}.`
          : "";
        void this.endNow(
          1,
          `The stop was not through after ${Math.round(limitMs / 1000)} s and was cut off.${whom}`,
        );
      }),
    );
  }

  /** Ends the process within a moment; asked once more, at once. */
  async endNow(code: number, why: string): Promise<void> {
    const { exitNow, sayLast, guard } = this.#options;
    if (this.#isEnding) return exitNow(code);
    this.#isEnding = true;
    guard.endWithin(guardSlackMs);
    endGroups();
    // What fails from now on fails because all is being closed under it.
    for (const failure of ["error", "unhandledrejection"]) {
      globalThis.addEventListener(failure, (event) => event.preventDefault());
    }
    const unsaved = this.app?.stopNow() ?? "What was being done is taken up at the next start.";
    await sayLast(`${why} ${unsaved}`);
    exitNow(code);
  }

  #stopInOrder(signal: Deno.Signal): void {
    const { log } = this.#options;
    if (this.app === null) {
      void this.endNow(exitCodeOf(signal), `Stopped (${signal}) before the start was through.`);
      return;
    }
    log.info(`Stopping (${signal}); once more stops at once.`);
    void this.app.stop("Stopped by the user.");
  }
}

function describeWait({ waitsFor, leftMs }: Deadline): string {
  return `Waiting for ${waitsFor.join(", ")}: ${Math.ceil(leftMs / 1000)} s left.`;
}
