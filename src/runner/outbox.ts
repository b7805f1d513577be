/**
 * Messages from a worker on their way to the main thread. Without credits they wait here, in order. Messages about the
 * worker's health and progress never wait: the answer to a ping, the start of an item, and a crash.
 */
import type { Pane } from "../pane.ts";
import { allowance, costsCredits, type Credits, maxCharacters } from "./credits.ts";
import type { Ledger } from "./ledger.ts";
import { encodeMessage, type MessageFromWorker, type ServiceRequest } from "./protocol.ts";

/** With this many messages waiting, log lines are dropped. */
const enoughWaiting = 1_000;
/** With this many messages waiting, requests throw. */
const maxWaiting = 2_000;
const maxWaitingCharacters = 32_000_000;
const maxWaitingPanes = 20;

interface Waiting {
  text: string;
  isFree: boolean;
}

export class Outbox {
  readonly #write: (text: string) => void;
  /** Null means unlimited. */
  #left: Credits | null = { ...allowance };
  readonly #waiting: Waiting[] = [];
  #waitingCharacters = 0;
  /** The latest pane for each title. */
  readonly #panes = new Map<string, Pane>();
  #ledger: Ledger | null = null;

  constructor(send: (text: string) => void) {
    this.#write = send;
  }

  useLedger(ledger: Ledger): void {
    this.#ledger = ledger;
  }

  /** A command runs alone, and may print as much as it wants. */
  waiveCredits(): void {
    this.#left = null;
  }

  /** Throws if the main thread has given up on the worker. This ends a loop that calls any function of Livecue's. */
  assertOpen(): void {
    if (this.#ledger?.isClosed) {
      throw new Error("this worker has been replaced, so Livecue ignores its messages");
    }
  }

  /** Whether a log line can be sent or queued. */
  get hasRoom(): boolean {
    return this.#waiting.length < enoughWaiting;
  }

  /** The caller bounds how many of these wait: by the number of items, or by `hasRoom`. */
  send(message: MessageFromWorker): void {
    const text = encodeMessage(message);
    const { kind } = message;
    if (kind === "pong" || kind === "began" || kind === "crashed") return this.#write(text);
    this.#add({ text, isFree: !costsCredits(message) });
  }

  /** Throws if too many requests wait, because calls that nobody awaits would fill the memory. */
  ask(requestId: number, request: ServiceRequest): void {
    this.assertOpen();
    if (this.#waiting.length >= maxWaiting || this.#waitingCharacters > maxWaitingCharacters) {
      throw new Error(
        `too many calls to state, live and emit are waiting (over ${maxWaiting}, or ` +
          `${maxWaitingCharacters / 1_000_000} MB): await each call`,
      );
    }
    this.#add({ text: encodeMessage({ kind: "request", requestId, request }), isFree: false });
  }

  /** Replaces a waiting pane of the same title. */
  show(pane: Pane): void {
    this.assertOpen();
    const mayWait = this.#panes.size < maxWaitingPanes || this.#panes.has(pane.title);
    if (mayWait) this.#panes.set(pane.title, pane);
    this.#sendWaiting();
  }

  /** The main thread gives these credits back. */
  take({ messages, characters }: Credits): void {
    if (this.#left === null) return;
    this.#left.messages += messages;
    this.#left.characters += characters;
    this.#sendWaiting();
  }

  #add(message: Waiting): void {
    if (message.text.length > maxCharacters) {
      throw new Error(`a message of ${message.text.length} characters: the limit is ${maxCharacters}`);
    }
    if (this.#waiting.length === 0 && this.#pay(message)) return this.#write(message.text);
    this.#waiting.push(message);
    this.#waitingCharacters += message.text.length;
  }

  #sendWaiting(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#pay(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#waitingCharacters -= next.text.length;
      this.#write(next.text);
    }
    if (this.#waiting.length > 0) return;
    for (const [title, pane] of this.#panes) {
      const text = encodeMessage({ kind: "show", pane });
      if (!this.#pay({ text, isFree: false })) return;
      this.#panes.delete(title);
      this.#write(text);
    }
  }

  #pay({ text, isFree }: Waiting): boolean {
    const left = this.#left;
    if (isFree || left === null) return true;
    if (left.messages < 1 || left.characters < text.length) return false;
    left.messages--;
    left.characters -= text.length;
    return true;
  }
}
