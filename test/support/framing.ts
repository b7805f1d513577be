/** Where the frames of a stream begin and end, so that a faulty link can lose, repeat and recognize whole ones. */

/** bytes: whatever arrives at once. postgres: PostgreSQL's protocol, unencrypted. */
export type Framing = "bytes" | "lines" | "websocket" | "postgres";

export type Direction = "toServer" | "toClient";

export interface Frame {
  bytes: Uint8Array;
  /** postgres: the letter of its type, or "startup". websocket: "text", "binary" or "other". */
  type: string;
  /** Whether the stream stays whole when this frame is lost or comes twice. */
  isMessage: boolean;
  text(): string;
}

/** Cuts a stream into frames. */
export interface Framer {
  /** The frames that the chunk completes. */
  push(chunk: Uint8Array): Frame[];
}

/** The first frame of the bytes and its length; null while it is incomplete. */
type Split = (bytes: Uint8Array) => Frame | null;

/** One for each direction of a connection. */
export function framersOf(framing: Framing): Record<Direction, Framer> {
  switch (framing) {
    case "bytes":
      return both(() => (bytes) => plainFrame(bytes, "bytes"));
    case "lines":
      return both(() => splitLine);
    case "websocket":
      return both(splitWebSocket);
    case "postgres":
      return postgresFramers();
  }
}

function both(split: (direction: Direction) => Split): Record<Direction, Framer> {
  return { toServer: framer(split("toServer")), toClient: framer(split("toClient")) };
}

function framer(split: Split): Framer {
  let kept = new Uint8Array();
  return {
    push(chunk) {
      kept = joined(kept, chunk);
      const frames: Frame[] = [];
      while (kept.length > 0) {
        const frame = split(kept);
        if (frame === null) break;
        frames.push(frame);
        kept = kept.subarray(frame.bytes.length);
      }
      return frames;
    },
  };
}

function plainFrame(bytes: Uint8Array, type: string, isMessage = true): Frame {
  return { bytes, type, isMessage, text: () => new TextDecoder().decode(bytes) };
}

function splitLine(bytes: Uint8Array): Frame | null {
  const end = bytes.indexOf(10);
  return end === -1 ? null : plainFrame(bytes.slice(0, end + 1), "line");
}

function splitWebSocket(): Split {
  let isOpen = false;
  return (bytes) => {
    if (isOpen) return splitWebSocketFrame(bytes);
    const end = new TextDecoder("latin1").decode(bytes).indexOf("\r\n\r\n");
    if (end === -1) return null;
    isOpen = true;
    return plainFrame(bytes.slice(0, end + 4), "other", false);
  };
}

function splitWebSocketFrame(bytes: Uint8Array): Frame | null {
  if (bytes.length < 2) return null;
  const [first, second] = bytes as unknown as [number, number];
  const extended = { 126: 2, 127: 8 }[second & 127] ?? 0;
  const maskLength = second & 128 ? 4 : 0;
  const start = 2 + extended + maskLength;
  if (bytes.length < start) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = extended === 0
    ? second & 127
    : extended === 2
    ? view.getUint16(2)
    : Number(view.getBigUint64(2));
  if (bytes.length < start + length) return null;
  const mask = bytes.slice(start - maskLength, start);
  const content = bytes.slice(start, start + length);
  const isFinal = (first & 128) !== 0;
  const type = ({ 1: "text", 2: "binary" } as Record<number, string>)[first & 15] ?? "other";
  return {
    bytes: bytes.slice(0, start + length),
    type,
    // One part of a message in several frames may not be lost alone.
    isMessage: isFinal && type !== "other",
    text: () =>
      new TextDecoder().decode(content.map((byte, index) => byte ^ (maskLength ? mask[index % 4] ?? 0 : 0))),
  };
}

/** The codes of the requests that the server answers with one byte: for encryption by TLS, and by GSSAPI. */
const encryptionRequests = [80877103, 80877104];

function postgresFramers(): Record<Direction, Framer> {
  let isStarted = false;
  let singleBytes = 0;
  const typed = (bytes: Uint8Array) => {
    if (bytes.length < 5) return null;
    const length = 1 + view(bytes).getUint32(1);
    if (bytes.length < length) return null;
    const content = bytes.slice(5, length);
    const text = () => new TextDecoder().decode(content).replace(/\0$/, "");
    const type = String.fromCharCode(bytes[0] as number);
    return { bytes: bytes.slice(0, length), type, isMessage: false, text };
  };
  const first = (bytes: Uint8Array) => {
    if (bytes.length < 8 || bytes.length < view(bytes).getUint32(0)) return null;
    if (encryptionRequests.includes(view(bytes).getUint32(4))) singleBytes++;
    else isStarted = true;
    return plainFrame(bytes.slice(0, view(bytes).getUint32(0)), "startup", false);
  };
  const answer = (bytes: Uint8Array) => {
    if (singleBytes === 0) return typed(bytes);
    singleBytes--;
    return plainFrame(bytes.slice(0, 1), "startup", false);
  };
  return {
    toServer: framer((bytes) => isStarted ? typed(bytes) : first(bytes)),
    toClient: framer(answer),
  };
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset);
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(one.length + other.length);
  bytes.set(one);
  bytes.set(other, one.length);
  return bytes;
}
