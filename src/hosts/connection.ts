/**
 * One WebSocket connection to a host, from the dial to its end. Deno's own WebSocket waits up to 40 ms before it sends
 * a short message, and cannot be told not to.
 */
import { WebSocket } from "ws";
import { type Clock, every, limit } from "../clock.ts";
import { maxFrameCharacters } from "./frame.ts";
import { isHandshake, readAnswer, type Refusal, type Welcome } from "./handshake.ts";
import type { Wire } from "./link.ts";

export interface ConnectionOptions {
  address: string;
  token: string;
  clock: Clock;
  /** The text of the hello. It is said until it is answered, because it may get lost. */
  hello(): string;
  onWelcome(welcome: Welcome, wire: Wire): void;
  onRefused(refusal: Refusal): void;
  /** A frame of the link, after the welcome. */
  onFrame(data: unknown): void;
  /** Called once, unless `close` was called. `why` is null if the connection was open before. */
  onGone(why: NotOpened | null): void;
}

/** A character has up to three bytes. */
const maxFrameBytes = 3 * maxFrameCharacters;

/** Why a connection could not be opened. */
export type NotOpened =
  /** There is a server, but it does not accept the token. */
  | { kind: "not accepted" }
  | { kind: "unreachable"; reason: string };

const sayAgainMs = 1000;
/** From the dial to the answer. */
const answerLimitMs = 4000;

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #socket: WebSocket;
  readonly #cancels: (() => void)[] = [];
  #error: string | null = null;
  #wasOpened = false;
  #isAnswered = false;
  #isOver = false;

  /** Throws if the address is none. */
  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { address, token, clock } = options;
    this.#socket = new WebSocket(address, {
      headers: { authorization: `Bearer ${token}` },
      maxPayload: maxFrameBytes,
      perMessageDeflate: false,
    });
    this.#socket.onopen = () => this.#open();
    this.#socket.onmessage = ({ data }) => this.#receive(data);
    this.#socket.onerror = ({ message }) => this.#error = message;
    this.#socket.onclose = () => this.#end();
    this.#cancels.push(limit(clock, answerLimitMs, () => {
      if (!this.#isAnswered) this.#end();
    }));
  }

  /** No callback follows. */
  close(): void {
    this.#isOver = true;
    for (const cancel of this.#cancels) cancel();
    this.#socket.terminate();
  }

  #open(): void {
    if (this.#isOver) return;
    this.#wasOpened = true;
    const sayHello = () => {
      if (!this.#isAnswered) this.#send(this.#options.hello());
    };
    sayHello();
    this.#cancels.push(every(this.#options.clock, sayAgainMs, sayHello));
  }

  #send(text: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  #receive(data: unknown): void {
    if (this.#isOver) return;
    if (!isHandshake(data)) {
      // A frame that overtook the welcome will be sent again.
      if (this.#isAnswered) this.#options.onFrame(data);
      return;
    }
    const answer = readAnswer(data);
    if (answer === null || this.#isAnswered) return;
    this.#isAnswered = true;
    if (answer.kind === "refused") this.#options.onRefused(answer);
    else this.#options.onWelcome(answer, { send: (frame) => this.#send(frame) });
  }

  #end(): void {
    if (this.#isOver) return;
    this.close();
    this.#options.onGone(this.#wasOpened ? null : notOpened(this.#error));
  }
}

function notOpened(error: string | null): NotOpened {
  if (error !== null && /server response: 4\d\d/.test(error)) return { kind: "not accepted" };
  return { kind: "unreachable", reason: error ?? "no answer" };
}
