/**
 * The HTTP side: bounds what a request may be, and answers each that got in, also while it is being stopped. What is
 * behind it gets requests that are read whole.
 *
 * On node:http, since Deno.serve cannot let go of a client that goes on sending after it was answered.
 */
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type Clock, limit } from "../../clock.ts";
import type { Lifecycle } from "../../lifecycle.ts";
import type { Delivery } from "./provider.ts";

const maxBodyBytes = 256 * 1024;
/** From the connection to the end of the headers. */
const headBoundMs = 10_000;
/** From the headers to the end of the body. */
const bodyBoundMs = 10_000;
/** Requests that are being read or wait for their answer. */
const maxRequests = 32;
const maxConnections = 128;
/** What a client still sends after its answer is let in for so long, or it might not read the answer. */
const lingerMs = 2_000;

export interface Answer {
  status: number;
  /** A sentence. */
  text: string;
  headers?: Record<string, string>;
}

export interface ServerOptions {
  host: string;
  /** 0: any that is free. */
  port: number;
  clock: Clock;
  hasProvider(name: string): boolean;
  answer(provider: string, delivery: Delivery): Promise<Answer>;
  /** A request could not be answered, by no fault of its own. */
  onError(error: unknown): void;
  /** It can take no more requests: `stop` it, and make another. */
  onLost(error: unknown): void;
}

export class WebhookServer implements Lifecycle {
  readonly #options: ServerOptions;
  readonly #server: Server;
  readonly #stopping = new AbortController();
  /** Of lingering connections, and of those that have not asked for anything yet. */
  readonly #cancels = new Set<() => void>();
  readonly #endHeadLimits = new WeakMap<Socket, () => void>();
  #started: Promise<void> | null = null;
  #stopped: Promise<void> | null = null;
  #requestCount = 0;
  #whenIdle: (() => void) | null = null;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.maxConnections = maxConnections;
    // Limits of our own leave out the time in which nobody was there to read what has come.
    this.#server.headersTimeout = 0;
    this.#server.requestTimeout = 0;
    this.#server.on("connection", (socket) => this.#awaitHead(socket));
  }

  /** Where it listens; the option's while it does not. */
  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? this.#options.port;
  }

  /** Resolves once requests are taken. Rejects where it cannot listen. */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  /** Takes no more requests; resolves when all those that were taken have their answer. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  #start(): Promise<void> {
    const { host, port } = this.#options;
    if (this.#stopped !== null) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => {
        this.#server.off("error", reject);
        this.#server.on("error", this.#options.onLost);
        resolve();
      });
    });
  }

  async #stop(): Promise<void> {
    // Who started it was told why that failed.
    await this.#started?.catch(() => {});
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#stopping.abort();
    if (this.#requestCount > 0) await new Promise<void>((resolve) => this.#whenIdle = resolve);
    for (const cancel of this.#cancels) cancel();
    this.#server.closeAllConnections();
    await closed;
  }

  #awaitHead(socket: Socket): void {
    const cancel = limit(this.#options.clock, headBoundMs, () => socket.destroy());
    const end = () => {
      cancel();
      this.#cancels.delete(cancel);
    };
    this.#cancels.add(cancel);
    this.#endHeadLimits.set(socket, end);
    socket.on("close", end);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on("error", () => {});
    response.on("error", () => {});
    this.#endHeadLimits.get(request.socket)?.();
    this.#requestCount++;
    try {
      const answer = await this.#answer(request);
      if (answer !== null) await this.#send(request, response, answer);
    } catch (error) {
      this.#options.onError(error);
      await this.#send(request, response, { status: 500, text: "This went wrong: Livecue's log says how." });
    } finally {
      this.#requestCount--;
      if (this.#requestCount === 0) this.#whenIdle?.();
    }
  }

  /** null where the client is gone. */
  async #answer(request: IncomingMessage): Promise<Answer | null> {
    const path = (request.url ?? "/").split("?")[0] as string;
    const name = path.replace(/^\//, "").replace(/\/$/, "");
    if (!this.#options.hasProvider(name)) {
      return { status: 404, text: "There is nothing here: post to the path of a provider, as /kofi." };
    }
    if (request.method !== "POST") {
      const text = "This is where payments are posted to: only POST is of use here.";
      return { status: 405, text, headers: { allow: "POST" } };
    }
    if (this.#requestCount > maxRequests) return busy("Too many requests at once: try again.");
    const body = await this.#body(request);
    if (!(body instanceof Uint8Array)) return body;
    const header = (name: string) => String(request.headers[name] ?? "");
    return await this.#options.answer(name, { header, body });
  }

  /** The body; or what to answer where there is none to be had, null where the client is gone. */
  #body(request: IncomingMessage): Promise<Uint8Array | Answer | null> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    const tooLarge = { status: 413, text: `This is too much: ${maxBodyBytes / 1024} KB are taken.` };
    if (Number(request.headers["content-length"] ?? 0) > maxBodyBytes) return Promise.resolve(tooLarge);
    if (signal.aborted) return Promise.resolve(busy("Livecue is being stopped: try again later."));
    return new Promise((resolve) => {
      const chunks: Uint8Array[] = [];
      let length = 0;
      const end = (outcome: Uint8Array | Answer | null) => {
        cancel();
        signal.removeEventListener("abort", stop);
        request.off("data", take).off("end", finish).off("close", leave);
        resolve(outcome);
      };
      const take = (chunk: Uint8Array) => {
        length += chunk.length;
        if (length > maxBodyBytes) end(tooLarge);
        else chunks.push(chunk);
      };
      const finish = () => end(Buffer.concat(chunks));
      const leave = () => end(null);
      const stop = () => end(busy("Livecue is being stopped: try again later."));
      const cancel = limit(
        clock,
        bodyBoundMs,
        () => end({ status: 408, text: `The request was not there whole after ${bodyBoundMs / 1000} s.` }),
      );
      signal.addEventListener("abort", stop);
      request.on("data", take).on("end", finish).on("close", leave);
    });
  }

  /** Resolves when the answer is with the system, or the client is gone. */
  #send(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
    const text = `${answer.text}\n`;
    response.writeHead(answer.status, {
      "content-type": "text/plain; charset=utf-8",
      "content-length": String(Buffer.byteLength(text)),
      "x-content-type-options": "nosniff",
      // Payments are rare: a connection that is kept would only be one fewer for others.
      connection: "close",
      ...answer.headers,
    });
    if (!request.complete) this.#linger(request);
    return new Promise((resolve) => {
      response.on("close", () => resolve());
      response.end(text, () => resolve());
    });
  }

  #linger(request: IncomingMessage): void {
    const end = () => {
      cancel();
      this.#cancels.delete(cancel);
      request.destroy();
    };
    const cancel = limit(this.#options.clock, lingerMs, end);
    this.#cancels.add(cancel);
    request.on("close", end).on("end", end).resume();
  }
}

/** Has the provider try again. */
export function busy(text: string): Answer {
  return { status: 503, text, headers: { "retry-after": "30" } };
}
