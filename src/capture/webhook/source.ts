/**
 * Payments as a source: it accepts requests from providers, and answers 200 only when the event is stored safely.
 *
 *   listening    → the server fails       → reconnecting
 *   reconnecting → the wait is over       → listening, or reconnecting after a longer wait
 *   either       → the source is stopped  → answers each accepted request, then ends
 */
import { backoffMs } from "../../backoff.ts";
import { pushedItems } from "../pushed_items.ts";
import { type Clock, sleep } from "../../clock.ts";
import { t } from "../../language.ts";
import type { Log } from "../../log/log.ts";
import { checkReadings, describeMistake } from "../../reading.ts";
import type { CapturedEvent, SentReading, Source, SourceItem, SourceTraits } from "../../source.ts";
import { Deliveries } from "./deliveries.ts";
import { type Delivery, type Provider, Refusal } from "./provider.ts";
import { type ProviderSettings, readProviders } from "./providers.ts";
import { Refusals } from "./refusals.ts";
import { type Answer, busy, WebhookServer } from "./server.ts";

export interface WebhookSourceOptions {
  /** The source's key in the config. */
  name: string;
  host: string;
  /** 0: any free port. */
  port: number;
  /** The source to whose live its events belong; null: its own live, one per run. */
  follows: string | null;
  providers: readonly ProviderSettings[];
  /** The base of a relative `token_file` or `secret_file`. */
  configFolder: string;
  clock: Clock;
  log: Log;
}

const retry = { firstMs: 1_000, longestMs: 60_000 };

/** Opening it throws a `UserError` if a secret cannot be read. */
export function createWebhookSource(options: WebhookSourceOptions): Source {
  const traits: SourceTraits = {
    type: "webhook",
    isLive: true,
    keepsIds: true,
    hasHistory: false,
    keeps: "all",
    isEndless: true,
    hasRooms: false,
    follows: options.follows,
  };
  return {
    name: options.name,
    silenceMs: silenceMsOf(options.providers),
    traits,
    open: (signal) => open(options, signal),
  };
}

/** Only senders of readings have to go on. */
function silenceMsOf(providers: readonly ProviderSettings[]): number | undefined {
  const seconds = providers.flatMap((each) => each.kind === "readings" ? each.silence_seconds ?? [] : []);
  return seconds[0] === undefined ? undefined : seconds[0] * 1000;
}

async function* open(options: WebhookSourceOptions, signal: AbortSignal): AsyncGenerator<SourceItem, void> {
  const { name: sourceName, configFolder, clock } = options;
  const providers = await readProviders(options.providers, { sourceName, configFolder, clock });
  const listener = new Listener(options, providers);
  yield* pushedItems(listener, (signal) => listener.run(signal), signal);
}

class Listener {
  readonly #options: WebhookSourceOptions;
  readonly #providers: ReadonlyMap<string, Provider>;
  readonly #deliveries: Deliveries;
  readonly #refusals: Refusals;
  #address = "";

  constructor(options: WebhookSourceOptions, providers: ReadonlyMap<string, Provider>) {
    this.#options = options;
    this.#providers = providers;
    this.#deliveries = new Deliveries(options.clock);
    this.#refusals = new Refusals(options.clock, options.log);
  }

  items(): AsyncGenerator<SourceItem, void> {
    return this.#deliveries.items();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    try {
      for (let attempt = 1; !signal.aborted; attempt++) {
        const why = await this.#listen(signal, () => attempt = 1);
        if (why === null) return;
        const waitMs = backoffMs(attempt, retry);
        this.#reportReconnecting(why, attempt, waitMs);
        await sleep(clock, waitMs, signal);
      }
    } finally {
      this.#refusals.close();
      this.#deliveries.end();
    }
  }

  /** Resolves to why it cannot listen, or no longer can; null when it is stopped. */
  async #listen(signal: AbortSignal, onListening: () => void): Promise<string | null> {
    const { host, port, clock } = this.#options;
    const lost = Promise.withResolvers<string>();
    const server = new WebhookServer({
      host,
      port,
      clock,
      hasProvider: (name) => this.#providers.has(name),
      answer: (provider, delivery) => this.#answer(provider, delivery),
      onError: (error) => this.#reportError(error),
      onLost: (error) => lost.resolve(explain(error, this.#options)),
    });
    try {
      await server.start();
      this.#address = `http://${host.includes(":") ? `[${host}]` : host}:${server.port}`;
    } catch (error) {
      return explain(error, this.#options);
    }
    onListening();
    this.#reportListening();
    const why = await Promise.race([lost.promise, aborted(signal)]);
    if (why === null) this.#deliveries.close();
    await server.stop();
    return why;
  }

  async #answer(name: string, delivery: Delivery): Promise<Answer> {
    let given;
    try {
      given = this.#providers.get(name)?.read(delivery) ?? null;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (this.#refusals.add(name, error)) this.#reportListening();
      return { status: error.status, text: error.message };
    }
    if (given === null) return { status: 200, text: t`Livecue does not use this message.` };
    if (await this.#deliveries.deliver(given) === "stored") {
      return { status: 200, text: thanks(given, this.#options.clock.now()) };
    }
    return busy(t`Livecue could not store this in time. Try again later.`);
  }

  #reportListening(): void {
    const paths = [...this.#providers.keys()].map((name) => `/${name}`).join(", ");
    const { count } = this.#refusals;
    const title = count === 0
      ? t`${this.#address} for ${paths}`
      : t`${this.#address} for ${paths} (${count} refused)`;
    this.#deliveries.report({ phase: "listening", title });
  }

  #reportReconnecting(why: string, attempt: number, waitMs: number): void {
    const { name: username, clock } = this.#options;
    const nextAt = clock.now() + waitMs;
    this.#deliveries.report({ phase: "reconnecting", username, why, attempt, nextAt });
  }

  /** Logs nothing of the request, which may contain a secret. */
  #reportError(error: unknown): void {
    const stack = error instanceof Error ? error.stack ?? error.message : String(error);
    this.#options.log.error(t`A request could not be answered. Please report this error:\n${stack}`);
  }
}

/** Wrong readings are counted and not stored; their sender learns of them. */
function thanks(given: CapturedEvent | { readings: SentReading[] }, now: number): string {
  if (!("readings" in given)) return t`Thank you.`;
  const { right, wrong } = checkReadings(given.readings, now);
  const [first] = wrong;
  if (first === undefined) return t`Thank you.`;
  const mistake = describeMistake(first, t`The request`);
  return t`Livecue stored ${right.length} of ${given.readings.length} readings. ${mistake}`;
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}

function explain(error: unknown, { host, port }: WebhookSourceOptions): string {
  const code = (error as { code?: unknown }).code;
  switch (code) {
    case "EADDRINUSE":
      return t`Another program uses port ${port}, perhaps a second Livecue. Close it, or change "port" in the config.`;
    case "EACCES":
      return t`Livecue may not use the port ${port}. Set "port" in the config to one above 1023.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return t`This computer does not have the address ${host}. Correct or remove "host" in the config.`;
    default:
      return t`Livecue cannot listen at ${host}:${port} (${error instanceof Error ? error.message : error}).`;
  }
}
