/**
 * Runs services for owners on other machines: listens for them, and keeps a worker for each owner and service. What a
 * service is and what it may do comes from this machine's config alone.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { type Clock, limit, sleep } from "../clock.ts";
import { t } from "../language.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Log } from "../log/log.ts";
import type { OptionPlaces } from "../runner/option_places.ts";
import type { Transport, TransportOptions } from "../runner/transport.ts";
import { leaveGraceMs } from "../runner/life_end.ts";
import { type ServiceConfig, serviceOfRoom } from "../service.ts";
import { UserError } from "../user_error.ts";
import {
  type Hello,
  isHandshake,
  linkProtocol,
  readHello,
  type Refusal,
  type RefusalReason,
} from "./handshake.ts";
import { HostSession } from "./host_session.ts";

export interface HostOptions {
  /** Where to listen. Port 0: any that is free. */
  hostname: string;
  port: number;
  /** What an owner has to show. */
  token: string;
  services: readonly ServiceConfig[];
  /** The most workers at a time, over all owners and services. */
  maxWorkers: number;
  clock: Clock;
  log: Log;
  openTransport(options: TransportOptions): Transport;
  /** For the options of a service of this machine's config. */
  placesOf(slug: string): OptionPlaces;
  /** The stop has begun, and waits for these owners. */
  onLeaving?(owners: string[]): void;
}

/** How long an accepted connection may take to say hello. */
const helloLimitMs = 5000;
/** A warning about a wrong token is not repeated sooner. */
const warnEveryMs = 60_000;
/** In which the owners stop their items, one by one. */
const leaveLimitMs = leaveGraceMs + 4000;

export class Host implements Lifecycle {
  readonly #options: HostOptions;
  readonly #tokenDigest: Uint8Array;
  /** By session. */
  readonly #sessions = new Map<string, HostSession>();
  /** Their workers are gone, and their last messages under way. */
  readonly #lingering = new Set<HostSession>();
  readonly #sockets = new Set<WebSocket>();
  readonly #closing = new AbortController();
  #server: Deno.HttpServer<Deno.NetAddr> | null = null;
  #warnedAt = -Infinity;
  #isStopping = false;
  #noSession: (() => void) | null = null;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#tokenDigest = digestOf(options.token);
  }

  /** How many workers run. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Begins to listen. Throws a `UserError`. */
  start(): void {
    const { hostname, port } = this.#options;
    try {
      this.#server = Deno.serve(
        { hostname, port, signal: this.#closing.signal, onListen: () => {}, onError: () => notFound() },
        (request, { remoteAddr }) => this.#answer(request, remoteAddr),
      );
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) {
        throw new UserError(
          t`Another program listens on ${hostname}:${port}: name another port with --listen.`,
        );
      }
      const why = error instanceof Error ? error.message : String(error);
      throw new UserError(t`The host cannot listen on ${hostname}:${port} (${why}): change --listen.`);
    }
  }

  /** Where it listens, as "ws://127.0.0.1:7350". Call it after `start`. */
  get address(): string {
    const { hostname, port } = this.#server?.addr ?? this.#options;
    return `ws://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  }

  /** Lets the owners stop their workers in order, and then stops those that are left. */
  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    for (const session of this.#sessions.values()) session.leave();
    this.#options.onLeaving?.([...new Set([...this.#sessions.values()].map(({ hello }) => hello.ownerName))]);
    if (this.#sessions.size > 0) await this.#allLeft();
    await Promise.all([...this.#sessions.values()].map((session) => session.end("stopping")));
    for (const session of this.#lingering) session.close();
    for (const socket of this.#sockets) socket.close();
    this.#closing.abort();
    await this.#server?.finished;
  }

  async #allLeft(): Promise<void> {
    const left = new AbortController();
    this.#noSession = () => left.abort();
    await sleep(this.#options.clock, leaveLimitMs, left.signal);
  }

  #answer(request: Request, { hostname }: Deno.NetAddr): Response {
    // Nothing tells a stranger what this is.
    if (!this.#isKnown(request)) {
      this.#warnOfStranger(hostname);
      return notFound();
    }
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    this.#sockets.add(socket);
    this.#listen(socket, hostname);
    return response;
  }

  #isKnown(request: Request): boolean {
    const shown = request.headers.get("authorization") ?? "";
    const isRight = timingSafeEqual(digestOf(shown.replace(/^Bearer /, "")), this.#tokenDigest);
    return isRight && request.headers.get("upgrade")?.toLowerCase() === "websocket";
  }

  #warnOfStranger(address: string): void {
    const { clock, log } = this.#options;
    if (clock.monotonic() - this.#warnedAt < warnEveryMs) return;
    this.#warnedAt = clock.monotonic();
    log.warn(t`${address} tried to connect without the right token`);
  }

  #listen(socket: WebSocket, address: string): void {
    let session: HostSession | null = null;
    const close = () => socket.close();
    const cancelHello = limit(this.#options.clock, helloLimitMs, close);
    socket.onmessage = ({ data }) => {
      if (session !== null && !isHandshake(data)) return session.receiveFrame(data);
      const hello = readHello(data);
      if (hello === null) return close();
      const isFirst = session === null;
      session ??= this.#greet(hello, { socket, address });
      if (session === null) return;
      cancelHello();
      const { received, canKill } = session;
      send(socket, { kind: "welcome", received, canKill });
      const wire = { send: (frame: string) => sendText(socket, frame) };
      if (isFirst) session.attach(wire, { theyReceived: hello.received, close });
    };
    socket.onerror = (event) => event.preventDefault();
    socket.onclose = () => {
      cancelHello();
      this.#sockets.delete(socket);
      session?.detachFrom(close);
    };
  }

  /** The session that the owner means, which may begin now; null if it is refused. */
  #greet(hello: Hello, { socket, address }: { socket: WebSocket; address: string }): HostSession | null {
    const known = hello.protocol === linkProtocol ? this.#sessions.get(hello.session) : undefined;
    if (known !== undefined) {
      this.#options.log.info(t`${hello.ownerName} is connected again`);
      return known;
    }
    const reason = this.#refusal(hello);
    if (reason === null) return this.#begin(hello, address);
    const refusal: Refusal = { kind: "refused", ...reason };
    send(socket, refusal);
    return null;
  }

  #refusal(hello: Hello): RefusalReason | null {
    const { services, maxWorkers } = this.#options;
    if (hello.protocol !== linkProtocol) return { why: "protocol", protocol: linkProtocol };
    if (!hello.isNew) return { why: "unknown session" };
    if (this.#isStopping) return { why: "stopping" };
    const service = services.find(({ slug }) => slug === hello.service);
    if (service === undefined) return { why: "unknown service" };
    const types = service.emits.filter((type) => !hello.emits.includes(type));
    if (types.length > 0) return { why: "emits", types };
    const rivals = this.#rivalsOf(hello);
    if (rivals.some(({ isHeard, hello: { owner } }) => isHeard && owner !== hello.owner)) {
      return { why: "room in use" };
    }
    // The owner has given the old session up. Its worker may use the same files, so it has to go first.
    if (rivals.length > 0) {
      for (const rival of rivals) void rival.end("replaced");
      return { why: "still ending" };
    }
    return this.#sessions.size >= maxWorkers ? { why: "too many sessions" } : null;
  }

  /** Sessions of the same room and service. */
  #rivalsOf({ room, service }: Hello): HostSession[] {
    return [...this.#sessions.values()].filter(({ hello }) =>
      hello.room === room && hello.service === service
    );
  }

  #begin(hello: Hello, address: string): HostSession {
    const { services, clock, log, openTransport, placesOf } = this.#options;
    const service = services.find(({ slug }) => slug === hello.service) as ServiceConfig;
    const named = log.named(service.slug);
    named.info(t`${hello.ownerName} (${address}) uses the service`);
    const session = new HostSession({
      hello,
      // What the rooms have of their own must not mix.
      service: serviceOfRoom(service, hello.room),
      clock,
      log: named,
      openTransport,
      ...placesOf(service.slug),
      onOver: () => {
        named.info(t`${hello.ownerName} no longer uses the service`);
        this.#sessions.delete(hello.session);
        this.#lingering.add(session);
        void session.closed.then(() => this.#lingering.delete(session));
        if (this.#sessions.size === 0) this.#noSession?.();
      },
    });
    this.#sessions.set(hello.session, session);
    return session;
  }
}

function notFound(): Response {
  return new Response(null, { status: 404 });
}

function digestOf(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}

function send(
  socket: WebSocket,
  message: Refusal | { kind: "welcome"; received: number; canKill: boolean },
): void {
  sendText(socket, JSON.stringify(message));
}

function sendText(socket: WebSocket, text: string): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(text);
}
