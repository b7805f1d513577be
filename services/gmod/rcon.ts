/**
 * A connection to a game server over Valve's Source RCON protocol, which Source games, Minecraft, Factorio, Rust and
 * others use.
 *
 * A reply may consist of several packets, and none is marked as the last one. Therefore the command is followed by a
 * marker: an empty packet of a type that only servers send, whose answer comes after the reply. Source games mirror
 * the marker and Minecraft answers "Unknown request". Other games ignore it, and then a pause ends the reply. The
 * marker is not sent together with the command, because Minecraft closes a connection on which two packets arrive at
 * once.
 */
import { t } from "livecue/language";
import { limit } from "livecue/limit";
import { Inbox } from "./inbox.ts";
import { encodePacket, maxBodyBytes, type Packet, PacketReader, packetType } from "./packet.ts";
import { addressOf, Trouble, type TroubleKind } from "./trouble.ts";

export interface RconOptions {
  host: string;
  port: number;
  password: string;
  connectTimeoutMs: number;
  /** For the answer to the password, and for the first packet of a reply. */
  answerTimeoutMs: number;
  /** false if the server is known to ignore markers. */
  answersMarkers: boolean;
  signal: AbortSignal;
}

/** For a command without a reply, only the marker is answered, so the marker is sent after this pause. */
const silenceBeforeMarkerMs = 250;
const silenceAfterMarkerMs = 1000;
const silenceWithoutMarkersMs = 100;
/** The part of a reply that is kept. Replies are only logged. */
const maxKeptBytes = 262_144;
/** A longer reply would probably never end. */
const maxReplyBytes = 16_777_216;

export class RconConnection {
  readonly #socket: Deno.TcpConn;
  readonly #options: RconOptions;
  readonly #address: string;
  readonly #inbox = new Inbox();
  readonly #closed = Promise.withResolvers<Trouble>();
  #answersMarkers: boolean;
  /** Once a marker has been answered, a missing answer does not mean that the server ignores markers. */
  #hasAnsweredMarker = false;
  /** Whether a reply had its command's id. Some servers put 0 there; only one command runs at a time, so it is clear. */
  #keepsIds = false;
  #isOpen = true;
  #isAuthenticated = false;
  /** Some games send their whole console output. It is dropped between commands. */
  #isListening = true;
  #lastId = 0;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(socket: Deno.TcpConn, options: RconOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#address = addressOf(options.host, options.port);
    this.#answersMarkers = options.answersMarkers;
    void this.#receive();
  }

  /** Throws a `Trouble` or the signal's reason. */
  static async open(options: RconOptions): Promise<RconConnection> {
    const connection = new RconConnection(await connect(options), options);
    const stop = () => connection.close();
    options.signal.addEventListener("abort", stop, { once: true });
    void connection.closed.then(() => options.signal.removeEventListener("abort", stop));
    try {
      await connection.#authenticate();
    } catch (error) {
      connection.close();
      options.signal.throwIfAborted();
      throw error;
    }
    return connection;
  }

  /** Resolves with the reason when the connection is closed. */
  get closed(): Promise<Trouble> {
    return this.#closed.promise;
  }

  get answersMarkers(): boolean {
    return this.#answersMarkers;
  }

  /**
   * Runs a command and resolves with the server's reply. Commands run one after the other. Throws a `Trouble` if the
   * reply did not come in time; whether the server has run the command is then unknown.
   */
  execute(command: string, signal: AbortSignal): Promise<string> {
    let kind: TroubleKind = "not_run";
    const tooLate = () => new Trouble(kind, t`${this.#address} did not answer in time`);
    const exchange = this.#turn.then(async () => {
      if (signal.aborted) throw tooLate();
      kind = "silent";
      this.#isListening = true;
      return await this.#exchange(command).finally(() => this.#isListening = false);
    });
    this.#turn = exchange.catch(() => {});
    return unlessAborted(exchange, signal, tooLate);
  }

  close(): void {
    this.#end(new Trouble("lost", t`the connection to ${this.#address} was closed`));
  }

  async #authenticate(): Promise<void> {
    const id = this.#nextId();
    await this.#send(encodePacket(id, packetType.auth, this.#options.password));
    // Source games send an empty response before the answer. Some servers answer with the request's type.
    const isAnswer = (packet: Packet) =>
      packet.id === -1 || ((packet.id === id || this.#isUnknownId(packet.id)) &&
        (packet.type === packetType.authResponse ||
          (packet.type === packetType.auth && packet.body.length === 0)));
    const answer = await this.#inbox.next(this.#options.answerTimeoutMs, isAnswer);
    if (answer === null) {
      throw this.#silence(
        (seconds) =>
          t`${this.#address} did not answer the password within ${seconds} s: check that the server works and that this is its RCON port`,
      );
    }
    if (answer.id === -1) {
      throw new Trouble(
        "wrong_password",
        t`${this.#address} refuses the password: use the one from the server's settings (rcon_password in server.cfg, rcon.password in server.properties)`,
      );
    }
    this.#isAuthenticated = true;
    this.#isListening = false;
  }

  async #exchange(command: string): Promise<string> {
    const id = this.#nextId();
    const markerId = this.#nextId();
    const request = encodePacket(id, packetType.command, command);
    if (request.length - encodePacket(0, 0).length > maxBodyBytes) {
      throw new RangeError(
        t`a command of more than ${maxBodyBytes} bytes cannot be sent over RCON: make it shorter`,
      );
    }
    if (!this.#isOpen) throw new Trouble("not_run", t`the connection to ${this.#address} is closed`);
    await this.#send(request);
    const reply = new Reply();
    let hasSentMarker = false;
    while (true) {
      const packet = await this.#nextOf([id, markerId], reply, this.#patience(reply, hasSentMarker));
      if (packet === null && reply.hasStarted) {
        this.#answersMarkers &&= this.#hasAnsweredMarker;
        return reply.text;
      }
      if (packet === null && (hasSentMarker || !this.#answersMarkers)) {
        throw this.#silence(
          (seconds) =>
            t`${this.#address} did not answer the command within ${seconds} s: check that the server works and that this is its RCON port`,
        );
      }
      if (packet?.id === -1) throw this.#logout();
      if (packet !== null) this.#learnFrom(packet);
      if (packet?.id === markerId) {
        this.#hasAnsweredMarker = true;
        return reply.text;
      }
      if (packet !== null) reply.add(packet.body);
      if (reply.size > maxReplyBytes) throw this.#endless();
      if (!this.#answersMarkers || hasSentMarker) continue;
      hasSentMarker = true;
      await this.#send(encodePacket(markerId, packetType.responseValue));
    }
  }

  /** The answer to a marker would not be recognized without its id. */
  #learnFrom({ id }: Packet): void {
    if (this.#isUnknownId(id)) this.#answersMarkers = false;
    else this.#keepsIds = true;
  }

  #isUnknownId(id: number): boolean {
    return id !== -1 && (id < 1 || id > this.#lastId);
  }

  /** How long to wait for the next packet. */
  #patience(reply: Reply, hasSentMarker: boolean): number {
    if (!this.#answersMarkers) {
      return reply.hasStarted ? silenceWithoutMarkersMs : this.#options.answerTimeoutMs;
    }
    if (!hasSentMarker) return Math.min(silenceBeforeMarkerMs, this.#options.answerTimeoutMs);
    return reply.hasStarted ? silenceAfterMarkerMs : this.#options.answerTimeoutMs;
  }

  /**
   * Returns the next packet with one of these ids, or the one that reports a missing login; null if none comes. Some
   * servers close the connection because of the marker. If the reply has already started, that marks its end and is
   * not a failure.
   */
  async #nextOf(ids: number[], reply: Reply, milliseconds: number): Promise<Packet | null> {
    const isWanted = ({ id, type }: Packet) =>
      ids.includes(id) || (id === -1 && type === packetType.authResponse) ||
      (type === packetType.responseValue && !this.#keepsIds && this.#isUnknownId(id));
    try {
      return await this.#inbox.next(milliseconds, isWanted);
    } catch (error) {
      if (!reply.hasStarted) throw error;
      return null;
    }
  }

  /** Ends the connection, because late answers could not be told from later replies. */
  #silence(told: (seconds: number) => string): Trouble {
    const trouble = new Trouble("silent", told(this.#options.answerTimeoutMs / 1000));
    this.#end(trouble);
    return trouble;
  }

  #endless(): Trouble {
    const trouble = new Trouble(
      "silent",
      t`${this.#address} sent more than ${maxReplyBytes / 1024 / 1024} MB in one reply`,
    );
    this.#end(trouble);
    return trouble;
  }

  /** Source games require a new login after the password is set, which happens with each map. */
  #logout(): Trouble {
    const trouble = new Trouble("not_run", t`${this.#address} requires a new login`);
    this.#end(trouble);
    return trouble;
  }

  async #send(packet: Uint8Array): Promise<void> {
    try {
      let sent = 0;
      while (sent < packet.length) sent += await this.#socket.write(packet.subarray(sent));
    } catch {
      this.#end(this.#loss());
    }
  }

  async #receive(): Promise<void> {
    const reader = new PacketReader();
    const buffer = new Uint8Array(16_384);
    try {
      while (true) {
        const length = await this.#socket.read(buffer);
        if (length === null) break;
        const packets = reader.read(buffer.subarray(0, length));
        if (this.#isListening) this.#inbox.put(packets);
      }
      this.#end(this.#loss());
    } catch (error) {
      this.#end(error instanceof RangeError ? this.#strangeness() : this.#loss());
    }
  }

  #strangeness(): Trouble {
    return new Trouble(
      "not_rcon",
      t`${this.#address} does not speak RCON: check "port" (the game's RCON port, over TCP)`,
    );
  }

  #loss(): Trouble {
    if (this.#isAuthenticated) return new Trouble("lost", t`the connection to ${this.#address} was lost`);
    return new Trouble(
      "turned_away",
      t`${this.#address} closed the connection before it answered the password: it may have banned this computer after wrong passwords (undo this with removeip on the server, or restart it), or it is just starting`,
    );
  }

  #end(trouble: Trouble): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#inbox.end(trouble);
    this.#socket.close();
    this.#closed.resolve(trouble);
  }

  #nextId(): number {
    // A signed 32-bit number. -1 means a wrong password.
    this.#lastId = this.#lastId % 0x7fff_ffff + 1;
    return this.#lastId;
  }
}

/** A reply, collected as bytes because a character may be split between two packets. */
class Reply {
  readonly #parts: Uint8Array[] = [];
  #keptBytes = 0;
  /** Includes the bytes that were not kept. */
  size = 0;

  get hasStarted(): boolean {
    return this.#parts.length > 0;
  }

  get text(): string {
    const bytes = new Uint8Array(this.#keptBytes);
    let end = 0;
    for (const part of this.#parts) {
      bytes.set(part, end);
      end += part.length;
    }
    return new TextDecoder().decode(bytes);
  }

  add(part: Uint8Array): void {
    this.size += part.length;
    const kept = part.subarray(0, maxKeptBytes - this.#keptBytes);
    if (this.hasStarted && kept.length === 0) return;
    this.#parts.push(kept);
    this.#keptBytes += kept.length;
  }
}

async function connect({ host, port, connectTimeoutMs, signal }: RconOptions): Promise<Deno.TcpConn> {
  const address = addressOf(host, port);
  const timeout = new AbortController();
  const cancel = limit(connectTimeoutMs, () => timeout.abort());
  try {
    return await Deno.connect({ hostname: host, port, signal: AbortSignal.any([signal, timeout.signal]) });
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.signal.aborted) {
      throw new Trouble(
        "connect_timeout",
        t`${address} does not answer: check "host" and "port", and that no firewall blocks TCP`,
      );
    }
    throw whyNotConnected(error, address);
  } finally {
    cancel();
  }
}

function whyNotConnected(error: unknown, address: string): Trouble {
  if (error instanceof Deno.errors.NotCapable) {
    return new Trouble(
      "not_permitted",
      t`the service is not allowed to connect to ${address}: add "${address}" to "net" in its "permissions"`,
    );
  }
  if (error instanceof Deno.errors.ConnectionRefused) {
    return new Trouble(
      "refused",
      t`${address} refuses connections: check that the server is running, that RCON is enabled, and that this is its RCON port`,
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  if (/lookup|resolve|not known|no such host/i.test(message)) {
    return new Trouble("unknown_host", t`the host name in ${address} cannot be resolved: check "host"`);
  }
  return new Trouble("unreachable", t`${address} cannot be reached (${message})`);
}

async function unlessAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal,
  reason: () => Trouble,
): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(reason());
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
