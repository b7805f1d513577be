/**
 * Speaks one text at a time: the highest priority first, then the oldest. Pages play it, and say how far they are; where
 * none is open, and nobody hears the stream, it ends as "not heard". What is being spoken is never interrupted by
 * another text.
 */
import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises";
import { limit } from "livecue/limit";
import type { ServiceLog } from "livecue/service";
import type { Segment, Speech, SpeechStatus, SpokenWord } from "./speech.ts";
import type { Speeches } from "./speeches.ts";
import type { MadeSegment } from "./synthesis.ts";

type End = Exclude<SpeechStatus, "waiting" | "speaking">;

export interface SpeakerOptions {
  speeches: Pick<Speeches, "next" | "begin" | "end">;
  /** Begins to make all of its sound, a promise a segment. */
  make(speech: Speech): Promise<readonly Promise<MadeSegment>[]>;
  /** Whether somebody hears the stream. */
  isStreamHeard(): boolean;
  /** How long a page may be gone, as in a reload or a restart of ours, until nobody is there to hear. */
  reconnectMs: number;
  log: Pick<ServiceLog, "warn" | "error">;
  /** After the database could not be read or written. Default: 5 s. */
  retryMs?: number;
  /** A text begins to be spoken. */
  onBegin(speech: Speech, segments: readonly Promise<MadeSegment>[]): void;
  /** A segment of it begins to be heard. */
  onSegment(said: Said): void;
  onEnd(speech: Speech, status: End): void;
}

/** A segment that is heard right now. */
export interface Said extends Segment {
  readonly speech: Speech;
  readonly words: readonly SpokenWord[];
  /** When it began, by `performance.now()`. */
  readonly since: number;
}

interface Current {
  readonly speech: Speech;
  readonly segments: readonly Promise<MadeSegment>[];
  readonly ended: PromiseWithResolvers<End>;
  /** Aborts when it has ended. */
  readonly over: AbortController;
  /** The segment that is heard; -1 before a page has begun. */
  segment: number;
}

/** What a page may need over the length of a speech, for loading it. */
const graceMs = 10_000;
const usualRetryMs = 5000;

export class Speaker {
  readonly #options: SpeakerOptions;
  readonly #stopping = new AbortController();
  #openPages = 0;
  /** Ends the time in which a page is expected. */
  #cancelExpecting: (() => void) | null = null;
  #current: Current | null = null;
  #said: Said | null = null;
  #isTroubled = false;
  #changed = Promise.withResolvers<void>();
  #running: Promise<void> | null = null;

  constructor(options: SpeakerOptions) {
    this.#options = options;
  }

  /** What is heard right now; null where nothing is. */
  get said(): Said | null {
    return this.#said;
  }

  get speaking(): Speech | null {
    return this.#current?.speech ?? null;
  }

  /** What a page that comes back has to go on with, and from which segment; null where other pages speak it. */
  get interrupted(): { speech: Speech; segment: number } | null {
    if (this.#current === null || this.#openPages > 1) return null;
    return { speech: this.#current.speech, segment: Math.max(0, this.#current.segment) };
  }

  start(): void {
    this.#expectPages();
    this.#running ??= this.#run();
  }

  /** What is being spoken stays to be spoken at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cancelExpecting?.();
    this.wake();
    this.#current?.ended.resolve("not heard");
    await this.#running;
  }

  /** Something may be to be spoken now. */
  wake(): void {
    this.#changed.resolve();
  }

  openPage(): void {
    this.#openPages++;
    this.#cancelExpecting?.();
    this.#cancelExpecting = null;
    this.wake();
  }

  closePage(): void {
    this.#openPages--;
    if (this.#openPages === 0) this.#expectPages();
  }

  /** A page begins this segment; the first page that says so counts. */
  hear(id: number, segment: number): void {
    const current = this.#current;
    if (current === null || current.speech.id !== id) return;
    if (segment <= current.segment || segment >= current.segments.length) return;
    current.segment = segment;
    const since = performance.now();
    void current.segments[segment]?.then(({ from, to, words }) => {
      if (this.#current !== current || current.segment !== segment) return;
      this.#said = { speech: current.speech, from, to, words, since };
      this.#options.onSegment(this.#said);
    }, () => {});
  }

  /** A page has spoken all of it. */
  finish(id: number): void {
    if (this.#current?.speech.id === id) this.#current.ended.resolve("spoken");
  }

  /** What is being spoken ends now. Whether there was something, and the one that was meant. */
  skip(id: number | null = null): boolean {
    if (this.#current === null || (id !== null && this.#current.speech.id !== id)) return false;
    this.#current.ended.resolve("skipped");
    return true;
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  get #isHeard(): boolean {
    return this.#openPages > 0 || this.#options.isStreamHeard();
  }

  #expectPages(): void {
    this.#cancelExpecting?.();
    this.#cancelExpecting = limit(this.#options.reconnectMs, () => {
      this.#cancelExpecting = null;
      if (!this.#isHeard) this.#current?.ended.resolve("not heard");
      this.wake();
    });
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) await this.#insist(() => this.#speakNext());
  }

  /** Acts until the database can be read and written. */
  async #insist(act: () => void | Promise<void>): Promise<void> {
    while (!this.#isStopped) {
      try {
        await act();
        this.#isTroubled = false;
        return;
      } catch (error) {
        // A disk that is full, say: what waits has to wait until it can be written that it was spoken.
        await this.#waitInTrouble(error);
      }
    }
  }

  async #speakNext(): Promise<void> {
    this.#changed = Promise.withResolvers();
    const speech = this.#options.speeches.next();
    if (speech === null || (!this.#isHeard && this.#cancelExpecting !== null)) {
      await this.#changed.promise;
    } else if (this.#isHeard) {
      await this.#speak(speech);
    } else {
      this.#end(speech, "not heard");
      // Of many, so that all else has its turn.
      await nextTurn();
    }
  }

  async #waitInTrouble(error: unknown): Promise<void> {
    const { log, retryMs = usualRetryMs } = this.#options;
    if (!this.#isTroubled) {
      log.error(`nothing can be spoken: ${messageOf(error)}; it is tried again every ${retryMs / 1000} s`);
    }
    this.#isTroubled = true;
    await wait(retryMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }

  /** Null where it cannot be made, which ends it. */
  async #make(speech: Speech): Promise<readonly Promise<MadeSegment>[] | null> {
    try {
      const segments = await this.#options.make(speech);
      if (segments.length === 0) throw new Error("there is nothing in it to say");
      await segments[0];
      return segments;
    } catch (error) {
      if (this.#isStopped) return null;
      this.#options.log.warn(`a text could not be spoken: ${messageOf(error)}`);
      this.#end(speech, "failed");
      return null;
    }
  }

  async #speak(speech: Speech): Promise<void> {
    const segments = await this.#make(speech);
    if (segments === null) return;
    // Another one may have come before it while it was made, and somebody may have skipped it.
    if (this.#isStopped || this.#options.speeches.next()?.id !== speech.id) return;
    const current: Current = {
      speech,
      segments,
      ended: Promise.withResolvers(),
      over: new AbortController(),
      segment: -1,
    };
    this.#options.speeches.begin(speech.id);
    this.#current = current;
    this.#options.onBegin(speech, segments);
    const cancel = this.#limitTime(current);
    if (this.#openPages === 0) void this.#hearByTime(current);
    const end = await current.ended.promise;
    cancel();
    current.over.abort();
    this.#current = null;
    this.#said = null;
    if (this.#isStopped) return;
    this.#options.onEnd(speech, end);
    // Otherwise the next run would speak it again.
    await this.#insist(() => void this.#options.speeches.end(speech.id, end));
  }

  /** Where the stream alone is heard no page tells how far it is. */
  async #hearByTime({ speech, segments, over: { signal } }: Current): Promise<void> {
    try {
      for (const [index, segment] of segments.entries()) {
        const { durationMs } = await segment;
        this.hear(speech.id, index);
        await wait(durationMs, undefined, { signal });
      }
    } catch {
      // It has ended before its time.
    }
  }

  /** A page that is frozen does not hold up the others for ever; and where the stream alone is heard, time tells. */
  #limitTime(current: Current): () => void {
    const begun = performance.now();
    let cancel = () => {};
    void Promise.all(current.segments).then((made) => {
      if (this.#current !== current) return;
      const durationMs = made.reduce((sum, segment) => sum + segment.durationMs, 0);
      const passedMs = performance.now() - begun;
      const isStreamed = this.#openPages === 0;
      const wholeMs = isStreamed ? durationMs : durationMs + graceMs;
      cancel = limit(Math.max(0, wholeMs - passedMs), () => {
        const isSpoken = isStreamed || current.segment >= 0 || this.#options.isStreamHeard();
        current.ended.resolve(isSpoken ? "spoken" : "not heard");
      });
    }, (error) => {
      this.#options.log.warn(`the rest of a text could not be spoken: ${messageOf(error)}`);
      current.ended.resolve("failed");
    });
    return () => cancel();
  }

  #end(speech: Speech, status: End): void {
    this.#options.speeches.end(speech.id, status);
    this.#options.onEnd(speech, status);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
