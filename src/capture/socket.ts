/** A WebSocket to a server that sends without an end. Notices when the server is gone, and makes a fast one wait. */
import type { Buffer } from "node:buffer";
import { WebSocket } from "ws";
import { shownAddress } from "../address.ts";
import { cleanText } from "../clean_text.ts";
import { type Clock, Limit, lookOutside } from "../clock.ts";
import { t, translated } from "../language.ts";
import { afterAbsence } from "./absence.ts";
import { skipLongMessages } from "./long_messages.ts";
import { hopelessBytes, maxUnreadBytes } from "./socket_bounds.ts";

/** The used parts of the library, which has no types. */
interface Socket {
  on(event: "open" | "pong" | "close", listener: () => void): void;
  on(event: "ping", listener: (data: Buffer) => void): void;
  on(event: "message", listener: (data: Buffer) => void): void;
  on(event: "error", listener: (error: Error & { code?: string }) => void): void;
  send(text: string): void;
  ping(): void;
  pong(data: Buffer): void;
  /** Stops reading until `resume`. */
  pause(): void;
  resume(): void;
  /** Bytes that were sent but not yet received. */
  readonly bufferedAmount: number;
  terminate(): void;
}

/** The sentences about this server. `address` is shown without secrets. */
export interface SocketSentences {
  /** Nothing answered when the connection was opened. */
  unanswered(address: string): string;
  /** There is no server. */
  absent(address: string): string;
  /** The server is another one. `reason` is a clause. */
  foreign(address: string, reason: string): string;
  /** It no longer answers; marked for translation, as `closed` is. */
  silent: string;
  closed: string;
}

export interface SocketOptions {
  url: string;
  /** The WebSocket's subprotocol, if it needs one. */
  protocol?: string;
  clock: Clock;
  signal: AbortSignal;
  sentences: SocketSentences;
  maxMessageBytes: number;
  /**
   * When the server counts as dead. pings: it has not answered one by the next. messages: it has sent nothing for this
   * long.
   */
  proof: { by: "pings"; everyMs: number } | { by: "messages"; withinMs: number };
  onOpen(socket: OpenSocket): void;
  onMessage(text: string): void;
  /** A message of more than `maxMessageBytes` was skipped. */
  onLongMessage(): void;
  /** Resolves when more messages can be handled; null if they can be now. */
  whenRoom(): Promise<void> | null;
}

export interface OpenSocket {
  send(text: string): void;
  /** Ends the connection for this reason, a complete sentence. */
  close(why: string): void;
  /** Changes the time within which the server must send something. */
  expectWithin(limitMs: number): void;
}

/** How a connection ended or failed; `why` is a complete sentence. */
export interface Closed {
  hasBeenOpen: boolean;
  why: string;
}

/** Bounds the pause after a chunk during which the process did not run. */
const longestRestMs = 1_000;
const openingMs = 10_000;

/** Connects and returns when the connection ends or `signal` aborts. Leaves no socket and no timer behind. */
export async function listen(options: SocketOptions): Promise<Closed> {
  const { url, protocol, signal, sentences, maxMessageBytes, onOpen, onMessage, onLongMessage } = options;
  const settings = { maxPayload: maxMessageBytes, perMessageDeflate: false, autoPong: false };
  const socket: Socket = new WebSocket(url, protocol === undefined ? [] : [protocol], settings);
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let hasBeenOpen = false;
  let why: string | null = null;
  const giveUp = (sentence: string) => {
    why ??= sentence;
    socket.terminate();
  };
  const stop = () => giveUp(t`Livecue was stopped.`);
  const watch = new Watch(options, { ping: () => socket.ping(), giveUp });
  socket.on("open", () => {
    skipLongMessages(socket, { maxBytes: maxMessageBytes, hopelessBytes, onSkipped: onLongMessage });
    hasBeenOpen = true;
    watch.open();
    onOpen({
      send: (text) => socket.send(text),
      close: giveUp,
      expectWithin: (limitMs) => watch.expectWithin(limitMs),
    });
  });
  socket.on("pong", () => watch.receive());
  socket.on("ping", (data) => {
    // A server that does not read its pongs gets no more of them.
    if (socket.bufferedAmount < maxUnreadBytes) socket.pong(data);
  });
  const turns = new Turns(options, socket, watch);
  socket.on("message", (data: Buffer) => {
    watch.receive();
    turns.begin();
    if (why === null) onMessage(data.toString());
  });
  // Otherwise the library waits half a minute for the closing handshake.
  socket.on("error", (error) => giveUp(sentenceOf(error, url, sentences)));
  socket.on("close", () => resolve());
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  await closed;
  signal.removeEventListener("abort", stop);
  watch.end();
  turns.end();
  return { hasBeenOpen, why: watch.explain(why ?? translated(sentences.closed)) };
}

/**
 * Makes a server wait that sends faster than Livecue stores. Its messages would fill the memory, and reading them would
 * leave no time for other sources. Reading pauses after each chunk: for as long as its messages took, and until there is
 * room for more.
 */
class Turns {
  readonly #options: SocketOptions;
  readonly #socket: Socket;
  readonly #watch: Watch;
  #cancel = () => {};

  constructor(options: SocketOptions, socket: Socket, watch: Watch) {
    this.#options = options;
    this.#socket = socket;
    this.#watch = watch;
  }

  /** Call it before a message is handled. */
  begin(): void {
    if (this.#watch.isHeld) return;
    const { clock } = this.#options;
    const since = clock.monotonic();
    this.#watch.isHeld = true;
    this.#socket.pause();
    // The library hands on all messages of a chunk before any microtask.
    queueMicrotask(() => this.#rest(Math.min(clock.monotonic() - since, longestRestMs)));
  }

  end(): void {
    this.#cancel();
  }

  #rest(restMs: number): void {
    const goOn = () => void this.#goOn();
    this.#cancel = lookOutside(() => {
      if (restMs === 0) goOn();
      else this.#cancel = this.#options.clock.after(restMs, goOn);
    });
  }

  async #goOn(): Promise<void> {
    await this.#options.whenRoom();
    this.#watch.isHeld = false;
    this.#socket.resume();
  }
}

/** Time limits for the opening of the connection, and then for proofs that the server is there. */
class Watch {
  readonly #options: SocketOptions;
  readonly #socket: { ping(): void; giveUp(why: string): void };
  /** Nothing is read now, so an answer cannot be seen. */
  isHeld = false;
  #limit: Limit;
  #hasAnswered = true;
  #absenceMs = 0;

  constructor(options: SocketOptions, socket: { ping(): void; giveUp(why: string): void }) {
    this.#options = options;
    this.#socket = socket;
    const { url, sentences } = options;
    this.#limit = this.#startLimit(openingMs, () => socket.giveUp(sentences.unanswered(shownAddress(url))));
  }

  open(): void {
    const { proof } = this.#options;
    this.#hasAnswered = proof.by === "pings";
    this.expectWithin(proof.by === "pings" ? proof.everyMs : proof.withinMs);
  }

  expectWithin(limitMs: number): void {
    this.#limit.cancel();
    this.#limit = this.#startLimit(limitMs, () => this.#ask(limitMs));
  }

  receive(): void {
    this.#absenceMs = 0;
    if (this.#options.proof.by === "pings") this.#hasAnswered = true;
    else this.#limit.restart();
  }

  /** Adds an absence, if there was one, to the reason for the end of the connection. */
  explain(why: string): string {
    return afterAbsence(this.#absenceMs, why);
  }

  end(): void {
    this.#limit.cancel();
  }

  #ask(limitMs: number): void {
    if (!this.#hasAnswered && !this.isHeld) {
      return this.#socket.giveUp(translated(this.#options.sentences.silent));
    }
    if (this.#options.proof.by === "pings") {
      this.#hasAnswered = false;
      this.#socket.ping();
    }
    this.#limit = this.#startLimit(limitMs, () => this.#ask(limitMs));
  }

  #startLimit(limitMs: number, onOver: () => void): Limit {
    const onAbsence = (ms: number) => this.#absenceMs += ms;
    return new Limit({ clock: this.#options.clock, limitMs, onAbsence, onOver });
  }
}

const noServerCodes = ["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT"];

function sentenceOf(error: Error & { code?: string }, url: string, sentences: SocketSentences): string {
  const address = shownAddress(url);
  if (noServerCodes.includes(error.code ?? "")) return sentences.absent(address);
  return sentences.foreign(address, cleanText(error.message, 160).replace(/[.:\s]+$/, ""));
}
