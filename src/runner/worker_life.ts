/**
 * One worker from its start to its end: posts items, watches the worker's heartbeat and its items' time limits, and
 * settles each item exactly once.
 *
 *   starting ──ready──▶ running ──stop──▶ finishing ──▶ aborting ──▶ ending ──▶ over
 *       └── a failed start, a death, a timeout without an answer ──▶ over
 *
 * Once over, it ignores messages from the worker.
 */
import { type Clock, limit } from "../clock.ts";
import { type Failure, plainFailure } from "../failure.ts";
import type { Outcome } from "../item.ts";
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";
import type { ServiceConfig } from "../service.ts";
import { Conversation, type MessageOfLife } from "./conversation.ts";
import type { Feed, SettledItem, Work } from "./feed.ts";
import { Heartbeat, type Pulse } from "./heartbeat.ts";
import { outcomeOf } from "./item_outcome.ts";
import { cutOff, leaveGraceMs, type LifeEnd, onStopLimitMs } from "./life_end.ts";
import { type OptionPlaces, placedText } from "./option_places.ts";
import { abortGraceMs, type ItemInFlight, type PostedItem, PostedItems, timedOut } from "./posted_items.ts";
import type { ItemEnd, MessageFromWorker, MessageToWorker, ServiceRequest } from "./protocol.ts";
import { replyTo } from "./service_requests.ts";
import { ShownPanes } from "./shown_panes.ts";
import { Wait } from "./wait.ts";
import { type HowLost, serviceStart, type Transport, type TransportOptions } from "./transport.ts";

export interface WorkerLifeOptions extends OptionPlaces {
  service: ServiceConfig;
  feed: Feed;
  clock: Clock;
  /** Its lines carry the service's name. */
  log: Log;
  openTransport(options: TransportOptions): Transport;
  onReady(): void;
  /** After items were settled. */
  onSettled(items: readonly SettledItem[]): void;
  /** The last call of a life, after its items are settled. */
  onOver(ending: LifeEnd): void;
}

/** For loading and `onStart` together. */
const startLimitMs = 60_000;
/** Measured with items of 1 KB: with 64 in a message, copying took longer per item than with 32. */
const itemsPerMessage = 32;

export class WorkerLife {
  readonly #options: WorkerLifeOptions;
  readonly #items: PostedItems;
  readonly #panes: ShownPanes;
  readonly #heartbeat: Heartbeat | null = null;
  readonly #conversation: Conversation | null = null;
  readonly #cancelStartLimit: () => void;
  #phase: "starting" | "running" | "finishing" | "aborting" | "ending" | "over" = "starting";
  /** By the monotonic clock; null before `onStart` has finished. */
  #readyAt: number | null = null;
  readonly #wait: Wait;
  #terminated: Promise<void> = Promise.resolve();

  constructor(options: WorkerLifeOptions) {
    this.#options = options;
    const { service, clock, feed, log } = options;
    this.#wait = new Wait(clock);
    this.#items = new PostedItems({
      clock,
      service,
      ledger: () => this.#conversation?.transport.ledger ?? null,
      isInterrupted: () => this.isInterrupted,
      onTimeout: (posted) => this.#timeOut(posted),
      onStepTimeout: ({ item }, step) => this.#post({ kind: "abort_step", itemId: item.id, step }),
      onStepIgnored: ({ item }, step) => this.#giveUpOn(item.id, step),
    });
    this.#panes = new ShownPanes({ clock, log, screen: feed });
    this.#cancelStartLimit = limit(clock, startLimitMs, () => this.#failStart(t`was not ready within 60 s`));
    try {
      this.#conversation = new Conversation({
        ...options,
        onMessage: (message) => this.#receive(message),
        onLost: (why, how) => this.#die({ why, ...how }),
        onLeaving: () => void this.#leave(),
        onInterrupted: (forMs) => this.#items.excludeAbsence(forMs),
        endedItems: (itemIds) => feed.endedItems(itemIds),
      });
    } catch (thrown) {
      // Reports the failure after the constructor, so that the owner knows which life it belongs to.
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      queueMicrotask(() =>
        this.#failStart(t`could not be given a worker with its "permissions": ${why}`, { isMistake: true })
      );
      return;
    }
    this.#post({ kind: "start", folderPrefix: feed.folderPrefix, ...serviceStart(service) });
    if (this.#conversation.transport.pulse) return;
    this.#heartbeat = new Heartbeat({
      clock,
      ping: () => this.#post({ kind: "ping" }),
      onLost: (seconds) =>
        this.#die({
          why: t`has not answered for ${seconds} s: its worker is dead or stuck in a loop`,
          isStuck: true,
        }),
    });
  }

  /** Whether the stop has aborted the items. */
  get #isCutOff(): boolean {
    return this.#phase === "aborting" || this.#phase === "ending";
  }

  get canTakeItems(): boolean {
    return this.#phase === "running";
  }

  /** By the monotonic clock; null before `onStart` has finished. */
  get readyAt(): number | null {
    return this.#readyAt;
  }

  /** Null without a worker. */
  get pulse(): Pulse | null {
    return this.#heartbeat ?? this.#conversation?.transport.pulse ?? null;
  }

  /** Whether terminating the worker also stops code that is stuck in a loop. */
  get canKill(): boolean {
    return this.#conversation?.transport.canKill ?? true;
  }

  get isInterrupted(): boolean {
    return this.#conversation?.transport.isInterrupted ?? false;
  }

  /** Resolves when the worker of an ended life is gone. */
  get terminated(): Promise<void> {
    return this.#terminated;
  }

  get inFlight(): ItemInFlight[] {
    return this.#items.inFlight();
  }

  /** Call it only while `canTakeItems`. Without items, it only tells the worker a changed `maxConcurrency`. */
  give(items: readonly Work[]): void {
    const { maxConcurrency } = this.#options.feed;
    if (items.length === 0 && (this.#items.size === 0 || this.#items.maxConcurrency === maxConcurrency)) {
      return;
    }
    this.#items.add(items, maxConcurrency);
    let start = 0;
    do {
      this.#post({ kind: "items", items: items.slice(start, start + itemsPerMessage), maxConcurrency });
      start += itemsPerMessage;
    } while (start < items.length);
  }

  /** While it is true, no item that waits in the worker begins. */
  set isHeld(isHeld: boolean) {
    this.#items.isHeld = isHeld;
    this.#post({ kind: isHeld ? "hold" : "go_on" });
  }

  /** Tells the worker that a key of one of its panes was pressed. */
  press(press: { pane: string; key: string }): void {
    this.#post({ kind: "press", ...press });
  }

  /**
   * Lets running items finish for `graceMs`, gives the rest one second to answer their abort, gives `onStop` two
   * seconds, and terminates the worker. Cuts off an unfinished start.
   */
  async stop(graceMs: number): Promise<void> {
    if (this.#phase === "starting") this.#options.log.debug(t`the stop cut off the start`);
    await this.#finish(graceMs);
    this.#end({ kind: "stopped" }, { kind: "released" });
    await this.#terminated;
  }

  /** The machine that runs the worker is being stopped. Its running items may finish. */
  async #leave(): Promise<void> {
    await this.#finish(leaveGraceMs);
    this.#die({ why: t`waits for ${this.#options.service.runsOn}, which was stopped`, isAway: true });
  }

  async #finish(graceMs: number): Promise<void> {
    if (this.#phase !== "running") return;
    this.#phase = "finishing";
    this.#post({ kind: "stopping" });
    await this.#waitForItems(graceMs);
    this.#abortItems();
    await this.#waitForItems(abortGraceMs);
    await this.#callOnStop();
  }

  async #waitForItems(limitMs: number): Promise<void> {
    if (this.#items.size > 0 && limitMs > 0) await this.#wait.for(limitMs);
  }

  #abortItems(): void {
    if (this.#phase !== "finishing") return;
    this.#phase = "aborting";
    const { size } = this.#items.atWork();
    if (size > 0) this.#options.log.warn(cutOff(size));
    for (const { item } of this.#items.values()) {
      this.#post({ kind: "abort", itemId: item.id, cause: "stop", why: t`the service is being stopped` });
    }
  }

  async #callOnStop(): Promise<void> {
    if (this.#phase !== "aborting") return;
    this.#phase = "ending";
    this.#post({ kind: "stop" });
    if (await this.#wait.for(onStopLimitMs)) return;
    this.#options.log.warn(
      t`the stop cut off onStop, which had not finished after ${onStopLimitMs / 1000} s`,
    );
  }

  #post(message: MessageToWorker): void {
    this.#conversation?.post(message);
  }

  #receive(message: MessageOfLife): void | Promise<void> {
    if (this.#phase === "over") return;
    this.#heartbeat?.receiveSign();
    switch (message.kind) {
      case "ready":
        this.#becomeReady();
        break;
      case "start_failed":
        this.#takeFailedStart(message);
        break;
      case "ended":
        if (!message.ends.some(({ itemId }) => this.#items.has(itemId))) return this.#refuseItems();
        this.#settle(message.ends.map((end) => ({ itemId: end.itemId, outcome: this.#outcomeOf(end) })));
        break;
      case "returned":
        if (!message.itemIds.some((itemId) => this.#items.has(itemId))) return this.#refuseItems();
        this.#settle(message.itemIds.map((itemId) => ({ itemId, outcome: { kind: "released" } })));
        break;
      case "began":
        if (this.#items.confirmBegin()) break;
        this.#conversation?.refuseUnasked("the start of an item that it does not have");
        break;
      case "held":
        this.#items.confirmHold();
        break;
      case "show":
      case "trouble":
        this.#panes.receive(message);
        break;
      case "log":
        this.#options.log[message.level](placedText(message, this.#options));
        break;
      case "pong":
        this.#heartbeat?.receivePong(message.heapBytes);
        break;
      case "request":
        return this.#answer(message);
      case "stopped":
        if (this.#phase === "ending") this.#wait.end();
        break;
      case "crashed":
        this.#die({ why: t`lost its worker: ${message.error}`, isBystander: message.isBystander });
        break;
    }
  }

  #refuseItems(): void {
    this.#conversation?.refuseUnasked("the end of an item that it does not have");
  }

  #becomeReady(): void {
    if (this.#phase !== "starting") return;
    this.#phase = "running";
    this.#readyAt = this.#options.clock.monotonic();
    this.#cancelStartLimit();
    this.#options.onReady();
  }

  /** Puts the places in the config below the sentence, like places in the code. */
  #takeFailedStart(
    { failure, isMistake, inOptions }: Extract<MessageFromWorker, { kind: "start_failed" }>,
  ): void {
    if (this.#phase !== "starting") return;
    const places = [failure.place ?? [], this.#options.describeOptionMistakes(inOptions)].flat();
    this.#failStart(t`could not start: ${failure.sentence}`, {
      isMistake,
      place: places.length === 0 ? null : places.join("\n"),
    });
  }

  #outcomeOf(end: ItemEnd): Outcome {
    const outcome = outcomeOf(end, this.#options.service.emits);
    return outcome.kind === "failed" ? this.#failed(end.itemId, outcome.failure) : outcome;
  }

  #failed(itemId: number, failure: Failure): Outcome {
    // The stop may have caused the failure, so it does not count.
    if (this.#isCutOff) return { kind: "released" };
    const posted = this.#items.get(itemId);
    // The service's own sentence says why the item took so long, or how far it got.
    if (posted && posted.timeoutError !== null && failure.isUserError) {
      posted.timeoutError += `: ${failure.sentence}`;
    }
    return { kind: "failed", failure };
  }

  /** Settles the items that are in the worker. An item that passed its time limit has failed, whatever its outcome. */
  #settle(items: readonly Pick<SettledItem, "itemId" | "outcome">[]): void {
    const now = this.#options.clock.monotonic();
    const settled = items.flatMap(({ itemId, outcome }) => {
      const posted = this.#items.take(itemId);
      if (posted === undefined) return [];
      const { timeoutError, begin } = posted;
      const runMs = begin === null ? 0 : now - begin;
      return [{ itemId, runMs, outcome: timeoutError === null ? outcome : timedOut(timeoutError) }];
    });
    if (settled.length === 0) return;
    this.#options.feed.settle(settled);
    this.#options.onSettled(settled);
    if (this.#items.size > 0) return;
    if (this.#phase === "finishing" || this.#phase === "aborting") this.#wait.end();
  }

  #timeOut(posted: PostedItem): void {
    const { clock, service } = this.#options;
    const { item } = posted;
    posted.timeoutError = t`timed out after ${service.timeoutMs / 1000} s`;
    this.#post({ kind: "abort", itemId: item.id, cause: "timeout", why: posted.timeoutError });
    const sentence = t`the service did not end item ${item.id} after its abort`;
    // While the way is interrupted, its end may be under way.
    const end = () => this.isInterrupted ? wait() : this.#endTimedOut(sentence);
    const wait = () => void (posted.cancelWait = limit(clock, abortGraceMs, end));
    wait();
  }

  /** The try of the step has failed, and the item is released with all others. */
  #giveUpOn(itemId: number, step: string): void {
    const error = t`timed out, and did not end within a second after its signal aborted`;
    // Notes the failure at once, before the items are settled. What the answer says comes with the next hand-out.
    this.#options.feed.step({ kind: "fail_step", itemId, name: step, error, isFinal: false }).catch(() => {});
    this.#endTimedOut(t`the service did not end the step "${step}" of item ${itemId} after its abort`);
  }

  #endTimedOut(sentence: string): void {
    // A stop in progress ends the worker anyway.
    if (this.#phase !== "running") return;
    const isStuck = this.pulse?.isLate ?? false;
    this.#end({ kind: "timed_out", failure: plainFailure(sentence), isStuck }, { kind: "released" });
  }

  /** `why` continues "the service". */
  #failStart(why: string, more: { place?: string | null; isMistake?: boolean } = {}): void {
    const { place = null, isMistake = false } = more;
    const failure = { ...plainFailure(t`the service ${why}`), place };
    this.#end({ kind: "start_failed", failure, isMistake }, { kind: "released" });
  }

  #die({ why, isStuck = false, isBystander = false, isAway = false }: { why: string } & HowLost): void {
    if (isAway) {
      return this.#end({ kind: "away", failure: plainFailure(t`the service ${why}`) }, { kind: "released" });
    }
    if (this.#phase === "starting" && !isBystander) return this.#failStart(why);
    const wasInItem = !isBystander && this.#items.atWork().size > 0;
    const failure = plainFailure(t`the service ${why}`);
    const isReleased = this.#isCutOff || isBystander;
    const outcome: Outcome = isReleased ? { kind: "released" } : { kind: "crashed", failure };
    this.#end({ kind: "died", failure, isStuck, isBystander, wasInItem }, outcome);
  }

  /**
   * `outcome` applies to the items that the worker is handling, except those that passed their time limit. Items that
   * wait for their turn, and items that ended without the main thread's knowledge, are released.
   */
  #end(ending: LifeEnd, outcome: Outcome): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    this.#cancelStartLimit();
    this.#heartbeat?.stop();
    this.#terminated = this.#conversation?.end() ?? this.#terminated;
    const atWork = this.#items.atWork();
    this.#settle(
      this.#items.values().map((posted) => ({
        itemId: posted.item.id,
        outcome: atWork.has(posted) ? outcome : { kind: "released" } as const,
      })),
    );
    this.#items.stop();
    this.#panes.close();
    this.#wait.end();
    this.#options.onOver(ending);
  }

  async #answer(asked: { requestId: number; request: ServiceRequest }): Promise<void> {
    const { feed, service: { emits } } = this.#options;
    const reply = await replyTo(asked, { feed, emits, items: this.#items });
    if (this.#phase !== "over") this.#post(reply);
  }
}
