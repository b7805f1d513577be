/**
 * Where sources, lives, queues, store and runners meet: start and stop in order, and what the faces may see of it.
 *
 * Start: lock and migrate the database, put right what a dead process left, rebuild the queues, start the
 * runners, then the sources. Stop: the sources, then (at a natural end) drain, then the runners, then the database.
 */
import type { Config } from "../config/config.ts";
import type { HeldUp, SourceView } from "../control.ts";
import type { CaptureCounts } from "../live.ts";
import { Deadline } from "../deadline.ts";
import type { Lifecycle } from "../lifecycle.ts";
import { EventDispatcher } from "../lives/dispatcher.ts";
import { Emitter } from "../lives/emitter.ts";
import { KnownIds } from "../lives/known_ids.ts";
import { Lives } from "../lives/lives.ts";
import { Pipeline } from "../lives/pipeline.ts";
import type { CapturedEvent, Source } from "../source.ts";
import { openStore, type Store } from "../store/owner.ts";
import { UserError } from "../user_error.ts";
import type { Reader } from "../store/reader.ts";
import { explained } from "../store/trouble.ts";
import type { ReaderThread } from "../store/reader_thread.ts";
import type { ServicePhase } from "../service_state.ts";
import { Drain } from "./drain.ts";
import { forgetOldIds } from "./forgetting.ts";
import { LiveAccess } from "./live_access.ts";
import { flushPatiently } from "./patient_flush.ts";
import { recover } from "./recovery.ts";
import type { AppOptions, RunResult } from "./run_options.ts";
import { Services } from "./services.ts";
import { Sources } from "./sources.ts";
import { StrainWatch } from "./strain_watch.ts";

/** Operations not yet stored at which capture waits for the database. */
const backlogBound = 20_000;

/** The settings that cannot change in a run, by their names in the file. */
const settingNames = {
  sources: "sources",
  database: "database",
  durability: "durability",
  logFile: "log_file",
} as const;
const laterSettings = Object.keys(settingNames) as (keyof typeof settingNames)[];

export class App implements Lifecycle {
  readonly strain: StrainWatch;
  readonly #options: AppOptions;
  readonly #store: Store;
  readonly #services: Services;
  readonly #sources: Sources;
  readonly #lives: Lives;
  readonly #pipeline: Pipeline;
  readonly #drain: Drain;
  readonly #ending = new AbortController();
  readonly #stopping = Promise.withResolvers<void>();
  #hasStarted = false;
  #running: Promise<RunResult> | null = null;
  #sourcesChanged: () => void = () => {};
  #stopReason: string | null = null;
  #next: RunResult["next"] = null;
  #phasesAtStop: ServicePhase[] | null = null;
  #deadline: Deadline | null = null;

  /** Takes the database and puts right what a dead process left; throws a `UserError`. Follow with `run`, or with `stop`. */
  static async open(options: AppOptions): Promise<App> {
    const { config: { database: path, durability }, clock, log, batchSize } = options;
    const store = openStore({ path, durability, clock, batchSize, log: log.named("store") });
    try {
      const app = new App(options, store);
      await app.#recover();
      return app;
    } catch (error) {
      await store.stop();
      throw explained(path, error);
    }
  }

  private constructor(options: AppOptions, store: Store) {
    const { config, clock, log, processes, onItemEnded } = options;
    const { writer: operations, nextIds } = store;
    this.#options = options;
    this.#store = store;
    const dispatcher = new EventDispatcher(nextIds.item);
    const lives = new Lives({ store, operations, clock, nextId: nextIds.live });
    const pipeline = new Pipeline({
      nextEventId: nextIds.event,
      clock,
      log: log.named("capture"),
      operations,
      dispatcher,
      onEvent: options.onEvent,
      onDecisions: (decisions) => this.#services.countDecisions(decisions),
    });
    this.#lives = lives;
    this.#pipeline = pipeline;
    const knownIds = new KnownIds({ clock, operations, store });
    this.#sources = this.#makeSources(pipeline, knownIds);
    this.strain = new StrainWatch({ clock, log, writer: operations, sources: this.#sources });
    this.#services = new Services(config, {
      store,
      clock,
      log,
      dispatcher,
      processes,
      queueWindow: options.queueWindow,
      emitter: new Emitter({ clock, log, operations, knownIds, lives, pipeline }),
      sessionFor: (source) => this.#sources.sessionFor(source),
      lives: new LiveAccess({
        lives,
        sessionOf: (source) => this.#sources.sessionOf(source),
        lastBefore: { sessionId: lastOf(nextIds.session), liveId: lastOf(nextIds.live) },
      }),
      onItemEnded,
      onChange: () => {
        this.#drain.look();
        options.onServicesChanged?.();
      },
    });
    this.#drain = new Drain({ services: this.#services, clock });
  }

  /** Begins the run, whose end `run` waits for. */
  start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    this.#running = this.#run();
    // Whoever waits for it is told.
    this.#running.catch(() => {});
  }

  /** Runs to the end of the sources or to `stop`, drains where nobody asked to stop, and closes all. */
  async run(): Promise<RunResult> {
    this.start();
    return await this.#running!;
  }

  async #run(): Promise<RunResult> {
    this.#store.start();
    this.#services.start();
    const stopForgetting = forgetOldIds(this.#store.writer, this.#options.clock);
    this.strain.start();
    let phases: ServicePhase[] = [];
    let heldUp: HeldUp[] = [];
    try {
      await this.#captureAll();
      if (this.#stopReason === null) heldUp = await this.#drainAll();
    } finally {
      stopForgetting();
      this.strain.stop();
      phases = this.#phasesAtStop ?? this.#phases();
      await this.#close();
    }
    const services = this.#services.views().map((view, at) => ({ ...view, phase: phases[at] ?? view.phase }));
    return {
      captured: this.captured,
      sources: this.sources(),
      services,
      heldUp,
      failure: this.#sources.failures.map(({ message }) => message).join(" ") || null,
      next: this.#next,
      givenUp: this.#deadline?.givenUp ?? [],
    };
  }

  /**
   * Ends capture; running items are let finish, the rest stays pending. Resolves when the run has ended, and all is
   * closed: by the deadline that begins now, whoever is waited for.
   */
  async stop(reason = "Stopped."): Promise<void> {
    this.#stopReason ??= reason;
    this.#phasesAtStop ??= this.#phases();
    // At once: what ends while the capture is being closed must not make room for another.
    this.#services.stop(this.#beginClosing()).catch(() => {});
    this.#stopping.resolve();
    this.#drain.stop();
    this.endCapture();
    // A run that had not begun closes what was opened, and does nothing else.
    this.start();
    await this.#running?.catch(() => {});
  }

  /**
   * For whoever cannot wait for `stop`: what waits is written at once, and nothing more is taken in. Returns what there
   * is to tell of what could not be stored; null where all of it was.
   */
  stopNow(): string | null {
    try {
      this.#store.stopNow();
      return null;
    } catch (error) {
      if (error instanceof UserError) return error.message;
      throw error;
    }
  }

  /** Starts a source, or leaves the one of its name for it. */
  async switchSource(source: Source): Promise<void> {
    if (this.#ending.signal.aborted) return;
    await this.#sources.open(source);
    this.#sourcesChanged();
  }

  /** Goes to another user's live with this source. Throws a `UserError`. */
  async switchUser(source: string, username: string): Promise<void> {
    const { choice } = this.#options;
    const chosen = choice?.switchable.find(({ name }) => name === source);
    if (!choice || !chosen) throw new UserError(`The source ${source} has no user to choose.`);
    if (choice.openSource === null) return this.#leaveFor({ kind: "user", source, username });
    this.#sources.checkUser(chosen, username);
    await this.switchSource(await choice.openSource(source, username));
  }

  /** Leaves this run for a made-up live, which has a database of its own. */
  startDemo(): void {
    this.#leaveFor({ kind: "demo" });
  }

  #leaveFor(next: RunResult["next"]): void {
    this.#next = next;
    void this.stop(next?.kind === "demo" ? "A demo was started." : "Another live was chosen.");
  }

  /** Ends capture, then processes what is left: `--for`. Idempotent. */
  endCapture(): void {
    this.#ending.abort();
    this.#sourcesChanged();
  }

  /**
   * Resolves when no service that is at work has anything left and all of that is stored, or when a stop was
   * asked for. Returns the services that it did not wait for any longer.
   */
  async idle(): Promise<HeldUp[]> {
    const heldUp = await this.#drain.wait();
    await Promise.race([flushPatiently(this.#store.writer, this.#options.clock), this.#stopping.promise]);
    return heldUp;
  }

  /**
   * Takes a changed config: services, queues and subscriptions change while the live goes on. What else it
   * changes holds from the next start, and is named in the log. Throws a `UserError` where it cannot be stored.
   */
  async applyConfig(config: Config): Promise<void> {
    const { log } = this.#options;
    if (!await this.#services.apply(config)) return;
    const later = laterSettings.filter((key) =>
      JSON.stringify(config[key]) !== JSON.stringify(this.#options.config[key])
    );
    const names = later.map((key) => settingNames[key]).join(", ");
    log.info(`The changed config holds now.${later.length > 0 ? ` From the next start on: ${names}.` : ""}`);
  }

  get services(): Services {
    return this.#services;
  }

  /** Of the stop that is under way; null before it. */
  get deadline(): Deadline | null {
    return this.#deadline;
  }

  /** On a connection of its own, in this thread: for what is read by its id. It sees what is committed. */
  get reader(): Reader {
    return this.#store.reader;
  }

  /** The same in a thread of its own: for whatever may take long. */
  get questions(): ReaderThread {
    return this.#store.questions;
  }

  /** One of Livecue's own values, kept in the database; null where it was never set. */
  keptValue(key: string): string | null {
    return this.#store.configValue(key);
  }

  keepValue(key: string, value: string): void {
    this.#store.writer.add({ kind: "set_config", key, value });
  }

  /** Takes in an event that nobody sent, as if it came by this source (null: the first that is in a live). */
  inject(event: CapturedEvent, source: string | null = null): void {
    this.#sources.inject(event, source);
  }

  /** How each source stands, also those that wait for a user. Viewers are for the screen to tell. */
  sources(): SourceView[] {
    const { choice } = this.#options;
    // Those that take another run are no part of this one.
    return this.#sources.views(choice?.openSource ? choice.switchable : []);
  }

  /** Names of the sources that can be sent to a user's live. */
  get switchable(): string[] {
    return this.#options.choice?.switchable.map(({ name }) => name) ?? [];
  }

  /** What was captured in this run, over all sources. */
  get captured(): CaptureCounts {
    return this.#sources.counts();
  }

  #phases(): ServicePhase[] {
    return this.#services.views().map(({ phase }) => phase);
  }

  #makeSources(pipeline: Pipeline, knownIds: KnownIds): Sources {
    const { clock, log, sessionName, onCaptured, onState, onSessionEnded } = this.#options;
    const { writer, nextIds } = this.#store;
    let nextSessionId = nextIds.session;
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
        takeSessionId: () => nextSessionId++,
        onSessionEnded,
      },
      isBehind: () => this.#services.areBehind,
      whenCaughtUp: () => writer.backlog > backlogBound ? writer.flush() : null,
      onCaptured,
      onState,
      isAlone: this.#options.sources.length === 1 && this.#options.whenIdle === "end",
      onChange: () => this.#sourcesChanged(),
    });
  }

  /** Runs the sources to their ends; with `whenIdle` "stay" it waits for others until it is stopped. */
  async #captureAll(): Promise<void> {
    const { sources, whenIdle } = this.#options;
    for (const source of sources) await this.switchSource(source);
    while (!this.#ending.signal.aborted) {
      if (whenIdle === "end" && !this.#sources.isCapturing) break;
      await new Promise<void>((resolve) => this.#sourcesChanged = resolve);
    }
    const reason = this.#ending.signal.aborted ? undefined : "The other sources have ended.";
    await this.#sources.stop(this.#stopReason ?? reason, this.#deadline ?? this.#newDeadline());
    this.#throwWhereNothingRan();
  }

  /** A run whose every source was refused is a user's mistake, and is told as one. */
  #throwWhereNothingRan(): void {
    const { failures } = this.#sources;
    const { sources, whenIdle } = this.#options;
    if (whenIdle === "stay" || this.#sources.counts().sessions > 0) return;
    const thrown = failures.find(({ cause }) => cause !== undefined || sources.length === 1);
    if (thrown !== undefined && failures.length === sources.length) throw thrown;
  }

  /** Processes what is left; services that are paused or switched off are not waited for. */
  async #drainAll(): Promise<HeldUp[]> {
    const left = this.#services.remaining().map(({ slug, count }) => `${slug} ${count}`);
    if (left.length > 0) {
      this.#options.log.info(
        `Processing what is left: ${left.join(", ")}. Ctrl-C leaves it for the next start.`,
      );
    }
    return await this.idle();
  }

  async #close(): Promise<void> {
    const deadline = this.#beginClosing();
    await this.#services.stop(deadline);
    this.#lives.save({ atOnce: true });
    await this.#store.stop(deadline);
  }

  /** The one deadline of the whole stop, from the first that asks for it. */
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

  /** What a dead process left: its items in hand, its sessions, its open streaks; then what is pending is queued again. */
  async #recover(): Promise<void> {
    const { clock, log, discardsPending = false } = this.#options;
    const report = await recover({ store: this.#store, log, now: clock.now(), discardsPending });
    await this.#services.restore();
    this.#store.abortSessions(report);
    for (const last of report.openStreaks) this.#pipeline.finishStreak(last);
  }
}

function lastOf(nextId: number): number | null {
  return nextId > 1 ? nextId - 1 : null;
}
