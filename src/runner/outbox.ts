/**
 * What a worker says, on its way to the main thread. Where credits are spent it waits here, in order, but for those
 * that say how the worker is: a sign of life, that an item has begun, and that the worker is lost.
 */
import type { Pane } from "../pane.ts";
import { allowance, costsCredits, type Credits, maxLetters } from "./credits.ts";
import type { Ledger } from "./ledger.ts";
import { encodeMessage, type MessageFromWorker, type ServiceRequest } from "./protocol.ts";

/** With so many waiting, lines of the log are left out. */
const enoughWaiting = 1_000;
/** Nor does a request get in. */
const maxWaiting = 2_000;
const maxWaitingLetters = 32_000_000;
const maxWaitingPanes = 20;

interface Waiting {
  text: string;
  isFree: boolean;
}

export class Outbox {
  readonly #send: (text: string) => void;
  /** null: it says whatever it wants. */
  #left: Credits | null = { ...allowance };
  readonly #waiting: Waiting[] = [];
  #waitingLetters = 0;
  /** The last of each title. */
  readonly #panes = new Map<string, Pane>();
  #ledger: Ledger | null = null;

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  useLedger(ledger: Ledger): void {
    this.#ledger = ledger;
  }

  /** A command is alone in its process, and may print as much as it wants. */
  waiveCredits(): void {
    this.#left = null;
  }

  /** Throws where the main thread has given up the worker: so a loop ends that calls anything of Livecue's. */
  assertOpen(): void {
    if (this.#ledger?.isClosed) {
      throw new Error("this worker has been replaced: nothing that it says is heard");
    }
  }

  /** Whether a line of the log may be said. */
  get hasRoom(): boolean {
    return this.#waiting.length < enoughWaiting;
  }

  /** What waits of these is bounded by whoever calls it: by its items, by `hasRoom`. */
  say(message: MessageFromWorker): void {
    const text = encodeMessage(message);
    const { kind } = message;
    if (kind === "pong" || kind === "began" || kind === "crashed") return this.#send(text);
    this.#add({ text, isFree: !costsCredits(message) });
  }

  /** Throws where too many wait: calls whose answers nobody awaits would fill the memory. */
  ask(requestId: number, request: ServiceRequest): void {
    this.assertOpen();
    if (this.#waiting.length >= maxWaiting || this.#waitingLetters > maxWaitingLetters) {
      throw new Error(
        `too many calls of state, live and emit wait for their turn (over ${maxWaiting}, or ` +
          `${maxWaitingLetters / 1_000_000} MB): await each call`,
      );
    }
    this.#add({ text: encodeMessage({ kind: "request", requestId, request }), isFree: false });
  }

  /** A pane that waits goes where another of its title comes. */
  show(pane: Pane): void {
    this.assertOpen();
    const mayWait = this.#panes.size < maxWaitingPanes || this.#panes.has(pane.title);
    if (mayWait) this.#panes.set(pane.title, pane);
    this.#sendWaiting();
  }

  /** The main thread has dealt with so much. */
  take({ messages, letters }: Credits): void {
    if (this.#left === null) return;
    this.#left.messages += messages;
    this.#left.letters += letters;
    this.#sendWaiting();
  }

  #add(message: Waiting): void {
    if (message.text.length > maxLetters) {
      throw new Error(`a message of ${message.text.length} letters: it has at most ${maxLetters}`);
    }
    if (this.#waiting.length === 0 && this.#pay(message)) return this.#send(message.text);
    this.#waiting.push(message);
    this.#waitingLetters += message.text.length;
  }

  #sendWaiting(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#pay(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#waitingLetters -= next.text.length;
      this.#send(next.text);
    }
    if (this.#waiting.length > 0) return;
    for (const [title, pane] of this.#panes) {
      const text = encodeMessage({ kind: "show", pane });
      if (!this.#pay({ text, isFree: false })) return;
      this.#panes.delete(title);
      this.#send(text);
    }
  }

  #pay({ text, isFree }: Waiting): boolean {
    const left = this.#left;
    if (isFree || left === null) return true;
    if (left.messages < 1 || left.letters < text.length) return false;
    left.messages--;
    left.letters -= text.length;
    return true;
  }
}
