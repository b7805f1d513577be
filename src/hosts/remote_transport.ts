/**
 * Carries the runner's messages to a worker on another machine. A connection may break and come back: as long as the
 * host is heard again in time, no item notices it. If it is not, the worker counts as away, and its items are released.
 */
import { backoffMs, type BackoffOptions } from "../backoff.ts";
import { cleanLine } from "../clean_text.ts";
import type { Clock } from "../clock.ts";
import { limit, sleep } from "../clock.ts";
import type { HostBook, HostEntry } from "../host_book.ts";
import { t } from "../language.ts";
import type { Pulse } from "../runner/heartbeat.ts";
import { encodeMessage, type MessageToWorker } from "../runner/protocol.ts";
import type { Transport, TransportOptions } from "../runner/transport.ts";
import type { Connection, NotOpened } from "./connection.ts";
import { type Hello, linkProtocol, type RefusalReason, type Welcome } from "./handshake.ts";
import { type LinkBreak, NumberedLink, type Wire } from "./link.ts";
import { checkedFromHost, type MessageFromHost, ofWorker, readLinkMessage, toHost } from "./link_message.ts";

export interface RemoteOptions extends TransportOptions {
  clock: Clock;
  /** Where the host is found that `runsOn` of the service names. */
  book: Pick<HostBook, "hosts">;
  owner: OwnerIdentity;
}

/** Who owns the items, as the host sees it. */
export interface OwnerIdentity {
  /** What the items belong to. Letters, digits, "_" and "-". */
  room: string;
  /** The process, different at each start. */
  id: string;
  /** For the host's log. */
  name: string;
}

/** Longer than the host's, so that the host has stopped the items before they are handed out again. */
const patienceSeconds = 10;
const redial: BackoffOptions = { firstMs: 200, longestMs: 1000 };
/** How long the host may take to confirm that the worker is gone. */
const endLimitMs = 3000;

export function openRemote(options: RemoteOptions): Transport {
  return new RemoteWorker(options);
}

class RemoteWorker implements Transport {
  readonly ledger = null;
  readonly children = null;
  readonly pulse: Pulse;
  readonly #options: RemoteOptions;
  readonly #link: NumberedLink;
  readonly #session = crypto.randomUUID();
  readonly #hostName: string;
  readonly #stopping = new AbortController();
  readonly #beat: { lastPongAt: number | null; isLate: boolean; heapBytes: number | null };
  #connection: Connection | null = null;
  #canKill = true;
  #wasWelcomed = false;
  #dials = 0;
  #ended: PromiseWithResolvers<void> | null = null;

  constructor(options: RemoteOptions) {
    this.#options = options;
    this.#hostName = options.service.runsOn ?? "";
    this.#beat = { lastPongAt: null, isLate: false, heapBytes: null };
    this.pulse = this.#beat;
    this.#link = new NumberedLink({
      clock: options.clock,
      patienceSeconds,
      onMessage: (text) => this.#receive(text),
      onSilence: () => this.#dropConnection(),
      onInterrupted: (forMs) => this.#interrupt(forMs),
      onLost: () => this.#away(t`it was not heard for ${patienceSeconds} s`),
      onBroken: (why) => this.#away(describeBreak(why)),
    });
    void this.#dial();
  }

  get canKill(): boolean {
    return this.#canKill;
  }

  get isInterrupted(): boolean {
    return this.#link.isInterrupted;
  }

  post(message: MessageToWorker): void {
    // The host starts the service by its own config.
    if (message.kind !== "start") this.#link.post(ofWorker(encodeMessage(message)));
  }

  terminate(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended.promise;
  }

  /** Asks the host to terminate the worker, and waits a moment for its answer. */
  #end(): PromiseWithResolvers<void> {
    const ended = Promise.withResolvers<void>();
    if (this.#stopping.signal.aborted || !this.#wasWelcomed) {
      this.#close();
      ended.resolve();
      return ended;
    }
    this.#link.post(toHost({ kind: "end" }));
    const cancel = limit(this.#options.clock, endLimitMs, ended.resolve);
    void ended.promise.then(() => {
      cancel();
      this.#close();
    });
    return ended;
  }

  #close(): void {
    this.#stopping.abort();
    this.#connection?.close();
    this.#connection = null;
    this.#link.close();
    this.#ended?.resolve();
  }

  /** `why` follows "the service waits for HOST: ". */
  #away(why: string): void {
    if (this.#stopping.signal.aborted) return;
    this.#close();
    this.#options.onLost(t`waits for ${this.#hostName}: ${why}`, { isAway: true });
  }

  #interrupt(forMs: number): void {
    // Before the first welcome, no item is there.
    if (this.#wasWelcomed) this.#options.onInterrupted?.(forMs);
  }

  async #dial(): Promise<void> {
    const { signal } = this.#stopping;
    // Most runs have no host.
    const { Connection } = await import("./connection.ts");
    let entry: HostEntry | null;
    try {
      entry = (await this.#options.book.hosts()).find(({ name }) => name === this.#hostName) ?? null;
    } catch (error) {
      return this.#away(error instanceof Error ? error.message : String(error));
    }
    if (signal.aborted) return;
    if (entry === null) {
      return this.#away(t`no host of this name is known: start it there, or check "runs_on"`);
    }
    this.#connect(entry, Connection);
  }

  #connect({ address, token }: HostEntry, Connecting: typeof Connection): void {
    this.#connection = new Connecting({
      address,
      token,
      clock: this.#options.clock,
      hello: () => JSON.stringify(this.#hello()),
      onWelcome: (welcome, wire) => this.#attach(welcome, wire),
      onRefused: (refusal) => this.#away(this.#describeRefusal(refusal)),
      onFrame: (data) => this.#link.receive(data),
      onGone: (why) => this.#redial(why, address),
    });
  }

  #hello(): Hello {
    const { service: { slug, emits }, owner } = this.#options;
    return {
      kind: "hello",
      protocol: linkProtocol,
      session: this.#session,
      isNew: !this.#wasWelcomed,
      received: this.#link.received,
      service: slug,
      room: owner.room,
      owner: owner.id,
      ownerName: owner.name,
      emits,
    };
  }

  #attach({ received, canKill }: Welcome, wire: Wire): void {
    this.#wasWelcomed = true;
    this.#dials = 0;
    this.#canKill = canKill;
    this.#link.attach(wire, received);
  }

  #dropConnection(): void {
    this.#connection?.close();
    this.#redial(null, "");
  }

  /** The first connection has to succeed at once. Later ones are tried until the link's patience is over. */
  #redial(why: NotOpened | null, address: string): void {
    this.#connection = null;
    this.#link.detach();
    if (this.#stopping.signal.aborted) return;
    if (!this.#wasWelcomed) return this.#away(describeNotOpened(why, address));
    const { clock } = this.#options;
    void sleep(clock, backoffMs(++this.#dials, redial), this.#stopping.signal).then(() => {
      if (!this.#stopping.signal.aborted) return this.#dial();
    });
  }

  #receive(text: string): void {
    const message = readLinkMessage(text);
    if (message?.isOfWorker) {
      if (this.#ended === null) this.#options.onMessage(message.text);
      return;
    }
    const ofHost = message === null ? null : checkedFromHost(message.message);
    if (ofHost === null) return this.#away(t`it sent something that is no message`);
    this.#obey(ofHost);
  }

  #obey(message: MessageFromHost): void {
    const { clock, onLost, onPrinted, onLeaving, endedItems } = this.#options;
    if (message.kind === "ended") return this.#ended?.resolve();
    if (this.#ended !== null) return;
    switch (message.kind) {
      case "lost": {
        const { why, isStuck, isBystander } = message;
        return onLost(why, { isStuck, isBystander });
      }
      case "printed":
        return onPrinted(message.level, message.text);
      case "pulse":
        this.#beat.lastPongAt = clock.monotonic();
        this.#beat.isLate = message.isLate;
        this.#beat.heapBytes = message.heapBytes;
        return;
      case "leaving":
        return onLeaving?.();
      case "over":
        return this.#away(message.why === "stopping" ? t`it was stopped` : t`another session has begun`);
      case "folders": {
        const itemIds = endedItems?.(message.itemIds) ?? [];
        if (itemIds.length > 0) this.#link.post(toHost({ kind: "ended_items", itemIds }));
      }
    }
  }

  #describeRefusal(refusal: RefusalReason): string {
    const { slug } = this.#options.service;
    switch (refusal.why) {
      case "protocol":
        return t`it has another version of Livecue (protocol ${refusal.protocol}, here ${linkProtocol}): install the same version on both machines`;
      case "unknown service":
        return t`it does not run "${slug}": add the service to the config there, and start the host with --service ${slug}`;
      case "emits":
        return t`it lets "${slug}" emit ${
          refusal.types.map(cleanLine).join(", ")
        }, which "emits" lacks here: write the same in both configs`;
      case "unknown session":
        return t`it was started again`;
      case "room in use":
        return t`another Livecue, with a copy of this database, uses "${slug}" there: stop one of them`;
      case "still ending":
        return t`the last worker there is being stopped`;
      case "too many sessions":
        return t`it runs as many workers as it may: start it with a larger --max-workers`;
      case "stopping":
        return t`it is being stopped`;
    }
  }
}

function describeNotOpened(why: NotOpened | null, address: string): string {
  if (why === null) return t`it did not answer at ${address}`;
  if (why.kind === "unreachable") return t`it cannot be reached at ${address} (${why.reason})`;
  return t`${address} does not accept the token: both machines need the same`;
}

function describeBreak(why: LinkBreak): string {
  return why === "too much unacknowledged"
    ? t`too much waits to be sent to it`
    : t`it sent something that is no message`;
}
