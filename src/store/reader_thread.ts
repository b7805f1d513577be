/**
 * A database's questions answered in a thread of its own, so that one over millions of rows holds up nobody.
 * One is answered at a time. A question with a key that still waits when a newer one of the same key comes is
 * not asked any more: both get the newer one's answer.
 */
import type { Lifecycle } from "../lifecycle.ts";
import { UserError } from "../user_error.ts";
import type { Reader } from "./reader.ts";

/** The questions, by the names of the reader's methods. */
type QuestionName =
  | "sessions"
  | "session"
  | "events"
  | "event"
  | "queue"
  | "item"
  | "itemsOf"
  | "endedItems"
  | "services"
  | "countItems"
  | "itemCounts"
  | "pendingCounts"
  | "itemsInHand"
  | "damage";

type Answer<Name extends QuestionName> = ReturnType<Reader[Name]>;

/** To the worker. */
export type Asked = { kind: "ask"; path: string; name: QuestionName; options: unknown } | { kind: "stop" };

/** From the worker, in the order of the questions. */
export type Told =
  | { kind: "answer"; value: unknown }
  | { kind: "failure"; text: string; isUsers: boolean }
  | { kind: "stopped" };

interface Question {
  name: QuestionName;
  options: unknown;
  key: string | null;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

const noPermissions = { net: false, env: false, run: false, ffi: false, sys: false, write: false } as const;

export class ReaderThread implements Lifecycle {
  readonly #path: string;
  #worker: Worker | null = null;
  #asking: Question | null = null;
  #waiting: Question[] = [];
  #hasStopped = false;
  #whenStopped = Promise.withResolvers<void>();

  /** Of a database that this process has open while questions are asked. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Done by the first question, too. */
  start(): void {
    if (this.#worker !== null || this.#hasStopped) return;
    const permissions = { ...noPermissions, read: true } as const;
    const options = { type: "module", deno: { permissions } } as const;
    this.#worker = new Worker(new URL("./reader_worker.ts", import.meta.url), options);
    this.#worker.onmessage = ({ data }: MessageEvent<Told>) => this.#hear(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#worker?.terminate();
      this.#worker = null;
      this.#fail(new Error(`The reading thread broke: ${event.message}`));
    };
  }

  /** Questions that are not answered by now are rejected. */
  stop(): Promise<void> {
    if (this.#hasStopped) return this.#whenStopped.promise;
    this.#hasStopped = true;
    const isBusy = this.#asking !== null;
    this.#fail(new Error("The database is being closed."));
    if (this.#worker === null) this.#whenStopped.resolve();
    else if (isBusy) this.#end();
    else this.#worker.postMessage({ kind: "stop" } satisfies Asked);
    return this.#whenStopped.promise;
  }

  /**
   * Asks the reader in the thread, by the name of its method. Throws a `UserError` where the database cannot be
   * read. `key`: whose question it is, where only the latest answer matters.
   */
  ask<Name extends QuestionName>(
    name: Name,
    ...[options, key]: Parameters<Reader[Name]> extends [infer Options] ? [Options, string?]
      : [null?, string?]
  ): Promise<Answer<Name>> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const question: Question = { name, options, key: key ?? null, resolve, reject };
    if (this.#hasStopped) reject(new Error("The database is closed."));
    else this.#add(question);
    return promise as Promise<Answer<Name>>;
  }

  #add(question: Question): void {
    const overtaken = this.#waiting.findIndex(({ key }) => key !== null && key === question.key);
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
    const { name, options } = this.#asking;
    this.#worker?.postMessage({ kind: "ask", path: this.#path, name, options } satisfies Asked);
  }

  #hear(told: Told): void {
    if (told.kind === "stopped") return this.#end();
    const question = this.#asking;
    this.#asking = null;
    if (told.kind === "answer") question?.resolve(told.value);
    else question?.reject(told.isUsers ? new UserError(told.text) : new Error(told.text));
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
