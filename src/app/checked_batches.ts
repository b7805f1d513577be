/** Turns batches of sources into columns of right readings, each with what its time means for detectors. */
import { cleanName } from "../clean_text.ts";
import { t } from "../language.ts";
import {
  type Channel,
  type CheckedReadings,
  checkReadings,
  describeMistake,
  latenessMs,
  type ReadingCounts,
} from "../reading.ts";
import type { SourceTime } from "../reading_query.ts";
import { type ReadingColumns, timing } from "../readings/ingest.ts";
import type { ChannelLabels, ReadingBatch, SentReading } from "../source.ts";
import { SourceClocks } from "./source_clocks.ts";

/** A batch of a source, as it came. */
export interface Arrived {
  source: string;
  batch: ReadingBatch;
}

interface CheckedBatchesOptions {
  /** Shows a sentence, unless one with this key was shown before. */
  showOnce(key: string, sentence: string): void;
}

type SetBackTo = NonNullable<ReadingColumns["setBack"]>;

interface RightReading {
  source: string;
  item: string;
  at: number;
  value: number;
  when: typeof timing[keyof typeof timing];
}

export class CheckedBatches {
  readonly #showOnce: CheckedBatchesOptions["showOnce"];
  readonly clocks = new SourceClocks();
  /** By kind of mistake, how many readings were wrong. */
  readonly wrong: ReadingCounts["wrong"] = {};

  constructor({ showOnce }: CheckedBatchesOptions) {
    this.#showOnce = showOnce;
  }

  /**
   * The right readings, in parts to be stored one after another: with each part after the first one, the time of a source
   * goes back. Counts the wrong readings, and shows the first of each kind.
   */
  partsOf(arrived: readonly Arrived[]): ReadingColumns[] {
    const parts = [new Part()];
    for (const each of arrived) this.#add(each, parts);
    return parts.map((part) => part.columns(this.clocks.times()));
  }

  #add({ source, batch }: Arrived, parts: Part[]): void {
    const { receivedAt, silentMs } = batch;
    if (silentMs !== undefined) this.clocks.noteSilence(source, silentMs);
    let before = this.clocks.of(source);
    const checked = checkReadings(batch.readings, Math.max(receivedAt, before));
    this.#countWrong(source, checked);
    for (const { channel, at, value } of checked.right) {
      const last = this.clocks.timeOf(source);
      const verdict = this.clocks.note(source, { at, receivedAt });
      if (verdict === "back") {
        this.#showOnce(`back ${source}`, setBackSentence(source, { before: last.at, at }));
        parts.at(-1)?.end(this.clocks.times().map((time) => time.source === source ? last : time));
        parts.push(new Part({ source, to: at }));
        before = at;
      }
      if (verdict === "early") this.#showOnce(`early ${source}`, earlySentence(source, { at, receivedAt }));
      // Readings that came together are in time together.
      const isLate = at < before - latenessMs;
      const when = verdict === "early" ? timing.early : isLate ? timing.late : timing.inTime;
      const labels = labelOf(batch, channel);
      parts.at(-1)?.add({ source, item: channel, at, value, when }, labels);
    }
  }

  #countWrong(source: string, { wrong }: CheckedReadings<SentReading>): void {
    for (const each of wrong) {
      this.wrong[each.mistake] = (this.wrong[each.mistake] ?? 0) + each.count;
      this.#showOnce(`${source} ${each.mistake}`, describeMistake(each, source));
    }
  }
}

class Part {
  readonly #setBack: SetBackTo | null;
  readonly #channels = new Map<string, { index: number; channel: Channel }>();
  readonly #readings: (RightReading & { index: number })[] = [];
  #times: SourceTime[] | null = null;

  constructor(setBack: SetBackTo | null = null) {
    this.#setBack = setBack;
  }

  add(reading: RightReading, { name, unit = "" }: ChannelLabels[string]): void {
    const { source, item } = reading;
    const key = `${source}\n${item}`;
    let known = this.#channels.get(key);
    if (known === undefined) {
      const channel = { source, item, name: name ?? (cleanName(item) || "?"), unit };
      known = { index: this.#channels.size, channel };
      this.#channels.set(key, known);
    }
    this.#readings.push({ ...reading, index: known.index });
  }

  /** No more readings belong to it. `times`: those of all sources now. */
  end(times: SourceTime[]): void {
    this.#times = times;
  }

  /** `times`: those of all sources, if it has not ended before. */
  columns(times: SourceTime[]): ReadingColumns {
    const readings = this.#readings;
    return {
      channels: [...this.#channels.values()].map(({ channel }) => channel),
      channel: Int32Array.from(readings, ({ index }) => index),
      at: Float64Array.from(readings, ({ at }) => at),
      value: Float64Array.from(readings, ({ value }) => value),
      timing: Uint8Array.from(readings, ({ when }) => when),
      times: this.#times ?? times,
      ...(this.#setBack && { setBack: this.#setBack }),
    };
  }
}

function labelOf({ labels = {} }: ReadingBatch, item: string): ChannelLabels[string] {
  return Object.hasOwn(labels, item) ? labels[item] ?? {} : {};
}

function earlySentence(source: string, { at, receivedAt }: { at: number; receivedAt: number }): string {
  const seconds = Math.round((at - receivedAt) / 1000);
  return t`${source} sent a reading whose time, ${
    iso(at)
  }, is ${seconds} s ahead of this computer's clock. Livecue stores such readings, but detectors do not use them while others come with better times. Check the clocks of the sender and of this computer.`;
}

function setBackSentence(source: string, { before, at }: { before: number; at: number }): string {
  return t`The times of ${source} went back from ${iso(before)} to ${
    iso(at)
  }, which is closer to this computer's clock. Detectors start again there, and do not use the readings that are stored with later times.`;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
