/**
 * Where texts go out: a terminal, a pipe, a file. They are written beside the event loop, one write at a time and in
 * order, so that a reader who does not read holds up nobody. What waits is bounded. What goes over the bound is
 * left out, counted, and told in its place as soon as there is room.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Clock, limit, sleep } from "../clock.ts";
import type { Lifecycle } from "../lifecycle.ts";

/** Writes some of the bytes, at least one, and resolves to how many. */
export interface ByteStream {
  write(bytes: Uint8Array): Promise<number>;
}

export interface OutletOptions {
  clock: Clock;
  /** What is said in the place of so many texts that were left out. */
  missing(count: number): string;
  /** Characters that wait at most; urgent texts may take half as many again. */
  maxWaiting?: number;
  /** A write that fails is tried again after so long, in milliseconds. Where not given, its texts are lost. */
  retryMs?: number;
  /** Nothing comes out: why, once for each trouble. `error` null: a write has not ended for a while. */
  onTrouble?: (error: Error | null) => void;
  /** Writing works again. */
  onRecovered?: () => void;
}

interface Waiting {
  stream: ByteStream;
  text: string;
}

const defaultMaxWaiting = 256 * 1024;
const defaultStopMs = 3_000;
/** Characters of one write: a reader that is slow is seen to read. */
const largestWrite = 16 * 1024;
/** A write that takes longer is taken for one that nobody reads. */
const stuckAfterMs = 5_000;
/** Between two tries of a stream that refuses when it is full. */
const fullStreamWaitMs = 5;

export class Outlet implements Lifecycle {
  readonly #options: OutletOptions;
  readonly #maxWaiting: number;
  #waiting: Waiting[] = [];
  #waitingLength = 0;
  #missing = 0;
  #missingStream: ByteStream | null = null;
  #writing: Promise<void> | null = null;
  #isInTrouble = false;
  /** When the write began that is under way, by the monotonic clock; null where none is. */
  #writeBegan: number | null = null;
  #cancelStuck = () => {};
  readonly #stopping = new AbortController();
  #stopped: Promise<void> | null = null;

  constructor(options: OutletOptions) {
    this.#options = options;
    this.#maxWaiting = options.maxWaiting ?? defaultMaxWaiting;
  }

  /** It takes texts from the first. */
  start(): void {}

  /** Takes a text, whole or not at all. What comes after the stop is not taken. */
  add(stream: ByteStream, text: string, { isUrgent = false } = {}): void {
    if (this.#stopped !== null) return;
    const room = isUrgent ? 1.5 * this.#maxWaiting : this.#maxWaiting;
    // Once full it takes nothing until half of it is out: a gap is one, and is told as one.
    const isFull = this.#missing > 0 && !isUrgent && this.#waitingLength > this.#maxWaiting / 2;
    if (isFull || this.#waitingLength + text.length > room) {
      this.#missing++;
      this.#missingStream = stream;
      return;
    }
    this.#tellMissing();
    this.#push(stream, text);
    this.#writing ??= this.#writeAll();
  }

  /** Milliseconds since the write began that is under way; 0 where none is. */
  get writingForMs(): number {
    return this.#writeBegan === null ? 0 : this.#options.clock.monotonic() - this.#writeBegan;
  }

  /** Takes out what waits, for whoever writes it in another way. */
  takeWaiting(): string {
    const text = this.#waiting.map((waiting) => waiting.text).join("");
    this.#waiting = [];
    this.#waitingLength = 0;
    return text;
  }

  /** Resolves when nothing waits any more, or after `limitMs`: to whether all is out. */
  async flush(limitMs: number): Promise<boolean> {
    if (this.#writing === null) return true;
    const late = Promise.withResolvers<void>();
    // Where this thread was busy meanwhile, nothing could be written yet.
    const cancel = limit(this.#options.clock, limitMs, late.resolve);
    await Promise.race([this.#writing, late.promise]);
    cancel();
    return this.#writing === null;
  }

  /** Writes what waits, for so long, in milliseconds. */
  stop(limitMs = defaultStopMs): Promise<void> {
    this.#stopped ??= this.#stop(limitMs);
    return this.#stopped;
  }

  async #stop(limitMs: number): Promise<void> {
    this.#tellMissing();
    if (this.#waiting.length > 0) this.#writing ??= this.#writeAll();
    await this.flush(limitMs);
    this.#stopping.abort();
    this.#cancelStuck();
    this.takeWaiting();
  }

  #push(stream: ByteStream, text: string): void {
    this.#waitingLength += text.length;
    const last = this.#waiting.at(-1);
    if (last?.stream === stream && last.text.length < largestWrite) last.text += text;
    else this.#waiting.push({ stream, text });
  }

  #tellMissing(): void {
    if (this.#missing === 0 || this.#missingStream === null) return;
    this.#push(this.#missingStream, this.#options.missing(this.#missing));
    this.#missing = 0;
  }

  /** From the end of this turn, so that what comes within one is written together. */
  async #writeAll(): Promise<void> {
    await nextTurn();
    while (this.#waiting.length > 0) {
      const { stream, text } = this.#waiting.shift() as Waiting;
      await this.#write(stream, new TextEncoder().encode(text));
      this.#waitingLength = Math.max(0, this.#waitingLength - text.length);
      if (this.#waiting.length === 0) this.#tellMissing();
    }
    this.#writing = null;
  }

  async #write(stream: ByteStream, bytes: Uint8Array): Promise<void> {
    const { clock, retryMs } = this.#options;
    for (let rest = bytes; rest.length > 0 && !this.#stopping.signal.aborted;) {
      try {
        rest = rest.subarray(await this.#writeSome(stream, rest));
        this.#recover();
      } catch (error) {
        if (error instanceof Deno.errors.WouldBlock) {
          await sleep(clock, fullStreamWaitMs, this.#stopping.signal);
          continue;
        }
        this.#fail(error as Error);
        if (retryMs === undefined) return;
        await sleep(clock, retryMs, this.#stopping.signal);
      }
    }
  }

  async #writeSome(stream: ByteStream, bytes: Uint8Array): Promise<number> {
    const { clock } = this.#options;
    this.#writeBegan = clock.monotonic();
    this.#cancelStuck = limit(clock, stuckAfterMs, () => this.#fail(null));
    try {
      return await stream.write(bytes);
    } finally {
      this.#cancelStuck();
      this.#writeBegan = null;
    }
  }

  #fail(error: Error | null): void {
    if (this.#isInTrouble) return;
    this.#isInTrouble = true;
    this.#options.onTrouble?.(error);
  }

  #recover(): void {
    if (!this.#isInTrouble) return;
    this.#isInTrouble = false;
    this.#options.onRecovered?.();
  }
}
