/** Readings that are posted as JSON: `{channel, at, value}` or a list. `at` is in Unix milliseconds or ISO 8601. */
import type { Clock } from "../../clock.ts";
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
      throw new Refusal(401, "The token is wrong or missing. Send it as Authorization: Bearer TOKEN.");
    }
    const given = [parsed(new TextDecoder().decode(body))].flat();
    if (given.length > maxReadings) {
      throw new Refusal(422, `At most ${maxReadings} readings are allowed at once.`);
    }
    const now = clock.now();
    return { readings: given.map((each) => readingOf(each, now)) };
  }
}

function readingOf(given: unknown, now: number): SentReading {
  const { channel, at, value } = typeof given === "object" && given !== null
    ? given as Partial<Record<keyof SentReading, unknown>>
    : {};
  if (typeof channel !== "string" || value === undefined) {
    throw new Refusal(
      422,
      'A reading is { "channel": TEXT, "value": NUMBER, "at": TIME }, or a list of such.',
    );
  }
  const form = typeof at === "number" ? "unix_ms" : "iso8601";
  return { channel, at: at === undefined ? now : readTime(at, form, now), value: sentValue(value) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "This is not JSON.");
  }
}
