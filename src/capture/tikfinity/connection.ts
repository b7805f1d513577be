/**
 * TikFinity as a source: it runs on the streamer's computer and sends the events of the live over a WebSocket.
 *
 *   connecting → live → the connection ends  → reconnecting → connecting, when it is time
 *              → nothing there               → reconnecting
 *
 * If TikFinity is silent, the live is quiet or over: it counts as dead only if it does not answer a ping. A session
 * opens with the first event, because only messages name the streamer. It closes when the live ends, or when another
 * streamer's live starts.
 */
import { backoffMs } from "../../backoff.ts";
import { type Clock, limit, pause } from "../../clock.ts";
import { t } from "../../language.ts";
import type { CountsByType } from "../../live.ts";
import type { Log } from "../../log/log.ts";
import type { CapturedEvent, ConnectionState, Source, SourceItem } from "../../source.ts";
import { Intake, keptOfRoom } from "../intake.ts";
import { pushedItems } from "../pushed_items.ts";
import type { Closed } from "../socket.ts";
import { decodeEvent, streamerOf } from "./decode.ts";
import { EndFrames } from "./end_frames.ts";
import { History } from "./history.ts";
import { type Envelope, readMessage } from "./message.ts";

export interface TikfinitySourceOptions {
  /** A key of the config's `sources`. */
  name: string;
  /** For example "ws://127.0.0.1:21213/". */
  url: string;
  clock: Clock;
  log: Log;
  /** From 0 up to 1, for jitter. */
  random(): number;
  /** Whether it ends with the live, if TikFinity reports the end. Otherwise it waits for the next one. */
  once: boolean;
}

const retry = { firstMs: 1_000, longestMs: 30_000, jitter: 0.2 };
/** After a connection that lasted this long, the retries restart with the first wait. */
const steadyMs = 60_000;
/** Late events, such as likes, come after the end and belong to the same live. */
const afterglowMs = 10_000;
const maxKnownEnds = 1_000;
/** The shortest time between two changes of the streamer, for a server that names many. */
const betweenStreamersMs = 5_000;
/** Shown until a message names the streamer. */
const unnamed = "tikfinity";
const corruptMethod = "message of TikFinity";
/** A larger difference of the clocks is reported. */
const clockToleranceMs = 60_000;

export function createTikfinitySource(options: TikfinitySourceOptions): Source {
  const shed: CountsByType = {};
  return {
    name: options.name,
    shed,
    traits: {
      type: "tikfinity",
      isLive: true,
      keepsIds: false,
      hasHistory: true,
      keeps: keptOfRoom,
      isEndless: false,
      // No message names a room.
      hasRooms: false,
      follows: null,
    },
    open: (signal) => open(options, shed, signal),
  };
}

function open(
  options: TikfinitySourceOptions,
  shed: CountsByType,
  signal: AbortSignal,
): AsyncGenerator<SourceItem, void> {
  const intake = new Intake({ keeps: keptOfRoom, clock: options.clock, shed });
  const run = (signal: AbortSignal) =>
    new Connection(options, intake, signal).run().finally(() => intake.close());
  return pushedItems(intake, run, signal);
}

class Connection {
  readonly #options: TikfinitySourceOptions;
  readonly #intake: Intake;
  readonly #signal: AbortSignal;
  /** Closes the connection when the live is over, with `once`. */
  readonly #over = new AbortController();
  readonly #endFrames = new EndFrames();
  /** Created at the first connection. Later events are new, even after a reconnect. */
  #history: History | null = null;
  #failures = 0;
  #streamer = unnamed;
  /** By the monotonic clock. */
  #streamerChangedAt = -Infinity;
  #isSessionOpen = false;
  #hasReportedClock = false;
  /** Ends that were seen before, as when TikTok repeats messages: they open and close no session. */
  readonly #knownEnds = new Set<string>();
  readonly #reportedRefusals = new Set<string>();
  /** Cancels the timer that closes the session after the end of the live. */
  #cancelEnd: (() => void) | null = null;

  constructor(options: TikfinitySourceOptions, intake: Intake, signal: AbortSignal) {
    this.#options = options;
    this.#intake = intake;
    this.#signal = AbortSignal.any([signal, this.#over.signal]);
  }

  async run(): Promise<void> {
    const { clock, url } = this.#options;
    const { listen, maxMessageBytes } = await import("./socket.ts");
    const tooLong = t`A message from TikFinity has more than ${
      maxMessageBytes / 1024 / 1024
    } MB and was skipped.`;
    while (!this.#signal.aborted) {
      this.#state({ phase: "connecting", username: this.#streamer });
      let openedAt = clock.monotonic();
      const closed = await listen({
        url,
        clock,
        signal: this.#signal,
        onOpen: () => {
          openedAt = clock.monotonic();
          this.#enter();
        },
        onMessage: (text) => this.#take(text),
        onLongMessage: () => this.#refuse(tooLong),
        whenRoom: () => this.#intake.whenRoom(),
      });
      if (this.#signal.aborted) break;
      const delayMs = this.#retry(closed, clock.monotonic() - openedAt);
      await pause(clock, delayMs, this.#signal);
    }
    this.#cancelEnd?.();
  }

  #enter(): void {
    this.#history ??= new History(this.#options.clock);
    this.#reportLive();
  }

  #retry({ hasBeenOpen, why }: Closed, heldMs: number): number {
    const { clock, random } = this.#options;
    this.#failures = hasBeenOpen && heldMs >= steadyMs ? 1 : this.#failures + 1;
    const delayMs = backoffMs(this.#failures, { ...retry, random });
    const nextAt = clock.now() + delayMs;
    this.#state({
      phase: "reconnecting",
      username: this.#streamer,
      why,
      attempt: this.#failures,
      nextAt,
    });
    return delayMs;
  }

  #take(text: string): void {
    for (const envelope of readMessage(text)) {
      const event = envelope === "corrupt" ? "corrupt" : decodeEvent(envelope);
      if (event === "corrupt") this.#refuse(t`A message from TikFinity could not be read and was skipped.`);
      else if (event !== null) this.#takeEvent(event, envelope as Envelope);
    }
  }

  /** Counts a message that was skipped; reports each reason once. */
  #refuse(why: string): void {
    this.#push({ kind: "corrupt", method: corruptMethod });
    if (this.#reportedRefusals.has(why)) return;
    this.#reportedRefusals.add(why);
    this.#push({
      kind: "notice",
      text: t`${why} The live continues. Further ones are only counted as unreadable.`,
    });
  }

  #takeEvent(event: CapturedEvent, envelope: Envelope): void {
    if (this.#endFrames.isRepeated(event) || this.#isKnownEnd(event)) return;
    this.#openSession(streamerOf(envelope));
    const isHistory = this.#history?.has(event.createdAt) ?? false;
    this.#reportClock();
    this.#push({ kind: "event", event: { ...event, isHistory }, raw: null });
    if (event.type === "StreamEndEvent" && !isHistory) this.#endSoon(event.data.reason);
  }

  #isKnownEnd({ type, messageId }: CapturedEvent): boolean {
    if (type !== "StreamEndEvent" || messageId === null) return false;
    if (this.#knownEnds.has(messageId)) return true;
    if (this.#knownEnds.size >= maxKnownEnds) this.#knownEnds.clear();
    this.#knownEnds.add(messageId);
    return false;
  }

  /** `streamer`: "" if the message does not name one; then it is the last one named. */
  #openSession(streamer: string): void {
    const isOther = streamer !== "" && streamer !== this.#streamer && this.#mayChangeStreamer();
    if (this.#isSessionOpen && !isOther) return;
    this.#cancelEnd?.();
    this.#cancelEnd = null;
    if (isOther) {
      if (this.#isSessionOpen) this.#streamerChangedAt = this.#options.clock.monotonic();
      this.#streamer = streamer;
      this.#reportLive();
    }
    this.#isSessionOpen = true;
    this.#push({ kind: "session", username: this.#streamer, roomId: "" });
  }

  #mayChangeStreamer(): boolean {
    return this.#options.clock.monotonic() - this.#streamerChangedAt >= betweenStreamersMs;
  }

  #endSoon(reason: string): void {
    const why = reason === "suspended" ? t`TikTok suspended the live.` : t`The streamer ended the live.`;
    this.#cancelEnd ??= limit(this.#options.clock, afterglowMs, () => {
      this.#cancelEnd = null;
      this.#isSessionOpen = false;
      if (this.#options.once) this.#state({ phase: "ended", username: this.#streamer, why });
      this.#push({ kind: "end", status: "completed", reason: why });
      if (this.#options.once) this.#over.abort();
    });
  }

  #reportLive(): void {
    const title = t`TikFinity at ${new URL(this.#options.url).host}`;
    this.#state({ phase: "live", username: this.#streamer, roomId: "", title });
  }

  #reportClock(): void {
    const leadMs = this.#history?.leadMs ?? 0;
    if (Math.abs(leadMs) <= clockToleranceMs || this.#hasReportedClock) return;
    this.#hasReportedClock = true;
    const minutes = Math.round(Math.abs(leadMs) / 60_000);
    const text = leadMs > 0
      ? t`This computer's clock is ${minutes} min ahead of TikTok's. Correct it, or the times in the log and the database stay wrong.`
      : t`This computer's clock is ${minutes} min behind TikTok's. Correct it, or the times in the log and the database stay wrong.`;
    this.#push({ kind: "notice", text });
  }

  #state(state: ConnectionState): void {
    this.#push({ kind: "state", state });
  }

  #push(item: SourceItem): void {
    this.#intake.push(item);
  }
}
