/**
 * Deletes sessions that are older than `retention` of the config, while Livecue runs. Every step takes some
 * milliseconds, and rests for nine times as long, so that it takes a tenth of a core. It waits while the database is
 * behind.
 */
import { type Clock, sleep } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";
import type { Store } from "../store/store.ts";
import { pruneServices } from "./service_pruning.ts";

export interface RetentionOptions {
  config: Config;
  store: Store;
  clock: Clock;
  log: Log;
}

const dayMs = 24 * 60 * 60_000;
/** A start has more urgent work. */
const firstAfterMs = 60_000;
const everyMs = 60 * 60_000;
const pace = { stepMs: 5, mostEvents: 500 };
const restsPerStep = 9;
const shortestRestMs = 20;
/** With more operations that are not stored yet, the pruning waits. */
const smallBacklog = 100;

export class Retention {
  readonly #options: RetentionOptions;
  readonly #keepDays: number | null;
  readonly #stopping = new AbortController();
  #running: Promise<void> | null = null;
  #hasToldOfSize = false;

  constructor(options: RetentionOptions) {
    this.#options = { ...options, log: options.log.named("retention") };
    this.#keepDays = options.config.retention.keepDays;
  }

  /** Does nothing if everything is kept. */
  start(): void {
    if (this.#keepDays !== null) this.#running ??= this.#run(this.#keepDays);
  }

  /** Resolves when the step in progress has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Deletes what is too old now. */
  async round(keepDays: number): Promise<void> {
    const { store, log } = this.#options;
    let before: number | null = null;
    try {
      before = this.#cut(keepDays);
      if (before === null) return;
      const steps = store.pruner.prune({ before, keepsLast: true }, pace);
      const counts = await this.#paced(steps);
      if (counts !== undefined && counts.events + counts.sessions > 0) {
        log.info(
          t`Sessions older than ${keepDays} days, now deleted: ${counts.sessions}. Events of such sessions, now deleted: ${counts.events}.`,
        );
        this.#tellOfSize();
      }
      await this.#paced(store.pruner.shrink());
    } catch (error) {
      const sentence = store.troubleOf(error);
      if (sentence === null) throw error;
      log.warn(`${t`Old sessions cannot be deleted: ${sentence}`} ${t`Livecue tries again in an hour.`}`);
    }
    if (before !== null && !this.#stopping.signal.aborted) await this.#pruneServices(before);
  }

  async #run(keepDays: number): Promise<void> {
    const { signal } = this.#stopping;
    await sleep(this.#options.clock, firstAfterMs, signal);
    while (!signal.aborted) {
      await this.round(keepDays);
      await sleep(this.#options.clock, everyMs, signal);
    }
  }

  /** Takes the steps one by one; undefined if it was stopped. */
  async #paced<Result>(steps: AsyncGenerator<void, Result>): Promise<Result | undefined> {
    const { store: { writer }, clock } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const startedAt = clock.monotonic();
      const isBehind = !writer.isHealthy || writer.backlog > smallBacklog;
      const step = isBehind ? null : await steps.next();
      if (step?.done) return step.value;
      const restMs = restsPerStep * (clock.monotonic() - startedAt);
      await sleep(clock, Math.max(shortestRestMs, restMs), signal);
    }
    return undefined;
  }

  /** Sessions before it are too old; null without events. Days count back from the newest event, at most from now. */
  #cut(keepDays: number): number | null {
    const { store, clock } = this.#options;
    const newest = store.pruner.newestEventAt();
    return newest === null ? null : Math.min(newest, clock.now()) - keepDays * dayMs;
  }

  #tellOfSize(): void {
    const { store: { pruner }, log } = this.#options;
    if (pruner.shrinksInSteps || this.#hasToldOfSize) return;
    this.#hasToldOfSize = true;
    log.info(
      t`The database file keeps its size, because an older Livecue made it; new events use the free space. "deno task livecue prune" makes it smaller when Livecue is stopped.`,
    );
  }

  async #pruneServices(before: number): Promise<void> {
    const { config, log } = this.#options;
    const { signal } = this.#stopping;
    const print = (slug: string, text: string) => log.debug(`${slug}: ${text}`);
    await pruneServices({ config, before, isDryRun: false, isLivecueRunning: true, signal, log, print });
  }
}
