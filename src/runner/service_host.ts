/** The worker's side of a service: loads it, calls its hooks, and answers for each item exactly once. */
import { AsyncLocalStorage } from "node:async_hooks";
import { sleep, systemClock } from "../clock.ts";
import type { LiveEvent } from "../event.ts";
import { type Failure, failureText, plainFailure } from "../failure.ts";
import type { Emission } from "../item.ts";
import type {
  BaseQueueService,
  EmitOptions,
  LiveOptions,
  QueueItem,
  ServiceContext,
  StateOptions,
} from "../kit/service.ts";
import type { Pane, PaneLine } from "../pane.ts";
import { maxPaneLines, maxPaneText, paneMistake, requestMistake } from "./checked_message.ts";
import { describeFailure, describeValue, optionMistakesOf, ServiceMistake } from "./failure.ts";
import type { LiveChoice, Work } from "./feed.ts";
import { asJson, HostedItem, makeEmission } from "./hosted_item.ts";
import { OwnData } from "./own_data.ts";
import { ItemEnds } from "./item_ends.ts";
import type { Ledger } from "./ledger.ts";
import { Line } from "./line.ts";
import type { MessageFromWorker, MessageToWorker, ServiceRequest, ServiceStart } from "./protocol.ts";
import { Schedules } from "./schedules.ts";
import type { Outbox } from "./outbox.ts";
import { serviceLog, type WriteLine } from "./service_log.ts";
import { checkOptions, importModule, serviceClassOf } from "./service_module.ts";

/** What a scheduled run that is under way gets at the stop, before `onStop`. */
const scheduleGraceMs = 500;

/** Kept before the service can change it. */
const { setImmediate } = globalThis;

/** Items may go on for so long before what else has come is looked at: a stop, a ping. */
const longestTurnMs = 5;

interface PostedWork extends Work {
  isAsync: boolean;
}

export interface ServiceHostOptions {
  outbox: Outbox;
  /** By the outbox, behind what was printed. */
  tell(message: MessageFromWorker): void;
  writeLine: WriteLine;
}

export class ServiceHost {
  readonly #outbox: Outbox;
  readonly #tell: (message: MessageFromWorker) => void;
  readonly #writeLine: WriteLine;
  readonly #stoppingController = new AbortController();
  readonly #stopController = new AbortController();
  readonly #items = new Map<number, HostedItem>();
  readonly #line = new Line<PostedWork>();
  #turnSince = 0;
  /** The next items begin in the next turn of the event loop. */
  #isGivingWay = false;
  #ledger: Ledger | null = null;
  readonly #ends: ItemEnds;
  /** The item whose hooks the running code is part of. */
  readonly #current = new AsyncLocalStorage<HostedItem | null>();
  readonly #schedules = new Schedules({
    clock: systemClock,
    onThrow: (thrown) => this.#logThrown("every", thrown),
  });
  readonly #requests = new Map<number, PromiseWithResolvers<unknown>>();
  #lastRequestId = 0;
  #service: BaseQueueService | null = null;
  #data: OwnData | null = null;
  #emits: readonly string[] = [];

  constructor({ outbox, tell, writeLine }: ServiceHostOptions) {
    this.#outbox = outbox;
    this.#tell = tell;
    this.#writeLine = writeLine;
    this.#ends = new ItemEnds((ends) => tell({ kind: "ended", ends }));
  }

  /** What ended before is told before. */
  #post(message: MessageFromWorker): void {
    this.#ends.tell();
    this.#tell(message);
  }

  /** From now on ends are told in groups: the ledger says what is not told yet. */
  useLedger(ledger: Ledger): void {
    this.#ledger = ledger;
    this.#ends.areGrouped = true;
  }

  /** What the worker says by itself comes after the ends of what was before it. */
  tellEnds(): void {
    this.#ends.tell();
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
        this.#items.get(message.itemId)?.abort(message.cause, message.why);
        break;
      case "stopping":
        this.#returnItems();
        this.#stoppingController.abort(new DOMException("a stop has begun", "AbortError"));
        break;
      case "stop":
        void this.#stop();
        break;
      case "reply":
        this.#takeRequest(message.requestId)?.resolve(message.value);
        break;
      case "refusal":
        this.#takeRequest(message.requestId)?.reject(new Error(message.error));
        break;
    }
  }

  async #start(start: ServiceStart): Promise<void> {
    try {
      const module = await importModule(start.serviceUrl);
      const Service = serviceClassOf(module);
      const options = await checkOptions(module["optionsSchema"], start.options);
      this.#emits = start.emits;
      this.#data = new OwnData(start.dataFolder);
      const { configFolder } = start;
      this.#service = new Service({ ...this.#context(this.#data), options, configFolder });
      await this.#service.onStart();
      this.#post({ kind: "ready" });
    } catch (thrown) {
      const isMistake = thrown instanceof ServiceMistake;
      const inOptions = optionMistakesOf(thrown);
      this.#post({ kind: "start_failed", failure: describeFailure(thrown), isMistake, inOptions });
    }
  }

  #take(works: readonly Work[], maxConcurrency: number): void {
    this.#line.maxConcurrency = maxConcurrency;
    for (const work of works) this.#line.add({ ...work, isAsync: work.item.isAsync });
    this.#turnSince = systemClock.monotonic();
    this.#beginItems();
  }

  /** Items that take no time are handled within one turn of the event loop, as long as that is a short one. */
  #beginItems(): void {
    if (this.#isGivingWay) return;
    while (systemClock.monotonic() - this.#turnSince < longestTurnMs) {
      const next = this.#line.begin();
      if (next === null) return;
      void this.#run(next);
    }
    this.#isGivingWay = true;
    setImmediate(() => {
      this.#isGivingWay = false;
      this.#turnSince = systemClock.monotonic();
      this.#beginItems();
    });
  }

  async #run(work: PostedWork): Promise<void> {
    const place = this.#ledger?.begin() ?? 0;
    if (this.#ledger === null) this.#outbox.say({ kind: "began" });
    const item = new HostedItem(work.item, this.#emits);
    this.#items.set(item.id, item);
    const failure = await this.#current.run(item, () => this.#handle(work.event, item));
    this.#items.delete(item.id);
    // Both in one step: where another item gets stuck now, this one is not taken for the culprit.
    this.#ends.add({ itemId: item.id, failure, emitted: item.end() }, item.emittedLetters);
    this.#ledger?.end(place);
    this.#line.leave(work);
    // Whoever has nothing else to do need not wait for the end of the turn.
    if (this.#line.isEmpty) this.#ends.tell();
    else this.#beginItems();
  }

  #returnItems(): void {
    const itemIds = this.#line.clear().map(({ item }) => item.id);
    if (itemIds.length > 0) this.#post({ kind: "returned", itemIds });
  }

  /** Null is success. */
  async #handle(event: LiveEvent, item: HostedItem): Promise<Failure | null> {
    const service = this.#service;
    if (service === null) throw new Error("ServiceHost: an event came before the service was ready");
    const failure = await attempt(service, event, item);
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
      await Promise.race([this.#schedules.end(), sleep(systemClock, scheduleGraceMs)]);
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
    const ask = <Value>(request: ServiceRequest) => this.#ask(request) as Promise<Value>;
    const choice = (options?: LiveOptions) => this.#choice(options);
    const of = ({ scope = "service", source }: StateOptions = {}) => {
      return { scope, live: scope === "service" ? { source: null } : choice({ source }) };
    };
    return {
      log: serviceLog(this.#writeLine),
      stopping: this.#stoppingController.signal,
      signal: this.#stopController.signal,
      data,
      state: {
        get: (key, options) => ask({ kind: "get_state", key, ...of(options) }),
        set: (key, value, options) =>
          ask({ kind: "set_state", key, value: keptValue(key, value), ...of(options) }),
      },
      live: {
        totals: (options) => ask({ kind: "totals", live: choice(options) }),
        top: (count, options) => ask({ kind: "top", count, live: choice(options) }),
      },
      emit: (type, data, options) => this.#emit(type, data, options),
      // Not as part of the item in which it was begun.
      every: (seconds, run) => this.#current.run(null, () => this.#schedules.add(seconds, run)),
      show: (pane) => this.#show(pane),
    };
  }

  /** In an item's hooks the item's own live, as long as the item is there. */
  #choice({ source }: LiveOptions = {}): LiveChoice {
    if (source !== undefined) return { source };
    const item = this.#current.getStore() ?? null;
    return item === null || item.hasEnded ? { source: null } : { itemId: item.id };
  }

  /** Rejects where the event is wrong, and throws as `#ask` does. */
  #emit(type: string, data: object, { id, source }: EmitOptions & LiveOptions): Promise<void> {
    const live = this.#choice();
    if ("itemId" in live && source !== undefined) {
      return Promise.reject(
        new TypeError(`emit(${type}): in an item the event is of the item's live; leave out "source"`),
      );
    }
    let emission: Emission;
    try {
      emission = makeEmission(this.#emits, { type, data, options: { id } });
    } catch (thrown) {
      return Promise.reject(thrown);
    }
    return this.#ask({ kind: "emit", emission, live: source === undefined ? live : { source } }) as Promise<
      void
    >;
  }

  #show(pane: Pane): void {
    const cut = cutPane(pane);
    const mistake = paneMistake(cut);
    if (mistake !== null) throw new TypeError(`the service ${mistake}`);
    this.#outbox.show(cut);
  }

  /** Throws, rather than rejects, where too many wait: so a loop ends that makes them. */
  #ask(request: ServiceRequest): Promise<unknown> {
    const mistake = requestMistake(request);
    if (mistake !== null) return Promise.reject(new TypeError(`the service ${mistake}`));
    const requestId = ++this.#lastRequestId;
    this.#ends.tell();
    this.#outbox.ask(requestId, request);
    const pending = Promise.withResolvers<unknown>();
    this.#requests.set(requestId, pending);
    return pending.promise;
  }

  #takeRequest(requestId: number): PromiseWithResolvers<unknown> | undefined {
    const pending = this.#requests.get(requestId);
    this.#requests.delete(requestId);
    return pending;
  }
}

/** As it will be read back; undefined, which deletes, only where that was given. Throws a `TypeError`. */
function keptValue(key: string, value: unknown): unknown {
  const copy = asJson(value);
  if (copy === undefined && value !== undefined) {
    throw new TypeError(
      `state.set(${describeValue(key)}): the value is ${describeValue(value)}, which is no JSON`,
    );
  }
  return copy;
}

/** Whatever the service gave, cut to what may be sent; a line too many stays, so that the pane is refused. */
function cutPane(pane: Pane): Pane {
  if (!Array.isArray(pane?.lines)) return pane;
  const cut = (text: unknown) => typeof text === "string" ? text.slice(0, maxPaneText) : text;
  const lines = pane.lines.slice(0, maxPaneLines + 1).map((line) => {
    if (typeof line !== "object" || line === null) return line;
    const { label, value, part } = line;
    return {
      label: cut(label),
      ...(value === undefined ? {} : { value: cut(value) }),
      ...(part === undefined ? {} : { part }),
    } as PaneLine;
  });
  const { title, keys } = pane;
  return { title, lines, ...(keys === undefined ? {} : { keys }) };
}

/** Null is success. */
async function attempt(
  service: BaseQueueService,
  event: LiveEvent,
  item: QueueItem,
): Promise<Failure | null> {
  try {
    const received: unknown = service.onEventReceived(event, item);
    // Not awaited for nothing: many async items would begin first, and then all do their work in one turn.
    if (received !== undefined) await received;
    const answer: unknown = await service.processEvent(event, item);
    if (answer === true) return null;
    if (answer === false) return plainFailure("processEvent returned false");
    return plainFailure(`processEvent returned ${describeValue(answer)}, not true or false`);
  } catch (thrown) {
    return describeFailure(thrown);
  }
}
