/**
 * A Lightstreamer server as a source of readings, by the published text protocol over a WebSocket.
 *
 *   connecting → subscribed → listening
 *   any        → the connection ends, or the server is silent → reconnecting → connecting, when it is time
 *
 * After a cut the session continues where it stopped, if the server still has it. Otherwise a new one starts with the
 * current values.
 */
import { backoffMs } from "../../backoff.ts";
import { type Clock, limit, pause } from "../../clock.ts";
import { counted, msg, noun, t } from "../../language.ts";
import type { ChannelLabels, ConnectionState, Source } from "../../source.ts";
import type { ReadingLine } from "../reading_line.ts";
import { readingSource } from "../reading_source.ts";
import type { TimeForm } from "../reading_values.ts";
import type { Closed, OpenSocket } from "../socket.ts";
import { Session, type SessionListener, subprotocol, type Subscription } from "./session.ts";
import { Table } from "./table.ts";
import type { Changes } from "./update.ts";

export interface LightstreamerOptions extends Subscription {
  /** A key of the config's `sources`. */
  name: string;
  /** For example "wss://push.lightstreamer.com/lightstreamer". */
  url: string;
  timeForm: TimeForm;
  timeField: string;
  labels?: ChannelLabels;
  /** The longest time from one reading to the next. */
  silenceMs?: number;
  clock: Clock;
  /** From 0 up to 1, for jitter. */
  random(): number;
}

const retry = { firstMs: 5_000, longestMs: 60_000, jitter: 0.2 };
/** After a connection that lasted this long, the retries restart with the first wait. */
const steadyMs = 60_000;
/** How long the server may take to answer a request for a session or for items. */
const answerMs = 10_000;
/** How late a sign of life may be. */
const toleranceMs = 3_000;
/** The shortest time between two bindings that the server asks for. */
const betweenBindingsMs = 1_000;
/** The shortest time between two reports of dropped updates. */
const betweenReportsMs = 60_000;
const maxMessageBytes = 1024 * 1024;

const sentences = {
  unanswered: (address: string) => t`Nothing answers at ${address}. Check the source's "url".`,
  absent: (address: string) =>
    t`Nothing answers at ${address}. Check the internet connection, and the source's "url".`,
  foreign: (address: string, reason: string) =>
    t`The server at ${address} is not a Lightstreamer server (${reason}). Check the source's "url".`,
  silent: msg("The server sent no sign of life in time, so the connection is dead."),
  closed: msg("The server closed the connection."),
};
const unanswered = () => t`The server did not answer a request within ${answerMs / 1000} s.`;

export function createLightstreamerSource(options: LightstreamerOptions): Source {
  return readingSource("lightstreamer", { labels: {}, ...options }, (line) => ({
    run: (signal) => new Connection(options, line, signal).run(),
  }));
}

class Connection implements SessionListener {
  readonly #options: LightstreamerOptions;
  readonly #line: ReadingLine;
  readonly #signal: AbortSignal;
  readonly #session: Session;
  readonly #table: Table;
  #socket: OpenSocket | null = null;
  #failures = 0;
  #isSessionOpen = false;
  /** Updates that the server dropped. */
  #lostCount = 0;
  /** By the monotonic clock. */
  #lostReportedAt = -Infinity;
  /** By the monotonic clock. */
  #boundAt = -Infinity;
  #cancelAnswer = () => {};
  #cancelBinding = () => {};

  constructor(options: LightstreamerOptions, line: ReadingLine, signal: AbortSignal) {
    this.#options = options;
    this.#line = line;
    this.#signal = signal;
    this.#session = new Session(options, this);
    this.#table = new Table(options);
  }

  async run(): Promise<void> {
    const { clock } = this.#options;
    const { listen } = await import("../socket.ts");
    while (!this.#signal.aborted) {
      this.#state({ phase: "connecting", username: "" });
      let openedAt = clock.monotonic();
      const closed = await listen({
        url: this.#address(),
        protocol: subprotocol,
        clock,
        signal: this.#signal,
        sentences,
        maxMessageBytes,
        proof: { by: "messages", withinMs: answerMs },
        onOpen: (socket) => {
          openedAt = clock.monotonic();
          this.#enter(socket);
        },
        onMessage: (text) => this.#take(text),
        onLongMessage: () => this.#skipLong(),
        whenRoom: () => this.#line.whenRoom(),
      });
      this.#leave();
      if (this.#signal.aborted) break;
      await pause(clock, this.#retry(closed, clock.monotonic() - openedAt), this.#signal);
    }
  }

  #address(): string {
    const address = new URL(this.#options.url);
    if (address.pathname === "/") address.pathname = "/lightstreamer";
    const link = this.#session.takeLink();
    if (link !== null) address.host = link;
    return address.href;
  }

  #enter(socket: OpenSocket): void {
    this.#socket = socket;
    this.#session.open();
    this.#expectAnswer();
  }

  #leave(): void {
    this.#socket = null;
    this.#cancelAnswer();
    this.#cancelBinding();
  }

  #expectAnswer(): void {
    this.#cancelAnswer();
    this.#boundAt = this.#options.clock.monotonic();
    this.#cancelAnswer = limit(this.#options.clock, answerMs, () => this.#socket?.close(unanswered()));
  }

  #retry({ hasBeenOpen, why }: Closed, heldMs: number): number {
    const { clock, random } = this.#options;
    this.#failures = hasBeenOpen && heldMs >= steadyMs ? 1 : this.#failures + 1;
    const delayMs = backoffMs(this.#failures, { ...retry, random });
    const nextAt = clock.now() + delayMs;
    this.#state({ phase: "reconnecting", username: "", why, attempt: this.#failures, nextAt });
    return delayMs;
  }

  #take(text: string): void {
    for (const line of text.split(/\r?\n/)) {
      // An earlier line may have ended the connection.
      if (line !== "" && this.#socket !== null) this.#session.take(line);
    }
  }

  #skipLong(): void {
    this.onCorrupt();
    this.#session.forget();
  }

  send(request: string): void {
    this.#socket?.send(request);
  }

  onKeepAlive(ms: number): void {
    this.#socket?.expectWithin(ms + toleranceMs);
  }

  onReady(): void {
    this.#cancelAnswer();
    if (!this.#isSessionOpen) this.#line.push({ kind: "session", username: this.#options.name, roomId: "" });
    this.#isSessionOpen = true;
    this.#reportListening();
  }

  onUpdate(item: number, changes: Changes): void {
    const { hasSignal } = this.#table;
    this.#line.add(this.#table.update(item, changes, this.#options.clock.now()));
    if (this.#table.hasSignal !== hasSignal) this.#reportListening();
  }

  onForgotten(item: number | null): void {
    this.#table.forget(item);
  }

  onLost(count: number): void {
    this.#lostCount += count;
    const now = this.#options.clock.monotonic();
    if (now - this.#lostReportedAt < betweenReportsMs) return;
    this.#lostReportedAt = now;
    this.#reportListening();
  }

  onCorrupt(): void {
    this.#line.push({ kind: "corrupt", method: "Lightstreamer" });
  }

  onLoop(delayMs: number): void {
    const { clock } = this.#options;
    const sinceMs = clock.monotonic() - this.#boundAt;
    const waitMs = Math.max(delayMs, sinceMs < betweenBindingsMs ? betweenBindingsMs - sinceMs : 0);
    const bind = () => {
      this.#session.rebind();
      this.#expectAnswer();
    };
    this.#cancelBinding();
    this.#socket?.expectWithin(waitMs + answerMs);
    if (waitMs === 0) bind();
    else this.#cancelBinding = clock.after(waitMs, bind);
  }

  onFailed(why: string): void {
    this.#socket?.close(why);
    this.#socket = null;
  }

  #reportListening(): void {
    const { adapterSet, items, url } = this.#options;
    const parts = [
      t`${adapterSet} at ${new URL(url).host}`,
      counted(items.length, noun("item")),
    ];
    if (this.#table.hasSignal !== null) parts.push(this.#table.hasSignal ? t`signal` : t`no signal`);
    if (this.#lostCount > 0) parts.push(t`${this.#lostCount} dropped by the server`);
    this.#state({ phase: "listening", title: parts.join(", ") });
  }

  #state(state: ConnectionState): void {
    this.#line.push({ kind: "state", state });
  }
}
