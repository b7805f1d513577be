/** Kills the process from a separate thread if a stop exceeds its time limit because the main thread is blocked. */
import { t } from "../language.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { AreYouThere, GuardMessage } from "./exit_guard_worker.ts";

export interface ExitGuardOptions {
  signals: Deno.Signal[];
  /** How long the main thread may take to react to a signal. */
  limitMs: number;
}

/** It watches from `start` until `stop`, or until the process exits. */
export class ExitGuard implements Lifecycle {
  readonly #options: ExitGuardOptions;
  #worker: Worker | null = null;
  #hasStopped = false;

  constructor(options: ExitGuardOptions) {
    this.#options = options;
  }

  /** From now on it receives the signals. */
  start(): void {
    if (this.#worker !== null || this.#hasStopped) return;
    this.#worker = new Worker(new URL("./exit_guard_worker.ts", import.meta.url), { type: "module" });
    // The process can stop normally without the guard.
    this.#worker.onerror = (event) => event.preventDefault();
    this.#worker.onmessage = (_: MessageEvent<AreYouThere>) => this.#post({ kind: "here" });
    const lastWords =
      t`The main thread did not answer, so Livecue was killed. Stored items continue at the next start.`;
    this.#post({ kind: "watch", ...this.#options, lastWords });
  }

  stop(): void {
    this.#hasStopped = true;
    this.#worker?.terminate();
    this.#worker = null;
  }

  /** Kills the process if it has not exited after `ms` milliseconds. */
  endWithin(ms: number): void {
    this.#post({ kind: "end_within", ms });
  }

  #post(message: GuardMessage): void {
    this.#worker?.postMessage(message);
  }
}
