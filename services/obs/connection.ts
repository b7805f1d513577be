/**
 * The connection to OBS. On its own, obs-websocket-js never reconnects, never settles a request whose connection
 * closes, and waits forever for the Hello message. All of that is handled here.
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

/** Sends a request to OBS. Rejects with `Away` if OBS is not connected, else with OBS's own error. */
export type Call = <Type extends Request>(
  type: Type,
  data?: OBSRequestTypes[Type],
) => Promise<OBSResponseTypes[Type]>;

const delays = { firstMs: 500, longestMs: 10_000 };
/** After a wrong password, for example: until somebody changes something, retries only add noise to OBS's log. */
const refusedDelayMs = 60_000;
const answerLimitMs = 5000;
const notReady = 207;
const notReadyDelayMs = 250;

export interface ConnectionOptions {
  host: string;
  port: number;
  readPassword: () => Promise<string | undefined>;
  log: ServiceLog;
  /** Stops the attempts to connect, but does not close an open connection. */
  signal: AbortSignal;
  /** Called before anybody else may use the new connection. */
  onConnected: (call: Call) => Promise<void>;
}

interface Link {
  obs: InstanceType<typeof OBSWebSocket>;
  /** Rejects when the connection is closed (with the close code) or given up. */
  closed: Promise<never>;
  /** Disconnects from an OBS that does not answer, without waiting for it. */
  giveUp: (why: Away) => void;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #address: string;
  #link: Link | null = null;
  #ready = Promise.withResolvers<void>();
  /** The last logged trouble, if it still exists. */
  #trouble: Trouble | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { host, port } = options;
    this.#address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  }

  /** Connects, and reconnects whenever the connection is lost, until the signal aborts or OBS forbids it. */
  async keepConnected(): Promise<void> {
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
      const { kind } = this.#logTrouble(thrown);
      if (kind === "kicked") return;
      const delayMs = kind === "refused" ? refusedDelayMs : backoffMs(failures + 1, delays);
      await wait(delayMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Connects once and disconnects. If that fails, throws a `UserError` that says what to do. */
  async tryOnce(): Promise<void> {
    try {
      const { obs } = await this.#connect();
      await obs.disconnect();
    } catch (error) {
      throw new UserError(sentenceOf(troubleOf(error, this.#address)));
    }
  }

  /** Resolves when OBS is connected. Rejects with `Away` if it is not in time, or at once if waiting is pointless. */
  async ready(waitMs: number, signal: AbortSignal): Promise<void> {
    const waiting = new AbortController();
    const stop = AbortSignal.any([waiting.signal, signal]);
    try {
      const isPointless = this.#trouble !== null && this.#trouble.kind !== "away";
      const tooLong = isPointless ? Promise.resolve() : wait(waitMs, undefined, { signal: stop });
      const isReady = await Promise.race([this.#ready.promise.then(() => true), tooLong.then(() => false)]);
      if (!isReady) throw new Away(`${this.#trouble?.what ?? `OBS has not answered at ${this.#address}`}.`);
    } finally {
      waiting.abort();
    }
  }

  /** Rejects with `Away` if OBS is not connected. */
  readonly call: Call = async (type, data) => {
    if (this.#link === null) throw new Away("OBS is not connected.");
    return await callOver(this.#link, type, data);
  };

  /** Disconnects. Open requests reject. */
  async close(): Promise<void> {
    await this.#link?.obs.disconnect();
  }

  async #connect(): Promise<Link> {
    await requirePermission(this.#address);
    const password = await this.#options.readPassword();
    const obs = new OBSWebSocket();
    const { promise: closed, reject } = Promise.withResolvers<never>();
    // Prevents an unhandled rejection if nobody awaits it yet.
    closed.catch(() => {});
    obs.once("ConnectionClosed", reject);
    const giveUp = (why: Away) => {
      reject(why);
      void obs.disconnect();
    };
    // Livecue only sends requests, so OBS need not send its events.
    const connecting = obs.connect(`ws://${this.#address}`, password, {
      rpcVersion: 1,
      eventSubscriptions: 0,
    });
    await withLimit(connecting, `no Hello within ${answerLimitMs / 1000} s`, giveUp);
    const link = { obs, closed, giveUp };
    try {
      await this.#options.onConnected((type, data) => callOver(link, type, data));
    } catch (error) {
      void obs.disconnect();
      throw error;
    }
    this.#link = link;
    this.#options.log.info(
      this.#trouble === null
        ? `Connected to OBS at ${this.#address}.`
        : `Reconnected to OBS at ${this.#address}.`,
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

  /** Logs trouble of the same kind only once. */
  #logTrouble(thrown: unknown): Trouble {
    const trouble = troubleOf(thrown, this.#address);
    if (trouble.kind !== this.#trouble?.kind) {
      if (trouble.kind === "away") this.#options.log.info(`${sentenceOf(trouble)} Livecue keeps trying.`);
      else this.#options.log.error(sentenceOf(trouble));
    }
    return this.#trouble = trouble;
  }
}

function sentenceOf({ what, advice }: Trouble): string {
  return `${what}${advice === "" ? "" : `: ${advice}`}.`;
}

/** Without the permission, the library would only report that the host was not found. */
async function requirePermission(address: string): Promise<void> {
  const { state } = await Deno.permissions.query({ name: "net", host: address });
  if (state === "granted") return;
  throw new UserError(
    `The service is not allowed to connect to ${address}: add "net": ["${address}"] to its "permissions".`,
  );
}

/** Retries while OBS is switching its scene collection, since it refuses every request then. */
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
        throw new Away("OBS is not ready: it is switching its scene collection or shutting down.");
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
    const what = `OBS did not answer ${type} within ${answerLimitMs / 1000} s.`;
    return checkedAnswer(type, await withLimit(answer, what, giveUp));
  } catch (error) {
    if (obs.identified || error instanceof UserError) throw error;
    throw new Away(`The connection to OBS was lost before it answered ${type}.`);
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
