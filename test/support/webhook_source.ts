/** A webhook source that listens on a free port, and a capture behind it that commits when it is told to. */
import { createHmac } from "node:crypto";
import { createWebhookSource } from "../../src/capture/webhook/source.ts";
import type { ProviderSettings } from "../../src/capture/webhook/providers.ts";
import type { Clock } from "../../src/clock.ts";
import type { Log } from "../../src/log/log.ts";
import type { ConnectionState, Source, SourceItem } from "../../src/source.ts";
import { FakeClock } from "./fake_clock.ts";
import { type HeardLog, heardLog } from "./heard_log.ts";

export type EventItem = Extract<SourceItem, { kind: "event" }>;

export interface Given {
  providers: ProviderSettings[];
  /** false: the test commits each by hand. */
  commits?: boolean;
  port?: number;
  follows?: string | null;
  configFolder?: string;
}

/** Of the config's name "tips", for the source "main", unless told otherwise. */
export function webhookSource(
  given: Omit<Given, "commits">,
  { clock, log }: { clock: Clock; log: Log },
): Source {
  return createWebhookSource({
    name: "tips",
    host: "127.0.0.1",
    port: 0,
    follows: "main",
    configFolder: "/",
    clock,
    log,
    ...given,
  });
}

export class WebhookSourceUnderTest implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly log: HeardLog = heardLog();
  readonly events: EventItem[] = [];
  readonly batches: Extract<SourceItem, { kind: "readings" }>[] = [];
  readonly states: ConnectionState[] = [];
  /** Ends when the source does. */
  readonly running: Promise<void>;
  readonly #stopping = new AbortController();
  readonly #waiting: { isMet: () => boolean; resolve: () => void }[] = [];

  constructor({ commits = true, ...given }: Given) {
    const source = webhookSource(given, this);
    this.running = this.#pull(source.open(this.#stopping.signal), commits);
    this.running.catch(() => {});
  }

  /** As "http://127.0.0.1:34567". */
  async url(): Promise<string> {
    await this.until(() => this.#title !== null);
    return this.#title?.split(" ")[0] ?? "";
  }

  get #title(): string | null {
    const state = this.states.findLast(({ phase }) => phase === "listening");
    return state?.phase === "listening" ? state.title : null;
  }

  /** The event that was pulled as the `count`th. */
  async event(count: number): Promise<EventItem> {
    await this.until(() => this.events.length >= count);
    return this.events[count - 1] as EventItem;
  }

  async state(phase: ConnectionState["phase"]): Promise<ConnectionState> {
    await this.until(() => this.states.at(-1)?.phase === phase);
    return this.states.at(-1) as ConnectionState;
  }

  /** Resolves after an item with which it is met. */
  until(isMet: () => boolean): Promise<void> {
    if (isMet()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ isMet, resolve }));
  }

  async post(path: string, body: BodyInit, headers: Record<string, string> = {}): Promise<Posted> {
    const response = await fetch(`${await this.url()}${path}`, { method: "POST", body, headers });
    return { status: response.status, text: await response.text() };
  }

  stop(): Promise<void> {
    this.#stopping.abort();
    return this.running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.running.catch(() => {});
  }

  async #pull(items: AsyncIterable<SourceItem>, commits: boolean): Promise<void> {
    for await (const item of items) {
      if (item.kind === "state") this.states.push(item.state);
      if (item.kind === "event") {
        this.events.push(item);
        if (commits) item.committed?.();
      }
      if (item.kind === "readings") {
        this.batches.push(item);
        if (commits) item.batch.committed?.();
      }
      for (const { isMet, resolve } of this.#waiting) if (isMet()) resolve();
    }
  }
}

export interface Posted {
  status: number;
  text: string;
}

/** The headers of Standard Webhooks; `key` is what the secret stands for. */
export function signedHeaders(
  body: string,
  { key, id = "msg_1", at }: { key: string | Uint8Array; id?: string | undefined; at: number },
): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}

export function patreonHeaders(body: string, kind: string, secret: string): Record<string, string> {
  return {
    "x-patreon-event": kind,
    "x-patreon-signature": createHmac("md5", secret).update(body).digest("hex"),
  };
}

/** A payment as Ko-fi posts it, with all that must not be kept. */
export function kofiBody(changes: Record<string, unknown> = {}): URLSearchParams {
  const data = {
    verification_token: "kofi-token",
    message_id: "3a1fac0c-f960-4506-a60e-824979a74e74",
    timestamp: "2022-08-21T13:04:30Z",
    type: "Donation",
    is_public: true,
    from_name: "Jo Example",
    message: "Good luck!",
    amount: "3.00",
    url: "https://ko-fi.com/Home/CoffeeShop?txid=0a1fac0c",
    email: "jo.example@example.com",
    currency: "USD",
    is_subscription_payment: false,
    is_first_subscription_payment: false,
    kofi_transaction_id: "0a1fac0c-f960-4506-a60e-824979a74e71",
    shop_items: null,
    tier_name: null,
    discord_username: "jo#4105",
    shipping: {
      full_name: "Josephine Legal",
      street_address: "123 The Street",
      city: "Harbourton",
      postal_code: "W1 1AA",
      telephone: "+44-555-0100",
    },
    ...changes,
  };
  return new URLSearchParams({ data: JSON.stringify(data) });
}
