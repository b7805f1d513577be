/** What Discord does with a webhook's messages, by its published API: their form, and its limit of requests. */
import type { Received } from "./webhook_receiver.ts";

export interface Message {
  content: string;
  username?: string;
  embeds?: Embed[];
  allowed_mentions?: { parse?: string[] };
}

interface Embed {
  title?: string;
  description?: string;
  author?: { name: string };
  footer?: { text: string };
  fields?: { name: string; value: string }[];
  image?: { url: string };
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
    const message = JSON.parse(body);
    const problem = problemOf(message);
    if (problem !== null) return Response.json({ message: problem, code: 50035 }, { status: 400 });
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

/** Why Discord would refuse a message; null if it would not. */
export function problemOf(message: unknown): string | null {
  const { content, username, embeds = [], thread_name } = message as Message & { thread_name?: string };
  const problems = [
    content !== undefined && !isText(content, 2000) && "content",
    content === undefined && embeds.length === 0 && "Cannot send an empty message",
    username !== undefined && !isText(username, 80) && "username",
    username !== undefined && /discord|clyde|[@#:]|```|^(everyone|here)$/i.test(username) && "name",
    thread_name !== undefined && !isText(thread_name, 100) && "thread_name",
    embeds.length > 10 && "embeds",
    embeds.map(problemOfEmbed).find((problem) => problem !== null),
    lengthOf(embeds) > 6000 && "Embed size exceeds maximum size of 6000",
  ];
  return problems.find((problem) => typeof problem === "string") || null;
}

function problemOfEmbed({ title, description, author, footer, fields = [], image }: Embed): string | null {
  if (
    title === undefined && description === undefined && fields.length === 0 && !author && !footer && !image
  ) {
    return "This field is required";
  }
  if (title !== undefined && !isText(title, 256)) return "title";
  if (description !== undefined && !isText(description, 4096)) return "description";
  if (author && !isText(author.name, 256)) return "author";
  if (footer && !isText(footer.text, 2048)) return "footer";
  if (image && !URL.canParse(image.url)) return "image";
  if (fields.length > 25) return "fields";
  return fields.every(({ name, value }) => isText(name, 256) && isText(value, 1024)) ? null : "field";
}

function lengthOf(embeds: Embed[]): number {
  const texts = embeds.flatMap(({ title = "", description = "", author, footer, fields = [] }) => [
    ...[title, description, author?.name ?? "", footer?.text ?? ""],
    ...fields.flatMap(({ name, value }) => [name, value]),
  ]);
  return texts.reduce((sum, text) => sum + text.length, 0);
}

function isText(text: unknown, longest: number): boolean {
  return typeof text === "string" && text.trim() !== "" && text.length <= longest && text.isWellFormed();
}
