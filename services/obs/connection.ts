/**
 * The way to OBS. obs-websocket-js never connects again by itself, leaves a request open for ever when the
 * connection closes under it, and waits for a Hello without an end: all of that is looked after here.
 */
import { setTimeout as wait } from "node:timers/promises";
import { backoffMs } from "livecue/backoff";
import { limit } from "livecue/limit";
import { type ServiceLog, UserError } from "livecue/service";
import type { OBSRequestTypes, OBSResponseTypes } from "obs-websocket-js/json";
import { checkedAnswer } from "./answers.ts";
import { OBSWebSocket } from "./library.ts";
import { Away, codeOf, type Trouble, troubleOf } from "./trouble.ts";

type Request = keyof OBSRequestTypes;

/** Asks OBS for something. Rejects with `Away` where it is not there, else with OBS's own refusal. */
export type Call = <Type extends Request>(
  type: Type,
  data?: OBSRequestTypes[Type],
) => Promise<OBSResponseTypes[Type]>;

const delays = { firstMs: 500, longestMs: 10_000 };
/** After a wrong password, say: until somebody has changed something, each attempt is only noise in OBS. */
const refusedDelayMs = 60_000;
const answerLimitMs = 5000;
const notReady = 207;
const notReadyDelayMs = 250;

export interface ConnectionOptions {
  host: string;
  port: number;
  readPassword: () => Promise<string | undefined>;
  log: ServiceLog;
  /** Ends the attempts, not what is connected. */
  signal: AbortSignal;
  /** Before anybody else may use the new connection. */
  onConnected: (call: Call) => Promise<void>;
}

interface Link {
  obs: InstanceType<typeof OBSWebSocket>;
  /** Rejects when it is closed, with the code of the close, or given up. */
  closed: Promise<never>;
  /** Hangs up on an OBS that is silent, without waiting for its answer to that. */
  giveUp: (why: Away) => void;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #address: string;
  #link: Link | null = null;
  #ready = Promise.withResolvers<void>();
  /** What was said last, and still holds. */
  #trouble: Trouble | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { host, port } = options;
    this.#address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  }

  /** Connects, and again whenever the connection is lost, until the signal aborts or OBS forbids it. */
  async keep(): Promise<void> {
    const { signal } = this.#options;
    for (let failures = 0; !signal.aborted; failures++) {
      let thrown: unknown;
      try {
        const link = await this.#connect();
        failures = 0;
        await link.closed;
      } catch (error) {
        thrown = error;
      }
      this.#lose();
      if (signal.aborted) return;
      const { kind } = this.#tell(thrown);
      if (kind === "kicked") return;
      const delayMs = kind === "refused" ? refusedDelayMs : backoffMs(failures + 1, delays);
      await wait(delayMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Connects once, and hangs up. Throws a `UserError` that says what to do where that does not work. */
  async tryOnce(): Promise<void> {
    try {
      const { obs } = await this.#connect();
      await obs.disconnect();
    } catch (error) {
      throw new UserError(sentenceOf(troubleOf(error, this.#address)));
    }
  }

  /** Resolves when OBS is there; rejects with `Away` when it is not within the time, or where it will not be. */
  async ready(waitMs: number, signal: AbortSignal): Promise<void> {
    const waiting = new AbortController();
    const stop = AbortSignal.any([waiting.signal, signal]);
    try {
      const isHopeless = this.#trouble !== null && this.#trouble.kind !== "away";
      const tooLong = isHopeless ? Promise.resolve() : wait(waitMs, undefined, { signal: stop });
      const isThere = await Promise.race([this.#ready.promise.then(() => true), tooLong.then(() => false)]);
      if (!isThere) throw new Away(`${this.#trouble?.what ?? `OBS has not answered at ${this.#address}`}.`);
    } finally {
      waiting.abort();
    }
  }

  /** Rejects with `Away` where OBS is not there. */
  readonly call: Call = async (type, data) => {
    if (this.#link === null) throw new Away("OBS is not connected.");
    return await callOver(this.#link, type, data);
  };

  /** Hangs up; what is open rejects. */
  async close(): Promise<void> {
    await this.#link?.obs.disconnect();
  }

  async #connect(): Promise<Link> {
    await requirePermission(this.#address);
    const password = await this.#options.readPassword();
    const obs = new OBSWebSocket();
    const { promise: closed, reject } = Promise.withResolvers<never>();
    // Whoever awaits it hears of it; before that, nobody does.
    closed.catch(() => {});
    obs.once("ConnectionClosed", reject);
    const giveUp = (why: Away) => {
      reject(why);
      void obs.disconnect();
    };
    // Livecue asks and listens to nothing: OBS need not send its events.
    const connecting = obs.connect(`ws://${this.#address}`, password, {
      rpcVersion: 1,
      eventSubscriptions: 0,
    });
    await withLimit(connecting, `nothing said Hello within ${answerLimitMs / 1000} s`, giveUp);
    const link = { obs, closed, giveUp };
    try {
      await this.#options.onConnected((type, data) => callOver(link, type, data));
    } catch (error) {
      void obs.disconnect();
      throw error;
    }
    this.#link = link;
    this.#options.log.info(
      this.#trouble === null ? `Connected to OBS at ${this.#address}.` : `OBS is back at ${this.#address}.`,
    );
    this.#trouble = null;
    this.#ready.resolve();
    return link;
  }

  #lose(): void {
    if (this.#link === null) return;
    this.#link = null;
    this.#ready = Promise.withResolvers();
  }

  /** Trouble of the same kind is told once. */
  #tell(thrown: unknown): Trouble {
    const trouble = troubleOf(thrown, this.#address);
    if (trouble.kind !== this.#trouble?.kind) {
      if (trouble.kind === "away") this.#options.log.info(`${sentenceOf(trouble)} Livecue goes on trying.`);
      else this.#options.log.error(sentenceOf(trouble));
    }
    return this.#trouble = trouble;
  }
}

function sentenceOf({ what, advice }: Trouble): string {
  return `${what}${advice === "" ? "" : `: ${advice}`}.`;
}

/** Without it the library only says that the host is not found. */
async function requirePermission(address: string): Promise<void> {
  const { state } = await Deno.permissions.query({ name: "net", host: address });
  if (state === "granted") return;
  throw new UserError(
    `Livecue may not connect to ${address}: put "net": ["${address}"] in this service's permissions.`,
  );
}

/** While OBS changes its scene collection it refuses everything, and is asked again. */
async function callOver<Type extends Request>(
  link: Link,
  type: Type,
  data?: OBSRequestTypes[Type],
): Promise<OBSResponseTypes[Type]> {
  for (let attempts = 1;; attempts++) {
    try {
      return await callOnce(link, type, data);
    } catch (error) {
      if (codeOf(error) !== notReady) throw error;
      if (attempts * notReadyDelayMs >= answerLimitMs) {
        throw new Away("OBS is not ready: it is changing its scene collection, or about to quit.");
      }
      await wait(notReadyDelayMs);
    }
  }
}

async function callOnce<Type extends Request>(
  { obs, closed, giveUp }: Link,
  type: Type,
  data?: OBSRequestTypes[Type],
): Promise<OBSResponseTypes[Type]> {
  const answer = Promise.race([obs.call(type, data), closed]);
  try {
    const what = `OBS has not answered ${type} for ${answerLimitMs / 1000} s.`;
    return checkedAnswer(type, await withLimit(answer, what, giveUp));
  } catch (error) {
    if (obs.identified || error instanceof UserError) throw error;
    throw new Away(`OBS went away before it answered ${type}.`);
  }
}

async function withLimit<Value>(
  promise: Promise<Value>,
  message: string,
  giveUp: (why: Away) => void,
): Promise<Value> {
  const over = Promise.withResolvers<never>();
  const cancel = limit(answerLimitMs, () => {
    const why = new Away(message);
    giveUp(why);
    over.reject(why);
  });
  try {
    return await Promise.race([promise, over.promise]);
  } finally {
    cancel();
  }
}
