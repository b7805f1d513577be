/**
 * A connection that listens for notifications and runs short statements, each in a transaction of its own. It comes
 * back by itself after the database was away, and listens again.
 */
import { backoffMs } from "../../backoff.ts";
import { type Clock, sleep } from "../../clock.ts";
import type { SqlValue } from "../query.ts";
import { abandon, type Client, openConnection, sentValue } from "./connection.ts";
import { connectionTrouble, DatabaseAway, endsConnection } from "./trouble.ts";

export interface ListeningOptions {
  address: string;
  clock: Clock;
  /** Shown by the server among its sessions. */
  applicationName: string;
  /** Checks a new connection before it is used. */
  check?: (client: Client) => Promise<void>;
  onNotified(): void;
  /** The connection is there, at first or again, and listens. What was sent meanwhile was not heard. */
  onBack?(): void;
}

/** The server may keep silent for so long while it owes an answer. */
const silenceMs = 5_000;
/** A cut that nobody reports is found out by asking. */
const probeEveryMs = 10_000;
const retry = { firstMs: 200, longestMs: 2_000, jitter: 0.2 };

export class Listening {
  readonly #options: ListeningOptions;
  readonly #channels = new Set<string>();
  readonly #closing = new AbortController();
  #client: Client | null = null;
  #away: string | null = null;
  #usedAt = 0;

  /** Throws a `UserError` if there is no connection. */
  static async open(options: ListeningOptions): Promise<Listening> {
    const listening = new Listening(options);
    try {
      await listening.#connect();
    } catch (error) {
      throw connectionTrouble(error, options.address);
    }
    void listening.#probe();
    return listening;
  }

  private constructor(options: ListeningOptions) {
    this.#options = options;
  }

  /** Why the database is away, as a sentence; null if it is there. */
  get away(): string | null {
    return this.#client !== null ? null : this.#away ?? new DatabaseAway().message;
  }

  /** From now on, until `ignore`, notifications of this channel are heard. */
  async listen(channel: string): Promise<void> {
    if (this.#channels.has(channel)) return;
    this.#channels.add(channel);
    await this.rows(`LISTEN "${channel}"`);
  }

  async ignore(channel: string): Promise<void> {
    if (this.#channels.delete(channel)) await this.rows(`UNLISTEN "${channel}"`);
  }

  /** Throws `DatabaseAway`, and the server's errors. */
  async rows<Row extends object>(text: string, values: readonly SqlValue[] = []): Promise<Row[]> {
    const client = this.#client;
    if (client === null) throw new DatabaseAway();
    this.#usedAt = this.#options.clock.monotonic();
    return await this.#ask<Row>(client, text, values);
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    const client = this.#client;
    this.#client = null;
    if (client === null) return;
    const cancel = this.#options.clock.after(silenceMs, () => abandon(client));
    await client.end().catch(() => {});
    cancel();
  }

  async #ask<Row extends object>(client: Client, text: string, values: readonly SqlValue[]): Promise<Row[]> {
    const cancel = this.#options.clock.after(silenceMs, () => abandon(client));
    try {
      const { rows } = await client.query<Row>({ text, values: values.map(sentValue) });
      return rows;
    } catch (error) {
      if (!endsConnection(error)) throw error;
      abandon(client);
      throw new DatabaseAway(undefined, { cause: error });
    } finally {
      cancel();
    }
  }

  async #connect(): Promise<void> {
    const { address, clock, applicationName, check, onNotified, onBack } = this.#options;
    const client = await openConnection({ address, clock, applicationName, settings: {} });
    try {
      await check?.(client);
      for (const channel of this.#channels) await this.#ask(client, `LISTEN "${channel}"`, []);
    } catch (error) {
      abandon(client);
      throw error;
    }
    if (this.#closing.signal.aborted) return abandon(client);
    client.on("notification", () => onNotified());
    client.on("end", () => this.#lose(client));
    this.#client = client;
    this.#away = null;
    onBack?.();
  }

  #lose(client: Client): void {
    if (client !== this.#client) return;
    this.#client = null;
    void this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    const { clock, address } = this.#options;
    const { signal } = this.#closing;
    for (let failures = 0; this.#client === null && !signal.aborted; failures++) {
      if (failures > 0) await sleep(clock, backoffMs(failures, retry), signal);
      if (signal.aborted) return;
      try {
        await this.#connect();
      } catch (error) {
        this.#away = connectionTrouble(error, address).message;
      }
    }
  }

  async #probe(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await sleep(clock, probeEveryMs, signal);
      if (signal.aborted || clock.monotonic() - this.#usedAt < probeEveryMs) continue;
      await this.rows("SELECT 1").catch(() => {});
    }
  }
}
