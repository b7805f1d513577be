/**
 * An MQTT broker as a source of readings.
 *
 *   connecting → subscribed → listening
 *   any        → the connection ends → reconnecting → connecting, when it is time
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { backoffMs } from "../../backoff.ts";
import { type Clock, limit, pause } from "../../clock.ts";
import { readSecret, type SecretOptions } from "../../kit/secret.ts";
import { counted, noun, t } from "../../language.ts";
import type { ChannelLabels, ConnectionState, Source } from "../../source.ts";
import { UserError } from "../../user_error.ts";
import type { ReadingLine } from "../reading_line.ts";
import { readingSource } from "../reading_source.ts";
import type { BrokerListener, BrokerOptions } from "./broker.ts";
import { type Message, Topics, type TopicValue } from "./topics.ts";

export interface MqttOptions {
  /** A key of the config's `sources`. */
  name: string;
  url: string;
  user: string | null;
  secret: SecretOptions<"password">;
  /** Relative to `configFolder`. */
  caFile: string | null;
  /** null: a new one. With a fixed one, the broker keeps messages while Livecue is away. */
  clientId: string | null;
  values: readonly TopicValue[];
  qos: 0 | 1;
  statusTopic: string | null;
  labels: ChannelLabels;
  /** The longest time from one reading to the next. */
  silenceMs?: number;
  configFolder: string;
  clock: Clock;
  /** From 0 up to 1. */
  random(): number;
}

const retry = { firstMs: 5_000, longestMs: 60_000, jitter: 0.2 };
/** After a connection that lasted this long, the retries restart with the first wait. */
const steadyMs = 60_000;
/** How long a stop waits for the acknowledgements of messages. */
const settlingMs = 2_000;

/** Opening it throws a `UserError` if the password or the certificate cannot be read. */
export function createMqttSource(options: MqttOptions): Source {
  return readingSource(
    "mqtt",
    options,
    async (line) => new Connection(options, await brokerOf(options), line),
  );
}

async function brokerOf(options: MqttOptions): Promise<BrokerOptions> {
  const { name, url, user, secret, caFile, clientId, values, qos, statusTopic, configFolder, random } =
    options;
  try {
    return {
      url,
      user,
      password: await readSecret("password", secret, configFolder) ?? null,
      ca: caFile === null ? null : await readCertificate(resolve(configFolder, caFile)),
      clientId: clientId ?? `livecue-${Math.floor(random() * 2 ** 48).toString(36)}`,
      isKept: clientId !== null,
      filters: [...new Set(values.map(({ filter }) => filter))],
      qos,
      statusTopic,
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(t`The source ${name} cannot connect to its broker: ${error.message}.`);
  }
}

async function readCertificate(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UserError(
      t`the file ${file} (ca_file) cannot be read (${error instanceof Error ? error.message : error})`,
    );
  }
}

class Connection implements BrokerListener {
  readonly #options: MqttOptions;
  readonly #broker: BrokerOptions;
  readonly #line: ReadingLine;
  readonly #topics: Topics;
  /** When the broker accepted the topics, by the monotonic clock; null: it has not. */
  #subscribedAt: number | null = null;
  #failures = 0;
  #isSessionOpen = false;
  /** Messages that are not stored yet. */
  #unsettledCount = 0;
  #onSettled = () => {};
  readonly #refused = new Set<string>();

  constructor(options: MqttOptions, broker: BrokerOptions, line: ReadingLine) {
    this.#options = options;
    this.#broker = broker;
    this.#line = line;
    this.#topics = new Topics(options.values, options.clock);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const { connectTo } = await import("./broker.ts");
    while (!signal.aborted) {
      this.#state({ phase: "connecting", username: "" });
      this.#subscribedAt = null;
      const why = await connectTo(this.#broker, this, signal);
      if (signal.aborted) return;
      await pause(clock, this.#retry(why), signal);
    }
  }

  onSubscribed(refused: string[]): void {
    const { name, url, clock } = this.#options;
    this.#subscribedAt = clock.monotonic();
    for (const topic of refused) this.#reportRefused(topic);
    if (!this.#isSessionOpen) this.#line.push({ kind: "session", username: name, roomId: "" });
    this.#isSessionOpen = true;
    const count = this.#broker.filters.length - refused.length;
    this.#state({
      phase: "listening",
      title: `${new URL(url).host}, ${counted(count, noun("topic"))}`,
    });
  }

  onMessage(message: Message, acknowledge: (() => void) | undefined): Promise<void> | null {
    const readings = this.#topics.read(message);
    if (readings === null) this.#line.push({ kind: "corrupt", method: "MQTT" });
    this.#line.add(readings ?? [], acknowledge && this.#settling(acknowledge));
    return this.#line.whenRoom();
  }

  #settling(acknowledge: () => void): () => void {
    this.#unsettledCount++;
    return () => {
      acknowledge();
      if (--this.#unsettledCount === 0) this.#onSettled();
    };
  }

  async settled(): Promise<void> {
    if (this.#unsettledCount === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onSettled = resolve;
    const cancel = limit(this.#options.clock, settlingMs, resolve);
    await promise;
    cancel();
  }

  onLongMessage(): void {
    this.#line.push({ kind: "corrupt", method: "long MQTT" });
  }

  #reportRefused(topic: string): void {
    if (this.#refused.has(topic)) return;
    this.#refused.add(topic);
    const text =
      t`The broker of ${this.#options.name} refuses the topic ${topic}. Check the rights of its user.`;
    this.#line.push({ kind: "notice", text });
  }

  #retry(why: string): number {
    const { clock, random } = this.#options;
    const wasSteady = this.#subscribedAt !== null && clock.monotonic() - this.#subscribedAt >= steadyMs;
    this.#failures = wasSteady ? 1 : this.#failures + 1;
    const delayMs = backoffMs(this.#failures, { ...retry, random });
    const nextAt = clock.now() + delayMs;
    this.#state({ phase: "reconnecting", username: "", why, attempt: this.#failures, nextAt });
    return delayMs;
  }

  #state(state: ConnectionState): void {
    this.#line.push({ kind: "state", state });
  }
}
