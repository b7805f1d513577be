/** Readings: numbers over time. The only place that says which ones are wrong. */
import { cleanName } from "./clean_text.ts";
import { t } from "./language.ts";

/** A stream of numbers from one source. */
export interface Channel {
  /** The source's name: a key of the config's `sources`. */
  source: string;
  /** The sender's name for it, as "NODE3000005". Unique within its source. */
  item: string;
  /** Its name for people. Default: `item`, cleaned. */
  name: string;
  /** As "%"; "" if it is unknown. */
  unit: string;
}

export interface Reading {
  channel: Channel;
  /** Unix milliseconds by the sender's clock, a whole number. */
  at: number;
  /** Finite. */
  value: number;
}

/** A reading of a channel as its sender gave it. */
export interface UncheckedReading {
  /** The channel's `item`. */
  channel: string;
  /** null: the time could not be read. */
  at: number | null;
  /** Anything but a finite number is a mistake. */
  value: unknown;
}

/**
 * no_channel: its channel has no name, or a name that is too long. not_a_number: its value is not a finite number.
 * bad_time: its time is missing, or not in whole milliseconds since 1970. future: its time is far in the future.
 */
export const readingMistakes = ["no_channel", "not_a_number", "bad_time", "future"] as const;
export type ReadingMistake = typeof readingMistakes[number];

/**
 * What became of the readings of a run. Each reading that a source gave is counted in exactly one of them, unless it
 * is still on its way.
 */
export interface ReadingCounts {
  stored: number;
  /** They have the channel, the time and the value of a stored one. */
  repeated: number;
  /** Not stored, because readings of their time are already packed or deleted. */
  late: number;
  /** Not stored, because they are wrong. */
  wrong: Partial<Record<ReadingMistake, number>>;
  /** Not stored, because the readings' database cannot be used or has too many channels. */
  dropped: number;
}

/**
 * How far a sender's clock may be ahead. A clock that is set to another time zone is ahead by less, and years are
 * recognized with the same tolerance.
 */
export const futureToleranceMs = 24 * 3_600_000;

/**
 * How far a reading may be behind the newest reading of its source and still be in time for detectors, which judge a
 * span when the source's time has passed it by this.
 */
export const latenessMs = 10_000;

const maxItemLength = 200;
/** The latest time that a `Date` can hold. */
const maxTimeMs = 8.64e15;

/**
 * What is wrong with a reading; null: nothing. `newestMs`: the later one of the time at which it came and the time of
 * its source, so that a clock of this computer that is set back makes no reading wrong.
 */
export function readingMistake(
  { channel, at, value }: UncheckedReading,
  newestMs: number,
): ReadingMistake | null {
  if (channel === "" || channel.length > maxItemLength) return "no_channel";
  if (!Number.isFinite(value)) return "not_a_number";
  if (at === null || !Number.isInteger(at) || at < 0 || at > maxTimeMs) return "bad_time";
  return at > newestMs + futureToleranceMs ? "future" : null;
}

/** A wrong reading of its kind, as an example for people. */
export interface WrongReading {
  mistake: ReadingMistake;
  reading: UncheckedReading;
  count: number;
}

export interface CheckedReadings<Sent extends UncheckedReading> {
  /** In their order. */
  right: (Sent & { at: number; value: number })[];
  /** One for each kind of mistake, with the first such reading. */
  wrong: WrongReading[];
}

/** Separates right readings of a source from wrong ones. `newestMs` as in `readingMistake`, before these readings. */
export function checkReadings<Sent extends UncheckedReading>(
  readings: readonly Sent[],
  newestMs: number,
): CheckedReadings<Sent> {
  const right: CheckedReadings<Sent>["right"] = [];
  const wrong = new Map<ReadingMistake, WrongReading>();
  for (const reading of readings) {
    const mistake = readingMistake(reading, newestMs);
    if (mistake === null) {
      right.push(reading as Sent & { at: number; value: number });
      continue;
    }
    const known = wrong.get(mistake);
    if (known === undefined) wrong.set(mistake, { mistake, reading, count: 1 });
    else known.count++;
  }
  return { right, wrong: [...wrong.values()] };
}

/** A sentence for the log about the first wrong reading of a kind. */
export function describeMistake(wrong: WrongReading, source: string): string {
  return `${whyNotStored(wrong, source)} ${t`Further ones of this kind are only counted.`}`;
}

function whyNotStored({ mistake, reading }: WrongReading, source: string): string {
  const { channel, at, value } = reading;
  const name = cleanName(channel) || t`a channel without a name`;
  const shown = cleanName(String(typeof value === "string" ? JSON.stringify(value) : value));
  switch (mistake) {
    case "no_channel":
      return t`${source} sent a reading that Livecue does not store: its channel has no name, or one of more than ${maxItemLength} characters.`;
    case "not_a_number":
      return t`${source} sent a reading that Livecue does not store: the value of ${name} is ${shown}, which is not a number.`;
    case "bad_time":
      return at === null
        ? t`${source} sent a reading that Livecue does not store: the time of ${name} is missing, or is not written as expected.`
        : t`${source} sent a reading that Livecue does not store: the time of ${name} is ${at}. A time is a whole number of milliseconds since 1970.`;
    case "future": {
      const time = new Date(at ?? 0).toISOString();
      return t`${source} sent a reading that Livecue does not store: the time of ${name} is ${time}, more than a day in the future. Check the clocks of the sender and of this computer.`;
    }
  }
}
