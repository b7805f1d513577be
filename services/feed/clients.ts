/**
 * The connected programs. One that does not read its messages is disconnected, so that it neither delays the others
 * nor fills the memory.
 */
import { t } from "livecue/language";
import type { Format } from "./options.ts";

/** What a program subscribes to; null means all. */
export interface Wish {
  format: Format;
  types: readonly string[] | null;
  sources: readonly string[] | null;
}

/** What a message is about. */
export interface Subject {
  type: string;
  source: string;
}

/** How much may wait for a program that does not read. */
const maxWaitingBytes = 4 * 1024 * 1024;
const maxWaitingMessages = 5_000;
/** More than any show needs, and few enough for any computer. */
const maxClients = 50;
/** "Try again later". */
const tooSlowCode = 1013;

const encoder = new TextEncoder();

export class Clients {
  readonly #open = new Set<Client>();
  readonly #onSlow: (from: string, unread: number) => void;

  /** `onSlow` is called for each program that was disconnected, with the number of its unread messages. */
  constructor(onSlow: (from: string, unread: number) => void) {
    this.#onSlow = onSlow;
  }

  get isFull(): boolean {
    return this.#open.size >= maxClients;
  }

  /** `first` is sent as soon as the program is connected (null for none). `from` identifies it in the log. */
  add(socket: WebSocket, wish: Wish, { from, first }: { from: string; first: string | null }): void {
    const client = new Client(socket, wish, from);
    this.#open.add(client);
    socket.addEventListener("open", () => client.onOpen(first));
    socket.addEventListener("close", () => this.#open.delete(client));
    // A close event follows.
    socket.addEventListener("error", (event) => event.preventDefault());
  }

  /** Sends to all that subscribed to it. `text` is called only if there is one. */
  send(format: Format, subject: Subject, text: () => string | null): void {
    let made: string | null = null;
    let bytes = 0;
    for (const client of this.#open) {
      if (!client.wants(format, subject)) continue;
      if (made === null) {
        made = text();
        if (made === null) return;
        bytes = encoder.encode(made).length;
      }
      if (!client.send(made, bytes)) this.#disconnect(client);
    }
  }

  close(): void {
    for (const client of this.#open) client.close(1001, t`Livecue's feed is stopping`);
    this.#open.clear();
  }

  #disconnect(client: Client): void {
    this.#open.delete(client);
    client.close(tooSlowCode, t`too many unread messages`);
    this.#onSlow(client.from, client.unread);
  }
}

class Client {
  readonly from: string;
  readonly #socket: WebSocket;
  readonly #wish: Wish;
  /** The sizes of the messages that wait to be sent, oldest first, and their sum. */
  #waiting: number[] = [];
  #waitingBytes = 0;
  /** Messages that arrived between the acceptance of the request and the opening of the connection. */
  #early: string[] = [];

  constructor(socket: WebSocket, wish: Wish, from: string) {
    this.#socket = socket;
    this.#wish = wish;
    this.from = from;
  }

  /** The number of messages that wait to be sent. */
  get unread(): number {
    return this.#waiting.length + this.#early.length;
  }

  onOpen(first: string | null): void {
    if (first !== null) this.#socket.send(first);
    for (const text of this.#early) this.#socket.send(text);
    this.#early = [];
  }

  wants(format: Format, { type, source }: Subject): boolean {
    const { types, sources } = this.#wish;
    return this.#wish.format === format && (types?.includes(type) ?? true) &&
      (sources?.includes(source) ?? true);
  }

  /** Returns false if too much is waiting already. */
  send(text: string, bytes: number): boolean {
    if (this.#socket.readyState === WebSocket.CONNECTING) return this.#early.push(text) <= maxWaitingMessages;
    if (this.#socket.readyState !== WebSocket.OPEN) return true;
    const { bufferedAmount } = this.#socket;
    this.#forgetSent(bufferedAmount);
    if (this.#waiting.length >= maxWaitingMessages || bufferedAmount + bytes > maxWaitingBytes) return false;
    this.#socket.send(text);
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes;
    return true;
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  #forgetSent(bufferedAmount: number): void {
    let sent = 0;
    while (sent < this.#waiting.length && this.#waitingBytes > bufferedAmount) {
      this.#waitingBytes -= this.#waiting[sent] ?? 0;
      sent++;
    }
    if (sent > 0) this.#waiting = this.#waiting.slice(sent);
  }
}
