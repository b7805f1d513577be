/** Posts on Mastodon. */
import { FinalError } from "livecue/service";
import { countGraphemes } from "./graphemes.ts";
import type { Draft, Network } from "./network.ts";
import { type Answer, ask, troubleOf } from "./request.ts";

export interface MastodonAccount {
  instance: string;
  token: string;
  visibility: "public" | "unlisted" | "private";
  language: string;
}

interface Limits {
  characters: number;
  perUrl: number;
}

/** As long as an instance does not say otherwise. */
const usualLimits: Limits = { characters: 500, perUrl: 23 };
/** How many of the account's last posts are looked at. */
const lookedAt = 40;
/** By how much an instance's clock may be behind. */
const clockToleranceMs = 600_000;
const advice = {
  401: "check the access token",
  403: "the access token needs the scopes read:accounts, read:statuses and write:statuses",
};

/** An instance remembers an Idempotency-Key for an hour. Its last posts say what became of an older try. */
export class Mastodon implements Network {
  readonly #account: MastodonAccount;
  #limits: Limits | null = null;

  constructor(account: MastodonAccount) {
    this.#account = account;
  }

  get host(): string {
    return new URL(this.#account.instance).host;
  }

  async find({ text, at }: Draft, signal: AbortSignal): Promise<string | null> {
    const { id } = await this.#readAccount(signal);
    const path = `/api/v1/accounts/${
      encodeURIComponent(String(id))
    }/statuses?limit=${lookedAt}&exclude_reblogs=true`;
    const answer = await this.#ask("GET", path, { signal });
    if (answer.status !== 200) throw troubleOf(answer, this.host, advice);
    const found = answer.list.find(({ content, created_at }) =>
      Date.parse(String(created_at)) >= at - clockToleranceMs &&
      comparable(plainTextOf(String(content))) === comparable(text)
    );
    return found === undefined ? null : addressOf(found);
  }

  async publish(draft: Draft, signal: AbortSignal): Promise<string> {
    await this.#checkLength(draft.text, signal);
    const { visibility, language } = this.#account;
    const answer = await this.#ask("POST", "/api/v1/statuses", {
      body: { status: draft.text, visibility, language },
      headers: { "idempotency-key": draft.key },
      signal,
    });
    if (answer.status !== 200) throw troubleOf(answer, this.host, advice);
    return addressOf(answer.fields);
  }

  async #checkLength(text: string, signal: AbortSignal): Promise<void> {
    const { characters, perUrl } = await this.#readLimits(signal);
    const length = countedLength(text, perUrl);
    if (length <= characters) return;
    throw new FinalError(
      `the text has ${length} characters, and ${this.host} allows ${characters}: shorten "${
        text.slice(0, 40)
      }…"`,
    );
  }

  async check(signal: AbortSignal): Promise<string> {
    const { acct } = await this.#readAccount(signal);
    return `${this.host}: signed in as ${acct}.`;
  }

  async #readAccount(signal: AbortSignal): Promise<Record<string, unknown>> {
    const answer = await this.#ask("GET", "/api/v1/accounts/verify_credentials", { signal });
    if (answer.status !== 200) throw troubleOf(answer, this.host, advice);
    return answer.fields;
  }

  async #readLimits(signal: AbortSignal): Promise<Limits> {
    if (this.#limits !== null) return this.#limits;
    const { status, fields } = await this.#ask("GET", "/api/v2/instance", { signal });
    const { statuses } = Object(fields["configuration"]) as { statuses?: Record<string, unknown> };
    const number = (value: unknown, usual: number) => typeof value === "number" && value > 0 ? value : usual;
    const limits = {
      characters: number(statuses?.["max_characters"], usualLimits.characters),
      perUrl: number(statuses?.["characters_reserved_per_url"], usualLimits.perUrl),
    };
    // A trouble of the moment is not kept.
    if (status === 200 || status === 404) this.#limits = limits;
    return limits;
  }

  #ask(
    method: "GET" | "POST",
    path: string,
    { body, headers = {}, signal }: { body?: object; headers?: Record<string, string>; signal: AbortSignal },
  ): Promise<Answer> {
    const authorization = `Bearer ${this.#account.token}`;
    const url = new URL(path, this.#account.instance);
    return ask({ method, url, headers: { authorization, ...headers }, body, signal });
  }
}

function addressOf({ url, uri }: Record<string, unknown>): string {
  return typeof url === "string" ? url : typeof uri === "string" ? uri : "";
}

/** As Mastodon counts: every link has the same length, and of a mention only the name counts. */
export function countedLength(text: string, perUrl: number): number {
  const counted = text.replaceAll(/https?:\/\/\S+/g, "x".repeat(perUrl)).replaceAll(
    /(@\w+)@[\w.-]+\w/g,
    "$1",
  );
  return countGraphemes(counted);
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** The text of a post from its HTML. */
export function plainTextOf(html: string): string {
  return html.replaceAll(/<br\s*\/?>|<\/p>\s*<p>/gi, "\n").replaceAll(/<[^>]*>/g, "").replaceAll(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex, decimal, name) => {
      if (name !== undefined) return entities[String(name).toLowerCase()] ?? whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

/** Without what an instance may change: spaces, the domain of a mention, the form of a letter. */
function comparable(text: string): string {
  return text.replaceAll(/(@\w+)@[\w.-]+\w/g, "$1").replaceAll(/\s+/g, "").normalize("NFC");
}
