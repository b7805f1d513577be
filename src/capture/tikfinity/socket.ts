/** One connection to a server of TikFinity's form, watched while it is silent. */
import { shownAddress } from "../../address.ts";
import type { Buffer } from "node:buffer";
import { WebSocket } from "ws";
import { cleanText } from "../../clean_text.ts";
import { type Clock, Limit } from "../../clock.ts";
import { afterAbsence } from "../absence.ts";
import { leaveOutLongMessages } from "../long_messages.ts";
import { hopelessBytes, maxUnreadBytes } from "../socket_bounds.ts";

/** What is used of the library, which brings no types. */
interface Socket {
  on(event: "open" | "pong" | "close", listener: () => void): void;
  on(event: "ping", listener: (data: Buffer) => void): void;
  on(event: "message", listener: (data: Buffer) => void): void;
  on(event: "error", listener: (error: Error & { code?: string }) => void): void;
  ping(): void;
  pong(data: Buffer): void;
  /** What was sent and is not yet taken. */
  readonly bufferedAmount: number;
  terminate(): void;
}

export interface SocketOptions {
  url: string;
  clock: Clock;
  signal: AbortSignal;
  onOpen(): void;
  onMessage(text: string): void;
  /** One of more than `maxMessageBytes` was left out. */
  onLongMessage(): void;
}

/** Why there is no connection, or no longer one: a whole sentence. */
export interface Closed {
  hasBeenOpen: boolean;
  why: string;
}

const openingMs = 10_000;
/** So often a silent server is asked whether it is there; one that has not answered by the next time is not. */
const pingMs = 20_000;
/** TikFinity's own settings, its largest message, take some hundred kB. */
export const maxMessageBytes = 2 * 1024 * 1024;

/** Connects and stays until the connection ends or `signal` aborts. Leaves no socket and no timer behind. */
export async function listen(options: SocketOptions): Promise<Closed> {
  const { url, signal, onOpen, onMessage, onLongMessage } = options;
  const settings = { maxPayload: maxMessageBytes, perMessageDeflate: false, autoPong: false };
  const socket: Socket = new WebSocket(url, settings);
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let hasBeenOpen = false;
  let why: string | null = null;
  const giveUp = (sentence: string) => {
    why ??= sentence;
    socket.terminate();
  };
  const stop = () => giveUp("Livecue was stopped.");
  const watch = new Watch(options, { ping: () => socket.ping(), giveUp });
  socket.on("open", () => {
    const bounds = { maxBytes: maxMessageBytes, hopelessBytes };
    leaveOutLongMessages(socket, { ...bounds, onLeftOut: onLongMessage });
    hasBeenOpen = true;
    watch.open();
    onOpen();
  });
  socket.on("pong", () => watch.hear());
  socket.on("ping", (data) => {
    // One that asks for answers and does not read them gets no more.
    if (socket.bufferedAmount < maxUnreadBytes) socket.pong(data);
  });
  socket.on("message", (data: Buffer) => {
    watch.hear();
    if (why === null) onMessage(data.toString());
  });
  // Else the library waits half a minute for the other side's goodbye, deaf.
  socket.on("error", (error) => giveUp(sentenceOf(error, url)));
  socket.on("close", () => resolve());
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  await closed;
  signal.removeEventListener("abort", stop);
  watch.end();
  return { hasBeenOpen, why: watch.explain(why ?? "TikFinity closed the connection.") };
}

/** How long the other side takes to open, and then to answer. */
class Watch {
  readonly #options: SocketOptions;
  readonly #socket: { ping(): void; giveUp(why: string): void };
  #limit: Limit;
  #isHeard = true;
  #absenceMs = 0;

  constructor(options: SocketOptions, socket: { ping(): void; giveUp(why: string): void }) {
    this.#options = options;
    this.#socket = socket;
    const { url } = options;
    this.#limit = this.#startLimit(
      openingMs,
      () =>
        socket.giveUp(
          `Nothing answers at ${shownAddress(url)}: is that TikFinity's address, and TikFinity not stuck?`,
        ),
    );
  }

  open(): void {
    this.#limit.cancel();
    this.#limit = this.#startLimit(pingMs, () => this.#ask());
  }

  hear(): void {
    this.#isHeard = true;
    this.#absenceMs = 0;
  }

  /** Why the connection has ended, where an absence was behind it. */
  explain(why: string): string {
    return afterAbsence(this.#absenceMs, why);
  }

  end(): void {
    this.#limit.cancel();
  }

  #ask(): void {
    if (!this.#isHeard) {
      return this.#socket.giveUp(
        "TikFinity does not answer any more, as if it were stuck or its computer gone.",
      );
    }
    this.#isHeard = false;
    this.#socket.ping();
    this.#limit = this.#startLimit(pingMs, () => this.#ask());
  }

  #startLimit(limitMs: number, onOver: () => void): Limit {
    const onAbsence = (ms: number) => this.#absenceMs += ms;
    return new Limit({ clock: this.#options.clock, limitMs, onAbsence, onOver });
  }
}

const nothingThere = ["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT"];

function sentenceOf(error: Error & { code?: string }, url: string): string {
  if (nothingThere.includes(error.code ?? "")) {
    return `TikFinity is not running, or its WebSocket is off: nothing answers at ${
      shownAddress(url)
    }. Start TikFinity there.`;
  }
  const reason = cleanText(error.message, 160).replace(/[.:\s]+$/, "");
  return `What answers at ${
    shownAddress(url)
  } is not TikFinity's WebSocket (${reason}): check the source's "url".`;
}
