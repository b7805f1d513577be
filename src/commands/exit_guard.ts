/** Ends the process where its main thread cannot: from a thread of its own, once a stop is past its time. */
import type { Lifecycle } from "../lifecycle.ts";
import type { AreYouThere, GuardMessage } from "./exit_guard_worker.ts";

export interface ExitGuardOptions {
  signals: Deno.Signal[];
  /** How long a stop may take that the main thread has not even heard of. */
  limitMs: number;
}

/** It watches from `start` on, to the end of the process where nobody stops it. */
export class ExitGuard implements Lifecycle {
  readonly #options: ExitGuardOptions;
  #worker: Worker | null = null;
  #hasStopped = false;

  constructor(options: ExitGuardOptions) {
    this.#options = options;
  }

  /** From now on it hears the signals. */
  start(): void {
    if (this.#worker !== null || this.#hasStopped) return;
    this.#worker = new Worker(new URL("./exit_guard_worker.ts", import.meta.url), { type: "module" });
    // Without it the process ends as well as it ever did.
    this.#worker.onerror = (event) => event.preventDefault();
    this.#worker.onmessage = (_: MessageEvent<AreYouThere>) => this.#post({ kind: "here" });
    this.#post({ kind: "watch", ...this.#options });
  }

  stop(): void {
    this.#hasStopped = true;
    this.#worker?.terminate();
    this.#worker = null;
  }

  /** The process is to have ended by then, in milliseconds. */
  endWithin(ms: number): void {
    this.#post({ kind: "end_within", ms });
  }

  #post(message: GuardMessage): void {
    this.#worker?.postMessage(message);
  }
}
