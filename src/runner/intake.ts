/**
 * What comes from one worker, on the main thread: read, counted, and dealt with in order. What the worker says by itself
 * waits for its share of the main thread's time, as does all that comes behind it. Signs of how the worker is are heard
 * at once. What waits is bounded, mostly by the worker's credits. A worker that says more is given up.
 */
import type { Clock } from "../clock.ts";
import { type Sayer, SayingTime } from "./saying_time.ts";
import { allowance, costsCredits, type Credits, maxLetters } from "./credits.ts";

export interface IntakeOptions {
  clock: Clock;
  /** A message of any content. Where it costs credits, they come back when the returned promise has ended. */
  deal(message: Record<string, unknown>): void | Promise<void>;
  /** What is no message at all; `mistake` goes on after "the service". */
  refuse(mistake: string): void;
  /** To be told to the worker. */
  grant(credits: Credits): void;
  /** The worker is to be ended; `why` goes on after "the service". Nothing is dealt with any more. */
  onFlood(why: string): void;
}

/** With answers that cost no credits: an end for each of the 4,096 items that a worker has at most. */
const maxWaiting = 5_000;

/** What none of Livecue's code sent, in a second. */
const strayLimit: Credits = { messages: 200, letters: 4_000_000 };

/** What is shorter is read in less time than a look at the clock is worth. */
const longLetters = 16_384;

/** These say how the worker is. */
const urgent: ReadonlySet<unknown> = new Set(["pong", "began"]);

type Message = Record<string, unknown>;

interface Waiting {
  message: Message;
  /** Of its text. */
  length: number;
  /** 0 where it costs no credits. */
  letters: number;
  /** What it took to read it, where it is long: it may say nothing, at length. */
  readMs: number;
}

export class Intake implements Sayer {
  readonly #options: IntakeOptions;
  /** Come, and not dealt with yet. */
  readonly #underWay: Credits = { messages: 0, letters: 0 };
  /** Dealt with, and not given back yet. */
  readonly #spent: Credits = { messages: 0, letters: 0 };
  readonly #waiting: Waiting[] = [];
  readonly #time: SayingTime;
  readonly #strays: Credits = { messages: 0, letters: 0 };
  #straysSince: number;
  /** Of the message that is dealt with. */
  #lengthAtHand = 0;
  #isClosed = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#time = SayingTime.of(options.clock);
    this.#straysSince = options.clock.monotonic();
  }

  /** Nothing is dealt with any more. */
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
      return this.#giveUp("sent more messages than it may have under way");
    }
    this.#waiting.push({ message, length, letters, readMs });
    this.#time.enter(this);
  }

  /** Something came that none of Livecue's code sent: where nothing else is given, the message that is dealt with. */
  stray({ messages, letters }: Credits = { messages: 1, letters: this.#lengthAtHand }): void {
    const now = this.#options.clock.monotonic();
    if (now - this.#straysSince >= 1000) {
      this.#straysSince = now;
      this.#strays.messages = this.#strays.letters = 0;
    }
    this.#strays.messages += messages;
    this.#strays.letters += letters;
    if (this.#strays.messages <= strayLimit.messages && this.#strays.letters <= strayLimit.letters) return;
    this.#giveUp("sent a flood of what is no message of Livecue's");
  }

  #read(data: unknown): Message | null {
    if (typeof data !== "string") return this.#refuse("sent no message", 1_000);
    if (data.length > maxLetters) {
      return this.#refuse(
        `sent a message of ${data.length} letters: it has at most ${maxLetters}`,
        data.length,
      );
    }
    let message: unknown;
    try {
      message = JSON.parse(data);
    } catch {
      return this.#refuse("sent no message", data.length);
    }
    const isObject = typeof message === "object" && message !== null && !Array.isArray(message);
    return isObject ? message as Message : this.#refuse("sent no message", data.length);
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
    this.#giveUp("sent more messages than it may have under way");
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
