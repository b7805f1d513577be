/**
 * A TikTok of our own on 127.0.0.1: live page, API, room info, sign server and message server, speaking the
 * real protocol. Point `tiktok.endpoints` (`sign` and `web`) at it, for one test or for a whole Livecue.
 */
import { gzipSync } from "node:zlib";
import {
  BaseProtoMessage,
  HeartBeatMessage,
  ProtoMessageFetchResult,
  WebcastImEnterRoomMessage,
  WebcastPushFrame,
} from "tiktok-live-connector";
import type { CapturedEvent } from "../../src/source.ts";
import { encodeEvent } from "../../src/capture/tiktok/encode.ts";

/** What a fake frame is made of: events, or raw messages of any kind. */
export type FakeMessage = CapturedEvent | { method: string; payload: Uint8Array };

export interface FrameOptions {
  isGzipped?: boolean;
  needsAck?: boolean;
}

/** What a client sent over the socket. */
export type Received =
  | { type: "im_enter_room"; roomId: string }
  | { type: "hb"; roomId: string }
  | { type: "ack"; logId: string; internalExt: string };

export interface FakeRequest {
  path: string;
  query: URLSearchParams;
  headers: Headers;
}

/** How a route answers: as it should, with an error, or never. */
export type Answer =
  | { kind: "ok" }
  | { kind: "status"; status: number; headers?: Record<string, string>; body?: string }
  | { kind: "hang" };

const empty = new Uint8Array(0);
const userNotFound = { statusCode: 19881007, message: "user_not_found", data: null };
let lastLogId = 0;

export class FakeTikTok {
  /** The handle whose live this is. */
  username = "ana.live";
  roomId = "7400000000000000001";
  title = "Ana's live";
  isLive = true;
  /** False: TikTok knows nobody of this name. */
  isKnown = true;
  /** True: the page asks for a captcha, the API refuses. */
  isBlocking = false;
  sign: Answer = { kind: "ok" };
  roomInfo: Answer = { kind: "ok" };
  page: Answer = { kind: "ok" };
  socket: Answer = { kind: "ok" };
  /** Set by the page and by the signature. */
  cookie = "ttwid=fake; Path=/";
  /** TikTok's clock as the signature's reply tells it, in Unix milliseconds; null: it does not. */
  time: number | null = null;
  /** Where the signature says that the messages are; null: here. */
  pushServer: string | null = null;
  /** What comes with the signature. */
  history: FakeMessage[] = [];
  /** All requests so far, in order. */
  readonly requests: FakeRequest[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #connections = new Set<FakeConnection>();
  readonly #hanging = new Set<() => void>();
  readonly #lookups = new Moments<FakeRequest>();
  readonly #signs = new Moments<FakeRequest>();
  readonly #connected = new Moments<FakeConnection>();
  readonly #socketRequests = new Moments<FakeRequest>();

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  get #origin(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  /** For `tiktok.endpoints`. */
  get endpoints(): { sign: string; web: string } {
    return { sign: `http://${this.#origin}`, web: `http://${this.#origin}` };
  }

  /** Sockets open now. */
  get connections(): readonly FakeConnection[] {
    return [...this.#connections];
  }

  goLive(roomId = this.roomId): void {
    this.isLive = true;
    this.roomId = roomId;
  }

  goOffline(): void {
    this.isLive = false;
  }

  /** Sends one frame to every open socket. */
  send(messages: FakeMessage[], options?: FrameOptions): void {
    for (const connection of this.#connections) connection.send(messages, options);
  }

  /** The next request for the live page not yet awaited; there may have been one already. */
  nextLookup(): Promise<FakeRequest> {
    return this.#lookups.next();
  }

  nextSign(): Promise<FakeRequest> {
    return this.#signs.next();
  }

  /** The next request to open a socket, also one that is refused. */
  nextSocketRequest(): Promise<FakeRequest> {
    return this.#socketRequests.next();
  }

  /** The next client that has entered the room. */
  nextConnection(): Promise<FakeConnection> {
    return this.#connected.next();
  }

  /** Ends every socket and request; resolves when nothing is left. */
  async close(): Promise<void> {
    for (const release of this.#hanging) release();
    for (const connection of this.#connections) connection.drop();
    await Promise.all(this.connections.map((connection) => connection.closed));
    await this.#server.shutdown();
  }

  #answer(request: Request): Response | Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const seen = { path: pathname, query: searchParams, headers: new Headers(request.headers) };
    this.requests.push(seen);
    if (pathname === `/@${this.username}/live`) {
      this.#lookups.happened(seen);
      return this.#with(this.page, () => this.#livePage());
    }
    if (pathname.startsWith("/@")) return html({});
    if (pathname === "/api-live/user/room/") return this.#with(this.page, () => this.#apiRoom(searchParams));
    if (pathname === "/webcast/room/info/") return this.#with(this.roomInfo, () => this.#info(searchParams));
    if (/^\/webcast\/anchors\/[^/]+\/room_id$/.test(pathname)) {
      return this.#with(this.sign, () => this.#signedRoomId());
    }
    if (/^\/webcast\/rooms\/\d+\/connect$/.test(pathname)) {
      this.#signs.happened(seen);
      return this.#with(this.sign, () => this.#signature());
    }
    if (pathname === "/push") {
      this.#socketRequests.happened(seen);
      return this.#with(this.socket, () => this.#openSocket(request));
    }
    return new Response("", { status: 404 });
  }

  async #with(answer: Answer, work: () => Response): Promise<Response> {
    switch (answer.kind) {
      case "ok":
        return work();
      case "status":
        return new Response(answer.body ?? "", { status: answer.status, headers: answer.headers ?? {} });
      case "hang":
        await new Promise<void>((resolve) => this.#hanging.add(resolve));
        return new Response("", { status: 503 });
    }
  }

  #room() {
    const status = this.isLive ? 2 : 4;
    return {
      user: { uniqueId: this.username, roomId: this.roomId, status },
      liveRoom: { status, title: this.title },
    };
  }

  #livePage(): Response {
    if (this.isBlocking) return new Response("<html>Verify to continue</html>", { headers: htmlHeaders });
    return livePageOf(this.isKnown ? this.#room() : null, this.cookie);
  }

  #apiRoom(query: URLSearchParams): Response {
    if (this.isBlocking) return new Response("", { status: 403 });
    const isKnown = this.isKnown && query.get("uniqueId") === this.username;
    return Response.json(isKnown ? { statusCode: 0, message: "", data: this.#room() } : userNotFound);
  }

  #info(query: URLSearchParams): Response {
    const isLive = this.isLive && query.get("room_id") === this.roomId;
    return Response.json({ status_code: 0, data: { status: isLive ? 2 : 4, title: this.title } });
  }

  #signedRoomId(): Response {
    if (!this.isKnown) return Response.json({ code: 404, ok: false, message: "Not found" }, { status: 404 });
    return Response.json({ code: 200, ok: true, room_id: this.roomId, is_live: this.isLive });
  }

  #signature(): Response {
    return signatureOf({
      history: this.history,
      username: this.username,
      roomId: this.roomId,
      time: this.time,
      cookie: this.cookie,
      pushServer: this.pushServer ?? `ws://${this.#origin}/push`,
    });
  }

  #openSocket(request: Request): Response {
    // The client never answers pings, so an idle timeout would drop it.
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    const connection = new FakeConnection(socket, this.username, () => this.#connected.happened(connection));
    socket.addEventListener("open", () => this.#connections.add(connection));
    socket.addEventListener("close", () => this.#connections.delete(connection));
    return response;
  }
}

/** One client's socket, seen from the server. */
export class FakeConnection {
  /** Resolves when the socket is gone, whoever ended it. */
  readonly closed: Promise<void>;
  /** All that the client sent, in order. */
  readonly received: Received[] = [];
  readonly #socket: WebSocket;
  readonly #username: string;
  readonly #news = new Moments<Received>();

  constructor(socket: WebSocket, username: string, onEntered: () => void) {
    this.#socket = socket;
    this.#username = username;
    socket.binaryType = "arraybuffer";
    this.closed = new Promise((resolve) => socket.addEventListener("close", () => resolve(), { once: true }));
    // A client that is cut off is an error and a close; the close says all.
    socket.addEventListener("error", (event) => event.preventDefault());
    socket.addEventListener("message", ({ data }) => {
      const received = readReceived(new Uint8Array(data));
      if (received === null) return;
      this.received.push(received);
      this.#news.happened(received);
      if (received.type === "im_enter_room") onEntered();
    });
  }

  /** One frame with these messages. */
  send(messages: FakeMessage[], options: FrameOptions = {}): void {
    this.sendBytes(frameOf(messages, this.#username, options));
  }

  /** Any bytes as one frame. */
  sendBytes(bytes: Uint8Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(Uint8Array.from(bytes));
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  /** The next thing the client sends, or has sent, not yet awaited. */
  nextReceived(): Promise<Received> {
    return this.#news.next();
  }

  drop(): void {
    this.#socket.close();
  }
}

/** The bytes of one frame, as TikTok's message server sends it. */
export function frameOf(messages: FakeMessage[], username: string, options: FrameOptions = {}): Uint8Array {
  const { isGzipped = false, needsAck = false } = options;
  const batch = batchOf(messages, username, { needAck: needsAck, internalExt: needsAck ? "ext-2" : "" });
  return WebcastPushFrame.encode({
    ...WebcastPushFrame.decode(empty),
    logId: String(++lastLogId),
    payloadEncoding: "pb",
    payloadType: "msg",
    payload: Buffer.from(isGzipped ? gzipSync(batch) : batch),
  }).finish();
}

function batchOf(
  messages: FakeMessage[],
  username: string,
  fields: Partial<ProtoMessageFetchResult>,
): Uint8Array {
  const encoded = messages.map((message) => "method" in message ? message : encodeEvent(message, username));
  return ProtoMessageFetchResult.encode({
    ...ProtoMessageFetchResult.decode(empty),
    ...fields,
    messages: encoded.map(({ method, payload }) => ({
      ...BaseProtoMessage.decode(empty),
      method,
      payload: Buffer.from(payload),
    })),
  }).finish();
}

export interface SignatureParts {
  history: FakeMessage[];
  username: string;
  roomId: string;
  /** TikTok's clock in Unix milliseconds; null: not told. */
  time: number | null;
  cookie: string;
  /** Where the messages are. */
  pushServer: string;
}

/** The sign server's reply. */
export function signatureOf(
  { history, username, roomId, time, cookie, pushServer }: SignatureParts,
): Response {
  const reply = batchOf(history, username, {
    now: String(time ?? 0),
    cursor: "cursor-1",
    internalExt: "ext-1",
    pushServer,
    routeParams: { imprp: "route" },
  });
  return new Response(Uint8Array.from(reply), {
    headers: { "content-type": "application/protobuf", "x-set-tt-cookie": cookie, "x-room-id": roomId },
  });
}

/** The page of a live, with what TikTok says of its room; null: there is no such user. */
export function livePageOf(room: object | null, cookie: string): Response {
  const page = html(room === null ? {} : { LiveRoom: { liveRoomUserInfo: room } });
  page.headers.append("set-cookie", cookie);
  return page;
}

function readReceived(bytes: Uint8Array): Received | null {
  const { payloadType, payload, logId } = WebcastPushFrame.decode(bytes);
  switch (payloadType) {
    case "im_enter_room":
      return { type: payloadType, roomId: WebcastImEnterRoomMessage.decode(payload).roomId };
    case "hb":
      return { type: payloadType, roomId: HeartBeatMessage.decode(payload).roomId };
    case "ack":
      return { type: payloadType, logId, internalExt: new TextDecoder().decode(payload) };
    default:
      return null;
  }
}

const htmlHeaders = { "content-type": "text/html" };

function html(state: unknown): Response {
  const script = `<script id="SIGI_STATE" type="application/json">${JSON.stringify(state)}</script>`;
  return new Response(`<!doctype html><html><body>${script}</body></html>`, { headers: htmlHeaders });
}

/** Things that happen, to be awaited one by one, also after they happened. */
class Moments<Value> {
  readonly #past: Value[] = [];
  readonly #waiting: ((value: Value) => void)[] = [];

  happened(value: Value): void {
    const resolve = this.#waiting.shift();
    if (resolve === undefined) this.#past.push(value);
    else resolve(value);
  }

  next(): Promise<Value> {
    const value = this.#past.shift();
    if (value !== undefined) return Promise.resolve(value);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
