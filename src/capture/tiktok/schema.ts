/**
 * Payload bytes ↔ messages, with the connector's schema. A method counts as known when Livecue makes an
 * event of it; of all others only `common` is read, so a live's many internal messages cost little.
 */
import { gunzipSync } from "node:zlib";
import {
  CommonMessageData,
  ProtoMessageFetchResult,
  WebcastBarrageMessage,
  WebcastCaptionMessage,
  WebcastChatMessage,
  WebcastControlMessage,
  WebcastEmoteChatMessage,
  WebcastEnvelopeMessage,
  WebcastGiftMessage,
  WebcastGoalUpdateMessage,
  WebcastLikeMessage,
  WebcastLinkMicBattle,
  WebcastLiveIntroMessage,
  WebcastMemberMessage,
  WebcastNoticeMessage,
  WebcastPollMessage,
  WebcastPushFrame,
  WebcastQuestionNewMessage,
  WebcastRankTextMessage,
  WebcastRankUpdateMessage,
  WebcastRoomMessage,
  WebcastRoomNotifyMessage,
  WebcastRoomPinMessage,
  WebcastRoomUserSeqMessage,
  WebcastSocialMessage,
  WebcastSubNotifyMessage,
  WebcastSystemMessage,
} from "tiktok-live-connector";

const schemas = {
  WebcastBarrageMessage,
  WebcastCaptionMessage,
  WebcastChatMessage,
  WebcastControlMessage,
  WebcastEmoteChatMessage,
  WebcastEnvelopeMessage,
  WebcastGiftMessage,
  WebcastGoalUpdateMessage,
  WebcastLikeMessage,
  WebcastLinkMicBattle,
  WebcastLiveIntroMessage,
  WebcastMemberMessage,
  WebcastNoticeMessage,
  WebcastPollMessage,
  WebcastQuestionNewMessage,
  WebcastRankTextMessage,
  WebcastRankUpdateMessage,
  WebcastRoomMessage,
  WebcastRoomNotifyMessage,
  WebcastRoomPinMessage,
  WebcastRoomUserSeqMessage,
  WebcastSocialMessage,
  WebcastSubNotifyMessage,
  WebcastSystemMessage,
};

export type KnownMethod = keyof typeof schemas;

/** The fields of one known message: 64-bit integers are strings, unset fields "", "0", 0, false or []. */
export type BodyOf<Method extends KnownMethod> = ReturnType<(typeof schemas)[Method]["decode"]>;

/** A known message, decoded. Narrow it by `method`. */
export type Message = { [Method in KnownMethod]: { method: Method; body: BodyOf<Method> } }[KnownMethod];

export type Common = ReturnType<typeof CommonMessageData["decode"]>;

/** A message of a method without a mapping; `common` is null where it could not be found. */
export interface UnknownMessage {
  method: null;
  common: Common | null;
}

/** One message within a frame, still encoded. */
export interface InnerMessage {
  method: string;
  payload: Uint8Array;
}

export interface Frame {
  /** What TikTok wants sent back, null where it wants nothing. */
  ack: { logId: string; internalExt: string } | null;
  /** In the order in which they happened. */
  messages: InnerMessage[];
}

const maxInflatedBytes = 16 * 1024 * 1024;
const nothing = new Uint8Array(0);

export function isKnownMethod(method: string): method is KnownMethod {
  return Object.hasOwn(schemas, method);
}

/** Decodes one payload; "corrupt" where the bytes are not such a message. Never throws. */
export function decodeMessage(method: string, payload: Uint8Array): Message | UnknownMessage | "corrupt" {
  const fields = readFields(payload);
  if (fields === null || method === "") return "corrupt";
  if (!isKnownMethod(method)) return { method: null, common: findCommon(method, fields) };
  try {
    // The compiler cannot see that the body is of the same method as its schema.
    return { method, body: schemas[method].decode(payload) } as Message;
  } catch {
    return "corrupt";
  }
}

/** The bytes of a known message. */
export function encodeMessage(message: Message): Uint8Array {
  const schema = schemas[message.method] as { encode(body: Message["body"]): { finish(): Uint8Array } };
  return schema.encode(message.body).finish();
}

/** The bytes of a message that has only a `common`, whatever its method. */
export function encodeCommonOnly(common: Common): Uint8Array {
  return WebcastSystemMessage.encode({ common, message: "" }).finish();
}

/** A message or part of one with `fields` set and all else unset. */
export function fill<Body>(schema: { decode(bytes: Uint8Array): Body }, fields: Partial<Body>): Body {
  return { ...schema.decode(nothing), ...fields };
}

/** A known message with `fields` set and all else unset. */
export function fillMessage<Method extends KnownMethod>(
  method: Method,
  fields: Partial<BodyOf<Method>>,
): Message {
  return { method, body: { ...schemas[method].decode(nothing), ...fields } } as Message;
}

/** Opens one WebSocket frame. Inflates at most 16 MiB; "corrupt" for all that is no frame. Never throws. */
export function decodeFrame(bytes: Uint8Array): Frame | "corrupt" {
  if (readFields(bytes) === null) return "corrupt";
  try {
    const frame = WebcastPushFrame.decode(bytes);
    const payload = isGzip(frame.payload)
      ? gunzipSync(frame.payload, { maxOutputLength: maxInflatedBytes })
      : frame.payload;
    if (frame.payloadEncoding !== "pb" || readFields(payload) === null) {
      // Answers to a heartbeat or to entering the room may hold anything; a frame of messages may not.
      return frame.payloadType === "msg" ? "corrupt" : { ack: null, messages: [] };
    }
    const batch = ProtoMessageFetchResult.decode(payload);
    const wantsAck = batch.needAck && frame.logId !== "0" && batch.internalExt !== "";
    return {
      ack: wantsAck ? { logId: frame.logId, internalExt: batch.internalExt } : null,
      // By chance the bytes of such an answer may look like messages, but never like ones with a method.
      messages: batch.messages.filter(({ method }) => method !== "" || frame.payloadType === "msg")
        .map(({ method, payload }) => ({ method, payload })),
    };
  } catch {
    return "corrupt";
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

interface Field {
  number: number;
  /** The contents of a length-delimited field, null for numbers. */
  bytes: Uint8Array | null;
}

/**
 * The top-level fields in order, null where the bytes are not protobuf. The generated decoders stop
 * silently at a zero tag and take almost any bytes for a message of unknown fields, so this is the
 * check that tells garbage from a message.
 */
function readFields(bytes: Uint8Array): Field[] | null {
  const fields: Field[] = [];
  let position = 0;
  while (position < bytes.length) {
    const tag = readVarint(bytes, position);
    if (tag === null || tag.value < 8) return null;
    position = tag.next;
    const field: Field = { number: Math.floor(tag.value / 8), bytes: null };
    switch (tag.value % 8) {
      case 0: {
        const value = readVarint(bytes, position);
        if (value === null) return null;
        position = value.next;
        break;
      }
      case 1:
        position += 8;
        break;
      case 2: {
        const length = readVarint(bytes, position);
        if (length === null) return null;
        position = length.next + length.value;
        field.bytes = bytes.subarray(length.next, position);
        break;
      }
      case 5:
        position += 4;
        break;
      default:
        return null;
    }
    fields.push(field);
  }
  return position === bytes.length ? fields : null;
}

function readVarint(bytes: Uint8Array, start: number): { value: number; next: number } | null {
  let value = 0;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: start + index + 1 };
  }
  return null;
}

/** An unknown message's `common` is the field that names the message's own method, by habit the first. */
function findCommon(method: string, fields: Field[]): Common | null {
  let first: Common | null = null;
  for (const { number, bytes } of fields) {
    const common = bytes === null ? null : decodeCommon(bytes);
    if (common?.method === method) return common;
    if (number === 1) first ??= common;
  }
  return first;
}

function decodeCommon(bytes: Uint8Array): Common | null {
  try {
    return readFields(bytes) === null ? null : CommonMessageData.decode(bytes);
  } catch {
    return null;
  }
}
