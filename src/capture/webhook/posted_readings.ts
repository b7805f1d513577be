/** Readings that are posted as JSON: `{channel, at, value}` or a list. `at` is in Unix milliseconds or ISO 8601. */
import type { Clock } from "../../clock.ts";
import { t } from "../../language.ts";
import type { SentReading } from "../../source.ts";
import { readTime, sentValue } from "../reading_values.ts";
import { isSame } from "./proof.ts";
import { type Delivery, type Provider, Refusal } from "./provider.ts";

const maxReadings = 1_000;

export interface PostedReadingsOptions {
  /** What the sender proves itself with: `Authorization: Bearer TOKEN`. */
  token: string;
  clock: Clock;
}

export class PostedReadings implements Provider {
  readonly name: string;
  readonly #options: PostedReadingsOptions;

  constructor(name: string, options: PostedReadingsOptions) {
    this.name = name;
    this.#options = options;
  }

  read({ header, body }: Delivery): { readings: SentReading[] } {
    const { token, clock } = this.#options;
    if (!isSame(header("authorization"), `Bearer ${token}`)) {
      throw new Refusal(401, t`The token is wrong or missing. Send it as Authorization: Bearer TOKEN.`);
    }
    const given = [parsed(new TextDecoder().decode(body))].flat();
    if (given.length > maxReadings) {
      throw new Refusal(422, t`At most ${maxReadings} readings are allowed at once.`);
    }
    const fields = given.map(fieldsOf);
    if (fields.length > 0 && !fields.some(isReading)) {
      throw new Refusal(
        422,
        t`A reading is { "channel": TEXT, "value": NUMBER, "at": TIME }, or a list of such.`,
      );
    }
    const now = clock.now();
    return { readings: fields.map((each) => readingOf(each, now)) };
  }
}

type Fields = Partial<Record<keyof SentReading, unknown>>;

function fieldsOf(given: unknown): Fields {
  return typeof given === "object" && given !== null ? given : {};
}

function isReading({ channel, value }: Fields): boolean {
  return typeof channel === "string" && value !== undefined;
}

/** What lacks a channel or a value becomes a wrong reading, so that it is counted and the others are stored. */
function readingOf({ channel, at, value = "missing" }: Fields, now: number): SentReading {
  const form = typeof at === "number" ? "unix_ms" : "iso8601";
  return {
    channel: typeof channel === "string" ? channel : "",
    at: at === undefined ? now : readTime(at, form, now),
    value: sentValue(value),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, t`This is not JSON.`);
  }
}
