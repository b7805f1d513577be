/** The sources of a run, each with its capture and the loop that runs it. */
import type { Clock } from "../clock.ts";
import type { SourceView } from "../control.ts";
import { Deadline } from "../deadline.ts";
import { type CaptureCounts, type CountsByType, noTotals } from "../live.ts";
import { Capture, type CaptureOptions } from "../lives/capture.ts";
import type { Lives } from "../lives/lives.ts";
import type { Log } from "../log/log.ts";
import type { LiveSession } from "../session.ts";
import type { CapturedEvent, ConnectionState, Source, SourceTraits } from "../source.ts";
import { UserError } from "../user_error.ts";
import { CaptureLoop, type CaptureLoopOptions } from "./capture_loop.ts";

export interface SourcesOptions {
  clock: Clock;
  log: Log;
  lives: Lives;
  capture: Omit<CaptureOptions, "name" | "traits" | "log">;
  whenCaughtUp: CaptureLoopOptions["whenCaughtUp"];
  isBehind: CaptureLoopOptions["isBehind"];
  onCaptured?: CaptureLoopOptions["onCaptured"];
  onState?: ((source: string, state: ConnectionState) => void) | undefined;
  /** Whether the run ends with its one source. */
  isAlone: boolean;
  /** Some source has ended. */
  onChange: () => void;
}

/** A source that can be sent to a user's live, with the user it has at first. */
export interface Switchable {
  name: string;
  type: string;
  user: string | null;
}

/** Events that nobody's source sent: tests without a live, and what services emit by themselves. */
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
  /** Captures of Livecue's own, by name. */
  readonly #own = new Map<string, Capture>();
  /** The last session of each source in this run. */
  readonly #lastSession = new Map<string, LiveSession>();
  /** Those that are started as soon as the one before them is left. */
  readonly #chosen = new Map<string, Source>();
  #isStopped = false;
  /** Sources that were left for others, with what was captured of them. */
  readonly #left: { source: Source; capture: Capture }[] = [];

  constructor(options: SourcesOptions) {
    this.#options = options;
  }

  /**
   * Starts a source. One of the same name is left first: its session ends for this reason. Of several that come
   * while that one is being left the last is started, and none once all are stopped.
   */
  async open(source: Source, reason = "Another live was chosen."): Promise<void> {
    const before = this.#loops.get(source.name);
    this.#chosen.set(source.name, source);
    await before?.stop(reason);
    if (this.#isStopped || this.#chosen.get(source.name) !== source) return;
    if (before !== undefined) this.#left.push({ source: before.source, capture: before.capture });
    const { clock, log, whenCaughtUp, isBehind, onCaptured, onState, isAlone, onChange } = this.#options;
    // Test events may have opened a session of their own.
    for (const capture of this.#own.values()) capture.endSession("completed", "A live was started.");
    const loop = new CaptureLoop({
      source,
      capture: this.#makeCapture(source.name, source.traits),
      clock,
      log,
      whenCaughtUp,
      isBehind,
      onCaptured,
      onState: (state) => onState?.(source.name, state),
      isAlone,
      onEnded: onChange,
    });
    this.#loops.set(source.name, loop);
    this.#chosen.delete(source.name);
    loop.start();
  }

  /** Ends all captures, each with its session, by the deadline at the latest. */
  async stop(reason?: string, deadline = new Deadline(this.#options.clock)): Promise<void> {
    this.#isStopped = true;
    await Promise.all(
      [...this.#loops.values()].map((loop) =>
        deadline.wait(`the source ${loop.source.name}`, loop.stop(reason))
      ),
    );
    for (const capture of this.#own.values()) {
      capture.endSession("completed", reason ?? "The capture's time was up.");
    }
  }

  /** Whether there is one that goes on; endless ones alone count where there is no other. */
  get isCapturing(): boolean {
    if (this.#chosen.size > 0 && !this.#isStopped) return true;
    const loops = [...this.#loops.values()];
    const ending = loops.filter(({ source }) => !source.traits.isEndless);
    return (ending.length > 0 ? ending : loops).some(({ hasEnded }) => !hasEnded);
  }

  get hasAny(): boolean {
    return this.#loops.size > 0;
  }

  /** Why sources could not go on, in their order. */
  get failures(): Error[] {
    return [...this.#loops.values()].flatMap(({ failure }) => failure ?? []);
  }

  /** How each source stands, and those of `switchable` that wait for a user. Viewers are for the screen to tell. */
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
    }));
    return [...opened, ...waiting];
  }

  #view({ capture, source, connection }: CaptureLoop, switchable: readonly Switchable[]): SourceView {
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
    };
  }

  /** Throws a `UserError` where another source of its type captures this user already. */
  checkUser({ name, type }: Switchable, username: string): void {
    const other = [...this.#loops.values()].find(({ source, connection, hasEnded }) =>
      !hasEnded && source.name !== name && source.traits.type === type &&
      "username" in connection && connection.username === username
    );
    if (other === undefined) return;
    throw new UserError(
      `The source ${other.source.name} captures @${username} already: name another user for ${name}.`,
    );
  }

  /** What was captured in this run, over all sources. */
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
    for (const { counts: { shed, ...counts } } of [...captures, ...this.#own.values()]) {
      addUp(sum, counts);
      addUp(sum.shed, shed);
    }
    return sum;
  }

  /** What was shed in this run, over all sources, up to this moment. */
  shed(): CountsByType {
    const sum: CountsByType = {};
    for (const { source: { shed } } of [...this.#left, ...this.#loops.values()]) addUp(sum, shed ?? {});
    return sum;
  }

  /**
   * The open session of a source, or its last one in this run; null where it has had none. `source` null means the
   * only live that is on, else the one that was last; throws where several are on.
   */
  sessionOf(source: string | null): LiveSession | null {
    if (source === null) return this.#onlySession();
    const capture = this.#loops.get(source)?.capture ?? this.#own.get(source);
    return capture?.session ?? this.#lastSession.get(source) ?? null;
  }

  /** Sessions of Livecue's own, as of test events, stand for a live only where no source has had one. */
  #onlySession(): LiveSession | null {
    const last = [...this.#lastSession.values()].findLast(({ source }) => !this.#own.has(source));
    const own = [...this.#own.keys()].map((name) => this.sessionOf(name));
    return this.#openSession(null) ?? last ?? own.at(-1) ?? null;
  }

  /** A session that is open: this source's, or of the only live that is on. Throws where several are. */
  #openSession(source: string | null): LiveSession | null {
    const open = this.#openCaptures(source).flatMap(({ session }) => session ?? []);
    if (new Set(open.map(({ liveId }) => liveId)).size > 1) {
      const names = open.map((session) => session.source);
      throw new Error(
        `several lives are on, so outside of an item name the source, as { source: "${
          names[0]
        }" }: there are ` +
          names.join(", "),
      );
    }
    return open[0] ?? null;
  }

  /** Those with a session, of this source or all; the ones that follow another behind those. */
  #openCaptures(source: string | null): Capture[] {
    const open = [...this.#loops.values()].filter(({ capture: { name, session } }) =>
      session !== null && (source === null || name === source)
    );
    const follows = (loop: CaptureLoop) => loop.source.traits.follows === null ? 0 : 1;
    return open.sort((a, b) => follows(a) - follows(b)).map(({ capture }) => capture);
  }

  /** Takes in an event that nobody sent, as if it came by this source; without a session there, in one of its own. */
  inject(event: CapturedEvent, source: string | null): void {
    const capture = this.#openCaptures(source)[0] ?? this.#ownCapture("test");
    if (capture.session === null) capture.accept({ kind: "session", username: "test", roomId: "" });
    capture.accept({ kind: "event", event, raw: null });
  }

  /**
   * A session for what a service emits by itself: its source's, where that is in a live. Throws where it names none
   * and several lives are on.
   */
  sessionFor(source: string | null): LiveSession {
    const open = this.#openSession(source);
    if (open !== null) return open;
    const own = this.#ownCapture("services");
    if (own.session === null) own.accept({ kind: "session", username: "", roomId: "" });
    return own.session as LiveSession;
  }

  #ownCapture(name: string): Capture {
    let capture = this.#own.get(name);
    if (capture === undefined) {
      capture = this.#makeCapture(name, { ...ownTraits, type: name });
      this.#own.set(name, capture);
    }
    return capture;
  }

  #makeCapture(name: string, traits: SourceTraits): Capture {
    const { capture, log } = this.#options;
    return new Capture({
      ...capture,
      name,
      traits,
      log: log.named("capture"),
      onSessionEnded: (session, end) => {
        // The one that ended last is the last of the map.
        this.#lastSession.delete(name);
        this.#lastSession.set(name, session);
        capture.onSessionEnded?.(session, end);
      },
    });
  }
}

function addUp(sum: object, counts: object): void {
  const sums = sum as Record<string, number>;
  for (const [key, count] of Object.entries(counts)) sums[key] = (sums[key] ?? 0) + count;
}
