/** Posts to any address, as Standard Webhooks. It cannot be asked, so each try has the same id. */
import { signatureOf, signingKey } from "livecue/standard_webhooks";
import type { Draft, Network } from "./network.ts";
import { ask, troubleOf } from "./request.ts";

export interface WebhookAddress {
  url: string;
  /** Undefined: not signed. */
  secret: string | undefined;
}

const advice = {
  401: "check the secret",
  403: "check the secret",
  404: "check the url",
  405: "the address does not accept POST requests: check the url",
};

export class WebhookNetwork implements Network {
  readonly #url: URL;
  readonly #key: Uint8Array | null;

  constructor({ url, secret }: WebhookAddress) {
    this.#url = new URL(url);
    this.#key = secret === undefined ? null : signingKey(secret);
  }

  get host(): string {
    return this.#url.host;
  }

  find(): Promise<null> {
    return Promise.resolve(null);
  }

  async publish({ key: id, at, text, level, rise }: Draft, signal: AbortSignal): Promise<string> {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const data = { text, level, rise };
    const body = JSON.stringify({ type: "tank.filled", timestamp: new Date(at).toISOString(), data });
    const answer = await ask({
      method: "POST",
      url: this.#url,
      headers: {
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        ...(this.#key === null
          ? {}
          : { "webhook-signature": signatureOf(this.#key, { id, timestamp, body }) }),
      },
      body,
      signal,
    });
    if (answer.status < 200 || answer.status >= 300) throw troubleOf(answer, this.host, advice);
    return "";
  }

  check(): Promise<string> {
    return Promise.resolve(`${this.host}: its address and its secret are set.`);
  }
}
