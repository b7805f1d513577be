/**
 * One attempt to join one room, through the connector: look up, sign, open the socket. The attempt owns its requests
 * and its socket, and `close` ends all of them at any step. (The connector's own `disconnect` does not stop a connect
 * that is in progress.)
 *
 * Frames are read raw from the socket. The connector itself would inflate them without a bound, interleave the
 * messages of frames that arrive together, and drop messages that it cannot decode.
 */
import { shownAddress } from "../../address.ts";
import {
  fetchRoomIdFromEulerRoute,
  fetchRoomInfoFromHtmlRoute,
  SignConfig,
  WebcastDeserializeConfig,
} from "tiktok-live-connector";
import { cleanText } from "../../clean_text.ts";
import { type Clock, Limit } from "../../clock.ts";
import { t } from "../../language.ts";
import type { Log } from "../../log/log.ts";
import { fieldAt, roomIdOf, textAt } from "./answers.ts";
import { lookUpFailure, offline, type SignReply, type Step, toFailure, userUnknown } from "./failure.ts";
import { endedStatus, liveStatus, type Received, RoomConnection, type Socket } from "./room_connection.ts";
import { isBatch } from "./schema.ts";

export interface Endpoints {
  /** Base URLs without a trailing slash; null: the public ones. */
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
  /** "" if it is unknown. */
  title: string;
}

export interface JoinedRoom extends Room {
  /** How many milliseconds this computer's clock is ahead of TikTok's; 0 if unknown. */
  clockLeadMs: number;
}

export interface RoomListener {
  /** In order of arrival; the batch that came with the signature is first. */
  onFrame(frame: Received): void;
  /** Called once. `why` is a complete sentence. */
  onClose(why: string): void;
}

const nothing = new Uint8Array(0);
const publicSignServer = "https://api.eulerstream.com";
/** The time limit of each step. Looking up makes up to three requests, one after the other. */
const stepLimitsMs: Record<Step, number> = {
  looking_up: 45_000,
  room_info: 15_000,
  signing: 15_000,
  opening: 20_000,
};
/** After inflating. The batch that comes with a signature has at most a few hundred KB. */
const maxSignatureBytes = 8 * 1024 * 1024;
const userNotFoundCode = 19_881_007;
/** If this computer's clock were wrong by more, encrypted connections would fail. So TikTok's time must be wrong. */
const maxClockLeadMs = 24 * 60 * 60_000;

export class RoomClient {
  readonly #options: RoomClientOptions;
  readonly #controller = new AbortController();
  readonly #connection: RoomConnection;
  #step: Step = "looking_up";
  #stepLimit: Limit | null = null;
  #isTimeout = false;
  /** How long this program did not run during the step. */
  #absenceMs = 0;
  #signReply: SignReply | null = null;
  #clockLeadMs = 0;
  #pending: Promise<unknown> = Promise.resolve();
  #socketClosed: Promise<void> = Promise.resolve();
  /** Frames from before there was a listener. */
  #early: Received[] = [];
  #closeReason: string | null = null;
  #listener: RoomListener | null = null;

  constructor(options: RoomClientOptions) {
    this.#options = options;
    this.#configureSigning();
    this.#connection = new RoomConnection(options.username, {
      clock: options.clock,
      signal: this.#controller.signal,
      web: options.endpoints.web,
      onStep: (step) => this.#startStep(step),
      onServerTime: (at) => this.#compareClocks(at),
      onFrame: (frame) => this.#take(frame),
      onSocket: (socket) => this.#watch(socket),
    });
  }

  /** The room in which the user is live. Throws a `ConnectionFailure`, also if there is none. */
  lookUp(): Promise<Room> {
    return this.#run(() => this.#lookUp());
  }

  /**
   * Joins the room; from then on frames are kept for the listener. With `mustBeLive`, joins only if TikTok explicitly
   * says that the room is live. Throws a `ConnectionFailure`.
   */
  connect(roomId: string, options: { mustBeLive: boolean }): Promise<JoinedRoom> {
    this.#connection.mustBeLive = options.mustBeLive;
    return this.#run(async () => {
      const { roomInfo } = await this.#connection.connect(roomId);
      return {
        roomId: roomIdOf(this.#connection.roomId) ?? roomId,
        title: textAt(fieldAt(roomInfo, "data"), "title"),
        clockLeadMs: this.#clockLeadMs,
      };
    });
  }

  /** Passes all frames to the listener, including those that have already come. */
  listen(listener: RoomListener): void {
    this.#listener = listener;
    for (const frame of this.#early.splice(0)) listener.onFrame(frame);
    if (this.#closeReason !== null) listener.onClose(this.#closeReason);
  }

  /** Ends requests and socket immediately; resolves when they are closed. May be called repeatedly. */
  async close(): Promise<void> {
    this.#listener = null;
    this.#controller.abort();
    this.#connection.socket?.terminate();
    await this.#pending.catch(() => {});
    await this.#socketClosed;
  }

  /** Sends an extra heartbeat. */
  sendHeartbeat(): void {
    this.#connection.socket?.sendHeartbeat();
  }

  /** Stops reading, so that TikTok has to wait, until `resume`. */
  pause(): void {
    this.#connection.socket?.pause();
  }

  resume(): void {
    this.#connection.socket?.resume();
  }

  /** Runs steps with their time limits. Converts every error to a `ConnectionFailure`. */
  async #run<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#startStep(this.#step);
    const result = work();
    this.#pending = result;
    try {
      return await result;
    } catch (error) {
      throw toFailure(error, this.#failureContext());
    } finally {
      this.#stepLimit?.cancel();
    }
  }

  #startStep(step: Step): void {
    this.#step = step;
    this.#absenceMs = 0;
    this.#stepLimit?.cancel();
    this.#stepLimit = new Limit({
      clock: this.#options.clock,
      limitMs: stepLimitsMs[step],
      onAbsence: (ms) => this.#absenceMs += ms,
      onOver: () => {
        this.#isTimeout = true;
        this.#controller.abort();
        this.#connection.socket?.terminate();
      },
    });
  }

  async #lookUp(): Promise<Room> {
    const problems: unknown[] = [];
    let isOffline = false;
    // The API is asked even if the page says offline, because pages are updated late.
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

  /** The last resort, because it uses up the quota there; null if the server does not know the room either. */
  async #askSignServer(): Promise<Room | null> {
    const { webClient, apiClient, uniqueId } = this.#connection;
    const reply: unknown = await fetchRoomIdFromEulerRoute({ webClient, apiClient, uniqueId });
    const roomId = roomIdOf(textAt(reply, "room_id"));
    if (roomId === null) return null;
    if (fieldAt(reply, "is_live") === false) throw offline(uniqueId);
    return { roomId, title: "" };
  }

  /**
   * The connector keeps its sign server's settings in a global object, and creates its client from them when it is
   * constructed.
   */
  #configureSigning(): void {
    WebcastDeserializeConfig.includeMessageTypes = [];
    SignConfig.basePath = this.#signServer;
    const { signApiKey } = this.#options;
    if (signApiKey === null) delete SignConfig.apiKey;
    else SignConfig.apiKey = signApiKey;
    delete SignConfig.cachedInstance;
    SignConfig.baseOptions = {
      ...SignConfig.baseOptions,
      // The step's own limit handles time in which this program does not run.
      timeout: 0,
      maxContentLength: maxSignatureBytes,
      maxRedirects: 0,
      signal: this.#controller.signal,
      transformResponse: (body: unknown, headers: Record<string, unknown>, status: number) => {
        const header = (name: string) => String(headers[name] ?? "");
        const rateLimitReset = header("x-ratelimit-reset");
        this.#signReply = { status, retryAfter: header("retry-after"), rateLimitReset };
        if (typeof body === "string") return parseJson(body);
        // Otherwise the connector would create an object for each of millions of tiny messages.
        return body instanceof Uint8Array && status === 200 && !isBatch(body) ? nothing : body;
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
      signServer: shownAddress(this.#signServer),
      isTimeout: this.#isTimeout,
      absenceMs: this.#absenceMs,
      now: this.#options.clock.now(),
    };
  }

  #compareClocks(serverTime: number): void {
    const leadMs = this.#options.clock.now() - serverTime;
    if (Math.abs(leadMs) <= maxClockLeadMs) this.#clockLeadMs = leadMs;
  }

  #take(frame: Received): void {
    if (this.#listener === null) this.#early.push(frame);
    else this.#listener.onFrame(frame);
  }

  #watch(socket: Socket): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socketClosed = promise;
    let isOpen = false;
    socket.on("open", () => isOpen = true);
    // A close event follows. Without this listener an error would end the process.
    socket.on("error", (error) => {
      if (!isOpen) return;
      this.#closeReason ??= brokenBy(error);
      // Otherwise the library waits half a minute for the closing handshake.
      socket.terminate();
    });
    socket.on("close", (code) => {
      resolve();
      this.#closeReason ??= t`TikTok closed the connection (code ${code}).`;
      this.#listener?.onClose(this.#closeReason);
    });
  }
}

function brokenBy(error: Error & { code?: string }): string {
  const reason = cleanText(error.message, 160).replace(/[.:\s]+$/, "");
  return error.code?.startsWith("WS_ERR_")
    ? t`TikTok's message server violated the WebSocket protocol (${reason}). Livecue closed the connection.`
    : t`The connection to TikTok was lost (${reason}).`;
}

/** The room in the answer of a page or the API; null if the user is not live. */
function readRoom(answer: unknown): Room | null {
  const user = fieldAt(answer, "user");
  if (user === undefined) throw new Error("TikTok's answer does not contain the user");
  const liveRoom = fieldAt(answer, "liveRoom");
  const roomId = roomIdOf(textAt(user, "roomId"));
  const status = Number(fieldAt(liveRoom, "status") ?? fieldAt(user, "status") ?? liveStatus);
  if (roomId === null || status === endedStatus) return null;
  return { roomId, title: textAt(liveRoom, "title") };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
