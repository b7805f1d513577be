/**
 * Receives messages from one worker on the main thread, and counts and handles them in order. Messages that cost
 * credits wait for their share of the main thread's time, and so does everything after them. Messages about the
 * worker's health are handled at once. The worker's credits bound most of what waits. A worker that sends more is
 * terminated.
 */
import type { Clock } from "../clock.ts";
import { type Sayer, SayingTime } from "./saying_time.ts";
import { allowance, costsCredits, type Credits, maxLetters } from "./credits.ts";

export interface IntakeOptions {
  clock: Clock;
  /** Handles a message of any content. Its credits come back when the returned promise settles. */
  deal(message: Record<string, unknown>): void | Promise<void>;
  /** Refuses data that is no message at all. `mistake` continues "the service". */
  refuse(mistake: string): void;
  /** Gives credits back to the worker. */
  grant(credits: Credits): void;
  /** The owner must terminate the worker. `why` continues "the service". No more messages are handled. */
  onFlood(why: string): void;
}

/** Includes answers, which cost no credits: a worker has at most 4,096 items, and each has an end. */
const maxWaiting = 5_000;

/** Limit per second for messages that Livecue's own code did not send. */
const strayLimit: Credits = { messages: 200, letters: 4_000_000 };

/** Reading a shorter message takes so little time that measuring it is not worthwhile. */
const longLetters = 16_384;

/** Messages about the worker's health and progress. */
const urgent: ReadonlySet<unknown> = new Set(["pong", "began"]);

type Message = Record<string, unknown>;

interface Waiting {
  message: Message;
  /** Characters of its text. */
  length: number;
  /** 0 if it costs no credits. */
  letters: number;
  /** How long parsing took, measured for long messages only. */
  readMs: number;
}

export class Intake implements Sayer {
  readonly #options: IntakeOptions;
  /** Received, and not handled yet. */
  readonly #underWay: Credits = { messages: 0, letters: 0 };
  /** Handled, and not given back yet. */
  readonly #spent: Credits = { messages: 0, letters: 0 };
  readonly #waiting: Waiting[] = [];
  readonly #time: SayingTime;
  readonly #strays: Credits = { messages: 0, letters: 0 };
  #straysSince: number;
  /** Characters of the message that is being handled. */
  #lengthAtHand = 0;
  #isClosed = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#time = SayingTime.of(options.clock);
    this.#straysSince = options.clock.monotonic();
  }

  /** Handles no more messages. */
  close(): void {
    this.#isClosed = true;
    this.#time.leave(this);
    this.#waiting.length = 0;
  }

  receive(data: unknown): void {
    if (this.#isClosed) return;
    const { clock } = this.#options;
    const begin = isLong(data) ? clock.monotonic() : 0;
    const message = this.#read(data);
    if (message === null) return;
    const { length } = data as string;
    const letters = costsCredits(message) ? length : 0;
    if (letters > 0 && !this.#isCovered(letters)) return;
    const readMs = isLong(data) ? clock.monotonic() - begin : 0;
    const isHeardAtOnce = letters === 0 && (this.#waiting.length === 0 || urgent.has(message["kind"]));
    if (isHeardAtOnce) return void this.#deal({ message, length, letters, readMs });
    if (this.#waiting.length >= maxWaiting) {
      return this.#giveUp("sent more messages than may wait at once");
    }
    this.#waiting.push({ message, length, letters, readMs });
    this.#time.enter(this);
  }

  /** Counts a message that Livecue's own code did not send; by default, the message that is being handled. */
  stray({ messages, letters }: Credits = { messages: 1, letters: this.#lengthAtHand }): void {
    const now = this.#options.clock.monotonic();
    if (now - this.#straysSince >= 1000) {
      this.#straysSince = now;
      this.#strays.messages = this.#strays.letters = 0;
    }
    this.#strays.messages += messages;
    this.#strays.letters += letters;
    if (this.#strays.messages <= strayLimit.messages && this.#strays.letters <= strayLimit.letters) return;
    this.#giveUp("sent a flood of invalid messages");
  }

  #read(data: unknown): Message | null {
    if (typeof data !== "string") return this.#refuse("sent something that is not a message", 1_000);
    if (data.length > maxLetters) {
      return this.#refuse(
        `sent a message of ${data.length} characters: the limit is ${maxLetters}`,
        data.length,
      );
    }
    let message: unknown;
    try {
      message = JSON.parse(data);
    } catch {
      return this.#refuse("sent something that is not a message", data.length);
    }
    const isObject = typeof message === "object" && message !== null && !Array.isArray(message);
    return isObject ? message as Message : this.#refuse("sent something that is not a message", data.length);
  }

  #refuse(mistake: string, letters: number): null {
    this.stray({ messages: 1, letters });
    if (!this.#isClosed) this.#options.refuse(mistake);
    return null;
  }

  #isCovered(letters: number): boolean {
    const underWay = this.#underWay;
    underWay.messages++;
    underWay.letters += letters;
    if (underWay.messages <= allowance.messages && underWay.letters <= allowance.letters) return true;
    this.#giveUp("sent more messages than may wait at once");
    return false;
  }

  #giveUp(why: string): void {
    if (this.#isClosed) return;
    this.close();
    this.#options.onFlood(why);
  }

  dealWithNext(): boolean {
    const next = this.#waiting.shift();
    if (next === undefined) return false;
    const { letters, readMs } = next;
    this.#time.spend(readMs);
    const dealt = this.#deal(next);
    if (letters > 0) {
      if (dealt === undefined) this.#giveBack(letters);
      else void dealt.finally(() => this.#giveBack(letters));
    }
    return this.#waiting.length > 0;
  }

  #deal({ message, length }: Waiting): void | Promise<void> {
    this.#lengthAtHand = length;
    const dealt = this.#options.deal(message);
    this.#lengthAtHand = 0;
    return dealt;
  }

  #giveBack(letters: number): void {
    if (this.#isClosed) return;
    const spent = this.#spent;
    spent.messages++;
    spent.letters += letters;
    if (spent.messages < allowance.messages / 2 && spent.letters < allowance.letters / 2) return;
    this.#underWay.messages -= spent.messages;
    this.#underWay.letters -= spent.letters;
    this.#options.grant({ ...spent });
    spent.messages = spent.letters = 0;
  }
}

function isLong(data: unknown): boolean {
  return typeof data === "string" && data.length >= longLetters;
}
