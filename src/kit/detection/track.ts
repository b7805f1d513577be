/**
 * Judges the readings of one source: the windows at the ticks, which are the multiples of the detector's `everySeconds`
 * by the source's time. What it finds depends on the readings alone, and not on when or in which parts it gets them.
 */
import { limit as limitBy, systemClock } from "../../clock.ts";
import type { DetectionData, SignalData } from "../../event.ts";
import { t } from "../../language.ts";
import type { SetBack } from "../../reading_query.ts";
import type { Detection, Detector, DetectorState } from "../detector.ts";
import type { ReadingAccess } from "./access.ts";
import { ChannelBuffer } from "./buffer.ts";
import { type Definition, maxChannels } from "./definition.ts";
import { Window } from "./series.ts";
import { type SignalRecord, Signals } from "./signals.ts";

/** What is stored of a track: everything before `next` has been judged. */
export interface TrackRecord {
  /** The next tick. */
  next: number;
  state: DetectorState;
  /** By channel: the tick of its last detection, while its cooldown lasts. */
  cooling: Record<string, number>;
  signals: SignalRecord;
  /** The last time that the source's time has gone back. Windows that start before are not judged. */
  setBack?: SetBack;
}

export type Found =
  | { type: "DetectionEvent"; tick: number; data: DetectionData }
  | { type: "SignalEvent"; tick: number; data: SignalData };

export interface TrackOptions {
  detector: Detector<unknown>;
  definition: Definition;
  source: string;
  readings: ReadingAccess;
  /** The events of a tick, with the record of the track after it. Resolves when all are stored. */
  onFound(found: Found[], record: TrackRecord): Promise<void>;
  /** `detect` has thrown, or takes long. A sentence for the log. */
  onTrouble(sentence: string): void;
  /** When it aborts, no further tick is judged. */
  stopping: AbortSignal;
  /** Called between two ticks now and then. */
  onTurn(): Promise<void>;
}

/** The source's own word on its signal: 0 while it has none. Judged for all channels of the source. */
export const signalChannel = "signal";

/** Readings of a page, and of the pages of all channels. */
const maxPage = 20_000;
const maxPages = 200_000;
const leastPage = 1_000;
/** How long ticks are judged before other work of this thread is done, such as the answer to a ping. */
const longestTurnMs = 20;
/** If `detect` takes longer, the log says so. */
const longDetectMs = 1_000;
/** How long `detect` may take. After that it counts as failed. */
const detectLimitMs = 30_000;

export class Track {
  readonly #options: TrackOptions;
  readonly #signals: Signals;
  /** By name, in alphabetical order. */
  #buffers = new Map<string, ChannelBuffer>();
  #judged: string[] = [];
  #needed: string[] = [];
  #held = new Set<string>();
  #isComplete = false;
  #next: number;
  #state: DetectorState;
  #cooling: Record<string, number>;
  #setBack: SetBack | undefined;
  #turnSince = systemClock.monotonic();

  constructor(options: TrackOptions, record: TrackRecord) {
    this.#options = options;
    const { source, definition: { maxGapMs } } = options;
    this.#signals = new Signals({ source, maxGapMs, record: record.signals });
    this.#next = record.next;
    this.#state = record.state;
    this.#cooling = record.cooling;
    this.#setBack = record.setBack;
  }

  get next(): number {
    return this.#next;
  }

  /** A copy that later changes do not reach. */
  record(): TrackRecord {
    // As it will be read after a restart.
    this.#state = JSON.parse(JSON.stringify(this.#state)) as DetectorState;
    return {
      next: this.#next,
      state: structuredClone(this.#state),
      cooling: { ...this.#cooling },
      signals: this.#signals.record(),
      ...(this.#setBack && { setBack: this.#setBack }),
    };
  }

  /** If the source's time has gone back once more, it starts again there, and forgets what it remembered. */
  follow(setBack: SetBack): void {
    if (setBack.count === this.#setBack?.count) return;
    const { definition: { everyMs } } = this.#options;
    const { to } = setBack;
    this.#setBack = setBack;
    this.#next = Math.floor(to / everyMs) * everyMs + everyMs;
    this.#state = {};
    this.#cooling = Object.fromEntries(Object.entries(this.#cooling).filter(([, last]) => last <= to));
    this.#signals.goBack(to);
    this.#buffers = new Map();
  }

  /** The channels of the source, of which only some are new. */
  useChannels(items: readonly string[]): void {
    const { definition: { name, patterns, held, needed }, source, onTrouble } = this.#options;
    const matching = (which: Definition["held"]) =>
      items.filter((item) => which.some((pattern) => pattern.matches({ source, item }))).sort();
    this.#held = new Set(matching(held));
    const judged = matching(patterns).filter((item) => !this.#held.has(item));
    if (judged.length > maxChannels && this.#judged.length <= maxChannels) {
      onTrouble(t`${name} has ${judged.length} channels of ${source}, and watches the first ${maxChannels}.`);
    }
    this.#judged = judged.slice(0, maxChannels);
    this.#needed = matching(needed);
    this.#isComplete = needed.every((pattern) =>
      this.#needed.some((item) => pattern.matches({ source, item }))
    );
    if (items.includes(signalChannel)) this.#held.add(signalChannel);
  }

  /** Judges all ticks up to and including `limit`. All readings before `limit` are stored. */
  async judgeTo(limit: number): Promise<void> {
    const { definition: { everyMs, windowMs }, onTurn, stopping } = this.#options;
    if (this.#next > limit) return;
    await this.#openBuffers();
    while (this.#next <= limit) {
      if (stopping.aborted) return;
      const tick = this.#next;
      await this.#fetch(tick, limit);
      for (const buffer of this.#buffers.values()) buffer.slide(tick - windowMs, tick);
      await this.#judge(tick);
      this.#skip(limit);
      if (systemClock.monotonic() - this.#turnSince > longestTurnMs) {
        await new Promise<void>((resolve) => setImmediate(() => resolve()));
        await onTurn();
        this.#turnSince = systemClock.monotonic();
      }
    }
    // The tick after the last judged one.
    this.#next = Math.max(this.#next, Math.floor(limit / everyMs) * everyMs + everyMs);
  }

  /** Makes buffers for the channels that have none. */
  async #openBuffers(): Promise<void> {
    const { source, readings, definition: { windowMs, maxGapMs } } = this.#options;
    const from = this.#next - windowMs;
    for (const channel of [...this.#judged, ...this.#held]) {
      if (this.#buffers.has(channel)) continue;
      const [before = null] = await readings.query({
        kind: "before",
        channel: { source, item: channel },
        at: from,
      });
      const options = { from, before, maxGapMs: this.#held.has(channel) ? Infinity : maxGapMs };
      this.#buffers.set(channel, new ChannelBuffer(channel, options));
    }
    const sorted = [...this.#buffers].sort(([one], [other]) => one < other ? -1 : 1);
    this.#buffers = new Map(sorted);
  }

  async #fetch(tick: number, limit: number): Promise<void> {
    const { source, readings } = this.#options;
    const page = Math.min(maxPage, Math.max(leastPage, Math.floor(maxPages / this.#buffers.size)));
    for (const buffer of this.#buffers.values()) {
      while (buffer.fetchedTo < tick) {
        const channel = { source, item: buffer.channel };
        const span = { from: buffer.fetchedTo, to: limit, limit: page, inTime: true };
        buffer.append(await readings.query({ kind: "window", channel, ...span }), limit);
      }
    }
  }

  async #judge(tick: number): Promise<void> {
    const { definition: { windowMs, everyMs }, source } = this.#options;
    const from = tick - windowMs;
    const signal = this.#buffers.get(signalChannel);
    const judged = this.#judged.map((channel) => this.#buffers.get(channel) as ChannelBuffer);
    const signals = this.#signals.judge(tick, judged, signal ?? null);
    const whole = judged.filter(({ isWhole }) => isWhole).map(({ channel }) => channel);
    const isJudged = from >= (this.#setBack?.to ?? -Infinity) && this.#isComplete && whole.length > 0 &&
      !hasLostSignal(signal) &&
      this.#needed.every((channel) => this.#held.has(channel) || whole.includes(channel));
    let detection: Detection | null = null;
    if (isJudged) {
      const channels = [...whole, ...[...this.#held].filter((channel) => channel !== signalChannel)].sort();
      const names = new Set(channels);
      const seriesOf = (channel: string) =>
        names.has(channel) ? this.#buffers.get(channel)?.series() : undefined;
      detection = await this.#detect(
        new Window({ from, to: tick, source, channels, seriesOf: kept(seriesOf) }),
      );
    }
    this.#next = tick + everyMs;
    const found: Found[] = signals.map((data) => ({ type: "SignalEvent", tick, data }));
    if (detection !== null) found.push(...this.#cooled(detection, { tick, from, first: whole[0] as string }));
    if (found.length > 0) await this.#options.onFound(found, this.record());
  }

  /** Nothing can happen at ticks at which all channels are lost, so the next one is after the next reading. */
  #skip(limit: number): void {
    const { everyMs } = this.#options.definition;
    const buffers = [...this.#buffers.values()];
    if (buffers.some((buffer) => !this.#held.has(buffer.channel) && !this.#signals.isSilent(buffer))) return;
    const ahead = buffers.map(({ nextAt, fetchedTo }) => nextAt ?? fetchedTo);
    const next = Math.min(limit, ...ahead);
    this.#next = Math.max(this.#next, Math.ceil((next + 1) / everyMs) * everyMs);
  }

  async #detect(window: Window): Promise<Detection | null> {
    const { detector, onTrouble, definition: { name } } = this.#options;
    const begin = systemClock.monotonic();
    try {
      const found = detector.detect(window, this.#state);
      const detection: unknown = found instanceof Promise ? await inTime(found) : found;
      const ms = systemClock.monotonic() - begin;
      if (ms > longDetectMs) {
        onTrouble(
          t`detect of ${name} took ${(ms / 1000).toFixed(1)} s for ${new Date(window.to).toISOString()}.`,
        );
      }
      return checked(detection);
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      onTrouble(t`detect of ${name} failed for ${new Date(window.to).toISOString()}: ${why}`);
      return null;
    }
  }

  /** None while its channel cools down. */
  #cooled(detection: Detection, at: { tick: number; from: number; first: string }): Found[] {
    const { definition: { cooldownMs, name }, source } = this.#options;
    const { tick, from, first } = at;
    for (const [channel, last] of Object.entries(this.#cooling)) {
      if (tick >= last + cooldownMs) delete this.#cooling[channel];
    }
    const { channel = first, confidence = 1, text, window = { from, to: tick }, values = {} } = detection;
    if (this.#cooling[channel] !== undefined) return [];
    if (cooldownMs > 0) this.#cooling[channel] = tick;
    const data = { name: detection.name ?? name, channel, confidence, text, window, values, source };
    return [{ type: "DetectionEvent", tick, data }];
  }
}

/** Whether the source said that it had no signal at any time of the window. */
function hasLostSignal(buffer: ChannelBuffer | undefined): boolean {
  if (buffer === undefined) return false;
  const { before, first, from, value } = buffer.series();
  const isLostAtStart = before?.value === 0 && first?.at !== from;
  return isLostAtStart || value.includes(0);
}

function kept<Value>(make: (key: string) => Value): (key: string) => Value {
  const values = new Map<string, Value>();
  return (key) => {
    if (!values.has(key)) values.set(key, make(key));
    return values.get(key) as Value;
  };
}

async function inTime<Value>(work: Promise<Value>): Promise<Value> {
  const over = Promise.withResolvers<never>();
  const cancel = limitBy(systemClock, detectLimitMs, () => {
    over.reject(new Error(t`it has not ended after ${detectLimitMs / 1000} s`));
  });
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    cancel();
  }
}

function checked(detection: unknown): Detection | null {
  if (detection === null || detection === undefined) return null;
  const { text, confidence = 1, channel = "", name = "", values = {} } = detection as Partial<Detection>;
  if (typeof text !== "string" || typeof channel !== "string" || typeof name !== "string") {
    throw new TypeError('it returned neither null nor a detection, as { text: "…" }');
  }
  if (!(confidence >= 0 && confidence <= 1)) {
    throw new TypeError(`its confidence is ${confidence}, which is not a number from 0 to 1`);
  }
  const wrong = Object.entries(values).find(([, value]) => !Number.isFinite(value));
  if (wrong !== undefined) {
    throw new TypeError(`its value "${wrong[0]}" is ${wrong[1]}, which is not a number`);
  }
  return detection as Detection;
}
