/**
 * Speaks one text at a time: the highest priority first, then the oldest. Pages play the text and report how far they
 * are. If no page is open and nobody listens to the stream, the text ends as "not heard". A text never interrupts
 * another.
 */
import { t } from "livecue/language";
import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises";
import { limit } from "livecue/limit";
import type { ServiceLog } from "livecue/service";
import type { Segment, Speech, SpeechStatus, SpokenWord } from "./speech.ts";
import type { Speeches } from "./speeches.ts";
import type { MadeSegment } from "./synthesis.ts";

type End = Exclude<SpeechStatus, "waiting" | "speaking">;

export interface SpeakerOptions {
  speeches: Pick<Speeches, "next" | "begin" | "end">;
  /** Starts to synthesize the speech. Returns a promise per segment. */
  make(speech: Speech): Promise<readonly Promise<MadeSegment>[]>;
  /** Whether somebody listens to the stream. */
  isStreamHeard(): boolean;
  /** How long to wait for a page that is reloading, or for pages after a restart, before texts end as "not heard". */
  reconnectMs: number;
  log: Pick<ServiceLog, "warn" | "error">;
  /** The wait after the database could not be read or written. Default: 5 s. */
  retryMs?: number;
  /** Called when a text begins. */
  onBegin(speech: Speech, segments: readonly Promise<MadeSegment>[]): void;
  /** Called when a page or the stream begins a segment. */
  onSegment(said: Said): void;
  onEnd(speech: Speech, status: End): void;
}

/** The segment that plays now. */
export interface Said extends Segment {
  readonly speech: Speech;
  readonly words: readonly SpokenWord[];
  /** The time of its start, by `performance.now()`. */
  readonly since: number;
}

interface Current {
  readonly speech: Speech;
  readonly segments: readonly Promise<MadeSegment>[];
  readonly ended: PromiseWithResolvers<End>;
  /** Aborts when the text has ended. */
  readonly over: AbortController;
  /** The index of the segment that plays; -1 before a page has begun. */
  segment: number;
}

/** The time that a page may need to load a speech, beyond the speech's length. */
const graceMs = 10_000;
const usualRetryMs = 5000;

export class Speaker {
  readonly #options: SpeakerOptions;
  readonly #stopping = new AbortController();
  #openPages = 0;
  /** Ends the wait for a page. */
  #cancelExpecting: (() => void) | null = null;
  #current: Current | null = null;
  #said: Said | null = null;
  #isTroubled = false;
  #changed = Promise.withResolvers<void>();
  #running: Promise<void> | null = null;

  constructor(options: SpeakerOptions) {
    this.#options = options;
  }

  /** The segment that plays now; null when none does. */
  get said(): Said | null {
    return this.#said;
  }

  get speaking(): Speech | null {
    return this.#current?.speech ?? null;
  }

  /** The text and segment that a reopened page continues with; null when other pages speak the text. */
  get interrupted(): { speech: Speech; segment: number } | null {
    if (this.#current === null || this.#openPages > 1) return null;
    return { speech: this.#current.speech, segment: Math.max(0, this.#current.segment) };
  }

  start(): void {
    this.#expectPages();
    this.#running ??= this.#run();
  }

  /** The current text is spoken again at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cancelExpecting?.();
    this.wake();
    this.#current?.ended.resolve("not heard");
    await this.#running;
  }

  /** Checks for a text to speak. */
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

  /** A page reports that it begins this segment. The first report counts. */
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

  /** A page reports that it has spoken the whole text. */
  finish(id: number): void {
    if (this.#current?.speech.id === id) this.#current.ended.resolve("spoken");
  }

  /** Ends the current text if it has this id or `id` is null. Returns whether a text ended. */
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

  /** Repeats the action until the database accepts it. */
  async #insist(act: () => void | Promise<void>): Promise<void> {
    while (!this.#isStopped) {
      try {
        await act();
        this.#isTroubled = false;
        return;
      } catch (error) {
        // The disk may be full. Texts wait until the database can record that they were spoken.
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
      // Many texts may end like this. Other work gets a turn between them.
      await nextTurn();
    }
  }

  async #waitInTrouble(error: unknown): Promise<void> {
    const { log, retryMs = usualRetryMs } = this.#options;
    if (!this.#isTroubled) {
      log.error(t`nothing can be spoken: ${messageOf(error)}; Livecue tries again every ${retryMs / 1000} s`);
    }
    this.#isTroubled = true;
    await wait(retryMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }

  /** Null when synthesis fails, which ends the text as "failed". */
  async #make(speech: Speech): Promise<readonly Promise<MadeSegment>[] | null> {
    try {
      const segments = await this.#options.make(speech);
      if (segments.length === 0) throw new Error(t`it has nothing that a voice can say`);
      await segments[0];
      return segments;
    } catch (error) {
      if (this.#isStopped) return null;
      this.#options.log.warn(t`a text could not be spoken: ${messageOf(error)}`);
      this.#end(speech, "failed");
      return null;
    }
  }

  async #speak(speech: Speech): Promise<void> {
    const segments = await this.#make(speech);
    if (segments === null) return;
    // Meanwhile a more important text may have arrived, or somebody may have skipped this one.
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

  /** Without a page, no report says how far the text is, so the clock decides. */
  async #hearByTime({ speech, segments, over: { signal } }: Current): Promise<void> {
    try {
      for (const [index, segment] of segments.entries()) {
        const { durationMs } = await segment;
        this.hear(speech.id, index);
        await wait(durationMs, undefined, { signal });
      }
    } catch {
      // The text ended early.
    }
  }

  /** Ends a text that no page finishes in time, so that a frozen page does not block other texts. */
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
      this.#options.log.warn(t`the rest of a text could not be spoken: ${messageOf(error)}`);
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
