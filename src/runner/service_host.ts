/** The worker's side of a service: loads it, calls its hooks, and reports the end of each item exactly once. */
import { AsyncLocalStorage } from "node:async_hooks";
import { type Clock, sleep, systemClock } from "../clock.ts";
import type { LiveEvent } from "../event.ts";
import { type Failure, failureText } from "../failure.ts";
import type { Emission } from "../item.ts";
import type { BaseQueueService, EmitOptions, LiveOptions, ServiceContext } from "../kit/service.ts";
import { Detector } from "../kit/detector.ts";
import { ItemSteps } from "../kit/steps.ts";
import type { Pane } from "../pane.ts";
import type { StepAnswer } from "../step.ts";
import { openTraces } from "../telemetry/telemetry.ts";
import type { ContinueTrace } from "../telemetry/traces.ts";
import { attempt, type Failed } from "./attempt.ts";
import { paneMistake } from "./checked_message.ts";
import { cutPane } from "./cut_pane.ts";
import { Detecting } from "./detecting.ts";
import { describeFailure, optionMistakesOf, ServiceMistake } from "./failure.ts";
import type { LiveChoice, Work } from "./feed.ts";
import { HostedItem, type ItemHost, makeEmission } from "./hosted_item.ts";
import { makeFolder, OwnData } from "./own_data.ts";
import { ItemEnds } from "./item_ends.ts";
import type { Ledger } from "./ledger.ts";
import { Line } from "./line.ts";
import type {
  ItemEnd,
  MessageFromWorker,
  MessageToWorker,
  ServiceRequest,
  ServiceStart,
} from "./protocol.ts";
import { ReadingAsker } from "./reading_asker.ts";
import { Requests } from "./requests.ts";
import { Schedules } from "./schedules.ts";
import type { Outbox } from "./outbox.ts";
import { serviceLog, type WriteLine } from "./service_log.ts";
import { checkOptions, importModule, serviceClassOf } from "./service_module.ts";
import { liveOf, stateOf } from "./stored_access.ts";

/** How long a scheduled function that is running at the stop may take to finish, before `onStop` is called. */
const scheduleGraceMs = 500;

/** Kept before the service's code can replace it. */
const { setImmediate } = globalThis;

/** How long items may run before other messages are handled, such as a stop or a ping. */
const longestTurnMs = 5;

interface PostedWork {
  event: LiveEvent;
  item: HostedItem;
  isAsync: boolean;
  /** In the ledger, once it has begun. */
  place: number;
}

export interface ServiceHostOptions {
  outbox: Outbox;
  /** Sends through the outbox, after anything that the service printed. */
  send(message: MessageFromWorker): void;
  writeLine: WriteLine;
  /** For schedules and the waits of steps. Default: the system's. */
  clock?: Clock;
  /** Gets the service before its first hook is called. */
  onMade?: ((service: BaseQueueService) => void) | undefined;
}

export class ServiceHost implements ItemHost {
  readonly #outbox: Outbox;
  readonly #send: (message: MessageFromWorker) => void;
  readonly #writeLine: WriteLine;
  readonly #onMade: ServiceHostOptions["onMade"];
  readonly #stoppingController = new AbortController();
  readonly #stopController = new AbortController();
  /** Includes those that have not begun: one may be aborted while earlier items keep the thread busy. */
  readonly #items = new Map<number, PostedWork>();
  readonly #line = new Line<PostedWork>();
  #turnSince = 0;
  /** The next items wait for the next turn of the event loop. */
  #isYielding = false;
  #ledger: Ledger | null = null;
  readonly #ends: ItemEnds;
  /** The item whose hooks the running code belongs to. */
  readonly #current = new AsyncLocalStorage<HostedItem | null>();
  readonly #clock: Clock;
  readonly #schedules: Schedules;
  readonly #requests: Requests;
  #continueTrace: ContinueTrace | null = null;
  #service: BaseQueueService | null = null;
  #detecting: Detecting | null = null;
  #data: OwnData | null = null;
  #emits: readonly string[] = [];
  #folderPrefix = "";

  constructor({ outbox, send, writeLine, clock = systemClock, onMade }: ServiceHostOptions) {
    this.#outbox = outbox;
    this.#send = send;
    this.#writeLine = writeLine;
    this.#onMade = onMade;
    this.#clock = clock;
    this.#schedules = new Schedules({ clock, onThrow: (thrown) => this.#logThrown("every", thrown) });
    this.#ends = new ItemEnds((ends) => send({ kind: "ended", ends }));
    this.#requests = new Requests({ outbox, beforeSending: () => this.#ends.flush() });
  }

  /** Sends the ends of earlier items first. */
  #post(message: MessageFromWorker): void {
    this.#ends.flush();
    this.#send(message);
  }

  /** From now on ends are sent in groups, because the ledger shows the unsent ones. */
  useLedger(ledger: Ledger): void {
    this.#ledger = ledger;
    this.#ends.areGrouped = true;
  }

  /** Throws, rather than rejects, if too many requests wait. */
  ask(request: ServiceRequest): Promise<unknown> {
    return this.#requests.ask(request);
  }

  /** Sends the waiting ends, so that a message that follows comes after them. */
  flushEnds(): void {
    this.#ends.flush();
  }

  receive(
    message: Exclude<MessageToWorker, { kind: "ping" | "credits" | "command" | "abort_command" }>,
  ): void {
    switch (message.kind) {
      case "start":
        void this.#start(message);
        break;
      case "items":
        this.#take(message.items, message.maxConcurrency);
        break;
      case "hold":
        this.#line.isHeld = true;
        this.#post({ kind: "held" });
        break;
      case "go_on":
        this.#line.isHeld = false;
        this.#beginItems();
        break;
      case "press":
        void this.#press(message);
        break;
      case "abort":
        this.#items.get(message.itemId)?.item.abort(message.cause, message.why);
        break;
      case "abort_step":
        this.#items.get(message.itemId)?.item.abortStep(message.step);
        break;
      case "stopping":
        this.#returnItems();
        this.#stoppingController.abort(new DOMException("a stop has begun", "AbortError"));
        break;
      case "stop":
        void this.#stop();
        break;
      case "reply":
      case "refusal":
        this.#requests.take(message);
        break;
    }
  }

  async #start(start: ServiceStart & { folderPrefix: string }): Promise<void> {
    try {
      this.#continueTrace = await openTraces();
      const module = await importModule(start.serviceUrl);
      const Service = serviceClassOf(module);
      const options = await checkOptions(module["optionsSchema"], start.options);
      // A shared worker goes on after the stop of one room.
      if (this.#stopController.signal.aborted) return;
      this.#emits = start.emits;
      this.#folderPrefix = start.folderPrefix;
      this.#data = new OwnData(start.dataFolder);
      const { configFolder } = start;
      this.#service = new Service({ ...this.#context(this.#data), options, configFolder });
      this.#onMade?.(this.#service);
      await this.#service.onStart();
      if (this.#service instanceof Detector) this.#detect(this.#service);
      this.#post({ kind: "ready" });
    } catch (thrown) {
      const isMistake = thrown instanceof ServiceMistake;
      const inOptions = optionMistakesOf(thrown);
      this.#post({ kind: "start_failed", failure: describeFailure(thrown), isMistake, inOptions });
    }
  }

  #detect(detector: Detector<unknown>): void {
    this.#detecting = Detecting.start({
      detector,
      emits: this.#emits,
      ask: (request) => this.#requests.ask(request),
      stopping: this.#stoppingController.signal,
      writeLine: this.#writeLine,
    });
  }

  #take(works: readonly Work[], maxConcurrency: number): void {
    this.#line.maxConcurrency = maxConcurrency;
    for (const { event, item: view } of works) {
      const item = new HostedItem(view, this.#emits, this);
      const work = { event, item, isAsync: item.isAsync, place: 0 };
      this.#items.set(item.id, work);
      this.#line.add(work);
    }
    this.#turnSince = systemClock.monotonic();
    this.#beginItems();
  }

  /** Handles quick items within one turn of the event loop, as long as the turn stays short. */
  #beginItems(): void {
    if (this.#isYielding) return;
    while (systemClock.monotonic() - this.#turnSince < longestTurnMs) {
      const next = this.#line.begin();
      if (next === null) return;
      void this.#run(next);
    }
    this.#isYielding = true;
    setImmediate(() => {
      this.#isYielding = false;
      this.#turnSince = systemClock.monotonic();
      this.#beginItems();
    });
  }

  async #run(work: PostedWork): Promise<void> {
    work.place = this.#ledger?.begin() ?? 0;
    if (this.#ledger === null) this.#outbox.send({ kind: "began" });
    const { item } = work;
    const handle = () => this.#current.run(item, () => this.#handle(work.event, item));
    const failure = await (this.#continueTrace?.(item.trace, handle) ?? handle());
    if (!item.hasEnded) this.#end(work, { itemId: item.id, failure, emitted: item.end() });
  }

  #end(work: PostedWork, end: ItemEnd): void {
    this.#items.delete(end.itemId);
    // Both in one step: if another item gets stuck now, this one does not get the blame.
    this.#ends.add(end, work.item.emittedCharacters);
    this.#ledger?.end(work.place);
    this.#line.leave(work);
    // A worker with no other items need not wait for the end of the turn.
    if (this.#line.isEmpty) this.#ends.flush();
    else this.#beginItems();
  }

  /** The service's code for the item is abandoned where it waits for a step. */
  #giveBack(itemId: number): void {
    const work = this.#items.get(itemId);
    if (work === undefined) return;
    work.item.end();
    this.#end(work, { itemId, failure: null, emitted: [], isWaiting: true });
  }

  openSteps(item: HostedItem): ItemSteps {
    return new ItemSteps({
      itemId: item.id,
      ask: (request) => this.#requests.ask(request) as Promise<StepAnswer>,
      signal: item.signal,
      wait: (waitMs, signal) => sleep(this.#clock, waitMs, signal),
      describe: (thrown) => failureText(describeFailure(thrown)),
      giveBack: () => this.#giveBack(item.id),
    });
  }

  makeFolder(itemId: number): string {
    const path = `${this.#folderPrefix}${itemId}`;
    makeFolder(path);
    // If a crash comes first, the next start finds the folder.
    this.#requests.ask({ kind: "use_folder", itemId }).catch(() => {});
    return path;
  }

  /** The item is about to fail. A stop may be the reason, and then the item comes again. */
  async #cleanUp(item: HostedItem, { failure, error }: Failed): Promise<void> {
    if (item.cleanUps.length === 0 || item.isStopped) return;
    if (!await this.#requests.ask({ kind: "will_fail", itemId: item.id }).catch(() => false)) return;
    for (const cleanUp of item.cleanUps) {
      try {
        await cleanUp(error instanceof Error ? error : new Error(failure.sentence));
      } catch (thrown) {
        this.#logThrown("onFailure", thrown);
      }
    }
  }

  #returnItems(): void {
    const itemIds = this.#line.clear().map(({ item }) => item.id);
    for (const itemId of itemIds) this.#items.delete(itemId);
    if (itemIds.length > 0) this.#post({ kind: "returned", itemIds });
  }

  /** Null means success. */
  async #handle(event: LiveEvent, item: HostedItem): Promise<Failure | null> {
    const service = this.#service;
    if (service === null) throw new Error("ServiceHost: an event came before the service was ready");
    const failed = await attempt(service, event, item);
    if (failed !== null) await this.#cleanUp(item, failed);
    // It was given back, and comes again.
    if (item.hasEnded) return null;
    const failure = failed?.failure ?? null;
    try {
      await service.onEventProcessed(event, item, failure === null);
    } catch (thrown) {
      this.#logThrown("onEventProcessed", thrown);
    }
    return failure;
  }

  async #stop(): Promise<void> {
    this.#stopController.abort(new DOMException("the service is being stopped", "AbortError"));
    try {
      const ended = Promise.all([this.#schedules.end(), this.#detecting?.stop()]);
      await Promise.race([ended, sleep(this.#clock, scheduleGraceMs)]);
      await this.#service?.onStop();
    } catch (thrown) {
      this.#logThrown("onStop", thrown);
    }
    this.#data?.close();
    this.#post({ kind: "stopped" });
  }

  async #press({ pane, key }: { pane: string; key: string }): Promise<void> {
    try {
      await this.#service?.onKeyPressed({ pane, key });
    } catch (thrown) {
      this.#logThrown("onKeyPressed", thrown);
    }
  }

  #logThrown(hook: string, thrown: unknown): void {
    this.#writeLine("error", `${hook}: ${failureText(describeFailure(thrown))}`);
  }

  #context(data: OwnData): Omit<ServiceContext, "options" | "configFolder"> {
    const ask = <Value>(request: ServiceRequest) => this.#requests.ask(request) as Promise<Value>;
    const asking = { ask, choice: (options?: LiveOptions) => this.#choice(options) };
    return {
      log: serviceLog(this.#writeLine),
      stopping: this.#stoppingController.signal,
      signal: this.#stopController.signal,
      data,
      state: stateOf(asking),
      live: liveOf(asking),
      readings: new ReadingAsker(ask),
      emit: (type, data, options) => this.#emit(type, data, options),
      // A schedule does not belong to the item that started it.
      every: (seconds, run) => this.#current.run(null, () => this.#schedules.add(seconds, run)),
      show: (pane) => this.#show(pane),
      trouble: (text) => this.#outbox.send({ kind: "trouble", text }),
    };
  }

  /** In an item's hooks: the item's own live, until the item has ended. */
  #choice({ source }: LiveOptions = {}): LiveChoice {
    if (source !== undefined) return { source };
    const item = this.#current.getStore() ?? null;
    return item === null || item.hasEnded ? { source: null } : { itemId: item.id };
  }

  /** Rejects if the event is invalid, and throws as `#ask` does. */
  #emit(type: string, data: object, { source, ...options }: EmitOptions & LiveOptions): Promise<void> {
    const live = this.#choice();
    if ("itemId" in live && source !== undefined) {
      return Promise.reject(
        new TypeError(
          `emit(${type}): while an item is handled, its events belong to the item's live; leave out "source"`,
        ),
      );
    }
    let emission: Emission;
    try {
      emission = makeEmission(this.#emits, { type, data, options });
    } catch (thrown) {
      return Promise.reject(thrown);
    }
    const request = { kind: "emit", emission, live: source === undefined ? live : { source } } as const;
    return this.#requests.ask(request) as Promise<void>;
  }

  #show(pane: Pane): void {
    const cut = cutPane(pane);
    const mistake = paneMistake(cut);
    if (mistake !== null) throw new TypeError(`the service ${mistake}`);
    this.#outbox.show(cut);
  }
}
