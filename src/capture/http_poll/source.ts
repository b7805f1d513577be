/**
 * JSON that is fetched again and again, as a source of readings.
 *
 *   connecting → an answer with readings, or one that nothing has changed → listening
 *   any        → no answer, or one without use                            → reconnecting
 */
import { shownAddress } from "../../address.ts";
import { backoffMs } from "../../backoff.ts";
import { type Clock, pause } from "../../clock.ts";
import { readSecret, type SecretOptions } from "../../kit/secret.ts";
import { counted, noun, t } from "../../language.ts";
import type { ChannelLabels, ConnectionState, SentReading, Source } from "../../source.ts";
import { UserError } from "../../user_error.ts";
import { valueAt } from "../json_pointer.ts";
import type { ReadingLine } from "../reading_line.ts";
import { readingSource } from "../reading_source.ts";
import { readTime, sentValue, type TimeForm } from "../reading_values.ts";
import { Requests } from "./requests.ts";

export interface HttpPollOptions {
  /** A key of the config's `sources`. */
  name: string;
  url: string;
  everyMs: number;
  /** How long an answer may take. */
  timeoutMs: number;
  /** JSON pointers by channel. */
  channels: Readonly<Record<string, string>>;
  /** The JSON pointer to the time; null with the form "arrival". */
  time: string | null;
  timeForm: TimeForm;
  secret: SecretOptions<"token">;
  labels: ChannelLabels;
  /** The longest time from one reading to the next. */
  silenceMs?: number;
  /** The base of a relative `token_file`. */
  configFolder: string;
  clock: Clock;
}

const longestRetryMs = 15 * 60_000;

/** Opening it throws a `UserError` if the token cannot be read. */
export function createHttpPollSource(options: HttpPollOptions): Source {
  return readingSource(
    "http_poll",
    options,
    async (line) => new Polling(options, await readToken(options), line),
  );
}

async function readToken({ name, secret, configFolder }: HttpPollOptions): Promise<string | null> {
  try {
    return await readSecret("token", secret, configFolder) ?? null;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(t`The source ${name} has no token: ${error.message}.`);
  }
}

class Polling {
  readonly #options: HttpPollOptions;
  readonly #line: ReadingLine;
  readonly #requests: Requests;
  /** The last JSON; undefined before the first. */
  #document: unknown;
  #failures = 0;
  #isSessionOpen = false;
  readonly #missing = new Set<string>();

  constructor(options: HttpPollOptions, token: string | null, line: ReadingLine) {
    const { url, timeoutMs, clock } = options;
    this.#options = options;
    this.#line = line;
    this.#requests = new Requests({ url, token, timeoutMs, clock });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, everyMs } = this.#options;
    this.#state({ phase: "connecting", username: "" });
    while (!signal.aborted) {
      const startedAt = clock.monotonic();
      const answer = await this.#requests.ask(signal);
      if (signal.aborted) return;
      if ("why" in answer) {
        await pause(clock, this.#retry(answer.why, answer.retryAfterMs), signal);
        continue;
      }
      if (answer.document !== undefined) this.#document = answer.document;
      this.#takeDocument();
      await pause(clock, Math.max(0, everyMs - (clock.monotonic() - startedAt)), signal);
    }
  }

  #takeDocument(): void {
    const { name, url, everyMs, channels } = this.#options;
    if (!this.#isSessionOpen) this.#line.push({ kind: "session", username: name, roomId: "" });
    if (!this.#isSessionOpen || this.#failures > 0) {
      const count = Object.keys(channels).length;
      const title = t`${new URL(url).host} every ${everyMs / 1000} s, ${counted(count, noun("channel"))}`;
      this.#state({ phase: "listening", title });
    }
    this.#isSessionOpen = true;
    this.#failures = 0;
    this.#line.add(this.#readings());
  }

  #readings(): SentReading[] {
    const { channels, time, timeForm, clock } = this.#options;
    const written = time === null ? null : valueAt(this.#document, time);
    const at = readTime(written, timeForm, clock.now());
    return Object.entries(channels).flatMap(([channel, pointer]): SentReading[] => {
      const value = valueAt(this.#document, pointer);
      if (value === undefined) this.#reportMissing(channel, pointer);
      // null: there is no value at the moment.
      return value === undefined || value === null ? [] : [{ channel, at, value: sentValue(value) }];
    });
  }

  #reportMissing(channel: string, pointer: string): void {
    if (this.#missing.has(channel)) return;
    this.#missing.add(channel);
    const { name, url } = this.#options;
    const text = t`The JSON of ${name} (${
      shownAddress(url)
    }) has no value at ${pointer}, which is the channel ${channel}. Check the pointer. Livecue goes on with the other channels.`;
    this.#line.push({ kind: "notice", text });
  }

  #retry(why: string, retryAfterMs: number): number {
    const { clock, everyMs } = this.#options;
    this.#failures++;
    const waitMs = backoffMs(this.#failures, {
      firstMs: everyMs,
      longestMs: Math.max(everyMs, longestRetryMs),
    });
    const delayMs = Math.max(waitMs, retryAfterMs);
    const nextAt = clock.now() + delayMs;
    this.#state({ phase: "reconnecting", username: "", why, attempt: this.#failures, nextAt });
    return delayMs;
  }

  #state(state: ConnectionState): void {
    this.#line.push({ kind: "state", state });
  }
}
