/** Runs one source: what it yields goes to its capture. Sources start, fail and end apart from one another. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Clock, limitEvery, lookOutside } from "../clock.ts";
import type { ConnectionView } from "../control.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Capture } from "../lives/capture.ts";
import type { Log } from "../log/log.ts";
import type { CapturedEvent, ConnectionState, RawMessage, Source, SourceItem } from "../source.ts";
import { UserError } from "../user_error.ts";
import { ConnectionWatch } from "./connection_watch.ts";

export interface CaptureLoopOptions {
  source: Source;
  capture: Capture;
  clock: Clock;
  log: Log;
  /** Resolves when the database has caught up, where it is far behind; null where it is not. */
  whenCaughtUp(): Promise<void> | null;
  /** Whether more waits for a service that is at work than it needs to go on. */
  isBehind(): boolean;
  /** Each event as it was captured, before duplicates are dropped; `streamer` is the host's handle. */
  onCaptured?: ((event: CapturedEvent, raw: RawMessage | null, streamer: string) => void) | undefined;
  onState?: (state: ConnectionState) => void;
  /** Whether the run ends with this source, and tells why it could not go on. */
  isAlone: boolean;
  /** It has ended, by itself or because it was stopped. */
  onEnded: () => void;
}

/** What a source gets to end when it is told to. */
const endingMs = 3_000;

/** A turn of the event loop takes no more than so many items: what services answer is heard between. */
const takenATurn = 64;

/** After a turn that took so long, as where a commit waits for the disk, more are taken: they are one commit as well. */
const longTurnMs = 25;
const takenAfterALongTurn = 448;

/** While it is busy, a live's source has the runtime look so often at what has come by the network. */
const lookOutsideEveryMs = 50;

/**
 * Turns that a source gives way while services are behind, before its next items. A replay would else outrun them: queues
 * that outgrow memory are read back from the database, which takes as long as all else that is done with an event.
 */
const turnsGivenWay = 100;

export class CaptureLoop implements Lifecycle {
  readonly #options: CaptureLoopOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> | null = null;
  #stopReason = "The capture's time was up.";
  readonly #connection: ConnectionWatch;
  #failure: UserError | null = null;
  #hasEnded = false;
  #stopTicking = () => {};
  /** In this turn. */
  #takenCount = 0;
  #takenAtMost = takenATurn;
  /** By the monotonic clock. */
  #lookedOutsideAt: number;

  constructor(options: CaptureLoopOptions) {
    this.#options = options;
    this.#lookedOutsideAt = options.clock.monotonic();
    this.#connection = new ConnectionWatch(options.clock);
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

  /** Why the source could not go on; null where it ended well, or has not ended. */
  get failure(): UserError | null {
    return this.#failure;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Begins; what goes wrong is in `failure` when it has ended. */
  start(): void {
    if (this.#stopping.signal.aborted) this.#hasEnded = true;
    else this.#running ??= this.#run();
  }

  /** Ends the capture and its session, for this reason. A source that does not end in time is left to itself. */
  async stop(reason = this.#stopReason): Promise<void> {
    if (!this.#stopping.signal.aborted) this.#stopReason = reason;
    this.#stopping.abort();
    if (this.#running === null || this.#hasEnded) return;
    const late = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(endingMs, () => {
      this.#leave();
      late.resolve();
    });
    await Promise.race([this.#running, late.promise]);
    cancel();
  }

  /** Nothing that still comes of the source is taken in. */
  #leave(): void {
    const { source, log } = this.#options;
    log.named(source.name).warn(
      `The source did not end within ${
        endingMs / 1000
      } s of being told to, and is not waited for any longer.`,
    );
    this.#end(() => this.#options.capture.endSession("completed", this.#stopReason));
  }

  async #run(): Promise<void> {
    const { source, capture, clock } = this.#options;
    if (source.traits.isLive) this.#stopTicking = limitEvery(clock, 1000, () => capture.advance());
    try {
      for await (const item of source.open(this.#stopping.signal)) {
        if (this.#hasEnded) return;
        const wait = this.#take(item);
        if (wait !== null) await wait;
      }
      this.#end(() => capture.endSession("completed", this.#stopReason));
    } catch (error) {
      this.#end(() => this.#fail(error));
    }
  }

  /** Once: by the source, or by leaving it. */
  #end(close: () => void): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#stopTicking();
    close();
    this.#options.onEnded();
  }

  /** Where the run does not end with it, a person is told at once. */
  #giveUp(failure: UserError): void {
    const { source, log, isAlone } = this.#options;
    this.#failure = failure;
    if (!isAlone) log.named(source.name).error(failure.message);
  }

  /** A bug in one source ends that source alone. */
  #fail(error: unknown): void {
    const { source, capture, log } = this.#options;
    const why = error instanceof Error ? error.message : String(error);
    capture.endSession("aborted", why);
    if (error instanceof UserError) return this.#giveUp(error);
    log.error(`The source ${source.name} has a bug; please report what stands below.\n${stackOf(error)}`);
    this.#failure = new UserError(`The source ${source.name} ended by a bug: ${why}`, { cause: error });
  }

  /** Takes an item in; what it returns is to be waited for before the next. */
  #take(item: SourceItem): Promise<unknown> | null {
    const { capture, onCaptured, onState, whenCaughtUp } = this.#options;
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
    const caughtUp = whenCaughtUp();
    if (caughtUp !== null) return orAborted(caughtUp, this.#stopping.signal);
    return ++this.#takenCount >= this.#takenAtMost ? this.#giveWay() : null;
  }

  async #giveWay(): Promise<void> {
    const { source, clock, isBehind } = this.#options;
    const before = clock.monotonic();
    await nextTurn();
    const now = clock.monotonic();
    this.#takenCount = 0;
    this.#takenAtMost = now - before < longTurnMs ? takenATurn : takenAfterALongTurn;
    if (source.traits.isLive) {
      if (now - this.#lookedOutsideAt < lookOutsideEveryMs) return;
      await new Promise<void>((resolve) => lookOutside(resolve));
      this.#lookedOutsideAt = clock.monotonic();
      return;
    }
    for (let turn = 1; turn < turnsGivenWay && isBehind() && !this.#stopping.signal.aborted; turn++) {
      await nextTurn();
    }
  }
}

/** Waits for `work`, or for the signal. Leaves no listener behind: a flood waits many times. */
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
