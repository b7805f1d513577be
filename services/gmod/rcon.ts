/**
 * A connection to a game server by Valve's Source RCON protocol, as Source games, Minecraft, Factorio, Rust
 * and others speak it.
 *
 * A reply may come in several packets, and none says that it is the last. So an empty packet of a type that
 * only servers send is sent after the command: its answer comes behind the reply. Source games mirror it and
 * Minecraft answers "Unknown request"; others leave it unanswered, and there a pause is the end.
 * It is not sent together with the command, since Minecraft gives up a connection on which two packets
 * arrive as one.
 */
import { limit } from "livecue/limit";
import { Inbox } from "./inbox.ts";
import { encodePacket, maxBodyBytes, type Packet, PacketReader, packetType } from "./packet.ts";
import { addressOf, Trouble, type TroubleKind } from "./trouble.ts";

export interface RconOptions {
  host: string;
  port: number;
  password: string;
  connectTimeoutMs: number;
  /** For the answer to the password, and for the first one to a command. */
  answerTimeoutMs: number;
  /** false where it is known that the server leaves the empty packet unanswered. */
  answersMarkers: boolean;
  signal: AbortSignal;
}

/** Commands without an answer of their own are answered by the marker, which must not wait for ever. */
const silenceBeforeMarkerMs = 250;
const silenceAfterMarkerMs = 1000;
const silenceWithoutMarkersMs = 100;
/** More is not kept of a reply, which is only for the log. */
const maxKeptBytes = 262_144;
/** More is no reply: what sends it would not come to an end. */
const maxReplyBytes = 16_777_216;

export class RconConnection {
  readonly #socket: Deno.TcpConn;
  readonly #options: RconOptions;
  readonly #address: string;
  readonly #inbox = new Inbox();
  readonly #closed = Promise.withResolvers<Trouble>();
  #answersMarkers: boolean;
  /** Once a marker was answered, a missing answer says nothing about markers. */
  #hasAnsweredMarker = false;
  #isOpen = true;
  #isAuthenticated = false;
  /** Some games send for hours what they print: between commands, nothing is kept of it. */
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

  /** Throws a `Trouble`, or the signal's reason. */
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

  /** Resolves when the connection is over, with the reason. */
  get closed(): Promise<Trouble> {
    return this.#closed.promise;
  }

  get answersMarkers(): boolean {
    return this.#answersMarkers;
  }

  /**
   * Runs a command and resolves with the server's reply; commands run one after the other. Throws a `Trouble`
   * where the reply did not come in time, when nobody knows whether the server has run it.
   */
  execute(command: string, signal: AbortSignal): Promise<string> {
    let kind: TroubleKind = "not_run";
    const tooLate = () => new Trouble(kind, `${this.#address} did not answer it in time`);
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
    this.#end(new Trouble("lost", `the connection to ${this.#address} was closed`));
  }

  async #authenticate(): Promise<void> {
    const id = this.#nextId();
    await this.#send(encodePacket(id, packetType.auth, this.#options.password));
    // Source games send an empty response before this one.
    const isAnswer = (packet: Packet) =>
      packet.id === -1 || (packet.type === packetType.authResponse && packet.id === id);
    const answer = await this.#inbox.next(this.#options.answerTimeoutMs, isAnswer);
    if (answer === null) throw this.#silence("the password");
    if (answer.id === -1) {
      throw new Trouble(
        "wrong_password",
        `${this.#address} refuses the password: set the one of the server's own settings (rcon_password in ` +
          "server.cfg, rcon.password in server.properties)",
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
        `a command of more than ${maxBodyBytes} bytes cannot be sent by RCON: make it shorter`,
      );
    }
    if (!this.#isOpen) throw new Trouble("not_run", `the connection to ${this.#address} is over`);
    await this.#send(request);
    const reply = new Reply();
    let hasSentMarker = false;
    while (true) {
      const packet = await this.#nextOf([id, markerId], reply, this.#patience(reply, hasSentMarker));
      if (packet === null && reply.hasBegun) {
        this.#answersMarkers &&= this.#hasAnsweredMarker;
        return reply.text;
      }
      if (packet === null && (hasSentMarker || !this.#answersMarkers)) throw this.#silence("the command");
      if (packet?.id === -1) throw this.#logout();
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

  /** How long to wait for the next packet. */
  #patience(reply: Reply, hasSentMarker: boolean): number {
    if (!this.#answersMarkers) {
      return reply.hasBegun ? silenceWithoutMarkersMs : this.#options.answerTimeoutMs;
    }
    if (!hasSentMarker) return Math.min(silenceBeforeMarkerMs, this.#options.answerTimeoutMs);
    return reply.hasBegun ? silenceAfterMarkerMs : this.#options.answerTimeoutMs;
  }

  /**
   * The next packet with one of these ids, or the one that says that nobody is logged in; null for none. Some
   * servers end the connection over the marker: once the reply has begun that is no failure, but its end.
   */
  async #nextOf(ids: number[], reply: Reply, milliseconds: number): Promise<Packet | null> {
    const isWanted = ({ id, type }: Packet) =>
      ids.includes(id) || (id === -1 && type === packetType.authResponse);
    try {
      return await this.#inbox.next(milliseconds, isWanted);
    } catch (error) {
      if (!reply.hasBegun) throw error;
      return null;
    }
  }

  /** The connection is of no use any more: what it still brings could not be told from later answers. */
  #silence(what: string): Trouble {
    const seconds = this.#options.answerTimeoutMs / 1000;
    const trouble = new Trouble(
      "silent",
      `${this.#address} did not answer ${what} within ${seconds} s: see that the server is well, and that ` +
        "this is its RCON port",
    );
    this.#end(trouble);
    return trouble;
  }

  #endless(): Trouble {
    const trouble = new Trouble(
      "silent",
      `${this.#address} sent more than ${
        maxReplyBytes / 1024 / 1024
      } MB and did not come to the end of its reply`,
    );
    this.#end(trouble);
    return trouble;
  }

  /** Source games forget who has logged in when the password is set, which they do with each map. */
  #logout(): Trouble {
    const trouble = new Trouble("not_run", `${this.#address} wants the password anew`);
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
      `what ${this.#address} answers is not RCON: check "port" (the game's RCON port, over TCP)`,
    );
  }

  #loss(): Trouble {
    if (this.#isAuthenticated) return new Trouble("lost", `the connection to ${this.#address} was lost`);
    return new Trouble(
      "turned_away",
      `${this.#address} ended the connection before it answered the password: it may have banned this ` +
        "computer after wrong passwords (lift that with removeip on the server, or restart it), or it is just starting",
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
    // 32 bits with a sign, of which -1 means a wrong password.
    this.#lastId = this.#lastId % 0x7fff_ffff + 1;
    return this.#lastId;
  }
}

/** Its parts are put together as bytes, since a letter may be split between two packets. */
class Reply {
  readonly #parts: Uint8Array[] = [];
  #keptBytes = 0;
  /** With what was not kept. */
  size = 0;

  get hasBegun(): boolean {
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
    if (this.hasBegun && kept.length === 0) return;
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
        `${address} does not answer: check "host" and "port", and that a firewall lets TCP through`,
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
      `"permissions" of the config does not let it: add "${address}" to "net"`,
    );
  }
  if (error instanceof Deno.errors.ConnectionRefused) {
    return new Trouble(
      "refused",
      `${address} refuses connections: see that the server is up, that RCON is switched on, and that ` +
        "this is its RCON port",
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  if (/lookup|resolve|not known|no such host/i.test(message)) {
    return new Trouble("unknown_host", `no computer of the name in ${address} is known: check "host"`);
  }
  return new Trouble("unreachable", `${address} cannot be reached (${message})`);
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
