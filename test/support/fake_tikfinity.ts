/** A server of TikFinity's form, which can also be stuck, gone, or something else. */
import { WebSocketServer } from "ws";

// deno-lint-ignore no-explicit-any
type Untyped = any;

export interface FakeTikfinityOptions {
  /** 0: any that is free. */
  port?: number;
  /** It takes connections and answers no ping, as a program that is stuck. */
  isStuck?: boolean;
}

export class FakeTikfinity implements AsyncDisposable {
  readonly port: number;
  readonly #server: Untyped;
  readonly #connections: FakeClient[] = [];
  readonly #waiting: ((client: FakeClient) => void)[] = [];
  readonly #open = new Set<FakeClient>();

  private constructor(server: Untyped) {
    this.#server = server;
    this.port = server.address().port;
    server.on("connection", (socket: Untyped) => {
      const client = new FakeClient(socket);
      this.#open.add(client);
      client.closed.then(() => this.#open.delete(client));
      const take = this.#waiting.shift();
      if (take === undefined) this.#connections.push(client);
      else take(client);
    });
  }

  static async start({ port = 0, isStuck = false }: FakeTikfinityOptions = {}): Promise<FakeTikfinity> {
    const server = new WebSocketServer({ host: "127.0.0.1", port, autoPong: !isStuck });
    await new Promise<void>((resolve, reject) => {
      server.once("listening", resolve);
      server.once("error", reject);
    });
    return new FakeTikfinity(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/`;
  }

  /** The next one to connect, or the one that has and was not asked for yet. */
  nextClient(): Promise<FakeClient> {
    const client = this.#connections.shift();
    if (client !== undefined) return Promise.resolve(client);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = [...this.#open];
    for (const client of open) client.drop();
    await Promise.all(open.map(({ closed }) => closed));
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** One client, seen from the server. */
export class FakeClient {
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>;
  readonly #socket: Untyped;
  readonly #pings: (() => void)[] = [];

  constructor(socket: Untyped) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.on("close", () => resolve()));
    socket.on("error", () => {});
    socket.on("ping", () => this.#pings.shift()?.());
  }

  send(event: string, data: Record<string, unknown> = {}): void {
    this.sendText(JSON.stringify({ event, data }));
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  /** Resolves when the client asks whether this server is there. */
  nextPing(): Promise<void> {
    return new Promise((resolve) => this.#pings.push(resolve));
  }

  /** Resolves when the client has got all that was sent to it. */
  async delivered(): Promise<void> {
    const answered = new Promise<void>((resolve) => this.#socket.once("pong", () => resolve()));
    this.#socket.ping();
    await answered;
  }

  drop(): void {
    this.#socket.terminate();
  }
}

/** A person as TikFinity describes one, beside the fields of the message. */
export function personFields(given: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    userId: "7000000000000000001",
    secUid: "MS4wLjABAAAA",
    uniqueId: "ana.live",
    nickname: "Ana 🌹",
    profilePictureUrl: "https://example.invalid/ana.webp",
    followRole: 1,
    userBadges: [],
    userSceneTypes: [],
    followInfo: { followingCount: 1, followerCount: 2, followStatus: 1, pushStatus: 0 },
    isModerator: true,
    isNewGifter: false,
    isSubscriber: false,
    topGifterRank: 0,
    gifterLevel: 23,
    teamMemberLevel: 0,
    tikfinityUserId: 1888822,
    tikfinityUsername: "Streamer",
    ...given,
  };
}

/** A rose as TikFinity sends it, one frame of a streak. */
export function roseFields(count: number, isEnd: boolean, given: Record<string, unknown> = {}) {
  return personFields({
    giftId: 5655,
    repeatCount: count,
    groupId: "1749859560141",
    repeatEnd: isEnd,
    gift: { gift_id: 5655, repeat_count: count, repeat_end: isEnd ? 1 : 0, gift_type: 1 },
    describe: "sent Rose",
    giftType: 1,
    diamondCount: 1,
    giftName: "Rose",
    giftPictureUrl: "https://example.invalid/rose.png",
    receiverUserId: "6983923605470856197",
    ...given,
  });
}
