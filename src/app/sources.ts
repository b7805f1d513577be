/** The sources of a run, each with its capture and the loop that runs it. */
import { type Clock, limitEvery } from "../clock.ts";
import type { SourceView } from "../control.ts";
import { Deadline } from "../deadline.ts";
import { t } from "../language.ts";
import { type CaptureCounts, type CountsByType, noTotals } from "../live.ts";
import { Capture, type CaptureOptions } from "../lives/capture.ts";
import type { PlaybackDeed } from "../playback.ts";
import type { Lives } from "../lives/lives.ts";
import type { Log } from "../log/log.ts";
import type { LiveSession } from "../session.ts";
import {
  type CapturedEvent,
  type ConnectionState,
  ownSources,
  type Source,
  type SourceTraits,
} from "../source.ts";
import { UserError } from "../user_error.ts";
import { CaptureLoop, type CaptureLoopOptions } from "./capture_loop.ts";

export interface SourcesOptions {
  clock: Clock;
  log: Log;
  lives: Lives;
  capture: Omit<CaptureOptions, "name" | "traits" | "log">;
  whenCaughtUp: CaptureLoopOptions["whenCaughtUp"];
  isBehind: CaptureLoopOptions["isBehind"];
  answersLater?: CaptureLoopOptions["answersLater"];
  readings?: CaptureLoopOptions["readings"];
  onCaptured?: CaptureLoopOptions["onCaptured"];
  onReadings?: CaptureLoopOptions["onReadings"];
  onState?: ((source: string, state: ConnectionState) => void) | undefined;
  /** Whether the run has only one source and ends with it. */
  isAlone: boolean;
  /** A source has ended. */
  onChange: () => void;
}

/** A source whose user can be chosen, with its initial user. */
export interface Switchable {
  name: string;
  type: string;
  user: string | null;
}

/** The traits of Livecue's own sources, apart from their types. */
const ownTraits: Omit<SourceTraits, "type"> = {
  isLive: true,
  keepsIds: false,
  hasHistory: false,
  keeps: "all",
  isEndless: true,
  hasRooms: false,
  follows: null,
};

export class Sources {
  readonly #options: SourcesOptions;
  readonly #loops = new Map<string, CaptureLoop>();
  /** Test events that come while no source is in a live. */
  readonly #tests: Capture;
  /** Events that services emit outside of an item while no source is in a live. One session per run. */
  readonly #services: Capture;
  #stopTicking: (() => void) | null = null;
  /** The last session of each source in this run. */
  readonly #lastSession = new Map<string, LiveSession>();
  /** Sources that start as soon as their predecessor has stopped. */
  readonly #chosen = new Map<string, Source>();
  #isStopped = false;
  /** Sources that were replaced, with their captures. */
  readonly #left: { source: Source; capture: Capture }[] = [];

  constructor(options: SourcesOptions) {
    this.#options = options;
    const { tests, services } = ownSources;
    this.#tests = this.#makeCapture(tests, { ...ownTraits, type: tests });
    // Nobody needs to read that it has ended.
    this.#services = this.#makeCapture(services, { ...ownTraits, type: services }, () => {});
  }

  /**
   * Starts a source. It first stops a source of the same name, whose session ends for this reason. If several are
   * opened while that one stops, only the last one starts. None starts after `stop`.
   */
  async open(source: Source, reason = t`Another live was chosen.`): Promise<void> {
    const before = this.#loops.get(source.name);
    this.#chosen.set(source.name, source);
    await before?.stop(reason);
    if (this.#isStopped || this.#chosen.get(source.name) !== source) return;
    if (before !== undefined) this.#left.push({ source: before.source, capture: before.capture });
    const {
      clock,
      log,
      whenCaughtUp,
      isBehind,
      answersLater,
      readings,
      onCaptured,
      onReadings,
      onState,
      isAlone,
      onChange,
    } = this.#options;
    this.#tests.endSession("completed", t`A live was started.`);
    const loop = new CaptureLoop({
      source,
      capture: this.#makeCapture(source.name, source.traits),
      clock,
      log,
      whenCaughtUp,
      isBehind,
      answersLater,
      readings,
      onCaptured,
      onReadings,
      onState: (state) => onState?.(source.name, state),
      isAlone,
      onEnded: onChange,
    });
    this.#loops.set(source.name, loop);
    this.#chosen.delete(source.name);
    loop.start();
  }

  /** Ends all sources and their sessions, at the latest at the deadline. Services may still emit events: see `close`. */
  async stop(reason?: string, deadline = new Deadline(this.#options.clock)): Promise<void> {
    this.#isStopped = true;
    await Promise.all(
      [...this.#loops.values()].map((loop) =>
        deadline.wait(t`the source ${loop.source.name}`, loop.stop(reason))
      ),
    );
  }

  /** Ends the sessions of Livecue's own. Call it when all services have stopped. */
  close(reason: string): void {
    this.#stopTicking?.();
    for (const capture of [this.#tests, this.#services]) capture.endSession("completed", reason);
  }

  /** Whether a source is still capturing. Endless sources count only if there is no other. */
  get isCapturing(): boolean {
    if (this.#chosen.size > 0 && !this.#isStopped) return true;
    const loops = [...this.#loops.values()];
    const ending = loops.filter(({ source }) => !source.traits.isEndless);
    return (ending.length > 0 ? ending : loops).some(({ hasEnded }) => !hasEnded);
  }

  get hasAny(): boolean {
    return this.#loops.size > 0;
  }

  /** The failures of the sources, in their order. */
  get failures(): Error[] {
    return [...this.#loops.values()].flatMap(({ failure }) => failure ?? []);
  }

  /** The failures as one text; null if there are none. */
  get failure(): string | null {
    return this.failures.map(({ message }) => message).join(" ") || null;
  }

  /** If none of the sources, `count` in all, could start, throws the user's mistake. */
  throwIfNothingRan(count: number): void {
    const { failures } = this;
    if (this.counts().sessions > 0) return;
    const thrown = failures.find(({ cause }) => cause !== undefined || count === 1);
    if (thrown !== undefined && failures.length === count) throw thrown;
  }

  /** The state of each source, and of the `switchable` ones that wait for a user. The screen adds the viewers. */
  views(switchable: readonly Switchable[]): SourceView[] {
    const opened = [...this.#loops.values()].map((loop) => this.#view(loop, switchable));
    const waiting = switchable.filter(({ name }) => !this.#loops.has(name)).map((source): SourceView => ({
      ...source,
      connection: { phase: "idle" },
      session: null,
      liveId: null,
      viewers: null,
      totals: noTotals(),
      storedCount: 0,
      readings: null,
      playback: null,
    }));
    return [...opened, ...waiting];
  }

  /** The lives of this run that the source (null: any source, or Livecue itself) has events in. */
  liveIds(source: string | null): number[] {
    const names = source === null ? [...this.#loops.keys(), ...Object.values(ownSources)] : [source];
    return names.flatMap((name) => this.#options.lives.ofSource(name)?.live.id ?? []);
  }

  #view({ capture, source, connection, meter }: CaptureLoop, switchable: readonly Switchable[]): SourceView {
    const { name, session } = capture;
    const memory = this.#options.lives.ofSource(name);
    const user = "username" in connection
      ? connection.username
      : session?.username ?? switchable.find((each) => each.name === name)?.user;
    return {
      name,
      type: source.traits.type,
      user: user || null,
      connection,
      session: session && { id: session.id, startedAt: session.startedAt },
      liveId: memory?.live.id ?? null,
      viewers: null,
      totals: memory?.totals() ?? noTotals(),
      storedCount: capture.counts.stored,
      readings: meter.view(),
      playback: source.playback?.view() ?? null,
    };
  }

  /** Plays the recording of a source in another way. Returns what holds now. Throws a `UserError`. */
  play(name: string, deed: PlaybackDeed): string {
    const playback = this.#loops.get(name)?.source.playback;
    if (playback === undefined) throw new UserError(t`The source ${name} plays no recording.`);
    return playback.perform(deed);
  }

  /** Throws a `UserError` if another source of the same type already captures this user. */
  checkUser({ name, type }: Switchable, username: string): void {
    const other = [...this.#loops.values()].find(({ source, connection, hasEnded }) =>
      !hasEnded && source.name !== name && source.traits.type === type &&
      "username" in connection && connection.username === username
    );
    if (other === undefined) return;
    throw new UserError(
      t`The source ${other.source.name} already captures @${username}. Choose another user for ${name}.`,
    );
  }

  /** What all sources captured in this run. */
  counts(): CaptureCounts {
    const sum: CaptureCounts = {
      sessions: 0,
      stored: 0,
      repeated: 0,
      history: 0,
      unknown: 0,
      corrupt: 0,
      shed: {},
    };
    const captures = [...this.#left, ...this.#loops.values()].map(({ capture }) => capture);
    for (const { counts: { shed, ...counts } } of [...captures, this.#tests]) {
      addUp(sum, counts);
      addUp(sum.shed, shed);
    }
    return sum;
  }

  /** What all sources have shed in this run so far. */
  shed(): CountsByType {
    const sum: CountsByType = {};
    for (const { source: { shed } } of [...this.#left, ...this.#loops.values()]) addUp(sum, shed ?? {});
    return sum;
  }

  /**
   * The open session of a source, or its last one in this run; null if it had none. `source` null means the only open
   * live, or the last one if none is open. Throws if several are open.
   */
  sessionOf(source: string | null): LiveSession | null {
    if (source === null) return this.#onlySession();
    const own = [this.#tests, this.#services].find(({ name }) => name === source);
    const capture = this.#loops.get(source)?.capture ?? own;
    return capture?.session ?? this.#lastSession.get(source) ?? null;
  }

  /**
   * Test events count as a live only if no source has had one in this run. Events that services emit without a live
   * never do, so that they do not change which live a service means.
   */
  #onlySession(): LiveSession | null {
    const last = [...this.#lastSession.values()].findLast(({ source }) => this.#loops.has(source));
    return this.#openSession(null) ?? last ?? this.sessionOf(this.#tests.name);
  }

  /** The open session of this source, or of the only open live. Throws if several lives are open. */
  #openSession(source: string | null, advice = ""): LiveSession | null {
    const open = this.#openCaptures(source).flatMap(({ session }) => session ?? []);
    if (new Set(open.map(({ liveId }) => liveId)).size > 1) {
      const names = open.map((session) => session.source);
      throw new Error(
        `several lives are open, so outside of an item you must name the source, such as { source: "${
          names[0]
        }" }. The open sources are ` +
          names.join(", ") + advice,
      );
    }
    return open[0] ?? null;
  }

  /** The captures with an open session, of this source or of all. Sources that follow another come last. */
  #openCaptures(source: string | null): Capture[] {
    const open = [...this.#loops.values()].filter(({ capture: { name, session } }) =>
      session !== null && (source === null || name === source)
    );
    const follows = (loop: CaptureLoop) => loop.source.traits.follows === null ? 0 : 1;
    return open.sort((a, b) => follows(a) - follows(b)).map(({ capture }) => capture);
  }

  /** Adds a test event as if this source had captured it, or in its own session if the source has none. */
  inject(event: CapturedEvent, source: string | null): void {
    const capture = this.#openCaptures(source)[0] ?? this.#opened(this.#tests, "test");
    capture.accept({ kind: "event", event, raw: null });
  }

  /**
   * The session for an event that a service emits outside of an item: the session of the source, if it is in a live.
   * Throws if it names no source and several lives are open.
   */
  sessionFor(source: string | null): LiveSession {
    const open = this.#openSession(
      source,
      `. With { source: "${ownSources.services}" }, the event belongs to none of these lives`,
    );
    if (open !== null) return open;
    return this.#opened(this.#services, "").session as LiveSession;
  }

  /** One of Livecue's own captures, with a session. */
  #opened(capture: Capture, username: string): Capture {
    if (capture.session === null) capture.accept({ kind: "session", username, roomId: "" });
    // A run may last for weeks: after a crash, the next start reads only what came after the last tick.
    this.#stopTicking ??= limitEvery(this.#options.clock, 1000, () => {
      this.#tests.advance();
      this.#services.advance();
    });
    return capture;
  }

  #makeCapture(
    name: string,
    traits: SourceTraits,
    onSessionEnded = this.#options.capture.onSessionEnded,
  ): Capture {
    const { capture, log } = this.#options;
    return new Capture({
      ...capture,
      name,
      traits,
      log: log.named("capture"),
      onSessionEnded: (session, end) => {
        // Keeps the session that ended last at the end of the map.
        this.#lastSession.delete(name);
        this.#lastSession.set(name, session);
        onSessionEnded?.(session, end);
      },
    });
  }
}

function addUp(sum: object, counts: object): void {
  const sums = sum as Record<string, number>;
  for (const [key, count] of Object.entries(counts)) sums[key] = (sums[key] ?? 0) + count;
}
