/**
 * Removes messages that are too long from a WebSocket's bytes before the library sees them. The library would close
 * the connection because of one, and lose all later messages.
 */
import { Buffer } from "node:buffer";

/** The header of a WebSocket frame. A message has one or more frames. */
interface Header {
  isLast: boolean;
  opcode: number;
  size: number;
  /** The length of the payload. */
  length: number;
}

export interface LongMessagesOptions {
  /** The most bytes of a message. */
  maxBytes: number;
  /** A longer frame is passed on to the library, which then closes the connection. */
  hopelessBytes: number;
  /** A message with at least this many bytes was skipped. */
  onSkipped(bytes: number): void;
}

const continuation = 0;
const firstControl = 8;
const maskBytes = 4;
/** An empty frame that ends a message whose first frames were passed on. */
const emptyEnd = new Uint8Array([0x80, 0]);

export class LongMessages {
  readonly #options: LongMessagesOptions;
  /** The start of an incomplete header. */
  #held = new Uint8Array(0);
  /** Bytes of the current frame that are still to come. */
  #left = 0;
  #isSkipped = false;
  /** Bytes of the current message so far. */
  #messageBytes = 0;
  #isMessageSkipped = false;

  constructor(options: LongMessagesOptions) {
    this.#options = options;
  }

  /** Returns the bytes to pass on, in order; usually the same chunk. */
  pass(chunk: Uint8Array): Uint8Array[] {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const passed: Uint8Array[] = [];
    let from = 0;
    let at = 0;
    const passOn = () => {
      if (at > from) passed.push(bytes.subarray(from, at));
    };
    while (at < bytes.length) {
      if (this.#left === 0) {
        const header = readHeader(bytes, at);
        if (header === null) break;
        const end = this.#startFrame(header);
        if (this.#isSkipped) {
          passOn();
          if (end !== null) passed.push(end);
          from = at;
        }
        at += header.size;
        this.#left = header.length;
      }
      const count = Math.min(this.#left, bytes.length - at);
      at += count;
      this.#left -= count;
      if (this.#isSkipped) from = at;
    }
    passOn();
    this.#held = bytes.slice(at);
    return passed;
  }

  /** Decides about a frame. Returns bytes that replace it, or null. */
  #startFrame({ opcode, length, isLast }: Header): Uint8Array | null {
    this.#isSkipped = false;
    if (opcode >= firstControl) return null;
    if (opcode !== continuation) {
      this.#messageBytes = 0;
      this.#isMessageSkipped = false;
    }
    const { maxBytes, hopelessBytes, onSkipped } = this.#options;
    this.#messageBytes += length;
    let end: Uint8Array | null = null;
    if (!this.#isMessageSkipped && this.#messageBytes > maxBytes && length <= hopelessBytes) {
      this.#isMessageSkipped = true;
      onSkipped(this.#messageBytes);
      if (opcode === continuation) end = emptyEnd;
    }
    this.#isSkipped = this.#isMessageSkipped;
    if (isLast) this.#isMessageSkipped = false;
    return end;
  }
}

/** null if the header is incomplete. */
function readHeader(bytes: Uint8Array, at: number): Header | null {
  const available = bytes.length - at;
  if (available < 2) return null;
  const [first = 0, second = 0] = bytes.subarray(at, at + 2);
  const short = second & 0x7f;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const size = 2 + lengthBytes + ((second & 0x80) === 0 ? 0 : maskBytes);
  if (available < size) return null;
  let length = short;
  if (lengthBytes > 0) {
    length = 0;
    for (const byte of bytes.subarray(at + 2, at + 2 + lengthBytes)) length = length * 256 + byte;
  }
  return { isLast: (first & 0x80) !== 0, opcode: first & 0x0f, size, length };
}

/** The used parts of the library's socket. Its types do not declare the connection. */
interface OpenSocket {
  _socket: {
    rawListeners(event: "data"): ((chunk: Uint8Array) => void)[];
    removeAllListeners(event: "data"): void;
    on(event: "data", listener: (chunk: Uint8Array) => void): void;
  };
}

/** Call it when the socket has opened, before any message. */
export function skipLongMessages(socket: unknown, options: LongMessagesOptions): void {
  const connection = (socket as OpenSocket)._socket;
  const long = new LongMessages(options);
  const [deliver] = connection.rawListeners("data");
  if (deliver === undefined) return;
  connection.removeAllListeners("data");
  connection.on("data", (chunk) => {
    for (const part of long.pass(chunk)) deliver.call(connection, part);
  });
}
