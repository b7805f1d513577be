/**
 * The HTTP server: bounds requests, and answers every accepted one, even while it stops. Passes on only complete
 * requests.
 *
 * It uses node:http, because Deno.serve cannot drop a client that keeps sending after its answer.
 */
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type Clock, limit } from "../../clock.ts";
import { t } from "../../language.ts";
import type { Lifecycle } from "../../lifecycle.ts";
import type { Delivery } from "./provider.ts";

const maxBodyBytes = 256 * 1024;
/** The time limit from the connection to the end of the headers. */
const headBoundMs = 10_000;
/** The time limit from the headers to the end of the body. */
const bodyBoundMs = 10_000;
/** The most requests that are being read or wait for their answer. */
const maxRequests = 32;
const maxConnections = 128;
/** How long data that a client sends after its answer is read. Otherwise the client might not read the answer. */
const lingerMs = 2_000;

export interface Answer {
  status: number;
  /** A sentence. */
  text: string;
  headers?: Record<string, string>;
}

export interface ServerOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  clock: Clock;
  hasProvider(name: string): boolean;
  answer(provider: string, delivery: Delivery): Promise<Answer>;
  /** A request failed because of an error in Livecue. */
  onError(error: unknown): void;
  /** The server can accept no more requests: `stop` it, and create another. */
  onLost(error: unknown): void;
}

export class WebhookServer implements Lifecycle {
  readonly #options: ServerOptions;
  readonly #server: Server;
  readonly #stopping = new AbortController();
  /** Timers of lingering connections, and of those without a request yet. */
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
    // Livecue's own limits exclude the time in which this process did not run.
    this.#server.headersTimeout = 0;
    this.#server.requestTimeout = 0;
    this.#server.on("connection", (socket) => this.#awaitHead(socket));
  }

  /** The port that it listens on; the configured one while it does not listen. */
  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? this.#options.port;
  }

  /** Resolves when it listens. Rejects if it cannot listen. */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  /** Accepts no more requests; resolves when all accepted ones are answered. */
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
    // The caller of `start` got the error.
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
      await this.#send(request, response, { status: 500, text: t`An error occurred. See Livecue's log.` });
    } finally {
      this.#requestCount--;
      if (this.#requestCount === 0) this.#whenIdle?.();
    }
  }

  /** null if the client has disconnected. */
  async #answer(request: IncomingMessage): Promise<Answer | null> {
    const path = (request.url ?? "/").split("?")[0] as string;
    const name = path.replace(/^\//, "").replace(/\/$/, "");
    if (!this.#options.hasProvider(name)) {
      return { status: 404, text: t`There is nothing here. Post to the path of a provider, as /kofi.` };
    }
    if (request.method !== "POST") {
      const text = t`Only POST is allowed here.`;
      return { status: 405, text, headers: { allow: "POST" } };
    }
    if (this.#requestCount > maxRequests) return busy(t`Too many requests at once. Try again.`);
    const body = await this.#body(request);
    if (!(body instanceof Uint8Array)) return body;
    const header = (name: string) => String(request.headers[name] ?? "");
    return await this.#options.answer(name, { header, body });
  }

  /** The body; or the answer if it cannot be read; null if the client has disconnected. */
  #body(request: IncomingMessage): Promise<Uint8Array | Answer | null> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    const tooLarge = {
      status: 413,
      text: t`The request is too large: at most ${maxBodyBytes / 1024} KB are allowed.`,
    };
    if (Number(request.headers["content-length"] ?? 0) > maxBodyBytes) return Promise.resolve(tooLarge);
    if (signal.aborted) return Promise.resolve(busy(t`Livecue is stopping. Try again later.`));
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
      const stop = () => end(busy(t`Livecue is stopping. Try again later.`));
      const cancel = limit(
        clock,
        bodyBoundMs,
        () => end({ status: 408, text: t`The request was not complete after ${bodyBoundMs / 1000} s.` }),
      );
      signal.addEventListener("abort", stop);
      request.on("data", take).on("end", finish).on("close", leave);
    });
  }

  /** Resolves when the answer is handed to the system, or the client has disconnected. */
  #send(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
    const text = `${answer.text}\n`;
    response.writeHead(answer.status, {
      "content-type": "text/plain; charset=utf-8",
      "content-length": String(Buffer.byteLength(text)),
      "x-content-type-options": "nosniff",
      // Payments are rare, so a kept connection would only use up a slot.
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

/** An answer that makes the provider retry. */
export function busy(text: string): Answer {
  return { status: 503, text, headers: { "retry-after": "30" } };
}
