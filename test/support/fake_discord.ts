/** What Discord does with a webhook's messages, by its published API: their form, and its limit of requests. */
import type { Received } from "./webhook_receiver.ts";

const longestContent = 2000;

export interface Message {
  content: string;
  allowed_mentions?: { parse?: string[] };
}

export class FakeDiscord {
  readonly messages: Message[] = [];
  limitedCount = 0;
  readonly #limit: number;
  readonly #windowMs: number;
  #used = 0;
  #resetAt = 0;

  /** Accepts `limit` requests in a window of `windowMs`. */
  constructor({ limit, windowMs }: { limit: number; windowMs: number }) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  readonly answer = ({ body, method }: Received): Response => {
    const now = performance.now();
    if (now >= this.#resetAt) {
      this.#used = 0;
      this.#resetAt = now + this.#windowMs;
    }
    const seconds = Math.ceil(this.#resetAt - now) / 1000;
    if (this.#used >= this.#limit) {
      this.limitedCount++;
      const answer = { message: "You are being rate limited.", retry_after: seconds, global: false };
      return Response.json(answer, {
        status: 429,
        headers: { ...this.#headers(seconds), "retry-after": seconds.toFixed(3) },
      });
    }
    this.#used++;
    if (method !== "POST") {
      return Response.json({ message: "405: Method Not Allowed", code: 0 }, { status: 405 });
    }
    const message = readMessage(body);
    if (message === null) {
      return Response.json({ message: "Invalid Form Body", code: 50035 }, { status: 400 });
    }
    this.messages.push(message);
    return new Response(null, { status: 204, headers: this.#headers(seconds) });
  };

  #headers(seconds: number): Record<string, string> {
    return {
      "x-ratelimit-limit": String(this.#limit),
      "x-ratelimit-remaining": String(this.#limit - this.#used),
      "x-ratelimit-reset-after": seconds.toFixed(3),
    };
  }
}

function readMessage(body: string): Message | null {
  try {
    const { content, allowed_mentions } = JSON.parse(body);
    const isGood = typeof content === "string" && content !== "" && content.length <= longestContent;
    return isGood ? { content, allowed_mentions } : null;
  } catch {
    return null;
  }
}
