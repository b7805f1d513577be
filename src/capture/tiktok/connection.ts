/**
 * TikTok as a source: a loop around single attempts to join the user's room.
 *
 *   looking_up → connecting → live → the live ends      → end, then waiting (or ended, with `once`)
 *                                  → drop or silence    → reconnecting
 *   looking_up → not live                               → waiting; if a session was open, the live has ended
 *   any step   → failure                                → reconnecting; an unknown user → ended
 *   waiting, reconnecting → looking_up, when the wait is over
 *
 * The connector is loaded when the source is opened.
 */
import { backoffMs } from "../../backoff.ts";
import { type Clock, pause, sleep } from "../../clock.ts";
import { nobody } from "../../event.ts";
import type { CountsByType } from "../../live.ts";
import type { Log } from "../../log/log.ts";
import type { CapturedEvent, ConnectionState, Source, SourceItem, SourceTraits } from "../../source.ts";
import { cleanText } from "../../clean_text.ts";
import { t } from "../../language.ts";
import { Intake, keptOfRoom } from "../intake.ts";
import { pushedItems } from "../pushed_items.ts";
import type { Ending } from "./listening.ts";
import type { JoinedRoom } from "./room_client.ts";
import { Refusals } from "./refusals.ts";

const traits: SourceTraits = {
  type: "tiktok",
  isLive: true,
  keepsIds: false,
  hasHistory: true,
  keeps: keptOfRoom,
  isEndless: false,
  hasRooms: true,
  follows: null,
};

export interface TikTokSourceOptions {
  /** The name of the source. */
  name: string;
  /** The handle, without @, in lower case. */
  username: string;
  signApiKey: string | null;
  /** Base URLs; null: the public ones. */
  endpoints: { sign: string | null; web: string | null };
  /** A connection without a frame for this long counts as dead. */
  silenceMs: number;
  clock: Clock;
  /** From 0 up to 1, for jitter. */
  random(): number;
  /** Whether it ends with the live. Otherwise it waits for the next one. */
  once: boolean;
  log: Log;
  /** Resolves when this source may connect: many rooms share one budget. Default: at once. */
  whenMayConnect?: ((signal: AbortSignal) => Promise<void>) | undefined;
}

/** With the highest jitter, the longest wait is five minutes. */
const retries = { firstMs: 5_000, longestMs: 250_000, jitter: 0.2 };
const waitMs = 30_000;
const waitJitter = 0.2;
/** After a connection that lasted this long, the retries restart with the first wait. */
const steadyMs = 60_000;
/** TikTok may show a room as live for this long after its end. */
const afterglowMs = 60_000;
const maxTitleLength = 150;
/** A larger difference of the clocks is reported. */
const clockToleranceMs = 60_000;

export function createTikTokSource(options: TikTokSourceOptions): Source {
  const shed: CountsByType = {};
  return { name: options.name, traits, shed, open: (signal) => open(options, shed, signal) };
}

async function* open(
  options: TikTokSourceOptions,
  shed: CountsByType,
  signal: AbortSignal,
): AsyncGenerator<SourceItem, void> {
  const intake = new Intake({ keeps: traits.keeps, clock: options.clock, shed });
  const modules = await loadConnector();
  const run = (signal: AbortSignal) =>
    new Connection(modules, options, intake, signal).run().finally(() => intake.close());
  yield* pushedItems(intake, run, signal);
}

type Connector = Awaited<ReturnType<typeof loadConnector>>;
type RoomClient = InstanceType<Connector["RoomClient"]>;
type ConnectionFailure = InstanceType<Connector["ConnectionFailure"]>;

async function loadConnector() {
  const [{ RoomClient }, { ConnectionFailure }, { listenTo }] = await Promise.all([
    import("./room_client.ts"),
    import("./failure.ts"),
    import("./listening.ts"),
  ]);
  return { RoomClient, ConnectionFailure, listenTo };
}

/** The result of one attempt. */
type Outcome = Ending | { kind: "failed"; failure: ConnectionFailure };

class Connection {
  readonly #connector: Connector;
  readonly #options: TikTokSourceOptions;
  readonly #intake: Intake;
  readonly #signal: AbortSignal;
  /** Consecutive attempts without a steady connection. */
  #failedAttempts = 0;
  #isWaiting = false;
  /** Unix milliseconds before which another attempt would be refused. */
  #notBefore = 0;
  /** The room whose session is open. */
  #openRoom: string | null = null;
  #hasBeenLive = false;
  #hasReportedClock = false;
  /** `at` is by the monotonic clock. */
  #ended: { roomId: string; at: number } | null = null;
  /** Ends that were handled: they may come again with the history of the same room. */
  readonly #knownEnds = new Set<string>();
  readonly #refusals: Refusals;

  constructor(connector: Connector, options: TikTokSourceOptions, intake: Intake, signal: AbortSignal) {
    this.#connector = connector;
    this.#options = options;
    this.#intake = intake;
    this.#signal = signal;
    this.#refusals = new Refusals((item) => this.#push(item));
  }

  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      const outcome = await this.#attempt();
      if (this.#signal.aborted) return;
      const waitMs = this.#conclude(outcome);
      if (waitMs === null) return;
      await this.#pause(waitMs);
    }
  }

  async #pause(waitMs: number): Promise<void> {
    const { clock } = this.#options;
    await pause(clock, waitMs, this.#signal);
    // A server's `notBefore` is respected even if the pause was shortened.
    const leftMs = this.#notBefore - clock.now();
    if (leftMs > 0 && leftMs < waitMs) await sleep(clock, leftMs, this.#signal);
  }

  /** Handles the result of an attempt. Returns the milliseconds until the next one; null if there is none. */
  #conclude(outcome: Outcome): number | null {
    switch (outcome.kind) {
      case "stopped":
        return null;
      case "dropped":
        return this.#retry(outcome.why, null);
      case "over":
        return this.#finishLive(outcome.why);
      case "failed":
        return this.#concludeFailure(outcome.failure);
    }
  }

  #concludeFailure(failure: ConnectionFailure): number | null {
    switch (failure.kind) {
      case "offline":
        if (this.#openRoom === null) return this.#wait(failure.message);
        this.#push({ kind: "event", event: missedEnd(this.#openRoom), raw: null });
        return this.#finishLive(t`The live ended while Livecue was reconnecting.`);
      case "user_unknown":
        // TikTok sometimes reports this for users who are live, so a user who was live is looked up again.
        return this.#hasBeenLive ? this.#retry(failure.message, null) : this.#end("aborted", failure.message);
      case "other":
        return this.#retry(failure.message, failure.notBefore);
    }
  }

  #finishLive(why: string): number | null {
    this.#ended = { roomId: this.#openRoom ?? "", at: this.#options.clock.monotonic() };
    this.#openRoom = null;
    if (this.#options.once) return this.#end("completed", why);
    this.#push({ kind: "end", status: "completed", reason: why });
    return this.#wait(why);
  }

  #end(status: "completed" | "aborted", why: string): null {
    this.#state({ phase: "ended", username: this.#options.username, why });
    this.#push({ kind: "end", status, reason: why });
    return null;
  }

  #wait(why: string): number {
    this.#failedAttempts = 0;
    this.#isWaiting = true;
    const spread = 1 + waitJitter * (2 * this.#options.random() - 1);
    const delayMs = Math.round(waitMs * spread);
    const nextAt = this.#options.clock.now() + delayMs;
    this.#state({ phase: "waiting", username: this.#options.username, why, nextAt });
    return delayMs;
  }

  #retry(why: string, notBefore: number | null): number {
    this.#isWaiting = false;
    this.#failedAttempts++;
    const { username, clock, random } = this.#options;
    const now = clock.now();
    this.#notBefore = notBefore ?? 0;
    const delayMs = Math.max(
      backoffMs(this.#failedAttempts, { ...retries, random }),
      notBefore === null ? 0 : notBefore - now,
    );
    this.#state({
      phase: "reconnecting",
      username,
      why,
      attempt: this.#failedAttempts,
      nextAt: now + delayMs,
    });
    return delayMs;
  }

  /** Joins the room and stays until the connection ends. Leaves no request and no socket behind. */
  async #attempt(): Promise<Outcome> {
    const { username } = this.#options;
    const client = new this.#connector.RoomClient(this.#options);
    const stop = () => void client.close();
    this.#signal.addEventListener("abort", stop, { once: true });
    try {
      // While waiting, the state shows when the next look-up is. The look-up itself is not reported.
      if (!this.#isWaiting) this.#state({ phase: "looking_up", username });
      const found = await client.lookUp();
      await this.#options.whenMayConnect?.(this.#signal);
      this.#state({ phase: "connecting", username });
      const room = await client.connect(found.roomId, { mustBeLive: this.#hasJustEnded(found.roomId) });
      if (this.#signal.aborted) return { kind: "stopped" };
      const title = cleanText(room.title || found.title, maxTitleLength);
      this.#enter({ ...room, title });
      return await this.#listen(client, room.roomId);
    } catch (error) {
      if (this.#signal.aborted) return { kind: "stopped" };
      if (!(error instanceof this.#connector.ConnectionFailure)) throw error;
      this.#options.log.debug(`${error.message} Cause: ${error.cause ?? "none"}`);
      return { kind: "failed", failure: error };
    } finally {
      this.#signal.removeEventListener("abort", stop);
      await client.close();
    }
  }

  #hasJustEnded(roomId: string): boolean {
    return this.#ended?.roomId === roomId && this.#options.clock.monotonic() - this.#ended.at < afterglowMs;
  }

  #enter({ roomId, title, clockLeadMs }: JoinedRoom): void {
    const { username, clock } = this.#options;
    this.#openRoom = roomId;
    this.#hasBeenLive = true;
    this.#isWaiting = false;
    this.#reportClock(clockLeadMs);
    this.#push({ kind: "session", username, roomId, title, connectedAt: clock.now() - clockLeadMs });
    this.#state({ phase: "live", username, roomId, title });
  }

  #reportClock(leadMs: number): void {
    if (Math.abs(leadMs) <= clockToleranceMs || this.#hasReportedClock) return;
    this.#hasReportedClock = true;
    const minutes = Math.round(Math.abs(leadMs) / 60_000);
    const text = leadMs > 0
      ? t`This computer's clock is ${minutes} min ahead of TikTok's. Correct it, or the times in the log and the database stay wrong.`
      : t`This computer's clock is ${minutes} min behind TikTok's. Correct it, or the times in the log and the database stay wrong.`;
    this.#push({ kind: "notice", text });
  }

  async #listen(client: RoomClient, roomId: string): Promise<Outcome> {
    const { clock } = this.#options;
    const startedAt = clock.monotonic();
    const outcome = await this.#connector.listenTo(client, {
      ...this.#options,
      roomId,
      signal: this.#signal,
      push: (item) => this.#push(item),
      whenRoom: () => this.#intake.whenRoom(),
      refusals: this.#refusals,
      isNewEnd: (event) => this.#isNewEnd(event),
    });
    if (clock.monotonic() - startedAt >= steadyMs) this.#failedAttempts = 0;
    return outcome;
  }

  #isNewEnd({ messageId }: CapturedEvent): boolean {
    if (messageId === null) return true;
    if (this.#knownEnds.has(messageId)) return false;
    this.#knownEnds.add(messageId);
    return true;
  }

  #state(state: ConnectionState): void {
    this.#push({ kind: "state", state });
  }

  #push(item: SourceItem): void {
    this.#intake.push(item);
  }
}

/** Replaces TikTok's own message, which was sent while Livecue was not connected. */
function missedEnd(roomId: string): CapturedEvent {
  return {
    type: "StreamEndEvent",
    data: { reason: "ended" },
    roomId,
    messageId: null,
    createdAt: null,
    user: { ...nobody, roles: [] },
    streak: null,
  };
}
