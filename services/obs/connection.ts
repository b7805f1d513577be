/**
 * The connection to OBS. On its own, obs-websocket-js never reconnects, never settles a request whose connection
 * closes, and waits forever for the Hello message. All of that is handled here.
 */
import { setTimeout as wait } from "node:timers/promises";
import { backoffMs } from "livecue/backoff";
import { t } from "livecue/language";
import { limit } from "livecue/limit";
import { type ServiceLog, UserError } from "livecue/service";
import type { OBSRequestTypes, OBSResponseTypes } from "obs-websocket-js/json";
import { checkedAnswer } from "./answers.ts";
import { OBSWebSocket } from "./library.ts";
import { Away, codeOf, Moved, noHello, type Trouble, troubleOf } from "./trouble.ts";

type Request = keyof OBSRequestTypes;

/** Sends a request to OBS. Rejects with `Away` if OBS is not connected, else with OBS's own error. */
export type Call = <Type extends Request>(
  type: Type,
  data?: OBSRequestTypes[Type],
) => Promise<OBSResponseTypes[Type]>;

/** The open scene collection. */
export interface OpenCollection {
  name: string;
  /** Rejects with `Moved` once another collection is being opened. */
  call: Call;
}

const delays = { firstMs: 500, longestMs: 10_000 };
/** After a wrong password, for example: until somebody changes something, retries only add noise to OBS's log. */
const refusedDelayMs = 60_000;
const answerLimitMs = 5000;
const notReady = 207;
const notReadyDelayMs = 250;
/** The events of scene collections. Livecue needs no other ones. */
const configEvents = 2;

export interface ConnectionOptions {
  host: string;
  port: number;
  readPassword: () => Promise<string | undefined>;
  log: ServiceLog;
  /** Gets what keeps Livecue from OBS, and null when that is over. */
  onTrouble?(text: string | null): void;
  /** Stops the attempts to connect, but does not close an open connection. */
  signal: AbortSignal;
  /** Called before anybody else may use the new connection, and when another scene collection was opened. */
  onOpened: (open: OpenCollection) => Promise<void>;
}

interface Link {
  obs: InstanceType<typeof OBSWebSocket>;
  /** Rejects when the connection is closed (with the close code) or given up. */
  closed: Promise<never>;
  /** Disconnects from an OBS that does not answer, without waiting for it. */
  giveUp: (why: Away) => void;
  collection: Collection;
}

/** Which scene collection is open. */
interface Collection {
  name: string;
  /** Resolves when no collection is being opened. */
  opened: Promise<void>;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #address: string;
  #link: Link | null = null;
  #ready = withoutWarning<void>();
  /** The last told trouble, if it still exists. */
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
      const { kind } = this.#tellTrouble(thrown);
      if (kind !== "away") this.#failWaiting();
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
    if (this.#trouble !== null && this.#trouble.kind !== "away") throw this.#whyAway();
    try {
      const tooLong = wait(waitMs, undefined, { signal: stop });
      const isReady = await Promise.race([this.#ready.promise.then(() => true), tooLong.then(() => false)]);
      if (!isReady) throw this.#whyAway();
    } finally {
      waiting.abort();
    }
  }

  /**
   * Runs `act` with the open scene collection, and again if the streamer opens another one meanwhile. Rejects with
   * `Away` if OBS is not connected.
   */
  async withCollection<Result>(act: (open: OpenCollection) => Promise<Result>): Promise<Result> {
    for (;;) {
      const link = this.#link;
      if (link === null) throw new Away(t`OBS is not connected.`);
      try {
        return await act(await openCollection(link));
      } catch (error) {
        if (!(error instanceof Moved)) throw error;
      }
    }
  }

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
    const connecting = obs.connect(`ws://${this.#address}`, password, {
      rpcVersion: 1,
      eventSubscriptions: configEvents,
    });
    await withLimit(connecting, noHello, giveUp);
    const link: Link = { obs, closed, giveUp, collection: { name: "", opened: Promise.resolve() } };
    try {
      const { currentSceneCollectionName } = await callOver(link, "GetSceneCollectionList");
      link.collection = { name: currentSceneCollectionName, opened: Promise.resolve() };
      this.#watchCollections(link);
      await this.#options.onOpened(await openCollection(link));
    } catch (error) {
      void obs.disconnect();
      throw error;
    }
    this.#open(link);
    return link;
  }

  #open(link: Link): void {
    this.#link = link;
    this.#options.log.info(
      this.#trouble === null
        ? t`Connected to OBS at ${this.#address}.`
        : t`Reconnected to OBS at ${this.#address}.`,
    );
    if (this.#trouble !== null) this.#options.onTrouble?.(null);
    this.#trouble = null;
    this.#ready.resolve();
  }

  #watchCollections(link: Link): void {
    const { obs } = link;
    let opened = Promise.withResolvers<void>();
    obs.on("CurrentSceneCollectionChanging", () => {
      opened = Promise.withResolvers();
      link.collection = { name: "", opened: opened.promise };
    });
    obs.on("CurrentSceneCollectionChanged", async ({ sceneCollectionName }) => {
      link.collection = { name: sceneCollectionName, opened: Promise.resolve() };
      opened.resolve();
      try {
        await this.withCollection((open) => this.#options.onOpened(open));
      } catch (error) {
        if (!(error instanceof Away)) this.#options.log.error(sentenceOf(troubleOf(error, this.#address)));
      }
    });
  }

  #lose(): void {
    if (this.#link === null) return;
    this.#link = null;
    this.#ready = withoutWarning();
  }

  /** Those who wait need not wait longer: only a person can help. */
  #failWaiting(): void {
    this.#ready.reject(this.#whyAway());
    this.#ready = withoutWarning();
  }

  #whyAway(): Away {
    return new Away(`${this.#trouble?.what ?? t`OBS has not answered at ${this.#address}`}.`);
  }

  /** Tells trouble of the same kind only once. */
  #tellTrouble(thrown: unknown): Trouble {
    const trouble = troubleOf(thrown, this.#address);
    if (trouble.kind !== this.#trouble?.kind) {
      const sentence = sentenceOf(trouble);
      this.#options.onTrouble?.(trouble.kind === "away" ? t`${sentence} Livecue keeps trying.` : sentence);
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
    t`The service is not allowed to connect to ${address}: add "net": ["${address}"] to its "permissions".`,
  );
}

/** Nobody may be waiting when it is rejected. */
function withoutWarning<Value>(): PromiseWithResolvers<Value> {
  const resolvers = Promise.withResolvers<Value>();
  resolvers.promise.catch(() => {});
  return resolvers;
}

/** Waits until no scene collection is being opened. */
async function openCollection(link: Link): Promise<OpenCollection> {
  const tooLong = t`OBS has been opening a scene collection for too long.`;
  await withLimit(Promise.race([link.collection.opened, link.closed]), tooLong, link.giveUp);
  const { collection } = link;
  return { name: collection.name, call: (type, data) => callOver(link, type, data, collection) };
}

/** Retries while OBS is switching its scene collection, since it refuses every request then. */
async function callOver<Type extends Request>(
  link: Link,
  type: Type,
  data?: OBSRequestTypes[Type],
  collection: Collection = link.collection,
): Promise<OBSResponseTypes[Type]> {
  for (let attempts = 1;; attempts++) {
    try {
      const answer = await callOnce(link, type, data);
      if (collection === link.collection) return answer;
      throw new Moved();
    } catch (error) {
      // OBS may refuse, or answer with nothing, because it has closed the collection.
      if (collection !== link.collection && !(error instanceof Away)) throw new Moved();
      if (codeOf(error) !== notReady) throw error;
      if (attempts * notReadyDelayMs >= answerLimitMs) {
        throw new Away(t`OBS is not ready: it is switching its scene collection or shutting down.`);
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
    const what = t`OBS did not answer ${type} within ${answerLimitMs / 1000} s.`;
    return checkedAnswer(type, await withLimit(answer, what, giveUp));
  } catch (error) {
    if (obs.identified || error instanceof UserError) throw error;
    throw new Away(t`The connection to OBS was lost before it answered ${type}.`);
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
