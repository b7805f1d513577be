/**
 * One side of a session by the published Text Lightstreamer Client Protocol, without its transport: takes the server's
 * lines and sends requests.
 *
 *   no session → create_session → CONOK → subscription → SUBOK → updates
 *   updates    → LOOP           → bind_session, on the same connection
 *   updates    → cut            → bind_session with the count of what was received → CONOK, PROG → the missed updates
 *   any        → CONERR, END    → no session
 */
import { t } from "../../language.ts";
import { filteredOnlyCodes, requestSentence, sessionSentence } from "./codes.ts";
import { type Changes, decodeUpdate, percentDecoded } from "./update.ts";

export const subprotocol = "TLCP-2.5.0.lightstreamer.com";
/** What the protocol has all clients send that are not one of the vendor's. */
const clientId = "mgQkwtwdysogQz2BJ4Ji kOj2Bg";
/** The server sends something at least this often, unless it decides otherwise. */
const keepAliveMs = 5_000;
const longestKeepAliveMs = 600_000;
const maxLineLength = 64 * 1024;

export interface Subscription {
  adapterSet: string;
  items: readonly string[];
  fields: readonly string[];
  mode: "MERGE" | "DISTINCT" | "RAW";
}

export interface SessionListener {
  send(request: string): void;
  /** The server promises to send something within this time. */
  onKeepAlive(ms: number): void;
  /** Updates come from now on. */
  onReady(): void;
  /** `item` is the index of the item. */
  onUpdate(item: number, changes: Changes): void;
  /** Earlier values of this item, or of all, can no longer be completed by an update. */
  onForgotten(item: number | null): void;
  /** The server dropped this many updates. */
  onLost(count: number): void;
  /** A line is not what the protocol allows; it was skipped. */
  onCorrupt(): void;
  /** The server wants the session bound again, by `rebind`, after this time. */
  onLoop(delayMs: number): void;
  /** The connection is of no use any more. `why` is a complete sentence. */
  onFailed(why: string): void;
}

/** The tags that a recovery counts. */
const dataTags: ReadonlySet<string> = new Set([
  "U",
  "SUBOK",
  "SUBCMD",
  "UNSUB",
  "EOS",
  "CS",
  "OV",
  "CONF",
  "MSGDONE",
  "MSGFAIL",
]);
/** The number of arguments by tag. The last one may contain commas. */
const argumentCounts: Readonly<Record<string, number>> = {
  U: 3,
  SUBOK: 3,
  SUBCMD: 5,
  UNSUB: 1,
  EOS: 2,
  CS: 2,
  OV: 3,
  CONF: 3,
  MSGDONE: 3,
  MSGFAIL: 4,
  CONOK: 4,
  CONERR: 2,
  END: 2,
  LOOP: 1,
  PROG: 1,
  REQOK: 1,
  REQERR: 3,
  ERROR: 2,
  PROBE: 0,
  NOOP: 1,
  SYNC: 1,
  CONS: 1,
  SERVNAME: 1,
  CLIENTIP: 1,
  WSOK: 0,
};

export class Session {
  readonly #subscription: Subscription;
  readonly #listener: SessionListener;
  /** null: there is no session. */
  #id: string | null = null;
  #isSubscribed = false;
  #subscriptionId = 0;
  /** Whether the server sends every update, and says how many it dropped. */
  #isUnfiltered = true;
  /** Data notifications received in this session. */
  #receivedCount = 0;
  /** Data notifications that come again after a recovery. */
  #repeatedCount = 0;
  #canRecover = true;
  /** A recovery was asked for, and the server has not yet said from where it goes on. */
  #expectsProgress = false;
  #link: string | null = null;

  constructor(subscription: Subscription, listener: SessionListener) {
    this.#subscription = subscription;
    this.#listener = listener;
  }

  /**
   * The host and port for the next connection; null: those at which the session was created. Only one connection is
   * tried there, because that host may be gone.
   */
  takeLink(): string | null {
    const link = this.#id === null ? null : this.#link;
    this.#link = null;
    return link;
  }

  /** A new connection is open: recovers the session, or creates one. */
  open(): void {
    if (this.#id === null || !this.#isSubscribed || !this.#canRecover) return this.#create();
    this.#expectsProgress = true;
    this.#bind({ LS_recovery_from: String(this.#receivedCount) });
  }

  /** Binds the session again, after `onLoop`. */
  rebind(): void {
    this.#bind({});
  }

  /** Lines were lost, and nobody knows how many. So the next connection starts a new session. */
  forget(): void {
    this.#canRecover = false;
    this.#listener.onForgotten(null);
  }

  /** Takes a line without its end. */
  take(line: string): void {
    const comma = line.indexOf(",");
    const tag = comma === -1 ? line : line.slice(0, comma);
    if (dataTags.has(tag) && !this.#count()) return;
    const count = Object.hasOwn(argumentCounts, tag) ? argumentCounts[tag] as number : null;
    const given = count === null || line.length > maxLineLength
      ? null
      : splitArguments(comma === -1 ? null : line.slice(comma + 1), count);
    if (given === null || !this.#obey(tag, given)) this.#skip(tag, line);
  }

  /** False for a data notification that was received before the recovery. */
  #count(): boolean {
    if (this.#repeatedCount > 0) {
      this.#repeatedCount--;
      return false;
    }
    this.#receivedCount++;
    return true;
  }

  #skip(tag: string, line: string): void {
    this.#listener.onCorrupt();
    // The item may have changed, so later updates of it cannot be completed.
    if (tag === "U") this.#listener.onForgotten(this.#itemOf(line.split(",", 3)[2] ?? ""));
  }

  /** False if the arguments are not what the protocol allows. */
  #obey(tag: string, given: string[]): boolean {
    switch (tag) {
      case "U":
      case "OV":
      case "CS":
        return this.#takeOfItem(tag, given);
      case "SUBOK":
        return this.#takeSubscribed(given);
      case "UNSUB":
      case "SUBCMD":
        this.#fail(t`The server ended the subscription. It says: ${tag}.`);
        return true;
      case "CONOK":
        return this.#takeConnected(given);
      case "CONERR":
      case "END":
      case "REQERR":
      case "ERROR":
        return this.#takeRefusal(tag, given);
      case "LOOP":
        return this.#takeLoop(given);
      case "PROG":
        return this.#takeProgress(given);
      default:
        return true;
    }
  }

  #takeOfItem(tag: "U" | "OV" | "CS", [subscription = "", itemNumber = "", rest = ""]: string[]): boolean {
    const item = this.#itemOf(itemNumber);
    if (Number(subscription) !== this.#subscriptionId || item === null) return false;
    switch (tag) {
      case "U": {
        const changes = decodeUpdate(rest, this.#subscription.fields.length);
        if (changes !== null) this.#listener.onUpdate(item, changes);
        return changes !== null;
      }
      case "OV": {
        const lost = wholeNumber(rest);
        if (lost !== null) this.#listener.onLost(lost);
        return lost !== null;
      }
      case "CS":
        this.#listener.onForgotten(item);
        return true;
    }
  }

  #takeSubscribed([subscription = "", items = "", fields = ""]: string[]): boolean {
    if (Number(subscription) !== this.#subscriptionId) return false;
    const expected = this.#subscription;
    if (Number(items) !== expected.items.length || Number(fields) !== expected.fields.length) {
      this.#fail(
        t`The server offers ${Number(items)} items with ${
          Number(fields)
        } fields, but "items" has ${expected.items.length} and "fields" ${expected.fields.length}. Correct them.`,
      );
      return true;
    }
    this.#isSubscribed = true;
    this.#listener.onReady();
    return true;
  }

  #takeConnected([id = "", _limit, keepAlive = "", link = ""]: string[]): boolean {
    const ms = wholeNumber(keepAlive);
    if (id === "" || ms === null) return false;
    this.#id = id;
    this.#link = /^[\w.:[\]-]{1,255}$/.test(link) ? link : null;
    this.#listener.onKeepAlive(Math.min(ms, longestKeepAliveMs));
    if (this.#isSubscribed) this.#listener.onReady();
    // A session that is bound again before the server has confirmed the subscription keeps its request.
    else if (this.#subscriptionId === 0) this.#subscribe();
    return true;
  }

  #takeRefusal(tag: "CONERR" | "END" | "REQERR" | "ERROR", given: string[]): boolean {
    const [said = "", code = ""] = given.toReversed();
    const number = /^-?\d{1,9}$/.test(code) ? Number(code) : null;
    if (number === null) return false;
    const text = percentDecoded(said) ?? said;
    if (tag === "CONERR" && this.#id !== null) this.#create();
    else if (tag === "REQERR" && this.#isUnfiltered && filteredOnlyCodes.includes(number)) {
      this.#isUnfiltered = false;
      this.#subscribe();
    } else {
      const isOfSession = tag === "CONERR" || tag === "END";
      this.#fail(isOfSession ? sessionSentence(number, text) : requestSentence(number, text));
    }
    return true;
  }

  #takeLoop([delay = ""]: string[]): boolean {
    const delayMs = wholeNumber(delay);
    if (delayMs === null || this.#id === null) return false;
    this.#listener.onLoop(delayMs);
    return true;
  }

  #takeProgress([progress = ""]: string[]): boolean {
    const count = wholeNumber(progress);
    if (count === null || !this.#expectsProgress) return false;
    this.#expectsProgress = false;
    if (count > this.#receivedCount) {
      this.#listener.onLost(count - this.#receivedCount);
      this.#listener.onForgotten(null);
      this.#receivedCount = count;
    }
    this.#repeatedCount = this.#receivedCount - count;
    return true;
  }

  #fail(why: string): void {
    this.#id = null;
    this.#listener.onFailed(why);
  }

  #create(): void {
    this.#id = null;
    this.#canRecover = true;
    this.#expectsProgress = false;
    this.#isSubscribed = false;
    this.#receivedCount = 0;
    this.#repeatedCount = 0;
    this.#subscriptionId = 0;
    this.#listener.onForgotten(null);
    this.#send("create_session", {
      LS_cid: clientId,
      LS_adapter_set: this.#subscription.adapterSet,
      LS_keepalive_millis: String(keepAliveMs),
      LS_send_sync: "false",
      LS_supported_diffs: "",
    });
  }

  #bind(more: Record<string, string>): void {
    this.#send("bind_session", {
      LS_session: this.#id ?? "",
      ...more,
      LS_keepalive_millis: String(keepAliveMs),
      LS_send_sync: "false",
    });
  }

  #subscribe(): void {
    const { items, fields, mode } = this.#subscription;
    this.#subscriptionId++;
    this.#send("control", {
      LS_reqId: String(this.#subscriptionId),
      LS_op: "add",
      LS_subId: String(this.#subscriptionId),
      LS_group: items.join(" "),
      LS_schema: fields.join(" "),
      LS_mode: mode,
      ...(mode === "MERGE" && { LS_snapshot: "true" }),
      ...(mode !== "RAW" && this.#isUnfiltered && { LS_requested_max_frequency: "unfiltered" }),
    });
  }

  #send(name: string, parameters: Record<string, string>): void {
    // A name in the config may have half of a character, which has no encoding.
    const pairs = Object.entries(parameters).map(([key, value]) =>
      `${key}=${encodeURIComponent(value.toWellFormed())}`
    );
    this.#listener.send(`${name}\r\n${pairs.join("&")}`);
  }

  /** The index of an item by its number, which starts at 1; null if there is no such item. */
  #itemOf(text: string): number | null {
    const number = wholeNumber(text);
    return number !== null && number >= 1 && number <= this.#subscription.items.length ? number - 1 : null;
  }
}

/** Null if there are too few. */
function splitArguments(text: string | null, count: number): string[] | null {
  if (count === 0) return text === null ? [] : null;
  if (text === null) return null;
  const all = text.split(",");
  return all.length < count ? null : [...all.slice(0, count - 1), all.slice(count - 1).join(",")];
}

function wholeNumber(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}
