/**
 * A TCP link to a server, in this process, that fails when a test wants it to: it can cut, lose, hold, delay and
 * repeat.
 *
 * The computer acknowledges what the link accepts, even when it then loses it. So neither end notices a partition by
 * TCP's own means, such as keepalive: only by what the ends send each other.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { type Clock, systemClock } from "../../src/clock.ts";
import { type Direction, type Frame, framersOf, type Framing } from "./framing.ts";

export type { Direction, Frame };

export interface FaultyLinkOptions {
  /** The server's URL. */
  to: string;
  /** Default: bytes. `drop`, `double` and `failBefore` need one of the others. */
  framing?: Framing;
  /** Of `slow`. Default: the real one. */
  clock?: Clock;
}

/** Which end of a connection learns at once that it is cut. */
export type End = "client" | "server" | "both";

interface Faults {
  isPartitioned: boolean;
  isHeld: boolean;
  delayMs: number;
  dropEach: number;
  doubleEach: number;
  messageCount: number;
  /** Whether the link fails before this frame, and how. */
  failBefore: ((frame: Frame) => "cut" | "partition" | null) | null;
}

const noFaults = {
  isPartitioned: false,
  isHeld: false,
  delayMs: 0,
  dropEach: 0,
  doubleEach: 0,
  messageCount: 0,
  failBefore: null,
};

const directions: readonly Direction[] = ["toServer", "toClient"];

export class FaultyLink implements AsyncDisposable {
  /** The server's URL, through the link. */
  readonly address: string;
  readonly #server: Server;
  readonly #faults: Record<Direction, Faults> = { toServer: { ...noFaults }, toClient: { ...noFaults } };
  readonly #connections = new Set<Connection>();

  private constructor(server: Server, address: string) {
    this.#server = server;
    this.address = address;
  }

  static async start({ to, framing = "bytes", clock = systemClock }: FaultyLinkOptions): Promise<FaultyLink> {
    const { hostname, port } = new URL(to);
    const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = new URL(to);
    address.hostname = "127.0.0.1";
    address.port = String((server.address() as AddressInfo).port);
    const link = new FaultyLink(server, address.href);
    server.on("connection", (client) => {
      const isReachable = !directions.some((direction) => link.#faults[direction].isPartitioned);
      const socket = isReachable
        ? connect({ host: hostname, port: Number(port), allowHalfOpen: true })
        : null;
      const connection = new Connection({ client, server: socket, faults: link.#faults, framing, clock });
      link.#connections.add(connection);
      connection.ended.then(() => link.#connections.delete(connection));
    });
    return link;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /**
   * Resets all connections. If only one end is cut, the other one still believes in the connection, until the link
   * heals.
   */
  cut(end: End = "both"): void {
    for (const connection of this.#connections) connection.cut(end);
  }

  /** From now on everything vanishes, also what is held. New connections are accepted and lead nowhere. */
  partition(direction?: Direction): void {
    for (const each of which(direction)) this.#faults[each].isPartitioned = true;
    this.#flush();
  }

  /** Ends partitions. Connections that lost something are reset. */
  heal(): void {
    for (const each of directions) this.#faults[each].isPartitioned = false;
    for (const connection of this.#connections) if (connection.isDamaged) connection.cut("both");
  }

  /** From now on everything waits in the link. */
  hold(direction?: Direction): void {
    for (const each of which(direction)) this.#faults[each].isHeld = true;
  }

  /** Lets through, in order, what was held. */
  release(direction?: Direction): void {
    for (const each of which(direction)) this.#faults[each].isHeld = false;
    this.#flush();
  }

  /** What arrives from now on takes so long for its way. Its order stays. */
  slow(delayMs: number, direction?: Direction): void {
    for (const each of which(direction)) this.#faults[each].delayMs = delayMs;
  }

  /** Loses each n-th message of a direction, counted over all connections from now on; 0: none. */
  drop(each: number, direction: Direction): void {
    Object.assign(this.#faults[direction], { dropEach: each, messageCount: 0 });
  }

  /** Passes each n-th message of a direction on twice, counted over all connections from now on; 0: none. */
  double(each: number, direction: Direction): void {
    Object.assign(this.#faults[direction], { doubleEach: each, messageCount: 0 });
  }

  /**
   * Waits for a frame, loses it, and fails in that moment: "cut" resets the frame's connection, "partition" begins a
   * partition of both directions. What came before the frame is let through. Resolves in that moment, once.
   */
  failBefore(
    isIt: (frame: Frame) => boolean,
    { direction, how = "cut" }: { direction: Direction; how?: "cut" | "partition" },
  ): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#faults[direction].failBefore = (frame) => {
      if (!isIt(frame)) return null;
      this.#faults[direction].failBefore = null;
      if (how === "partition") this.partition();
      resolve();
      return how;
    };
    return promise;
  }

  /** Fails when PostgreSQL has committed a transaction and says so: the client never hears of it. */
  failBeforeCommitIsAnswered(how: "cut" | "partition" = "cut"): Promise<void> {
    return this.failBefore(({ type, text }) => type === "C" && text() === "COMMIT", {
      direction: "toClient",
      how,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    const ended = [...this.#connections].map((connection) => connection.close());
    await Promise.all([closed, ...ended]);
  }

  #flush(): void {
    for (const connection of this.#connections) connection.flush();
  }
}

function which(direction: Direction | undefined): readonly Direction[] {
  return direction === undefined ? directions : [direction];
}

interface ConnectionParts {
  client: Socket;
  /** Null if the client connected in a partition. */
  server: Socket | null;
  faults: Record<Direction, Faults>;
  framing: Framing;
  clock: Clock;
}

class Connection {
  /** Resolves when both ends are closed. */
  readonly ended: Promise<void>;
  readonly #client: Socket;
  readonly #server: Socket | null;
  readonly #lanes: Lane[];
  #isHalf = false;

  constructor({ client, server, faults, framing, clock }: ConnectionParts) {
    this.#client = client;
    this.#server = server;
    const framers = framersOf(framing);
    const onCut = () => this.cut("both");
    const lane = (direction: Direction, from: Socket | null, to: Socket | null) =>
      new Lane({ from, to, faults: faults[direction], framer: framers[direction], clock, onCut });
    this.#lanes = [lane("toServer", client, server), lane("toClient", server, client)];
    this.ended = Promise.all([closing(client), closing(server)]).then(() => {
      for (const lane of this.#lanes) lane.stop();
    });
  }

  /** Whether an end waits for something that never comes. */
  get isDamaged(): boolean {
    return this.#isHalf || this.#server === null || this.#lanes.some((lane) => lane.hasLost);
  }

  cut(end: End): void {
    this.#isHalf = end !== "both";
    for (const lane of this.#lanes) lane.stop();
    if (end !== "server") this.#client.resetAndDestroy();
    if (end !== "client") this.#server?.resetAndDestroy();
  }

  flush(): void {
    for (const lane of this.#lanes) lane.flush();
  }

  async close(): Promise<void> {
    for (const lane of this.#lanes) lane.stop();
    this.#client.destroy();
    this.#server?.destroy();
    await this.ended;
  }
}

async function closing(socket: Socket | null): Promise<void> {
  if (socket !== null && !socket.closed) await new Promise((resolve) => socket.once("close", resolve));
}

interface LaneParts {
  from: Socket | null;
  to: Socket | null;
  faults: Faults;
  framer: { push(chunk: Uint8Array): Frame[] };
  clock: Clock;
  onCut(): void;
}

/** One direction of one connection. */
class Lane {
  /** Something vanished in a partition. */
  hasLost = false;
  readonly #parts: LaneParts;
  readonly #queue: { content: Uint8Array | "end" | "reset"; dueMs: number }[] = [];
  #isStopped = false;
  #isEnding = false;
  #cancel = () => {};

  constructor(parts: LaneParts) {
    this.#parts = parts;
    const { from, framer } = parts;
    from?.on("data", (chunk: Uint8Array) => {
      for (const frame of framer.push(chunk)) this.#receive(frame);
    });
    from?.on("end", () => this.#add("end"));
    from?.on("error", () => this.#add("reset"));
  }

  /** Passes on what is due. */
  flush(): void {
    const { faults, clock } = this.#parts;
    this.#cancel();
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const waitMs = next.dueMs - clock.monotonic();
      if (this.#isStopped || (faults.isHeld && !faults.isPartitioned)) return;
      if (waitMs > 0) {
        this.#cancel = clock.after(waitMs, () => this.flush());
        return;
      }
      this.#queue.shift();
      if (faults.isPartitioned) this.hasLost = true;
      else this.#pass(next.content);
    }
  }

  /** From now on this direction is silent. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  #receive(frame: Frame): void {
    const { faults, onCut } = this.#parts;
    if (this.#isStopped || this.#isEnding) return;
    const failure = faults.failBefore?.(frame) ?? null;
    if (failure === "partition") this.hasLost = true;
    if (failure === "cut") this.#endWith(onCut);
    if (failure !== null) return;
    if (!frame.isMessage) return this.#add(frame.bytes);
    faults.messageCount++;
    const isIts = (each: number) => each > 0 && faults.messageCount % each === 0;
    if (isIts(faults.dropEach)) return;
    this.#add(frame.bytes);
    if (isIts(faults.doubleEach)) this.#add(frame.bytes);
  }

  /** Cuts when the other end has what came before. */
  #endWith(onCut: () => void): void {
    this.#isEnding = true;
    const { to } = this.#parts;
    if (to === null || to.destroyed) onCut();
    else to.write("", onCut);
  }

  #add(content: Uint8Array | "end" | "reset"): void {
    const { faults, clock } = this.#parts;
    this.#queue.push({ content, dueMs: clock.monotonic() + faults.delayMs });
    this.flush();
  }

  #pass(content: Uint8Array | "end" | "reset"): void {
    const { to } = this.#parts;
    if (to === null || to.destroyed) return;
    if (content === "reset") to.resetAndDestroy();
    else if (content === "end") to.end();
    else to.write(content);
  }
}
