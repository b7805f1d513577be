/** A thread that has a connection to the readings' database, so that no query and no commit holds up anything else. */
import { systemClock } from "../clock.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { ReadingAnswer, ReadingQuery, SourceTime } from "../reading_query.ts";
import type { IngestResult, ReadingColumns } from "./ingest.ts";
import type { RetentionDays } from "./retention.ts";

export interface WriterSettings {
  file: string;
  durability: "normal" | "full";
  days: RetentionDays;
}

/** What a thread can be asked, with the answer. */
export interface WriterJobs {
  open: { request: WriterSettings; answer: SourceTime[] };
  add: { request: ReadingColumns; answer: IngestResult };
}
export interface ReaderJobs {
  query: { request: { file: string; query: ReadingQuery }; answer: ReadingAnswer };
}

/** To a thread. It answers in order. */
export type ThreadRequest<Jobs> =
  | {
    [Name in keyof Jobs]: { name: Name; request: (Jobs[Name] & { request: unknown })["request"] };
  }[keyof Jobs]
  | { name: "stop" };

/** SQLite's error, or a bug: what remains of an `Error` in another thread. */
export interface ThreadFailure {
  name: string;
  message: string;
  code?: unknown;
  errcode?: unknown;
}

/** From a thread. trouble: work that nobody asked for has failed, and will be tried again. */
export type ThreadReply =
  | { kind: "answer"; value: unknown }
  | { kind: "failure" | "trouble"; failure: ThreadFailure }
  | { kind: "stopped" };

export interface ThreadOptions {
  entry: "writer_worker.ts" | "reader_worker.ts";
  /** The files that it may write. */
  writes: string[];
  onTrouble?: (error: Error) => void;
}

/** The most requests that wait. Each asker waits for its answer, so there are more only if there are too many askers. */
const maxWaiting = 200;

/** How long a thread may take to stop, as while it writes to a slow disk. */
const stopLimitMs = 5_000;

const noPermissions = { net: false, env: false, run: false, ffi: false, sys: false } as const;

export class ReadingsThread<Jobs extends { [Name in keyof Jobs]: { request: unknown; answer: unknown } }>
  implements Lifecycle {
  readonly #options: ThreadOptions;
  #worker: Worker | null = null;
  readonly #waiting: PromiseWithResolvers<unknown>[] = [];
  readonly #whenStopped = Promise.withResolvers<void>();
  #hasStopped = false;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  /** It was stopped, or it has crashed. */
  get isOver(): boolean {
    return this.#hasStopped;
  }

  /** Starts the worker. The first request does this too. */
  start(): void {
    if (this.#worker !== null || this.#hasStopped) return;
    const { entry, writes, onTrouble } = this.#options;
    const permissions = { ...noPermissions, read: true, write: writes };
    const options = { type: "module", deno: { permissions } } as const;
    this.#worker = new Worker(new URL(entry, import.meta.url), options);
    this.#worker.onmessage = ({ data }: MessageEvent<ThreadReply>) => {
      if (data.kind === "stopped") this.#end();
      else if (data.kind === "trouble") onTrouble?.(errorOf(data.failure));
      else if (data.kind === "answer") this.#waiting.shift()?.resolve(data.value);
      else this.#waiting.shift()?.reject(errorOf(data.failure));
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#end(new Error(`The thread of the readings crashed: ${event.message}`));
    };
  }

  /** Rejects with the thread's error, which has SQLite's codes, or if too many wait. `transfer` moves its buffers. */
  ask<Name extends keyof Jobs>(
    name: Name,
    request: Jobs[Name]["request"],
    transfer: Transferable[] = [],
  ): Promise<Jobs[Name]["answer"]> {
    if (this.#hasStopped) return Promise.reject(new Error("The readings are being closed."));
    if (this.#waiting.length >= maxWaiting) {
      return Promise.reject(new RangeError(`More than ${maxWaiting} questions about readings are waiting.`));
    }
    this.start();
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.push(answer);
    this.#worker?.postMessage({ name, request }, transfer);
    return answer.promise;
  }

  /** Answers what was asked before, but not for longer than some seconds. */
  stop(): Promise<void> {
    if (this.#hasStopped) return this.#whenStopped.promise;
    this.#hasStopped = true;
    if (this.#worker === null) this.#whenStopped.resolve();
    else {
      this.#worker.postMessage({ name: "stop" });
      const cancel = systemClock.after(stopLimitMs, () => this.#end());
      void this.#whenStopped.promise.then(cancel);
    }
    return this.#whenStopped.promise;
  }

  #end(error = new Error("The readings are being closed.")): void {
    this.#hasStopped = true;
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    this.#whenStopped.resolve();
  }
}

function errorOf({ name, message, ...codes }: ThreadFailure): Error {
  const error = name === "RangeError" ? new RangeError(message) : new Error(message);
  return Object.assign(error, name === "RangeError" ? {} : { name }, codes);
}

/** For the thread's side. */
export function failureOf(error: unknown): ThreadFailure {
  const { name, message } = error as Error;
  return {
    name,
    message,
    ...("code" in (error as Error) ? { code: (error as { code: unknown }).code } : {}),
    ...("errcode" in (error as Error) ? { errcode: (error as { errcode: unknown }).errcode } : {}),
  };
}
