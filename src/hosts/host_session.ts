/**
 * One worker on the host for one owner. It passes the messages of the two on, watches the worker's heartbeat, and
 * stops the worker in order when the owner is no longer heard.
 */
import { type Clock, every, limit, sleep } from "../clock.ts";

import { t } from "../language.ts";
import type { Log, LogLevel } from "../log/log.ts";
import { Heartbeat } from "../runner/heartbeat.ts";
import { onStopLimitMs } from "../runner/life_end.ts";
import { abortGraceMs } from "../runner/posted_items.ts";
import type { OptionPlaces } from "../runner/option_places.ts";
import type { MessageToWorker } from "../runner/protocol.ts";
import { type HowLost, serviceStart, type Transport, type TransportOptions } from "../runner/transport.ts";
import type { ServiceConfig } from "../service.ts";
import type { Hello } from "./handshake.ts";
import { type LinkBreak, NumberedLink, type Wire } from "./link.ts";
import { checkedToHost, fromHost, type MessageFromHost, ofWorker, readLinkMessage } from "./link_message.ts";
import { ItemsOnHost } from "./items_on_host.ts";
import { placedMessage, workerMessage } from "./worker_message.ts";
import { folderPrefixOf, itemsWithFolder, removeFolder } from "./host_folders.ts";

export interface HostSessionOptions extends OptionPlaces {
  hello: Hello;
  /** With the folder of the owner's room. */
  service: ServiceConfig;
  clock: Clock;
  log: Log;
  /** May throw. */
  openTransport(options: TransportOptions): Transport;
  /** The session is over, and its worker is gone. */
  onOver(): void;
}

/** Shorter than the owner's. */
const patienceSeconds = 6;
const askForFoldersMs = 30_000;
/** How long the last message may take to arrive. */
const lastWordsMs = 2000;

export class HostSession {
  readonly #options: HostSessionOptions;
  readonly #link: NumberedLink;
  readonly #items = new ItemsOnHost();
  readonly #cancels: (() => void)[] = [];
  #transport: Transport | null = null;
  #heartbeat: Heartbeat | null = null;
  #isOver = false;
  #isLeaving = false;
  #stopped: PromiseWithResolvers<void> | null = null;
  #ending: Promise<void> | null = null;
  readonly #closed = Promise.withResolvers<void>();
  /** Closes the connection in use. */
  #closeConnection: (() => void) | null = null;

  /** Starts the worker. */
  constructor(options: HostSessionOptions) {
    this.#options = options;
    const { clock } = options;
    this.#link = new NumberedLink({
      clock,
      patienceSeconds,
      onMessage: (text) => this.#receive(text),
      onSilence: () => this.detach(),
      onLost: () => void this.#loseOwner(),
      onBroken: (why) => this.#breakOff(why),
    });
    this.#open();
    this.#askForFolders();
    this.#cancels.push(every(clock, askForFoldersMs, () => this.#askForFolders()));
  }

  get hello(): Hello {
    return this.#options.hello;
  }

  get canKill(): boolean {
    return this.#transport?.canKill ?? true;
  }

  /** The last number up to which everything was received from the owner. */
  get received(): number {
    return this.#link.received;
  }

  /** Whether the owner was heard a moment ago. */
  get isHeard(): boolean {
    return !this.#link.isInterrupted;
  }

  /** `close` closes the connection, which another one replaces. */
  attach(wire: Wire, { theyReceived, close }: { theyReceived: number; close(): void }): void {
    if (this.#closeConnection !== close) this.#closeConnection?.();
    this.#closeConnection = close;
    this.#link.attach(wire, theyReceived);
  }

  /** The connection is gone, or dead. The owner may come back with another one. */
  detach(): void {
    this.#closeConnection?.();
    this.#closeConnection = null;
    this.#link.detach();
  }

  /** The connection that `close` closes is gone. */
  detachFrom(close: () => void): void {
    if (this.#closeConnection !== close) return;
    this.detach();
    if (this.#isOver) this.close();
  }

  /** Sends nothing more. Call it only when the session is over. */
  close(): void {
    for (const cancel of this.#cancels) cancel();
    this.#closeConnection?.();
    this.#closeConnection = null;
    this.#link.close();
    this.#closed.resolve();
  }

  /** Resolves when nothing more is sent. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** A frame has come through the attached connection. */
  receiveFrame(data: unknown): void {
    this.#link.receive(data);
  }

  /** Asks the owner to stop the worker in order. */
  leave(): void {
    if (this.#isOver || this.#isLeaving) return;
    this.#isLeaving = true;
    this.#tell({ kind: "leaving" });
  }

  /** Ends the session from the host's side, with an orderly stop of the worker. */
  async end(why: "stopping" | "replaced"): Promise<void> {
    if (this.#isOver) return await this.#ending ?? undefined;
    this.#tell({ kind: "over", why });
    await this.#stopWorker();
    await this.#finish();
  }

  #tell(message: MessageFromHost): void {
    this.#link.post(fromHost(message));
  }

  #open(): void {
    const { service, clock, openTransport } = this.#options;
    try {
      this.#transport = openTransport({
        service,
        reportsEach: true,
        onMessage: (data) => this.#passOn(data),
        onPrinted: (level, text) => this.#print(level, text),
        onLost: (why, how) => this.#lose(why, how),
      });
    } catch (thrown) {
      return this.#refuseStart(thrown);
    }
    this.#transport.post({ kind: "start", folderPrefix: folderPrefixOf(service), ...serviceStart(service) });
    if (this.#transport.pulse) {
      const { pulse } = this.#transport;
      this.#cancels.push(every(clock, 1000, () => this.#beat(pulse.heapBytes ?? 0, pulse.isLate)));
      return;
    }
    this.#heartbeat = new Heartbeat({
      clock,
      ping: () => this.#transport?.post({ kind: "ping" }),
      onLost: (seconds) =>
        this.#lose(t`has not answered for ${seconds} s: its worker is dead or stuck in a loop`, {
          isStuck: true,
        }),
    });
  }

  #refuseStart(thrown: unknown): void {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const sentence = t`it could not be given a worker with its "permissions": ${why}`;
    const failure = { sentence, place: null, isUserError: false };
    this.#link.post(
      ofWorker(JSON.stringify({ kind: "start_failed", failure, isMistake: true, inOptions: [] })),
    );
  }

  #beat(heapBytes: number, isLate: boolean): void {
    this.#tell({ kind: "pulse", heapBytes, isLate });
  }

  #print(level: LogLevel, text: string): void {
    if (!this.#isOver) this.#tell({ kind: "printed", level, text });
  }

  /** The worker is gone, or must go. The owner decides what this means for its items. */
  #lose(why: string, { isStuck = false, isBystander = false }: HowLost = {}): void {
    if (this.#isOver || this.#ending !== null) return;
    this.#options.log.warn(t`the service of ${this.hello.ownerName} ${why}`);
    this.#heartbeat?.stop();
    this.#stopped?.resolve();
    this.#tell({ kind: "lost", why, isStuck, isBystander });
  }

  /** Passes a message of the worker on to the owner. */
  #passOn(data: unknown): void {
    if (this.#isOver) return;
    const text = typeof data === "string" ? data : "null";
    const message = workerMessage(text);
    if (message?.kind === "pong") {
      this.#heartbeat?.receivePong(message.heapBytes);
      return this.#beat(message.heapBytes, this.#heartbeat?.isLate ?? false);
    }
    this.#heartbeat?.receiveSign();
    if (message?.kind === "child") this.#transport?.children?.take(message);
    if (message !== null) this.#items.noteEnds(message);
    this.#link.post(ofWorker(message === null ? text : placedMessage(message, text, this.#options)));
    if (message?.kind === "stopped") this.#stopped?.resolve();
  }

  /** A message of the owner. */
  #receive(text: string): void {
    if (this.#isOver) return;
    const read = readLinkMessage(text);
    if (read === null) return this.#breakOff("not a frame");
    if (!read.isOfWorker) return this.#obey(read.message);
    const message = this.#items.read(read.text);
    if (message === null) return this.#breakOff("not a frame");
    if (message.kind === "items" && this.#isLeaving) return this.#returnItems(message);
    this.#transport?.post(message);
  }

  #obey(given: unknown): void {
    const message = checkedToHost(given);
    if (message === null) return this.#breakOff("not a frame");
    if (message.kind === "end") return void this.#finish({ confirms: true });
    for (const itemId of message.itemIds) void removeFolder(this.#options.service, itemId);
  }

  /** They came after the stop of the host began. */
  #returnItems({ items }: Extract<MessageToWorker, { kind: "items" }>): void {
    const itemIds = items.map(({ item }) => item.id);
    this.#items.forget(itemIds);
    this.#link.post(ofWorker(JSON.stringify({ kind: "returned", itemIds })));
  }

  #askForFolders(): void {
    const itemIds = itemsWithFolder(this.#options.service);
    if (itemIds.length > 0 && !this.#isOver) this.#tell({ kind: "folders", itemIds });
  }

  async #loseOwner(): Promise<void> {
    const { log, hello } = this.#options;
    log.warn(
      t`the link to ${hello.ownerName} is lost: its items are aborted, and go back to it`,
    );
    this.#link.close();
    await this.#stopWorker();
    await this.#finish();
  }

  #breakOff(why: LinkBreak): void {
    const { log, hello } = this.#options;
    if (this.#isOver) return;
    log.warn(
      why === "too much unacknowledged"
        ? t`${hello.ownerName} takes too little of what its service sends, so the host ends the link`
        : t`${hello.ownerName} sent something that is no message, so the host ends the link`,
    );
    void this.#finish().then(() => this.close());
  }

  /** As the runner does: aborts the items, which have a second, and calls `onStop`, which has two. */
  async #stopWorker(): Promise<void> {
    const { clock } = this.#options;
    const transport = this.#transport;
    if (transport === null || this.#stopped !== null) return;
    this.#stopped = Promise.withResolvers();
    transport.post({ kind: "stopping" });
    const why = t`the service is being stopped`;
    for (const itemId of this.#items.ids) transport.post({ kind: "abort", itemId, cause: "stop", why });
    await within(clock, abortGraceMs, [this.#items.none(), this.#stopped.promise]);
    transport.post({ kind: "stop" });
    await within(clock, onStopLimitMs, [this.#stopped.promise]);
  }

  #finish({ confirms = false } = {}): Promise<void> {
    this.#ending ??= this.#terminate(confirms);
    return this.#ending;
  }

  async #terminate(confirms: boolean): Promise<void> {
    const { clock, onOver } = this.#options;
    this.#isOver = true;
    this.#heartbeat?.stop();
    for (const cancel of this.#cancels) cancel();
    await this.#transport?.terminate();
    if (confirms) this.#tell({ kind: "ended" });
    onOver();
    // The last message may have to be sent again.
    this.#cancels.push(limit(clock, lastWordsMs, () => this.close()));
    if (this.#closeConnection === null) this.close();
  }
}

/** Resolves with the first of these, or when the time is up. */
async function within(clock: Clock, limitMs: number, promises: Promise<void>[]): Promise<void> {
  const isEarly = new AbortController();
  await Promise.race([...promises, sleep(clock, limitMs, isEarly.signal)]);
  isEarly.abort();
}
