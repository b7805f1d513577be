/**
 * Receives messages from one worker on the main thread, and counts and handles them in order. Messages that cost
 * credits wait for their share of the main thread's time, and so does everything after them. Messages about the
 * worker's health are handled at once. The worker's credits bound most of what waits. A worker that sends more is
 * terminated.
 */
import type { Clock } from "../clock.ts";
import { t } from "../language.ts";
import { MessageTime, type Sender } from "./message_time.ts";
import { allowance, costsCredits, type Credits, maxCharacters } from "./credits.ts";

export interface IntakeOptions {
  clock: Clock;
  /** Handles a message of any content. Its credits come back when the returned promise settles. */
  handle(message: Record<string, unknown>): void | Promise<void>;
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
const strayLimit: Credits = { messages: 200, characters: 4_000_000 };

/** Reading a shorter message takes so little time that measuring it is not worthwhile. */
const longCharacters = 16_384;

/** Messages about the worker's health and progress. */
const urgent: ReadonlySet<unknown> = new Set(["pong", "began"]);

type Message = Record<string, unknown>;

interface Waiting {
  message: Message;
  /** Characters of its text. */
  length: number;
  /** 0 if it costs no credits. */
  characters: number;
  /** How long parsing took, measured for long messages only. */
  readMs: number;
}

export class Intake implements Sender {
  readonly #options: IntakeOptions;
  /** Received, and not handled yet. */
  readonly #underWay: Credits = { messages: 0, characters: 0 };
  /** Handled, and not given back yet. */
  readonly #spent: Credits = { messages: 0, characters: 0 };
  readonly #waiting: Waiting[] = [];
  readonly #time: MessageTime;
  readonly #strays: Credits = { messages: 0, characters: 0 };
  #straysSince: number;
  /** Characters of the message that is being handled. */
  #currentLength = 0;
  #isClosed = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#time = MessageTime.of(options.clock);
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
    const characters = costsCredits(message) ? length : 0;
    if (characters > 0 && !this.#isCovered(characters)) return;
    const readMs = isLong(data) ? clock.monotonic() - begin : 0;
    const isHandledAtOnce = characters === 0 && (this.#waiting.length === 0 || urgent.has(message["kind"]));
    if (isHandledAtOnce) return void this.#handle({ message, length, characters, readMs });
    if (this.#waiting.length >= maxWaiting) {
      return this.#giveUp(t`sent more messages than may wait at once`);
    }
    this.#waiting.push({ message, length, characters, readMs });
    this.#time.enter(this);
  }

  /** Counts a message that Livecue's own code did not send; by default, the message that is being handled. */
  stray({ messages, characters }: Credits = { messages: 1, characters: this.#currentLength }): void {
    const now = this.#options.clock.monotonic();
    if (now - this.#straysSince >= 1000) {
      this.#straysSince = now;
      this.#strays.messages = this.#strays.characters = 0;
    }
    this.#strays.messages += messages;
    this.#strays.characters += characters;
    if (this.#strays.messages <= strayLimit.messages && this.#strays.characters <= strayLimit.characters) {
      return;
    }
    this.#giveUp(t`sent a flood of invalid messages`);
  }

  #read(data: unknown): Message | null {
    if (typeof data !== "string") return this.#refuse("sent something that is not a message", 1_000);
    if (data.length > maxCharacters) {
      return this.#refuse(
        `sent a message of ${data.length} characters: the limit is ${maxCharacters}`,
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

  #refuse(mistake: string, characters: number): null {
    this.stray({ messages: 1, characters });
    if (!this.#isClosed) this.#options.refuse(mistake);
    return null;
  }

  #isCovered(characters: number): boolean {
    const underWay = this.#underWay;
    underWay.messages++;
    underWay.characters += characters;
    if (underWay.messages <= allowance.messages && underWay.characters <= allowance.characters) return true;
    this.#giveUp(t`sent more messages than may wait at once`);
    return false;
  }

  #giveUp(why: string): void {
    if (this.#isClosed) return;
    this.close();
    this.#options.onFlood(why);
  }

  handleNext(): boolean {
    const next = this.#waiting.shift();
    if (next === undefined) return false;
    const { characters, readMs } = next;
    this.#time.spend(readMs);
    const handled = this.#handle(next);
    if (characters > 0) {
      if (handled === undefined) this.#giveBack(characters);
      else void handled.finally(() => this.#giveBack(characters));
    }
    return this.#waiting.length > 0;
  }

  #handle({ message, length }: Waiting): void | Promise<void> {
    this.#currentLength = length;
    const handled = this.#options.handle(message);
    this.#currentLength = 0;
    return handled;
  }

  #giveBack(characters: number): void {
    if (this.#isClosed) return;
    const spent = this.#spent;
    spent.messages++;
    spent.characters += characters;
    if (spent.messages < allowance.messages / 2 && spent.characters < allowance.characters / 2) return;
    this.#underWay.messages -= spent.messages;
    this.#underWay.characters -= spent.characters;
    this.#options.grant({ ...spent });
    spent.messages = spent.characters = 0;
  }
}

function isLong(data: unknown): boolean {
  return typeof data === "string" && data.length >= longCharacters;
}
