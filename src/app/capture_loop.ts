/** Runs one source and passes everything it yields to its capture. Sources start, fail and end independently. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Clock, limitEvery, lookOutside } from "../clock.ts";
import type { ConnectionView } from "../control.ts";
import { msg, t, translated } from "../language.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Capture } from "../lives/capture.ts";
import type { Log } from "../log/log.ts";
import type {
  CapturedEvent,
  ConnectionState,
  RawMessage,
  ReadingBatch,
  Source,
  SourceItem,
} from "../source.ts";
import { UserError } from "../user_error.ts";
import { ConnectionWatch } from "./connection_watch.ts";
import { ReadingMeter } from "./reading_meter.ts";
import { SilenceWatch } from "./silence_watch.ts";

/** Stores readings. */
export interface Readings {
  /**
   * Takes the readings of a source, checks them and stores them. Returns a promise if the source has to wait before the
   * next ones.
   */
  add(source: string, batch: ReadingBatch): Promise<unknown> | null;
}

export interface CaptureLoopOptions {
  source: Source;
  capture: Capture;
  clock: Clock;
  log: Log;
  /** Resolves when the database may have caught up, if it is far behind; null if it is not. */
  whenCaughtUp(): Promise<void> | null;
  /** Whether a working service has more waiting items than it needs to stay busy. */
  isBehind(): boolean;
  /** Whether the database is behind a connection, whose answers only an idle thread hears soon. */
  answersLater?: boolean | undefined;
  readings?: Readings | undefined;
  /** Called for each captured event, before duplicates are dropped. `streamer` is the host's handle. */
  onCaptured?: ((event: CapturedEvent, raw: RawMessage | null, streamer: string) => void) | undefined;
  onReadings?: ((batch: ReadingBatch, source: string) => void) | undefined;
  onState?: (state: ConnectionState) => void;
  /** Whether the run ends with this source, and reports why it failed. */
  isAlone: boolean;
  /** The source has ended, by itself or because it was stopped. */
  onEnded: () => void;
}

/** How long a source may take to stop. */
const stopLimitMs = 3_000;

/** The most items in a turn of the event loop, so that services' answers are received in between. */
const itemsPerTurn = 64;

/**
 * After a turn that took this long, for example because a commit waited for the disk, more items are taken, for the
 * same cost of one commit.
 */
const longTurnMs = 25;
const itemsAfterLongTurn = 448;

/** How often a busy live source lets the runtime check the network. */
const lookOutsideEveryMs = 50;

/**
 * The turns that a source yields while services are behind, before its next items. Otherwise a replay would outrun the
 * services: queues that exceed memory are read back from the database, which takes as long as all other work on an
 * event.
 */
const yieldedTurns = 100;
/** The idle moments, of 2 ms or more, that it yields instead if the database answers later. */
const yieldedMoments = 40;

export class CaptureLoop implements Lifecycle {
  readonly #options: CaptureLoopOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> | null = null;
  #stopReason = translated(msg("The capture's time was up."));
  readonly #connection: ConnectionWatch;
  readonly meter: ReadingMeter;
  #failure: UserError | null = null;
  #hasEnded = false;
  #stopTicking = () => {};
  #silence: SilenceWatch | null = null;
  /** Items taken in this turn. */
  #takenCount = 0;
  #maxTaken = itemsPerTurn;
  /** By the monotonic clock. */
  #lookedOutsideAt: number;

  constructor(options: CaptureLoopOptions) {
    this.#options = options;
    this.#lookedOutsideAt = options.clock.monotonic();
    this.#connection = new ConnectionWatch(options.clock);
    this.meter = new ReadingMeter(options.clock);
  }

  get source(): Source {
    return this.#options.source;
  }

  get capture(): Capture {
    return this.#options.capture;
  }

  get connection(): ConnectionView {
    return this.#connection.view();
  }

  /** Why the source failed; null if it ended normally or has not ended. */
  get failure(): UserError | null {
    return this.#failure;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Starts the source. If it fails, `failure` says why when it has ended. */
  start(): void {
    if (this.#stopping.signal.aborted) this.#hasEnded = true;
    else this.#running ??= this.#run();
  }

  /** Ends the capture and its session for this reason. A source that does not stop in time is abandoned. */
  async stop(reason = this.#stopReason): Promise<void> {
    if (!this.#stopping.signal.aborted) this.#stopReason = reason;
    this.#stopping.abort();
    if (this.#running === null || this.#hasEnded) return;
    const late = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(stopLimitMs, () => {
      this.#abandon();
      late.resolve();
    });
    await Promise.race([this.#running, late.promise]);
    cancel();
  }

  /** Abandons the source: nothing that it still yields is captured. */
  #abandon(): void {
    const { source, log } = this.#options;
    log.named(source.name).warn(
      t`The source did not stop within ${stopLimitMs / 1000} s, so Livecue no longer waits for it.`,
    );
    this.#end(() => this.#options.capture.endSession("completed", this.#stopReason));
  }

  async #run(): Promise<void> {
    const { source, capture, clock } = this.#options;
    if (source.traits.isLive) this.#stopTicking = limitEvery(clock, 1000, () => capture.advance());
    this.#silence = this.#watchSilence();
    try {
      for await (const item of source.open(this.#stopping.signal)) {
        const caughtUp = isStored(item) ? this.#options.whenCaughtUp() : null;
        if (caughtUp !== null) await this.#untilCaughtUp(caughtUp);
        if (this.#hasEnded) return;
        const wait = this.#take(item);
        if (wait !== null) await wait;
      }
      this.#end(() => capture.endSession("completed", this.#stopReason));
    } catch (error) {
      this.#end(() => this.#fail(error));
    }
  }

  /** Takes effect once: when the source ends, or when it is abandoned. */
  #end(close: () => void): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#stopTicking();
    this.#silence?.stop();
    close();
    this.#options.onEnded();
  }

  /** Logs the failure at once, unless the run ends with this source and reports it. */
  #giveUp(failure: UserError): void {
    const { source, log, isAlone } = this.#options;
    this.#failure = failure;
    if (!isAlone) log.named(source.name).error(failure.message);
  }

  /** A bug in one source ends only that source. */
  #fail(error: unknown): void {
    const { source, capture, log } = this.#options;
    const why = error instanceof Error ? error.message : String(error);
    capture.endSession("aborted", why);
    if (error instanceof UserError) return this.#giveUp(error);
    log.error(`${t`The source ${source.name} has a bug. Please report the text below.`}\n${stackOf(error)}`);
    this.#failure = new UserError(t`A bug ended the source ${source.name}: ${why}`, { cause: error });
  }

  /** Asks again each time, because another source may have used what came. */
  async #untilCaughtUp(first: Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    for (let wait: Promise<void> | null = first; wait !== null; wait = this.#options.whenCaughtUp()) {
      await orAborted(wait, signal);
      if (signal.aborted) return;
    }
  }

  /** Handles an item. Await the result, if any, before the next item. */
  #take(item: SourceItem): Promise<unknown> | null {
    const { capture, onCaptured, onState } = this.#options;
    if (item.kind === "state") {
      this.#connection.take(item.state);
      onState?.(item.state);
      return null;
    }
    if (item.kind === "event") onCaptured?.(item.event, item.raw, capture.session?.username ?? "");
    if (item.kind === "end") {
      if (item.status === "aborted") this.#giveUp(new UserError(item.reason));
      else this.#failure = null;
    }
    capture.accept(item);
    const taken = item.kind === "readings" ? this.#takeReadings(item.batch) : null;
    if (taken !== null) return orAborted(taken, this.#stopping.signal);
    return ++this.#takenCount >= this.#maxTaken ? this.#yield() : null;
  }

  #takeReadings(batch: ReadingBatch): Promise<unknown> | null {
    const { source, readings, onReadings } = this.#options;
    const name = batch.source ?? source.name;
    if (batch.readings.length > 0) {
      this.meter.add(batch.readings.length);
      this.#silence?.end();
    }
    const labeled = source.labels === undefined ? batch : { ...batch, labels: source.labels };
    onReadings?.(labeled, name);
    return readings?.add(name, labeled) ?? null;
  }

  /** A silence is recorded and stored in order with the readings, so that a replay has it too. */
  #watchSilence(): SilenceWatch | null {
    const { source: { silenceMs }, clock } = this.#options;
    if (silenceMs === undefined) return null;
    const onSilence = (silentMs: number) =>
      void this.#takeReadings({ readings: [], receivedAt: clock.now(), silentMs });
    return new SilenceWatch({ clock, silenceMs, onSilence });
  }

  async #yield(): Promise<void> {
    const { source, clock, isBehind, answersLater = false } = this.#options;
    const before = clock.monotonic();
    await nextTurn();
    const now = clock.monotonic();
    this.#takenCount = 0;
    this.#maxTaken = now - before < longTurnMs ? itemsPerTurn : itemsAfterLongTurn;
    if (source.traits.isLive) {
      if (now - this.#lookedOutsideAt < lookOutsideEveryMs) return;
      await new Promise<void>((resolve) => lookOutside(resolve));
      this.#lookedOutsideAt = clock.monotonic();
      return;
    }
    const most = answersLater ? yieldedMoments : yieldedTurns;
    for (let turn = 1; turn < most && isBehind() && !this.#stopping.signal.aborted; turn++) {
      await (answersLater ? new Promise<void>((resolve) => lookOutside(resolve)) : nextTurn());
    }
  }
}

function isStored({ kind }: SourceItem): boolean {
  return kind === "event" || kind === "session";
}

/** Waits for `work` or for the signal. Removes its listener, because a flood of events waits many times. */
async function orAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const abort = () => resolve();
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
