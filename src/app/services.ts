/**
 * The services of a run, each with its queue and, if this process runs it, its runner. They can be exchanged while
 * events flow: a service that stays keeps its queue. A removed service leaves its pending items in the database, and an
 * added one finds them there.
 */
import type { Config } from "../config/config.ts";
import { Deadline } from "../deadline.ts";
import { t } from "../language.ts";
import type { ServiceConfig } from "../service.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Decision, EventDispatcher } from "../lives/dispatcher.ts";
import type { HostBook } from "../host_book.ts";
import type { ItemsAsked } from "../item.ts";
import type { ServiceQueue } from "../queue/service_queue.ts";
import type { RunnerOptions } from "../runner/runner.ts";
import type { EndedItem } from "../store/reader.ts";
import type { ServiceView } from "../control.ts";
import { describeGone } from "./gone_service.ts";
import { announcePrograms } from "./announced_programs.ts";
import { ServiceUnit } from "./service_unit.ts";
import { makeFeed, type UnitFeedOptions } from "./unit_feed.ts";
import { makeRunner } from "./unit_runner.ts";

export interface ServicesOptions extends UnitFeedOptions, Pick<RunnerOptions, "sharedWorkers"> {
  dispatcher: EventDispatcher;
  /** Slugs of the services to process. Items of other services stay pending. */
  processes: "all" | "none" | readonly string[];
  /** Where the machines are found that run services for this one. Default: in the config. */
  hosts?: HostBook | undefined;
  /** As in `QueueOptions`. */
  queueWindow?: number | undefined;
}

/** How much work a service still has. */
export interface Remaining {
  slug: string;
  count: number;
  pending: number;
  processing: number;
  ended: number;
  timeoutMs: number;
  /** The time until the next retry, if no item is in progress; negative if the retry is overdue. Otherwise null. */
  retryInMs: number | null;
}

/** How long running items may take to finish when their service is changed or removed. */
const changeGraceMs = 2_000;

/** The pending items that keep a service busy until more are captured. */
const enoughWaiting = 64;
/** The same if several commits are on their way, so that most pending items cannot be taken yet. */
const enoughOnTheWay = 2000;

/** How many items are put back at a time. */
const retriedAtOnce = 500;

/** The part of a stop's time for the database, after the services have stopped. */
const storingMs = 1_500;

/**
 * The part of a stop's time for items to answer their abort (1 s) and for `onStop` (2 s), after the grace for running
 * items.
 */
const closingMs = 3_000;

export class Services implements Lifecycle {
  readonly #options: ServicesOptions;
  /** The config in effect. */
  #config: Config;
  #units: ServiceUnit[] = [];
  readonly #unitOf = new WeakMap<ServiceQueue, ServiceUnit>();
  /** The change in progress. The next one waits for it. */
  #change: Promise<void> = Promise.resolve();
  /** Services that a change in progress adds or removes. A stop stops them too. */
  readonly #changing = new Set<ServiceUnit>();
  #newestItemId: number;
  /** Items that are being put back. Their rows change with the next commit. */
  readonly #returning = new Set<number>();
  #hasStarted = false;
  readonly #stopping = Promise.withResolvers<void>();
  #isStopping = false;
  #stopped: Promise<void> | null = null;

  /** `ids`: those of `Store.syncServices`. Follow with `restore`, then `start`. */
  constructor(config: Config, ids: ReadonlyMap<string, number>, options: ServicesOptions) {
    this.#options = options;
    this.#config = config;
    this.#newestItemId = options.store.ids.next("item") - 1;
    this.#units = activeOf(config).map((service) => this.#makeUnit(ids.get(service.slug) as number, service));
    options.dispatcher.subscribers = this.#units;
    options.readings.judgedWhile(() =>
      this.#units.some(({ phase, isWorking, isJudging }) => isWorking && (phase === "starting" || isJudging))
    );
    announcePrograms(this.#units, this.#options.log);
  }

  /** Queues the pending items in the database. Call it once, before anything is dispatched. */
  async restore(): Promise<void> {
    for (const { queue } of this.#units) await queue.load();
  }

  start(): void {
    if (this.#hasStarted || this.#isStopping) return;
    this.#hasStarted = true;
    for (const unit of this.#units) unit.start();
  }

  /**
   * Lets running items finish, as long as the deadline leaves time for the steps that follow. Unfinished items are then
   * pending again. A change in progress is cut short.
   */
  stop(deadline = new Deadline(this.#options.clock)): Promise<void> {
    this.#stopped ??= this.#stop(deadline);
    return this.#stopped;
  }

  /**
   * Applies a changed config while events flow. Queues and subscriptions change at once. A worker is restarted if one
   * of its settings changed or it was switched off. Throws a `UserError` if the database cannot be written; then
   * nothing has changed. Returns false if a stop came first.
   */
  apply(config: Config): Promise<boolean> {
    const change = this.#change.then(() => this.#apply(config));
    this.#change = change.then(() => {}, () => {});
    return change;
  }

  /** Of the newest item, of this run or an earlier one. */
  get newestItemId(): number {
    return this.#newestItemId;
  }

  /** Whether no item is left that this process would process. */
  get isIdle(): boolean {
    return this.#units.every((unit) => unit.runner === null || unit.isIdle);
  }

  /** Whether a working service has more waiting items than it needs to stay busy. */
  get areBehind(): boolean {
    const enough = this.#options.store.answersLater ? enoughOnTheWay : enoughWaiting;
    return this.#units.some((unit) => unit.isWorking && unit.queue.pendingCount > enough);
  }

  /** The remaining work of each busy service. `ended` counts the items that ended in this run, in success or failure, the changes of their steps, and its questions about readings. */
  remaining(): Remaining[] {
    const now = this.#options.clock.monotonic();
    return this.#units.filter((unit) => unit.runner !== null && !unit.isIdle)
      .map(({ config: { slug, timeoutMs }, queue, counts, feed }) => ({
        slug,
        count: queue.pendingCount + queue.processingCount,
        pending: queue.pendingCount,
        processing: queue.processingCount,
        ended: counts.completed + counts.failed + (feed?.steps.changes ?? 0) + (feed?.reading.answers ?? 0),
        timeoutMs: Math.max(timeoutMs, feed?.steps.longestMs ?? 0),
        retryInMs: queue.nextDueAt === null || queue.processingCount > 0 ? null : queue.nextDueAt - now,
      }));
  }

  /** Null if no active service has this slug. */
  find(slug: string): ServiceUnit | null {
    return this.#units.find((unit) => unit.slug === slug) ?? null;
  }

  /** `slug` null: all. */
  pause(slug: string | null): void {
    for (const { runner } of this.#chosen(slug)) runner?.pause();
  }

  /** `slug` null: all. */
  resume(slug: string | null): void {
    for (const { runner } of this.#chosen(slug)) runner?.resume();
  }

  /**
   * Discards a service's pending items up to an id, in the queue at once and in the database in steps. Returns their
   * number.
   */
  async empty(slug: string, upToId = Infinity): Promise<number> {
    // Items that are being put back are discarded too.
    if (this.#returning.size > 0) await this.#options.store.writer.flush();
    const unit = this.find(slug);
    if (unit === null) return 0;
    const { count, chunks } = unit.queue.empty(upToId);
    // A writer that stops logs the reason. Items that it did not write stay pending.
    const discarding = this.#discardEmptied(unit, chunks).catch(() => {});
    const emptying = Promise.all([unit.emptying, discarding]).then(() => {
      if (unit.emptying === emptying) unit.emptying = null;
    });
    unit.emptying = emptying;
    this.#options.onChange();
    return count;
  }

  /** Puts failed or discarded items back into their queues, as far as these have room. Returns their number. */
  async retry(items: readonly EndedItem[]): Promise<number> {
    await this.discardsWritten();
    const { reader } = this.#options.store;
    // The item may have been put back since it was looked up.
    const returning = this.#fitting(items).filter(({ id, status }) =>
      !this.#returning.has(id) && reader.statusOf(id) === status
    );
    for (const item of returning) {
      this.#returning.add(item.id);
      const { writer } = this.#options.store;
      writer.add({ kind: "retry_item", id: item.id }, () => this.#takeBack(item));
      writer.add({ kind: "renew_steps", itemId: item.id, isFromStart: false });
    }
    return returning.length;
  }

  /** Puts back the items that the user confirmed, the newest first, page by page. */
  async retryAsked(serviceSlug: string, status: "failed" | "discarded", asked: ItemsAsked): Promise<number> {
    const { store } = this.#options;
    await this.discardsWritten();
    let [before, left, count] = [asked.upToId + 1, asked.count, 0];
    while (left > 0 && !this.#isStopping) {
      const limit = Math.min(left, retriedAtOnce);
      const items = await store.questions.ask("endedItems", { serviceSlug, status, before, limit });
      count += await this.retry(items);
      if (items.length < limit) break;
      left -= items.length;
      before = items.at(-1)?.id ?? 0;
      await store.writer.flush();
    }
    return count;
  }

  /** How many more items the queue of a service takes; null if it is not active. */
  roomOf(serviceId: number): number | null {
    return this.#units.find((unit) => unit.serviceId === serviceId)?.room ?? null;
  }

  /** The first of these items, as many as their queues have room for. */
  #fitting(items: readonly EndedItem[]): EndedItem[] {
    const taken = new Map<number, number>();
    return items.filter(({ serviceId }) => {
      const room = this.roomOf(serviceId) ?? Infinity;
      const count = taken.get(serviceId) ?? 0;
      if (count >= room) return false;
      taken.set(serviceId, count + 1);
      return true;
    });
  }

  /** Resolves when the rows of all discarded items are written. */
  async discardsWritten(): Promise<void> {
    const { store } = this.#options;
    await store.staleDiscarded();
    while (this.#units.some(({ emptying }) => emptying !== null)) {
      await Promise.all(this.#units.map(({ emptying }) => emptying));
    }
    await store.writer.flush();
  }

  /** Called once per second. */
  tick(): void {
    for (const unit of this.#units) unit.tick();
  }

  /** How many events they have emitted in this run. */
  get emittedCount(): number {
    return this.#options.emitter.count;
  }

  views(): ServiceView[] {
    return this.#units.map((unit) => unit.view());
  }

  countDecisions(decisions: Decision[]): void {
    const at = this.#options.clock.monotonic();
    for (const { queue, item, ...decision } of decisions) {
      const unit = this.#unitOf.get(queue);
      if (unit === undefined) continue;
      item.queuedAt = at;
      this.#newestItemId = item.id;
      if (decision.outcome === "queue_full") unit.countDiscarded(item);
      if (decision.outcome === "queued" && decision.evicted !== null) unit.countDiscarded(decision.evicted);
    }
  }

  async #stop(deadline: Deadline): Promise<void> {
    this.#isStopping = true;
    this.#stopping.resolve();
    const graceMs = Math.max(0, deadline.leftMs - closingMs - storingMs);
    const leavesMs = storingMs;
    const units = [...this.#units, ...this.#changing];
    await Promise.all(
      units.map((unit) => deadline.wait(unit.config.slug, unit.stop(graceMs), { leavesMs })),
    );
    await deadline.wait(t`the change of the config`, this.#change, { leavesMs });
  }

  async #apply(config: Config): Promise<boolean> {
    if (this.#isStopping) return false;
    const { store, dispatcher } = this.#options;
    const ids = await store.syncServices(config.services);
    this.#config = config;
    const active = activeOf(config);
    const gone = this.#units.filter(({ config }) => !active.some(({ slug }) => slug === config.slug));
    this.#units = this.#units.filter((unit) => !gone.includes(unit));
    dispatcher.subscribers = this.#units;
    await Promise.all(gone.map((unit) => this.#takeAway(unit)));
    for (const unit of gone) this.#options.log.named(unit.slug).info(describeGone(unit, config));
    // A service that comes back loads its pending items from the database, so recent ones must be written first.
    await Promise.race([store.writer.flush(), this.#stopping.promise]);

    const restarts: Promise<void>[] = [];
    const units: ServiceUnit[] = [];
    for (const service of active) {
      if (this.#isStopping) return false;
      const unit = this.find(service.slug);
      units.push(unit ?? await this.#add(ids.get(service.slug) as number, service));
      if (unit) restarts.push(unit.configure(service, changeGraceMs));
    }
    if (this.#isStopping) return false;
    this.#units = units;
    this.#changing.clear();
    dispatcher.subscribers = this.#units;
    announcePrograms(this.#units, this.#options.log);
    await Promise.all(restarts);
    this.#options.onChange();
    return !this.#isStopping;
  }

  async #takeAway(unit: ServiceUnit): Promise<void> {
    this.#changing.add(unit);
    await unit.stop(changeGraceMs);
    this.#changing.delete(unit);
  }

  async #add(serviceId: number, service: ServiceConfig): Promise<ServiceUnit> {
    const unit = this.#makeUnit(serviceId, service);
    this.#changing.add(unit);
    await unit.queue.load();
    if (this.#hasStarted && !this.#isStopping) unit.start();
    return unit;
  }

  /** One chunk per turn. Items that a stop leaves stay pending. */
  async #discardEmptied(unit: ServiceUnit, chunks: Iterable<readonly number[]>): Promise<void> {
    const { store, clock, onChange } = this.#options;
    const { serviceId } = unit;
    for (const ids of chunks) {
      if (this.#isStopping || !this.#units.includes(unit)) return;
      const at = clock.now();
      for (const id of ids) store.writer.add({ kind: "discard_item", serviceId, id, reason: "emptied", at });
      for (const id of ids) unit.feed?.folders.remove(id);
      unit.counts.discarded += ids.length;
      await store.writer.flush();
    }
    onChange();
  }

  #makeUnit(serviceId: number, service: ServiceConfig): ServiceUnit {
    const { processes, store, clock, log, queueWindow: window } = this.#options;
    const unit = new ServiceUnit(serviceId, service, {
      clock,
      log,
      rows: store.pendingOf(serviceId),
      window,
    });
    this.#unitOf.set(unit.queue, unit);
    if (processes === "all" || (processes !== "none" && processes.includes(service.slug))) this.#equip(unit);
    return unit;
  }

  /** Gives a service its runner. */
  #equip(unit: ServiceUnit): void {
    const feed = makeFeed(unit, this.#options);
    unit.queue.isTaking = () => unit.runner?.isTaking ?? false;
    unit.feed = feed;
    unit.runner = makeRunner(unit, feed, { ...this.#options, config: () => this.#config });
  }

  #takeBack(item: EndedItem): void {
    this.#returning.delete(item.id);
    const unit = this.#units.find(({ serviceId }) => serviceId === item.serviceId);
    unit?.uncount(item.status);
    unit?.queue.restoreRow(item);
    unit?.runner?.wake();
  }

  get units(): readonly ServiceUnit[] {
    return this.#units;
  }

  #chosen(slug: string | null): ServiceUnit[] {
    return this.#units.filter(({ config }) => slug === null || config.slug === slug);
  }
}

function activeOf({ services }: Config): ServiceConfig[] {
  return services.filter(({ isActive }) => isActive);
}
