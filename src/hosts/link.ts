/**
 * A link that brings each message to the other side exactly once and in order, although frames may get lost, come
 * twice or late, and connections break. Both sides number their messages and keep them until the other side has
 * acknowledged them. After a gap, or if no acknowledgement comes, everything from the first missing message is sent
 * again.
 *
 * The link itself makes no connections. Its owner attaches one after another.
 */
import { backoffMs } from "../backoff.ts";
import { type Clock, limitEvery } from "../clock.ts";
import { decodeFrame, encodeFrame, type Frame, fullFrameCharacters, maxMessagesInFrame } from "./frame.ts";

/** A connection as the link sees it. */
export interface Wire {
  send(frame: string): void;
}

export interface LinkOptions {
  clock: Clock;
  /** Called once for each message of the other side, in order. */
  onMessage(text: string): void;
  /** Nothing has come through the attached connection for a while: it is probably dead. Close it. */
  onSilence(): void;
  /** Called each second in which messages could not get through. */
  onInterrupted?(forMs: number): void;
  /** The other side has not been heard for `patienceSeconds`, with or without a connection. */
  onLost(): void;
  /** The other side breaks the rules, or leaves too much unacknowledged. */
  onBroken(why: LinkBreak): void;
  /** How long the other side may be unheard. */
  patienceSeconds: number;
}

export type LinkBreak = "not a frame" | "wrong numbers" | "too much unacknowledged";

const tickMs = 1000;
/** Each side sends something every second, so this connection is dead. */
const silentSeconds = 3;
/** An acknowledgement waits this long for a message that can carry it. */
const acknowledgeAfterMs = 20;
/** It does not wait longer if this many messages are unacknowledged. */
const acknowledgeAtOnce = 64;
/** Without an acknowledgement, messages are sent again after twice the usual time to the other side and back. */
const unknownRoundTripMs = 100;
const leastRepeatMs = 50;
const longestRepeatMs = 2000;
/** The share of the latest measurement in the usual time. */
const freshness = 0.2;
/** How often the same gap is reported. */
const askAgainMs = 100;
/** Characters under way at a time. The rest waits, so that not too much is ever sent again. */
const windowCharacters = 1024 * 1024;
/** Characters of all messages that the other side has not acknowledged. */
const maxKeptCharacters = 64 * 1024 * 1024;

export class NumberedLink {
  readonly #options: LinkOptions;
  readonly #stopTicking: () => void;
  #wire: Wire | null = null;
  /** Not acknowledged yet. The first one has the number `#firstKept`. */
  readonly #kept: string[] = [];
  #firstKept = 1;
  #keptCharacters = 0;
  /** The number of the next message to send; smaller than the newest while messages are sent again. */
  #next = 1;
  #underWayCharacters = 0;
  /** The highest number that was ever sent. */
  #newestSent = 0;
  /** The last number up to which everything was received. */
  #received = 0;
  #unacknowledgedCount = 0;
  #isFlushing = false;
  #cancelAcknowledge: (() => void) | null = null;
  #cancelRepeat: (() => void) | null = null;
  #repeats = 0;
  /** The usual time from a message to its acknowledgement. */
  #roundTripMs = unknownRoundTripMs;
  /** A message, sent once, whose acknowledgement is measured. */
  #measured: { number: number; sentAt: number } | null = null;
  #askedAt = -Infinity;
  #unheardSeconds = 0;
  #silentSeconds = 0;
  #isClosed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#stopTicking = limitEvery(options.clock, tickMs, () => this.#tick());
  }

  /** The last number up to which everything was received. The other side needs it to attach a connection. */
  get received(): number {
    return this.#received;
  }

  /** Whether messages cannot get through at the moment, so that silence says nothing about the other side. */
  get isInterrupted(): boolean {
    return this.#wire === null || this.#silentSeconds >= 2 || this.#repeats >= 4;
  }

  /** For how many seconds nothing was heard. */
  get unheardSeconds(): number {
    return this.#unheardSeconds;
  }

  /** Whether the other side has acknowledged everything. */
  get isDrained(): boolean {
    return this.#kept.length === 0;
  }

  /** Sends the message as soon as there is a connection, and again until it is acknowledged. */
  post(text: string): void {
    if (this.#isClosed) return;
    this.#kept.push(text);
    this.#keptCharacters += text.length;
    if (this.#keptCharacters > maxKeptCharacters) return this.#break("too much unacknowledged");
    this.#flushSoon();
  }

  /** From now on frames go through this connection. `theyReceived`: what the other side said of itself. */
  attach(wire: Wire, theyReceived: number): void {
    if (this.#isClosed) return;
    this.#hear();
    if (!this.#acknowledge(theyReceived)) return this.#break("wrong numbers");
    this.#wire = wire;
    this.#repeats = 0;
    this.#sendAgain();
  }

  /** The connection is gone, and messages wait for the next one. */
  detach(): void {
    this.#wire = null;
    this.#silentSeconds = 0;
    this.#cancelAcknowledge?.();
    this.#cancelAcknowledge = null;
    this.#cancelRepeat?.();
    this.#cancelRepeat = null;
  }

  /** Ends the link: nothing is sent, and nothing is called any more. */
  close(): void {
    this.detach();
    this.#isClosed = true;
    this.#stopTicking();
    this.#kept.length = 0;
  }

  /** A frame has come through the attached connection. */
  receive(data: unknown): void {
    if (this.#isClosed) return;
    const frame = decodeFrame(data);
    if (frame === null) return this.#break("not a frame");
    this.#hear();
    if (!this.#acknowledge(frame.acknowledged)) return this.#break("wrong numbers");
    const isGap = this.#take(frame);
    if (this.#isClosed) return;
    if (frame.asksAgain) this.#sendAgain();
    else this.#flushSoon();
    if (isGap) this.#askAgain();
    else if (frame.messages.length > 0) this.#acknowledgeSoon(frame.messages.length);
  }

  /** Returns whether messages before these are missing. */
  #take({ first, messages }: Frame): boolean {
    let number = first;
    for (const message of messages) {
      if (number > this.#received + 1) return true;
      if (number === this.#received + 1) {
        this.#received++;
        this.#options.onMessage(message);
        if (this.#isClosed) return false;
      }
      number++;
    }
    return number > this.#received + 1;
  }

  #hear(): void {
    this.#unheardSeconds = 0;
    this.#silentSeconds = 0;
  }

  /** Forgets the messages up to this number. Returns whether the number is possible. */
  #acknowledge(number: number): boolean {
    if (number >= this.#firstKept + this.#kept.length) return false;
    const count = number - this.#firstKept + 1;
    if (count <= 0) return true;
    for (const text of this.#kept.splice(0, count)) {
      this.#keptCharacters -= text.length;
      if (this.#firstKept++ < this.#next) this.#underWayCharacters -= text.length;
    }
    this.#next = Math.max(this.#next, this.#firstKept);
    this.#measure(number);
    this.#repeats = 0;
    this.#cancelRepeat?.();
    this.#cancelRepeat = null;
    if (this.#next > this.#firstKept) this.#repeatLater();
    return true;
  }

  #measure(acknowledged: number): void {
    if (this.#measured === null || this.#measured.number > acknowledged) return;
    const tookMs = this.#options.clock.monotonic() - this.#measured.sentAt;
    this.#roundTripMs += freshness * (tookMs - this.#roundTripMs);
    this.#measured = null;
  }

  /** All messages of one turn go in one frame. */
  #flushSoon(): void {
    if (this.#isFlushing || this.#wire === null) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#wire !== null && this.#next < this.#firstKept + this.#kept.length) {
      if (this.#underWayCharacters >= windowCharacters) break;
      const first = this.#next;
      const messages: string[] = [];
      let characters = 0;
      while (messages.length < maxMessagesInFrame) {
        const message = this.#kept[this.#next - this.#firstKept];
        if (message === undefined) break;
        if (messages.length > 0 && characters + message.length > fullFrameCharacters) break;
        messages.push(message);
        characters += message.length;
        this.#next++;
      }
      this.#underWayCharacters += characters;
      if (first > this.#newestSent) {
        this.#measured ??= { number: first, sentAt: this.#options.clock.monotonic() };
      }
      this.#newestSent = Math.max(this.#newestSent, this.#next - 1);
      this.#send({ first, messages, asksAgain: false });
    }
    if (this.#wire !== null && this.#next > this.#firstKept && this.#cancelRepeat === null) {
      this.#repeatLater();
    }
  }

  #send(frame: Omit<Frame, "acknowledged">): void {
    this.#unacknowledgedCount = 0;
    this.#cancelAcknowledge?.();
    this.#cancelAcknowledge = null;
    this.#wire?.send(encodeFrame({ ...frame, acknowledged: this.#received }));
  }

  /** Sends a frame without messages. */
  #sendState(asksAgain: boolean): void {
    this.#send({ first: this.#next, messages: [], asksAgain });
  }

  #acknowledgeSoon(count: number): void {
    this.#unacknowledgedCount += count;
    if (this.#unacknowledgedCount >= acknowledgeAtOnce) return this.#sendState(false);
    this.#cancelAcknowledge ??= this.#options.clock.after(acknowledgeAfterMs, () => this.#sendState(false));
  }

  #askAgain(): void {
    const now = this.#options.clock.monotonic();
    if (now - this.#askedAt < askAgainMs) return;
    this.#askedAt = now;
    this.#sendState(true);
  }

  #sendAgain(): void {
    this.#measured = null;
    this.#next = this.#firstKept;
    this.#underWayCharacters = 0;
    this.#flush();
  }

  #repeatLater(): void {
    const firstMs = leastRepeatMs + 2 * this.#roundTripMs;
    const waitMs = backoffMs(this.#repeats + 1, { firstMs, longestMs: longestRepeatMs });
    this.#cancelRepeat = this.#options.clock.after(waitMs, () => {
      this.#cancelRepeat = null;
      this.#repeats++;
      this.#sendAgain();
    });
  }

  #tick(): void {
    const { onInterrupted, onSilence, onLost, patienceSeconds } = this.#options;
    this.#unheardSeconds++;
    if (this.#wire !== null) this.#silentSeconds++;
    if (this.isInterrupted) onInterrupted?.(tickMs);
    if (this.#unheardSeconds >= patienceSeconds) return onLost();
    if (this.#wire === null) return;
    this.#sendState(false);
    if (this.#silentSeconds >= silentSeconds) onSilence();
  }

  #break(why: LinkBreak): void {
    this.#options.onBroken(why);
  }
}
