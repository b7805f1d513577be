/** Maps messages to readings by their topics. */
import type { Clock } from "../../clock.ts";
import type { SentReading } from "../../source.ts";
import { valueAt } from "../json_pointer.ts";
import { readTime, sentValue, type TimeForm } from "../reading_values.ts";

/** One value in the messages of a topic. */
export interface TopicValue {
  /** With wildcards, as "house/+/temperature". */
  filter: string;
  /** {1} is what the first wildcard stands for. null: the topic, and the pointer if there is one. */
  channel: string | null;
  /** The JSON pointer to the value; null: the message is a number. */
  value: string | null;
  /** The JSON pointer to the time; null with the form "arrival". */
  time: string | null;
  timeForm: TimeForm;
}

export interface Message {
  topic: string;
  text: string;
  /** The broker kept it from earlier, so its value may be old. */
  isRetained: boolean;
}

/** Of so many channels the last value is known. */
const maxKnownChannels = 10_000;

/** What the wildcards of `filter` stand for in the topic; null if it does not match. */
export function matchTopic(filter: string, topic: string): string[] | null {
  const levels = topic.split("/");
  const wanted = filter.split("/");
  const found: string[] = [];
  for (const [index, level] of wanted.entries()) {
    if (level === "#") return [...found, levels.slice(index).join("/")];
    const given = levels[index];
    if (given === undefined || (level !== "+" && level !== given)) return null;
    if (level === "+") found.push(given);
  }
  return levels.length === wanted.length ? found : null;
}

export class Topics {
  readonly #values: readonly TopicValue[];
  readonly #clock: Clock;
  readonly #last = new Map<string, number | string>();

  constructor(values: readonly TopicValue[], clock: Clock) {
    this.#values = values;
    this.#clock = clock;
  }

  /** The readings of a message; null if it should be JSON and is not. */
  read(message: Message): SentReading[] | null {
    const { topic, text } = message;
    // An empty message removes the one that the broker keeps.
    if (text === "") return [];
    const readings: SentReading[] = [];
    let document: unknown;
    for (const value of this.#values) {
      const wildcards = matchTopic(value.filter, topic);
      if (wildcards === null) continue;
      if (value.value !== null || value.time !== null) {
        document ??= parsed(text);
        if (document === undefined) return null;
      }
      const reading = this.#read(value, { text, document, channel: channelOf(value, topic, wildcards) });
      if (reading !== null && !this.#isOld(reading, value, message)) readings.push(reading);
    }
    return readings;
  }

  #read(
    { value, time, timeForm }: TopicValue,
    { text, document, channel }: { text: string; document: unknown; channel: string },
  ): SentReading | null {
    const written = value === null ? text.trim() : valueAt(document, value);
    // The message may be about other values.
    if (written === undefined || written === null) return null;
    const at = readTime(time === null ? null : valueAt(document, time), timeForm, this.#clock.now());
    return { channel, at, value: sentValue(written) };
  }

  /** A kept message comes at each connection. Without a time of its own, the same value is no new reading. */
  #isOld({ channel, value }: SentReading, { timeForm }: TopicValue, { isRetained }: Message): boolean {
    if (timeForm !== "arrival") return false;
    if (isRetained && this.#last.get(channel) === value) return true;
    if (this.#last.has(channel) || this.#last.size < maxKnownChannels) this.#last.set(channel, value);
    return false;
  }
}

function channelOf({ channel, value }: TopicValue, topic: string, wildcards: string[]): string {
  if (channel === null) return topic + (value ?? "");
  return channel.replace(/\{([1-9])\}/g, (whole, digit) => wildcards[Number(digit) - 1] ?? whole);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
