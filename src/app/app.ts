/**
 * Connects sources, lives, queues, store and runners. Starts and stops them in order, and serves the faces.
 *
 * Start: lock and migrate the database, recover from a crash, rebuild the queues, start the runners, then the sources.
 * Stop: the sources, then (when the sources ended by themselves) drain, then the runners, then the database.
 */
import type { Config } from "../config/config.ts";
import type { HeldUp, SourceView } from "../control.ts";
import { t } from "../language.ts";
import type { CaptureCounts } from "../live.ts";
import { Deadline } from "../deadline.ts";
import type { Lifecycle } from "../lifecycle.ts";
import { EventDispatcher } from "../lives/dispatcher.ts";
import { Emitter } from "../lives/emitter.ts";
import { KnownIds } from "../lives/known_ids.ts";
import { Lives } from "../lives/lives.ts";
import { Pipeline } from "../lives/pipeline.ts";
import { type CapturedEvent, ownSources, type Source } from "../source.ts";
import { openStore } from "../store/open.ts";
import type { Store } from "../store/store.ts";
import { UserError } from "../user_error.ts";
import type { ServicePhase } from "../service_state.ts";
import { Drain } from "./drain.ts";
import { startForgetting } from "./forgetting.ts";
import { LiveAccess } from "./live_access.ts";
import { laterSettings } from "./later_settings.ts";
import { flushPatiently } from "./patient_flush.ts";
import { recover } from "./recovery.ts";
import { type AppOptions, type RunResult, storeOptionsOf, type WhyLost, whyLost } from "./run_options.ts";
import { RunViewers } from "./run_viewers.ts";
import { Services } from "./services.ts";
import { Sources } from "./sources.ts";
import { StoredReadings } from "./stored_readings.ts";
import { StrainWatch } from "./strain_watch.ts";

export class App implements Lifecycle {
  readonly strain: StrainWatch;
  readonly #options: AppOptions;
  readonly #store: Store;
  readonly services: Services;
  readonly #sources: Sources;
  /** Stores readings, and answers questions about them. */
  readonly readings: StoredReadings;
  readonly #lives: Lives;
  readonly #pipeline: Pipeline;
  readonly #drain: Drain;
  readonly viewers: RunViewers;
  readonly #ending = new AbortController();
  readonly #stopping = Promise.withResolvers<void>();
  #hasStarted = false;
  #running: Promise<RunResult> | null = null;
  #sourcesChanged: () => void = () => {};
  #stopReason: string | null = null;
  #next: RunResult["next"] = null;
  #phasesAtStop: ServicePhase[] | null = null;
  #deadline: Deadline | null = null;
  #isLost = false;

  /** Locks the database and recovers from a crash. Throws a `UserError`. Follow with `run` or `stop`. */
  static async open(options: AppOptions): Promise<App> {
    let app: App | null = null;
    const onLost = (why: WhyLost) => app?.beLost(why);
    const store = await (options.openStore?.(onLost) ?? openStore({ ...storeOptionsOf(options), onLost }));
    try {
      app = new App(options, store, await store.syncServices(options.config.services));
      await app.#recover();
      return app;
    } catch (error) {
      await store.stop();
      throw store.explained(error);
    }
  }

  private constructor(options: AppOptions, store: Store, serviceIds: ReadonlyMap<string, number>) {
    const { config, clock, log, processes, sharedWorkers, queueWindow, hosts, observer } = options;
    const { writer: operations, ids } = store;
    this.#options = options;
    this.#store = store;
    const dispatcher = new EventDispatcher(ids);
    const lives = this.#lives = new Lives({ store, operations, clock, ids, streamer: store.streamer });
    this.viewers = new RunViewers(store, { clock, log, lives, lastEventId: () => pipeline.lastEventId });
    const pipeline = this.#pipeline = new Pipeline({
      ids,
      clock,
      log: log.named("capture"),
      operations,
      dispatcher,
      viewers: this.viewers.known,
      observer,
      onEvent: options.onEvent,
      onDecisions: (decisions) => this.services.countDecisions(decisions),
    });
    const knownIds = new KnownIds({ clock, operations, store, streamer: store.streamer });
    this.readings = StoredReadings.of(config, { clock, log: log.named("readings") });
    this.#sources = this.#makeSources(pipeline, knownIds);
    this.strain = new StrainWatch({ clock, log, writer: operations, sources: this.#sources });
    this.services = new Services(config, serviceIds, {
      store,
      clock,
      log,
      dispatcher,
      processes,
      sharedWorkers,
      queueWindow,
      hosts,
      emitter: new Emitter({ clock, log, operations, knownIds, lives, pipeline }),
      sessionFor: (source) => this.#sources.sessionFor(source),
      readings: this.readings,
      lives: new LiveAccess({
        lives,
        viewers: this.viewers.known,
        sessionOf: (source) => this.#sources.sessionOf(source),
        lastBefore: store.lastExcept(ownSources.services),
      }),
      observer,
      onItemEnded: options.onItemEnded,
      onChange: () => {
        this.#drain.look();
        options.onServicesChanged?.();
      },
    });
    this.#drain = new Drain({ services: this.services, clock });
  }

  /** Starts the run. `run` waits for its end. */
  start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    this.#running = this.#run();
    // Callers of `run` and `stop` handle the error.
    this.#running.catch(() => {});
  }

  /** Runs until the sources end or `stop` is called, drains unless it was stopped, and closes everything. */
  run(): Promise<RunResult> {
    this.start();
    return this.#running!;
  }

  async #run(): Promise<RunResult> {
    this.#store.start();
    this.services.start();
    const stopForgetting = startForgetting({ ...this.#options, store: this.#store });
    this.viewers.start();
    this.strain.start();
    let phases: ServicePhase[] = [];
    let heldUp: HeldUp[] = [];
    try {
      await this.#captureAll();
      if (this.#stopReason === null) heldUp = await this.#drainAll();
    } finally {
      await stopForgetting();
      this.strain.stop();
      phases = this.#phasesAtStop ?? this.#phases();
      await this.#close();
    }
    return {
      captured: this.captured,
      emitted: this.services.emittedCount,
      sources: this.sources(),
      services: this.services.views().map((view, at) => ({ ...view, phase: phases[at] ?? view.phase })),
      heldUp,
      failure: this.#isLost ? this.#stopReason : this.#sources.failure,
      next: this.#next,
      givenUp: this.#deadline?.givenUp ?? [],
    };
  }

  /**
   * Stops capture. Running items may finish, and the rest stays pending. Resolves when everything is closed, at the
   * latest at the deadline, which starts now.
   */
  async stop(reason = t`Stopped.`): Promise<void> {
    this.#stopReason ??= reason;
    this.#phasesAtStop ??= this.#phases();
    // Stops the services at once, so that no new item starts while capture is being closed.
    this.services.stop(this.#beginClosing()).catch(() => {});
    this.#stopping.resolve();
    this.#drain.stop();
    this.endCapture();
    // A run that has not started only closes what was opened.
    this.start();
    await this.#running?.catch(() => {});
  }

  /** For a caller that cannot wait for `stop`. Returns a sentence about what could not be stored, or null. */
  stopNow(): string | null {
    try {
      this.#store.stopNow();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return error.message;
    }
    return null;
  }

  /** Nothing more can be stored, and the run ends. */
  beLost(why: WhyLost): void {
    this.#isLost = true;
    void this.stop(whyLost(why, this.#store.name));
  }

  /** Starts a source. It replaces a source of the same name. */
  async switchSource(source: Source): Promise<void> {
    if (this.#ending.signal.aborted) return;
    await this.#sources.open(source);
    this.#sourcesChanged();
  }

  /** Switches this source to another user's live. Throws a `UserError`. */
  async switchUser(source: string, username: string): Promise<void> {
    const { choice } = this.#options;
    const chosen = choice?.switchable.find(({ name }) => name === source);
    if (!choice || !chosen) throw new UserError(t`You cannot choose a user for the source ${source}.`);
    if (choice.openSource === null) return this.#leaveFor({ kind: "user", source, username });
    this.#sources.checkUser(chosen, username);
    await this.switchSource(await choice.openSource(source, username));
  }

  /** Plays the recording of a source in another way. Returns what holds now. Throws a `UserError`. */
  readonly play: Sources["play"] = (source, deed) => this.#sources.play(source, deed);

  /** Ends this run and starts a demo, which has its own database. */
  startDemo(): void {
    this.#leaveFor({ kind: "demo" });
  }

  #leaveFor(next: RunResult["next"]): void {
    this.#next = next;
    void this.stop(next?.kind === "demo" ? t`A demo was started.` : t`Another live was chosen.`);
  }

  /** Stops capture, then processes the remaining items, for `--for`. Idempotent. */
  endCapture(): void {
    this.#ending.abort();
    this.#sourcesChanged();
  }

  /**
   * Resolves when the working services have no items left and everything is stored, or when a stop was requested.
   * Returns the services that it stopped waiting for.
   */
  async idle(): Promise<HeldUp[]> {
    const heldUp = await this.#drain.wait();
    await Promise.race([flushPatiently(this.#store.writer, this.#options.clock), this.#stopping.promise]);
    return heldUp;
  }

  /**
   * Applies a changed config: services, queues and subscriptions change during the live. Other changes apply from the
   * next start, and the log names them as `later` says. Throws a `UserError` if the change cannot be stored.
   */
  async applyConfig(config: Config, later = laterSettings(this.#options.config, config)): Promise<void> {
    const { log } = this.#options;
    if (!await this.services.apply(config)) return;
    const rest = later === "" ? "" : ` ${t`From the next start: ${later}.`}`;
    log.info(t`The changed config is in effect.` + rest);
  }

  /** The deadline of the stop in progress; null before a stop. */
  get deadline(): Deadline | null {
    return this.#deadline;
  }

  /** A reader with its own connection, in this thread, for quick reads by id. It sees committed data. */
  get reader(): Store["reader"] {
    return this.#store.reader;
  }

  /** The same in its own thread, for queries that may take long. */
  get questions(): Store["questions"] {
    return this.#store.questions;
  }

  /** As in `Store`. */
  readonly machineLine = (): Store["openMachineLine"] => this.#store.openMachineLine;

  /** Livecue's own values in the database. */
  get kept(): Store["ownValues"] {
    return this.#store.ownValues;
  }

  /** Adds a test event as if this source had captured it (null: the first source that is in a live). */
  inject(event: CapturedEvent, source: string | null = null): void {
    this.#sources.inject(event, source);
  }

  /** The state of each source, including those that wait for a user. The screen adds the viewers. */
  sources(): SourceView[] {
    const { choice } = this.#options;
    // Sources that need a new run are not part of this one.
    return this.#sources.views(choice?.openSource ? choice.switchable : []);
  }

  /** Names of the sources whose user can be chosen. */
  get switchable(): string[] {
    return this.#options.choice?.switchable.map(({ name }) => name) ?? [];
  }

  /** The lives of this run that the source (null: any source, or Livecue itself) has events in. */
  liveIds(source: string | null): number[] {
    return this.#sources.liveIds(source);
  }

  /** What all sources captured in this run. */
  get captured(): CaptureCounts {
    return this.#sources.counts();
  }

  #phases(): ServicePhase[] {
    return this.services.views().map(({ phase }) => phase);
  }

  #makeSources(pipeline: Pipeline, knownIds: KnownIds): Sources {
    const { clock, log, sessionName, onCaptured, onReadings, onState, onSessionEnded } = this.#options;
    const { writer, ids } = this.#store;
    return new Sources({
      clock,
      log,
      lives: this.#lives,
      capture: {
        sessionName: sessionName ?? null,
        clock,
        operations: writer,
        knownIds,
        lives: this.#lives,
        pipeline,
        takeSessionId: () => ids.take("session"),
        onSessionEnded,
      },
      isBehind: () => this.services.areBehind,
      answersLater: this.#store.answersLater,
      whenCaughtUp: () => this.#store.whenCaughtUp(),
      onCaptured,
      readings: this.readings,
      onReadings,
      onState,
      isAlone: this.#options.sources.length === 1 && this.#options.whenIdle === "end",
      onChange: () => this.#sourcesChanged(),
    });
  }

  /** Runs the sources until all have ended. With `whenIdle` "stay", it waits for new sources until it is stopped. */
  async #captureAll(): Promise<void> {
    const { sources, whenIdle } = this.#options;
    for (const source of sources) await this.switchSource(source);
    while (!this.#ending.signal.aborted) {
      if (whenIdle === "end" && !this.#sources.isCapturing) break;
      await new Promise<void>((resolve) => this.#sourcesChanged = resolve);
    }
    const reason = this.#ending.signal.aborted ? undefined : t`The other sources have ended.`;
    await this.#sources.stop(this.#stopReason ?? reason, this.#deadline ?? this.#newDeadline());
    if (whenIdle === "end") this.#sources.throwIfNothingRan(sources.length);
  }

  /** Processes the remaining items. It does not wait for services that are paused or switched off. */
  async #drainAll(): Promise<HeldUp[]> {
    await Promise.race([this.readings.flushed(), this.#stopping.promise]);
    const remaining = this.services.remaining().filter(({ count }) => count > 0);
    const left = remaining.map(({ slug, count }) => `${slug} ${count}`);
    if (left.length > 0) {
      this.#options.log.info(
        t`Processing the remaining items: ${left.join(", ")}. Ctrl-C leaves them for the next start.`,
      );
    }
    return await this.idle();
  }

  async #close(): Promise<void> {
    const deadline = this.#beginClosing();
    await Promise.all([this.services.stop(deadline), this.readings.stop(deadline)]);
    this.#sources.close(this.#stopReason ?? t`The run was over.`);
    this.#lives.save({ atOnce: true });
    await this.viewers.stop();
    await this.#store.stop(deadline);
  }

  /** The single deadline of the whole stop, which starts at the first call. */
  #beginClosing(): Deadline {
    if (this.#deadline === null) {
      this.#deadline = this.#newDeadline();
      this.#options.onClosing?.(this.#deadline);
    }
    return this.#deadline;
  }

  #newDeadline(): Deadline {
    return new Deadline(this.#options.clock, this.#options.stopLimitMs);
  }

  /** Recovers from a crash: the items in progress, the sessions and the open streaks. Then queues the pending items again. */
  async #recover(): Promise<void> {
    const { clock, log, discardsPending = false } = this.#options;
    const report = await recover({ store: this.#store, log, now: clock.now(), discardsPending });
    await this.services.restore();
    this.#store.abortSessions(report);
    for (const last of report.openStreaks) this.#pipeline.finishStreak(last);
  }
}
