/**
 * Queries a database in a separate thread, so that a query over millions of rows blocks nothing. Runs one query at a
 * time. When a query waits and a newer one with the same key comes, only the newer one runs, and both get its answer.
 */
import type { Lifecycle } from "../lifecycle.ts";
import { UserError } from "../user_error.ts";
import { isPostgresAddress } from "../database_address.ts";
import { DatabaseAway } from "./postgres/trouble.ts";
import type { Reader } from "./reader.ts";

/** Queries, by the names of the reader's methods. */
type QuestionName =
  | "sessions"
  | "session"
  | "pastSessions"
  | "sessionSums"
  | "sessionGifts"
  | "sessionWork"
  | "events"
  | "countEvents"
  | "event"
  | "queue"
  | "item"
  | "itemsOf"
  | "streak"
  | "steps"
  | "endedItems"
  | "services"
  | "countItems"
  | "itemCounts"
  | "pendingCounts"
  | "itemsInProgress"
  | "gifts"
  | "viewerOf"
  | "viewerChanges"
  | "damage";

type Answer<Name extends QuestionName> = ReturnType<Reader[Name]>;

/** To the worker. */
export type ReaderRequest = {
  kind: "ask";
  address: string;
  streamer: string | null;
  name: QuestionName;
  options: unknown;
} | {
  kind: "stop";
};

/** From the worker, in the order of the questions. */
export type ReaderReply =
  | { kind: "answer"; value: unknown }
  /** away: the database is, and a later question may be answered. */
  | { kind: "failure"; text: string; of: "user" | "away" | "code" }
  | { kind: "stopped" };

interface Question {
  streamer: string | null;
  name: QuestionName;
  options: unknown;
  key: string | null;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

const noPermissions = { net: false, env: false, run: false, ffi: false, sys: false, write: false } as const;
/** The thread that connects to the server is started by this one, and can have no more permissions. */
const forServer = { net: true, env: true, write: true, sys: true } as const;

export interface ReaderThreadOptions {
  /** A database that this process keeps open while it asks questions. */
  address: string;
  /** Reads only of this streamer's room; null: of all. */
  streamer?: string | null;
  /** Asks in the thread of this one, which outlives it. */
  shared?: ReaderThread | undefined;
}

export class ReaderThread implements Lifecycle {
  readonly #address: string;
  readonly #streamer: string | null;
  readonly #shared: ReaderThread | null;
  #worker: Worker | null = null;
  #asking: Question | null = null;
  #waiting: Question[] = [];
  #hasStopped = false;
  #whenStopped = Promise.withResolvers<void>();

  constructor({ address, streamer = null, shared }: ReaderThreadOptions) {
    this.#address = address;
    this.#streamer = streamer;
    this.#shared = shared ?? null;
  }

  /** Starts the worker. The first question does this too. */
  start(): void {
    if (this.#worker !== null || this.#hasStopped || this.#shared !== null) return;
    const server = isPostgresAddress(this.#address) ? forServer : {};
    const permissions = { ...noPermissions, ...server, read: true } as const;
    const options = { type: "module", deno: { permissions } } as const;
    this.#worker = new Worker(new URL("./reader_worker.ts", import.meta.url), options);
    this.#worker.onmessage = ({ data }: MessageEvent<ReaderReply>) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#worker?.terminate();
      this.#worker = null;
      this.#fail(new Error(`The reading thread crashed: ${event.message}`));
    };
  }

  /** Rejects questions that are not answered yet. */
  stop(): Promise<void> {
    if (this.#hasStopped) return this.#whenStopped.promise;
    this.#hasStopped = true;
    const isBusy = this.#asking !== null;
    this.#fail(new Error("The database is being closed."));
    if (this.#worker === null) this.#whenStopped.resolve();
    else if (isBusy) this.#end();
    else this.#worker.postMessage({ kind: "stop" } satisfies ReaderRequest);
    return this.#whenStopped.promise;
  }

  /**
   * Calls a method of the reader in the thread. Throws a `UserError` if the database cannot be read, and
   * `DatabaseAway` if a server does not answer at present. `key`: identifies the asker, if only its latest answer
   * matters.
   */
  ask<Name extends QuestionName>(
    name: Name,
    ...[options, key]: Parameters<Reader[Name]> extends [infer Options] ? [Options, string?]
      : [null?, string?]
  ): Promise<Answer<Name>> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const question: Question = { streamer: this.#streamer, name, options, key: key ?? null, resolve, reject };
    if (this.#hasStopped) reject(new Error("The database is closed."));
    else (this.#shared ?? this).#add(question);
    return promise as Promise<Answer<Name>>;
  }

  #add(question: Question): void {
    const overtaken = this.#waiting.findIndex(({ key, streamer }) =>
      key !== null && key === question.key && streamer === question.streamer
    );
    if (overtaken !== -1) {
      const [older] = this.#waiting.splice(overtaken, 1) as [Question];
      const { resolve, reject } = question;
      question.resolve = (value) => (resolve(value), older.resolve(value));
      question.reject = (error) => (reject(error), older.reject(error));
    }
    this.#waiting.push(question);
    this.start();
    this.#askNext();
  }

  #askNext(): void {
    if (this.#asking !== null) return;
    this.#asking = this.#waiting.shift() ?? null;
    if (this.#asking === null) return;
    const { streamer, name, options } = this.#asking;
    const request = { kind: "ask", address: this.#address, streamer, name, options } satisfies ReaderRequest;
    this.#worker?.postMessage(request);
  }

  #receive(reply: ReaderReply): void {
    if (reply.kind === "stopped") return this.#end();
    const question = this.#asking;
    this.#asking = null;
    if (reply.kind === "answer") question?.resolve(reply.value);
    else question?.reject(errorOf(reply));
    this.#askNext();
  }

  #fail(error: Error): void {
    const questions = [...(this.#asking === null ? [] : [this.#asking]), ...this.#waiting];
    this.#asking = null;
    this.#waiting = [];
    for (const { reject } of questions) reject(error);
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#whenStopped.resolve();
  }
}

function errorOf({ text, of }: ReaderReply & { kind: "failure" }): Error {
  switch (of) {
    case "user":
      return new UserError(text);
    case "away":
      return new DatabaseAway(text);
    case "code":
      return new Error(text);
  }
}
