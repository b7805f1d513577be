/** Posts on Bluesky, by the XRPC methods of the account's server. */
import { FinalError, UserError } from "livecue/service";
import { facetsOf } from "./facets.ts";
import { countGraphemes, maxGraphemes } from "./graphemes.ts";
import type { Draft, Network } from "./network.ts";
import { recordKeyOf } from "./record_key.ts";
import { type Answer, ask, troubleOf } from "./request.ts";

export interface BlueskyAccount {
  service: string;
  handle: string;
  password: string;
  languages: readonly string[];
}

interface Session {
  did: string;
  accessJwt: string;
  refreshJwt: string;
}

type Call =
  & { method: string; signal: AbortSignal }
  & ({ query: Record<string, string> } | { body: Record<string, unknown> });

const maxBytes = 3000;
const collection = "app.bsky.feed.post";
const advice = { 401: "check the app password", 403: "check the app password" };

/** A session lasts for hours, and a server allows few sign-ins, so it is kept and refreshed. */
export class Bluesky implements Network {
  readonly #account: BlueskyAccount;
  #session: Session | null = null;

  constructor(account: BlueskyAccount) {
    this.#account = account;
  }

  get host(): string {
    return new URL(this.#account.service).host;
  }

  async find(draft: Draft, signal: AbortSignal): Promise<string | null> {
    const { did: repo } = await this.#signIn(signal);
    const rkey = recordKeyOf(draft);
    const query = { repo, collection, rkey };
    const answer = await this.#call({ method: "com.atproto.repo.getRecord", query, signal });
    if (answer.status === 200) return this.#addressOf(rkey);
    if (answer.fields["error"] === "RecordNotFound" || answer.status === 404) return null;
    throw troubleOf(answer, this.host, advice);
  }

  async publish(draft: Draft, signal: AbortSignal): Promise<string> {
    checkLength(draft.text);
    const { did: repo } = await this.#signIn(signal);
    const facets = await facetsOf(draft.text, (handle) => this.#didOf(handle, signal));
    const record = {
      $type: collection,
      text: draft.text,
      createdAt: new Date(draft.at).toISOString(),
      ...(this.#account.languages.length > 0 ? { langs: this.#account.languages } : {}),
      ...(facets.length > 0 ? { facets } : {}),
    };
    const rkey = recordKeyOf(draft);
    const body = { repo, collection, rkey, record };
    const answer = await this.#call({ method: "com.atproto.repo.createRecord", body, signal });
    if (answer.status !== 200) throw troubleOf(answer, this.host, advice);
    return this.#addressOf(rkey);
  }

  async check(signal: AbortSignal): Promise<string> {
    this.#session = null;
    await this.#signIn(signal);
    return `${this.host}: signed in as ${this.#account.handle}.`;
  }

  #addressOf(rkey: string): string {
    return `https://bsky.app/profile/${this.#account.handle}/post/${rkey}`;
  }

  async #didOf(handle: string, signal: AbortSignal): Promise<string | null> {
    const method = "com.atproto.identity.resolveHandle";
    const { status, fields } = await this.#call({ method, query: { handle }, signal });
    return status === 200 && typeof fields["did"] === "string" ? fields["did"] : null;
  }

  /** Calls with the session, which is refreshed once if it has expired. */
  async #call(call: Call): Promise<Answer> {
    const session = await this.#signIn(call.signal);
    const answer = await this.#send(call, session.accessJwt);
    if (!isExpired(answer)) return answer;
    const renewed = await this.#refresh(session, call.signal);
    return await this.#send(call, renewed.accessJwt);
  }

  #send(call: Call, token: string | null): Promise<Answer> {
    const { method, signal } = call;
    const url = new URL(`/xrpc/${method}`, this.#account.service);
    const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
    if ("body" in call) return ask({ method: "POST", url, headers, body: call.body, signal });
    for (const [name, value] of Object.entries(call.query)) url.searchParams.set(name, value);
    return ask({ method: "GET", url, headers, signal });
  }

  async #signIn(signal: AbortSignal): Promise<Session> {
    if (this.#session !== null) return this.#session;
    const { handle: identifier, password } = this.#account;
    const body = { identifier, password };
    const answer = await this.#send({ method: "com.atproto.server.createSession", body, signal }, null);
    if (answer.status !== 200) {
      throw troubleOf(answer, this.host, {
        400: 'check "handle" and the app password',
        401: 'check "handle" and the app password (Settings, Privacy and security, App passwords)',
      });
    }
    return this.#keep(answer);
  }

  async #refresh({ refreshJwt }: Session, signal: AbortSignal): Promise<Session> {
    const url = new URL("/xrpc/com.atproto.server.refreshSession", this.#account.service);
    const headers = { authorization: `Bearer ${refreshJwt}` };
    const answer = await ask({ method: "POST", url, headers, signal });
    if (answer.status === 200) return this.#keep(answer);
    if (answer.status >= 500) throw troubleOf(answer, this.host);
    // The refresh token has expired too.
    this.#session = null;
    return await this.#signIn(signal);
  }

  #keep({ fields: { did, accessJwt, refreshJwt } }: Answer): Session {
    if (typeof did !== "string" || typeof accessJwt !== "string" || typeof refreshJwt !== "string") {
      throw new UserError(`${this.host} answered without a session: check "service"`);
    }
    return this.#session = { did, accessJwt, refreshJwt };
  }
}

function isExpired({ status, fields }: Answer): boolean {
  const { error } = fields;
  return status === 401 || status === 400 && (error === "ExpiredToken" || error === "InvalidToken");
}

/** Throws a `FinalError`. */
function checkLength(text: string): void {
  const graphemes = countGraphemes(text);
  const bytes = new TextEncoder().encode(text).length;
  if (graphemes <= maxGraphemes && bytes <= maxBytes) return;
  const length = graphemes > maxGraphemes ? `${graphemes} characters` : `${bytes} bytes`;
  const most = `${maxGraphemes} characters and ${maxBytes} bytes`;
  throw new FinalError(`the text has ${length}, and Bluesky allows ${most}: shorten "${text.slice(0, 40)}…"`);
}
