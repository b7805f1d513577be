/**
 * Writes texts to a terminal, a pipe or a file, without blocking the event loop: one write at a time and in order, so
 * that a reader that does not read blocks nobody. The waiting texts are bounded. Texts above the limit are dropped and
 * counted, and a note in their place gives the count as soon as there is room.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Clock, limit, sleep } from "../clock.ts";
import type { Lifecycle } from "../lifecycle.ts";

/** Writes at least one of the bytes, and resolves to the number written. */
export interface ByteStream {
  write(bytes: Uint8Array): Promise<number>;
}

export interface OutletOptions {
  clock: Clock;
  /** The note that replaces `count` dropped texts. */
  missing(count: number): string;
  /** The most characters that wait. Urgent texts may use half as many again. */
  maxWaiting?: number;
  /** Milliseconds that texts wait so that later ones are written with them. Default: the rest of the turn. */
  gatherMs?: number;
  /** Milliseconds after which a failed write is retried. Without it, the texts of a failed write are lost. */
  retryMs?: number;
  /** Called once each time that writing starts to fail. `error` is null if a write has not finished for a while. */
  onTrouble?: (error: Error | null) => void;
  /** Called when writing works again. */
  onRecovered?: () => void;
}

interface Waiting {
  stream: ByteStream;
  text: string;
}

const defaultMaxWaiting = 256 * 1024;
const defaultStopMs = 3_000;
/** Characters of one write. A limit makes the progress of a slow reader visible. */
const largestWrite = 16 * 1024;
/** A write that takes longer counts as one that nobody reads. */
const stuckAfterMs = 5_000;
/** The time between two tries to write to a full non-blocking stream. */
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
  /** When the write in progress began, by the monotonic clock; null if there is none. */
  #writeBegan: number | null = null;
  #cancelStuck = () => {};
  /** Aborts to write the waiting texts at once. */
  #gathering = new AbortController();
  readonly #encoder = new TextEncoder();
  readonly #stopping = new AbortController();
  #stopped: Promise<void> | null = null;

  constructor(options: OutletOptions) {
    this.#options = options;
    this.#maxWaiting = options.maxWaiting ?? defaultMaxWaiting;
  }

  /** It needs no start. */
  start(): void {}

  /** Queues a text, or drops it as a whole. Ignores texts after `stop`. */
  add(stream: ByteStream, text: string, { isUrgent = false } = {}): void {
    if (this.#stopped !== null) return;
    const room = isUrgent ? 1.5 * this.#maxWaiting : this.#maxWaiting;
    // Once full, it drops texts until half of them are written, so that there is one gap with one note rather than
    // many.
    const isFull = this.#missing > 0 && !isUrgent && this.#waitingLength > this.#maxWaiting / 2;
    if (isFull || this.#waitingLength + text.length > room) {
      this.#missing++;
      this.#missingStream = stream;
      return;
    }
    this.#noteMissing();
    this.#push(stream, text);
    this.#writing ??= this.#writeAll();
  }

  /** Milliseconds since the write in progress began; 0 if there is none. */
  get writingForMs(): number {
    return this.#writeBegan === null ? 0 : this.#options.clock.monotonic() - this.#writeBegan;
  }

  /** Removes and returns the waiting texts, for a caller that writes them in another way. */
  takeWaiting(): string {
    const text = this.#waiting.map((waiting) => waiting.text).join("");
    this.#waiting = [];
    this.#waitingLength = 0;
    return text;
  }

  /** Resolves when nothing waits, or after `limitMs`. The result is whether everything is written. */
  async flush(limitMs: number): Promise<boolean> {
    if (this.#writing === null) return true;
    this.#gathering.abort();
    const late = Promise.withResolvers<void>();
    // Time in which this thread was busy does not count, because nothing could be written then.
    const cancel = limit(this.#options.clock, limitMs, late.resolve);
    await Promise.race([this.#writing, late.promise]);
    cancel();
    return this.#writing === null;
  }

  /** Writes the waiting texts, for at most `limitMs` milliseconds. */
  stop(limitMs = defaultStopMs): Promise<void> {
    this.#stopped ??= this.#stop(limitMs);
    return this.#stopped;
  }

  async #stop(limitMs: number): Promise<void> {
    this.#noteMissing();
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

  #noteMissing(): void {
    if (this.#missing === 0 || this.#missingStream === null) return;
    this.#push(this.#missingStream, this.#options.missing(this.#missing));
    this.#missing = 0;
  }

  async #writeAll(): Promise<void> {
    await this.#gather();
    while (this.#waiting.length > 0) {
      const { stream, text } = this.#waiting.shift() as Waiting;
      await this.#write(stream, this.#encoder.encode(text));
      this.#waitingLength = Math.max(0, this.#waitingLength - text.length);
      if (this.#waiting.length === 0) this.#noteMissing();
    }
    this.#writing = null;
  }

  async #gather(): Promise<void> {
    const { clock, gatherMs } = this.#options;
    if (gatherMs === undefined) return void await nextTurn();
    this.#gathering = new AbortController();
    await sleep(clock, gatherMs, this.#gathering.signal);
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
