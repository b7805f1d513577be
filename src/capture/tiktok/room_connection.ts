/** The connector's connection to one room, with bounded requests, a bounded socket, and raw frames. */
import { Buffer } from "node:buffer";
import {
  createBaseWebcastPushFrame,
  type ProtoMessageFetchResult,
  TikTokLiveConnection,
  UserOfflineError,
  type WebcastWebSocketClient,
} from "tiktok-live-connector";
import { t } from "../../language.ts";
import { skipLongMessages } from "../long_messages.ts";
import { hopelessBytes, maxUnreadBytes } from "../socket_bounds.ts";
import { fieldAt } from "./answers.ts";
import type { Step } from "./failure.ts";
import { maxFrameBytes } from "./refusals.ts";
import { decodeFrame, type Frame } from "./schema.ts";
import { boundRequests, type WebRequestOptions } from "./web_request.ts";

/** The used parts of the connector's WebSocket. Its own types lack the listeners. */
export interface Socket {
  on(event: "open", listener: () => void): void;
  on(event: "message", listener: (bytes: Uint8Array) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "close", listener: (code: number) => void): void;
  removeAllListeners(event: "message"): void;
  sendBytes(bytes: Uint8Array): boolean;
  sendHeartbeat(): void;
  /** Bytes that were sent but not yet received. */
  readonly bufferedAmount: number;
  /** Stops reading until `resume`. */
  pause(): void;
  resume(): void;
  terminate(): void;
}

/** A frame, or what is wrong with it. A frame that is too long was not read. */
export type Received = Frame | "corrupt" | "too_long";

export interface RoomConnectionOptions extends WebRequestOptions {
  onStep(step: Step): void;
  /** TikTok's clock, in Unix milliseconds. */
  onServerTime(at: number): void;
  onFrame(frame: Received): void;
  onSocket(socket: Socket): void;
}

export const liveStatus = 2;
export const endedStatus = 4;

export class RoomConnection extends TikTokLiveConnection {
  readonly #options: RoomConnectionOptions;
  mustBeLive = false;
  socket: Socket | null = null;

  constructor(username: string, options: RoomConnectionOptions) {
    super(username, {
      // TikTok compresses its messages itself. With `perMessageDeflate`, the checked length would not be the real
      // one.
      wsClientOptions: { maxPayload: maxFrameBytes, perMessageDeflate: false },
    });
    this.#options = options;
    boundRequests(this.webClient, options);
    const { cookieJar } = this.webClient;
    const keepCookie = cookieJar.processSetCookieHeader.bind(cookieJar);
    // It throws at a stray percent sign, and one such cookie would make every attempt fail.
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
      throw new UserOfflineError(t`The room has ended.`);
    }
    this.#options.onStep("signing");
    return info;
  }

  /** Called with the batch that comes with the signature: the latest messages. */
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
    socket.on("open", () => {
      const bounds = { maxBytes: maxFrameBytes, hopelessBytes };
      skipLongMessages(socket, { ...bounds, onSkipped: () => onFrame("too_long") });
    });
    socket.on("message", (bytes) => {
      const frame = decodeFrame(bytes);
      const ack = frame === "corrupt" ? null : frame.ack;
      // A server that does not read its acknowledgements gets no more of them.
      if (ack !== null && socket.bufferedAmount < maxUnreadBytes) socket.sendBytes(acknowledgement(ack));
      onFrame(frame);
    });
    onSocket(socket);
    if (signal.aborted) socket.terminate();
    return client;
  }
}

function acknowledgement({ logId, internalExt }: { logId: string; internalExt: string }): Uint8Array {
  const payload = Buffer.from(internalExt);
  return createBaseWebcastPushFrame({ logId, payloadEncoding: "pb", payloadType: "ack", payload }).finish();
}
