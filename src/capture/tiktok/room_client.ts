/**
 * One attempt to join one room, through the connector: look up, sign, open the socket. Requests and socket
 * belong to the attempt, and `close` ends them all, at whatever step: the connector's own `disconnect` does
 * not stop a connect that is under way.
 *
 * Frames are taken raw from the socket. The connector's own reading of them inflates without a bound,
 * interleaves the messages of frames that arrive together, and drops what it cannot decode.
 */
import {
  createBaseWebcastPushFrame,
  fetchRoomIdFromEulerRoute,
  fetchRoomInfoFromHtmlRoute,
  type ProtoMessageFetchResult,
  SignConfig,
  TikTokLiveConnection,
  UserOfflineError,
  WebcastDeserializeConfig,
  type WebcastWebSocketClient,
} from "tiktok-live-connector";
import type { Clock } from "../../clock.ts";
import type { Log } from "../../log/log.ts";
import { lookUpFailure, offline, type SignReply, type Step, toFailure, userUnknown } from "./failure.ts";
import { decodeFrame, type Frame } from "./schema.ts";

export interface Endpoints {
  /** Base addresses without a trailing slash; null: the public ones. */
  sign: string | null;
  web: string | null;
}

export interface RoomClientOptions {
  /** The handle, without @, in lower case. */
  username: string;
  signApiKey: string | null;
  endpoints: Endpoints;
  clock: Clock;
  log: Log;
}

export interface Room {
  roomId: string;
  /** "" where it is not known. */
  title: string;
}

export interface JoinedRoom extends Room {
  /** By how many milliseconds this computer's clock is ahead of TikTok's; 0 where TikTok did not say. */
  clockLeadMs: number;
}

export interface RoomListener {
  /** In the order in which they arrived; the batch that came with the signature first. */
  onFrame(frame: Frame | "corrupt"): void;
  /** Called once. `why` is a whole sentence. */
  onClose(why: string): void;
}

const publicSignServer = "https://api.eulerstream.com";
const signTimeoutMs = 15_000;
/** Longer than what the connector's own timeouts of the steps sum up to. */
const stepTimeoutMs = 45_000;
const maxFrameBytes = 16 * 1024 * 1024;
const userNotFoundCode = 19_881_007;
const liveStatus = 2;
const endedStatus = 4;
/** With a clock that is further off, hardly any encrypted connection comes about: then TikTok's word is odd. */
const maxClockLeadMs = 24 * 60 * 60_000;

export class RoomClient {
  readonly #options: RoomClientOptions;
  readonly #controller = new AbortController();
  readonly #connection: RoomConnection;
  #step: Step = "looking_up";
  #isTimeout = false;
  #signReply: SignReply | null = null;
  #clockLeadMs = 0;
  #pending: Promise<unknown> = Promise.resolve();
  #socketClosed: Promise<void> = Promise.resolve();
  /** What came before anybody listened. */
  #early: (Frame | "corrupt")[] = [];
  #closeReason: string | null = null;
  #listener: RoomListener | null = null;

  constructor(options: RoomClientOptions) {
    this.#options = options;
    this.#configureSigning();
    this.#connection = new RoomConnection(options.username, {
      signal: this.#controller.signal,
      web: options.endpoints.web,
      onStep: (step) => this.#step = step,
      onServerTime: (at) => this.#compareClocks(at),
      onFrame: (frame) => this.#take(frame),
      onSocket: (socket) => this.#watch(socket),
    });
  }

  /** The room in which the user is live. Throws a `ConnectionFailure`, as that there is none. */
  lookUp(): Promise<Room> {
    return this.#run(() => this.#lookUp());
  }

  /**
   * Joins the room; frames are kept for the listener from then on. With `mustBeLive`, only where TikTok says
   * outright that the room is live. Throws a `ConnectionFailure`.
   */
  connect(roomId: string, options: { mustBeLive: boolean }): Promise<JoinedRoom> {
    this.#connection.mustBeLive = options.mustBeLive;
    return this.#run(async () => {
      const { roomInfo } = await this.#connection.connect(roomId);
      return {
        roomId: this.#connection.roomId || roomId,
        title: textAt(fieldAt(roomInfo, "data"), "title"),
        clockLeadMs: this.#clockLeadMs,
      };
    });
  }

  /** From now on, and with what already came. */
  listen(listener: RoomListener): void {
    this.#listener = listener;
    for (const frame of this.#early.splice(0)) listener.onFrame(frame);
    if (this.#closeReason !== null) listener.onClose(this.#closeReason);
  }

  /** Ends requests and socket at once; resolves when nothing of them is left. May be called again. */
  async close(): Promise<void> {
    this.#listener = null;
    this.#controller.abort();
    this.#connection.socket?.terminate();
    await this.#pending.catch(() => {});
    await this.#socketClosed;
  }

  /** Runs one step against the deadline; whatever it throws becomes a `ConnectionFailure`. */
  async #run<Result>(work: () => Promise<Result>): Promise<Result> {
    const cancel = this.#options.clock.after(stepTimeoutMs, () => {
      this.#isTimeout = true;
      this.#controller.abort();
      this.#connection.socket?.terminate();
    });
    const result = work();
    this.#pending = result;
    try {
      return await result;
    } catch (error) {
      throw toFailure(error, this.#failureContext());
    } finally {
      cancel();
    }
  }

  async #lookUp(): Promise<Room> {
    const problems: unknown[] = [];
    let isOffline = false;
    // The second is asked also where the first says offline: pages lag behind.
    for (const look of [() => this.#lookAtPage(), () => this.#askApi()]) {
      try {
        const room = await look();
        if (room !== null) return room;
        isOffline = true;
      } catch (error) {
        this.#controller.signal.throwIfAborted();
        problems.push(error);
      }
    }
    if (isOffline) throw offline(this.#options.username);
    try {
      const room = await this.#askSignServer();
      if (room !== null) return room;
    } catch (error) {
      problems.push(error);
    }
    throw lookUpFailure(problems, this.#failureContext());
  }

  async #lookAtPage(): Promise<Room | null> {
    const { webClient, uniqueId } = this.#connection;
    return readRoom(await fetchRoomInfoFromHtmlRoute({ webClient, uniqueId }));
  }

  async #askApi(): Promise<Room | null> {
    const { webClient, uniqueId } = this.#connection;
    const reply: unknown = await webClient.getJsonObjectFromTikTokApi("api-live/user/room/", {
      ...webClient.clientParams,
      uniqueId,
      sourceType: "54",
    });
    const code = Number(fieldAt(reply, "statusCode") ?? 0);
    if (code === userNotFoundCode) throw userUnknown(uniqueId);
    if (code !== 0) throw new Error(`TikTok's API answered with code ${code}`);
    return readRoom(fieldAt(reply, "data"));
  }

  /** Costs a request of the quota there, so it is the last resort; null where it does not know either. */
  async #askSignServer(): Promise<Room | null> {
    const { webClient, apiClient, uniqueId } = this.#connection;
    const reply: unknown = await fetchRoomIdFromEulerRoute({ webClient, apiClient, uniqueId });
    const roomId = textAt(reply, "room_id");
    if (roomId === "" || roomId === "0") return null;
    if (fieldAt(reply, "is_live") === false) throw offline(uniqueId);
    return { roomId, title: "" };
  }

  /** The connector keeps its sign server's settings in a global, and makes a client of them when it is built. */
  #configureSigning(): void {
    WebcastDeserializeConfig.includeMessageTypes = [];
    SignConfig.basePath = this.#signServer;
    SignConfig.apiKey = this.#options.signApiKey ?? undefined;
    SignConfig.cachedInstance = undefined;
    SignConfig.baseOptions = {
      ...SignConfig.baseOptions,
      timeout: signTimeoutMs,
      signal: this.#controller.signal,
      transformResponse: (body: unknown, headers: Record<string, unknown>, status: number) => {
        const header = (name: string) => String(headers[name] ?? "");
        const rateLimitReset = header("x-ratelimit-reset");
        this.#signReply = { status, retryAfter: header("retry-after"), rateLimitReset };
        return typeof body === "string" ? parseJson(body) : body;
      },
    };
  }

  get #signServer(): string {
    return this.#options.endpoints.sign ?? publicSignServer;
  }

  #failureContext() {
    return {
      username: this.#options.username,
      step: this.#step,
      signReply: this.#signReply,
      signServer: this.#signServer,
      isTimeout: this.#isTimeout,
      now: this.#options.clock.now(),
    };
  }

  #compareClocks(serverTime: number): void {
    const leadMs = this.#options.clock.now() - serverTime;
    if (Math.abs(leadMs) <= maxClockLeadMs) this.#clockLeadMs = leadMs;
  }

  #take(frame: Frame | "corrupt"): void {
    if (this.#listener === null) this.#early.push(frame);
    else this.#listener.onFrame(frame);
  }

  #watch(socket: Socket): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socketClosed = promise;
    socket.on("close", (code) => {
      resolve();
      this.#closeReason = `TikTok closed the connection (code ${code}).`;
      this.#listener?.onClose(this.#closeReason);
    });
  }
}

/** What is used of the connector's WebSocket; its own types lack the listeners. */
interface Socket {
  on(event: "message", listener: (bytes: Uint8Array) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "close", listener: (code: number) => void): void;
  removeAllListeners(event: "message"): void;
  sendBytes(bytes: Uint8Array): boolean;
  terminate(): void;
}

interface RoomConnectionOptions {
  signal: AbortSignal;
  web: string | null;
  onStep(step: Step): void;
  /** TikTok's clock, in Unix milliseconds. */
  onServerTime(at: number): void;
  onFrame(frame: Frame | "corrupt"): void;
  onSocket(socket: Socket): void;
}

type HttpOptions = NonNullable<ConstructorParameters<typeof TikTokLiveConnection>[1]["webClientOptions"]>;

class RoomConnection extends TikTokLiveConnection {
  readonly #options: RoomConnectionOptions;
  mustBeLive = false;
  socket: Socket | null = null;

  constructor(username: string, options: RoomConnectionOptions) {
    super(username, {
      webClientOptions: httpOptions(options),
      wsClientOptions: { maxPayload: maxFrameBytes },
    });
    this.#options = options;
    const { cookieJar } = this.webClient;
    const keepCookie = cookieJar.processSetCookieHeader.bind(cookieJar);
    // It throws at a stray percent sign, and one such cookie would fail every attempt.
    cookieJar.processSetCookieHeader = (header) => keepCookie(header).catch(() => {});
    const openSocket = this._wsClientProvider;
    this._wsClientProvider = (parameters) => this.#takeOver(openSocket(parameters));
  }

  /** Without room info the connection still works, so only a clear "not live" stops it. */
  override async fetchRoomInfo(roomId?: string): Promise<unknown> {
    this.#options.onStep("room_info");
    let info: unknown = null;
    try {
      info = await super.fetchRoomInfo(roomId);
    } catch {
      this.#options.signal.throwIfAborted();
    }
    const status = Number(fieldAt(fieldAt(info, "data"), "status") ?? 0);
    if (status === endedStatus || (this.mustBeLive && status !== liveStatus)) {
      throw new UserOfflineError("The room has ended.");
    }
    this.#options.onStep("signing");
    return info;
  }

  /** Called with the batch that comes with the signature: what happened just before. */
  override processProtoMessageFetchResult(batch: ProtoMessageFetchResult): Promise<void> {
    const messages = batch.messages.map(({ method, payload }) => ({ method, payload }));
    this.#options.onServerTime(Number(batch.now));
    this.#options.onFrame({ ack: null, messages });
    return Promise.resolve();
  }

  #takeOver(client: WebcastWebSocketClient): WebcastWebSocketClient {
    const socket = client as unknown as Socket;
    const { signal, onStep, onFrame, onSocket } = this.#options;
    this.socket = socket;
    onStep("opening");
    socket.removeAllListeners("message");
    socket.on("message", (bytes) => {
      const frame = decodeFrame(bytes);
      if (frame !== "corrupt" && frame.ack !== null) socket.sendBytes(acknowledgement(frame.ack));
      onFrame(frame);
    });
    // An error is always followed by a close; without a listener it would end the process.
    socket.on("error", () => {});
    onSocket(socket);
    if (signal.aborted) socket.terminate();
    return client;
  }
}

/** One try a request: the loop above decides on the next. */
function httpOptions({ signal, web }: RoomConnectionOptions): HttpOptions {
  const redirect = (request: { url?: string | URL }) => {
    request.url = addressFor(String(request.url), web);
  };
  const options = { signal, retry: { limit: 0 }, hooks: { beforeRequest: [redirect] } };
  // Its type asks for a cookie jar, which the connector brings itself.
  return options as unknown as HttpOptions;
}

function acknowledgement({ logId, internalExt }: { logId: string; internalExt: string }): Uint8Array {
  const payload = Buffer.from(internalExt);
  return createBaseWebcastPushFrame({ logId, payloadEncoding: "pb", payloadType: "ack", payload }).finish();
}

/** The connector asks TikTok over plain http; an endpoint of the config is used as given. */
export function addressFor(requested: string, web: string | null): URL {
  const url = new URL(requested);
  if (!/(^|\.)tiktok\.com$/.test(url.hostname)) return url;
  if (web !== null) return new URL(`${web.replace(/\/+$/, "")}${url.pathname}${url.search}`);
  url.protocol = "https:";
  return url;
}

/** The room of a page's or the API's answer; null where the user has none that is live. */
function readRoom(answer: unknown): Room | null {
  const user = fieldAt(answer, "user");
  if (user === undefined) throw new Error("TikTok's answer has no user in it");
  const liveRoom = fieldAt(answer, "liveRoom");
  const roomId = textAt(user, "roomId");
  const status = Number(fieldAt(liveRoom, "status") ?? fieldAt(user, "status") ?? liveStatus);
  if (roomId === "" || roomId === "0" || status === endedStatus) return null;
  return { roomId, title: textAt(liveRoom, "title") };
}

function fieldAt(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function textAt(value: unknown, name: string): string {
  const field = fieldAt(value, name);
  return typeof field === "string" || typeof field === "number" ? String(field) : "";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
