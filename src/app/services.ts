/**
 * The services of a run, each with its queue and, where this process works on it, its runner. They can be
 * exchanged while events flow: a service that stays keeps its queue, one that goes leaves its items pending in
 * the database, and one that comes finds them there.
 */
import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { Deadline } from "../deadline.ts";
import type { ServiceConfig } from "../service.ts";
import { describeOptionMistakes } from "../config/option_mistakes.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Log } from "../log/log.ts";
import type { Decision, EventDispatcher } from "../lives/dispatcher.ts";
import type { ItemsAsked, QueuedItem } from "../item.ts";
import type { Emitter } from "../lives/emitter.ts";
import type { LiveSession } from "../session.ts";
import type { ServiceQueue } from "../queue/service_queue.ts";
import { Runner } from "../runner/runner.ts";
import type { EndedItem } from "../store/reader.ts";
import type { Store } from "../store/owner.ts";
import type { ServiceView } from "../control.ts";
import type { LiveAccess } from "./live_access.ts";
import { announcePrograms } from "./announced_programs.ts";
import { type ItemEnd, QueueFeed } from "./queue_feed.ts";
import { StoredState } from "./stored_state.ts";
import { ServiceUnit } from "./service_unit.ts";

export interface ServicesOptions {
  store: Store;
  clock: Clock;
  log: Log;
  dispatcher: EventDispatcher;
  /** Slugs of the services to process; the others' items stay pending. */
  processes: "all" | "none" | readonly string[];
  /** As in `QueueOptions`. */
  queueWindow?: number | undefined;
  emitter: Emitter;
  lives: LiveAccess;
  /** Where an event belongs that a service emits outside of an item. */
  sessionFor(source: string | null): LiveSession;
  onItemEnded?: ((slug: string, item: QueuedItem, end: ItemEnd) => void) | undefined;
  /** Some service may have become idle. */
  onChange: () => void;
}

/** How much work a service still has. */
export interface Remaining {
  slug: string;
  count: number;
  pending: number;
  processing: number;
  ended: number;
  timeoutMs: number;
  /** Where nothing is in hand and a retry has its moment: in how long; past where it is not taken. Else null. */
  retryInMs: number | null;
}

/** How long running items may take to finish when their service is changed or taken away. */
const changeGraceMs = 2_000;

/** Pending items with which a service has something to do while more is captured. */
const enoughWaiting = 64;

/** Items that are put back at a time. */
const retriedAtOnce = 500;

/** Of a stop's time: for the database, when the services have stopped. */
const storingMs = 1_500;

/** Of a stop's time: for items to answer their abort (1 s) and for `onStop` (2 s), behind the running items' own. */
const closingMs = 3_000;

export class Services implements Lifecycle {
  readonly #options: ServicesOptions;
  /** The one that holds now. */
  #config: Config;
  #units: ServiceUnit[] = [];
  readonly #unitOf = new WeakMap<ServiceQueue, ServiceUnit>();
  /** The change that is under way; the next one waits for it. */
  #change: Promise<void> = Promise.resolve();
  /** Those that a change brings or takes away, until it is through: a stop ends them as well. */
  readonly #changing = new Set<ServiceUnit>();
  /** Items that are being put back: their rows say so only with the next commit. */
  readonly #returning = new Set<number>();
  #hasStarted = false;
  readonly #stopping = Promise.withResolvers<void>();
  #isStopping = false;
  #stopped: Promise<void> | null = null;

  /** Makes the database's services match at once. Follow with `restore`, then `start`. */
  constructor(config: Config, options: ServicesOptions) {
    this.#options = options;
    this.#config = config;
    const ids = options.store.syncServices(config.services);
    this.#units = activeOf(config).map((service) => this.#makeUnit(ids.get(service.slug) as number, service));
    options.dispatcher.subscribers = this.#units;
    announcePrograms(this.#units, this.#options.log);
  }

  /** Queues what is pending in the database. Once, before anything is dispatched. */
  async restore(): Promise<void> {
    for (const { queue } of this.#units) await queue.load();
  }

  start(): void {
    if (this.#hasStarted || this.#isStopping) return;
    this.#hasStarted = true;
    for (const { runner } of this.#units) runner?.start();
  }

  /**
   * Lets running items finish, as long as the deadline leaves time for what comes after them; what is unfinished
   * then is pending again. A change that is under way is not waited for: it goes no further.
   */
  stop(deadline = new Deadline(this.#options.clock)): Promise<void> {
    this.#stopped ??= this.#stop(deadline);
    return this.#stopped;
  }

  /**
   * Makes them as the config now says, while events flow; resolves when it is done. Queues and subscriptions
   * change at once, a worker is restarted where what concerns it has changed or it was switched off. Throws a
   * `UserError` where the database cannot be written; nothing has changed then. Returns false where a stop came first.
   */
  apply(config: Config): Promise<boolean> {
    const change = this.#change.then(() => this.#apply(config));
    this.#change = change.then(() => {}, () => {});
    return change;
  }

  /** Nothing that this process would still do is left. */
  get isIdle(): boolean {
    return this.#units.every((unit) => unit.runner === null || unit.isIdle);
  }

  /** More waits for one that is at work than it needs to go on. */
  get areBehind(): boolean {
    return this.#units.some((unit) => unit.isWorking && unit.queue.pendingCount > enoughWaiting);
  }

  /** How much work each busy service still has. `ended` counts the items that ended in this run, well or not. */
  remaining(): Remaining[] {
    const now = this.#options.clock.monotonic();
    return this.#units.filter((unit) => unit.runner !== null && !unit.isIdle)
      .map(({ config: { slug, timeoutMs }, queue, counts }) => ({
        slug,
        count: queue.pendingCount + queue.processingCount,
        pending: queue.pendingCount,
        processing: queue.processingCount,
        ended: counts.completed + counts.failed,
        timeoutMs,
        retryInMs: queue.nextDueAt === null || queue.processingCount > 0 ? null : queue.nextDueAt - now,
      }));
  }

  /** null where no active service has this slug. */
  find(slug: string): ServiceUnit | null {
    return this.#unit(slug) ?? null;
  }

  /** `slug` null: all. */
  pause(slug: string | null): void {
    for (const { runner } of this.#chosen(slug)) runner?.pause();
  }

  /** `slug` null: all. */
  resume(slug: string | null): void {
    for (const { runner } of this.#chosen(slug)) runner?.resume();
  }

  /** Discards what is pending for a service, in the queue at once and in the database little by little. Returns how many items. */
  async empty(slug: string): Promise<number> {
    // What is just being put back is emptied, too.
    if (this.#returning.size > 0) await this.#options.store.writer.flush();
    const unit = this.#unit(slug);
    if (unit === undefined) return 0;
    const { count, chunks } = unit.queue.empty();
    // A writer that stops has said why; what it did not write stays pending.
    const discarding = this.#discardEmptied(unit, chunks).catch(() => {});
    const emptying = Promise.all([unit.emptying, discarding]).then(() => {
      if (unit.emptying === emptying) unit.emptying = null;
    });
    unit.emptying = emptying;
    this.#options.onChange();
    return count;
  }

  /** Puts failed or discarded items back into their queues; returns how many. */
  async retry(items: readonly EndedItem[]): Promise<number> {
    await this.#discarded();
    const { reader } = this.#options.store;
    // Somebody else may have put it back since it was looked up.
    const returning = items.filter(({ id, status }) =>
      !this.#returning.has(id) && reader.statusOf(id) === status
    );
    for (const item of returning) {
      this.#returning.add(item.id);
      this.#options.store.writer.add({ kind: "retry_item", id: item.id }, () => this.#takeBack(item));
    }
    return returning.length;
  }

  /** The same with those that were asked about, the newest first, page by page. */
  async retryAsked(serviceSlug: string, status: "failed" | "discarded", asked: ItemsAsked): Promise<number> {
    const { store } = this.#options;
    await this.#discarded();
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

  /** A second has passed. */
  tick(): void {
    for (const unit of this.#units) unit.tick();
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
    await deadline.wait("the change of the config", this.#change, { leavesMs });
  }

  async #apply(config: Config): Promise<boolean> {
    if (this.#isStopping) return false;
    const { store, dispatcher } = this.#options;
    const ids = store.syncServices(config.services);
    this.#config = config;
    const active = activeOf(config);
    const gone = this.#units.filter(({ config }) => !active.some(({ slug }) => slug === config.slug));
    this.#units = this.#units.filter((unit) => !gone.includes(unit));
    dispatcher.subscribers = this.#units;
    await Promise.all(gone.map((unit) => this.#takeAway(unit)));
    // What a service that comes back left, or was given just now, must be in the database to be found there.
    await Promise.race([store.writer.flush(), this.#stopping.promise]);

    const restarts: Promise<void>[] = [];
    const units: ServiceUnit[] = [];
    for (const service of active) {
      if (this.#isStopping) return false;
      const unit = this.#unit(service.slug);
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
    if (this.#hasStarted && !this.#isStopping) unit.runner?.start();
    return unit;
  }

  /** A chunk a turn. What a stop leaves stays pending. */
  async #discardEmptied(unit: ServiceUnit, chunks: Iterable<readonly number[]>): Promise<void> {
    const { store, clock, onChange } = this.#options;
    for (const ids of chunks) {
      if (this.#isStopping || !this.#units.includes(unit)) return;
      const at = clock.now();
      for (const id of ids) store.writer.add({ kind: "discard_item", id, reason: "emptied", at });
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

  /** Gives a service the runner that works on it. */
  #equip(unit: ServiceUnit): void {
    const { store, clock, log, lives, emitter, sessionFor, onItemEnded, onChange } = this.#options;
    const { serviceId, config: { slug } } = unit;
    const speaker = { serviceId, slug };
    const feed = new QueueFeed({
      queue: unit.queue,
      log: store.writer,
      beforeCommit: (work) => store.writer.beforeCommit(work),
      clock,
      state: new StoredState({
        serviceId,
        operations: store.writer,
        kept: store.kept,
      }),
      lives,
      emitFrom: (cause, emission) => emitter.emitFrom(cause, speaker, emission),
      emit: async (source, emission) => await emitter.emit(sessionFor(source), speaker, emission),
      show: (pane) => unit.show(pane),
      wake: () => unit.runner?.wake(),
      onStarted: (item, at) => unit.metrics.started(item, at),
      onSettled: (end) => unit.metrics.ended(end),
      onEnded: (item, end) => {
        unit.counts[end.status]++;
        onItemEnded?.(slug, item, end);
      },
      onChange,
    });
    unit.queue.isTaking = () => unit.runner?.isTaking ?? false;
    unit.feed = feed;
    unit.runner = new Runner({
      service: unit.config,
      feed,
      clock,
      log,
      describeOptionMistakes: (mistakes) => describeOptionMistakes(this.#config, slug, mistakes),
      onChange,
    });
  }

  #takeBack(item: EndedItem): void {
    this.#returning.delete(item.id);
    const unit = this.#units.find(({ serviceId }) => serviceId === item.serviceId);
    unit?.uncount(item.status);
    unit?.queue.restoreRow(item);
    unit?.runner?.wake();
  }

  /** When the rows of all that was discarded say so. */
  async #discarded(): Promise<void> {
    const { store } = this.#options;
    await store.staleDiscarded();
    while (this.#units.some(({ emptying }) => emptying !== null)) {
      await Promise.all(this.#units.map(({ emptying }) => emptying));
    }
    await store.writer.flush();
  }

  #chosen(slug: string | null): ServiceUnit[] {
    return this.#units.filter(({ config }) => slug === null || config.slug === slug);
  }

  #unit(slug: string): ServiceUnit | undefined {
    return this.#units.find((unit) => unit.config.slug === slug);
  }
}

function activeOf({ services }: Config): ServiceConfig[] {
  return services.filter(({ isActive }) => isActive);
}
