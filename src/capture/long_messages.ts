/**
 * Leaves messages that are too long out of a WebSocket's bytes, before the library collects them: it would end the
 * connection over one, and lose all that comes after it.
 */
import { Buffer } from "node:buffer";

/** A frame of the WebSocket protocol: a message is one or several. */
interface Header {
  isLast: boolean;
  opcode: number;
  size: number;
  /** Of what follows the header. */
  length: number;
}

export interface LongMessagesOptions {
  /** What a message may have. */
  maxBytes: number;
  /** A length beyond it is taken for no message's: the library gets it, and ends the connection. */
  hopelessBytes: number;
  /** A message is left out that has at least so many bytes. */
  onLeftOut(bytes: number): void;
}

const continuation = 0;
const firstControl = 8;
const maskBytes = 4;
/** Ends a message whose beginning was let through. */
const emptyEnd = new Uint8Array([0x80, 0]);

export class LongMessages {
  readonly #options: LongMessagesOptions;
  /** The beginning of a header. */
  #held = new Uint8Array(0);
  /** Of the present frame, still to come. */
  #left = 0;
  #isLeftOut = false;
  /** Of the present message so far. */
  #messageBytes = 0;
  #isMessageLeftOut = false;

  constructor(options: LongMessagesOptions) {
    this.#options = options;
  }

  /** What is let through of the bytes that have come, in order; mostly the very same. */
  pass(chunk: Uint8Array): Uint8Array[] {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const passed: Uint8Array[] = [];
    let from = 0;
    let at = 0;
    const letThrough = () => {
      if (at > from) passed.push(bytes.subarray(from, at));
    };
    while (at < bytes.length) {
      if (this.#left === 0) {
        const header = readHeader(bytes, at);
        if (header === null) break;
        const end = this.#begin(header);
        if (this.#isLeftOut) {
          letThrough();
          if (end !== null) passed.push(end);
          from = at;
        }
        at += header.size;
        this.#left = header.length;
      }
      const count = Math.min(this.#left, bytes.length - at);
      at += count;
      this.#left -= count;
      if (this.#isLeftOut) from = at;
    }
    letThrough();
    this.#held = bytes.slice(at);
    return passed;
  }

  /** Decides on a frame; what is let through in its place, or null. */
  #begin({ opcode, length, isLast }: Header): Uint8Array | null {
    this.#isLeftOut = false;
    if (opcode >= firstControl) return null;
    if (opcode !== continuation) {
      this.#messageBytes = 0;
      this.#isMessageLeftOut = false;
    }
    const { maxBytes, hopelessBytes, onLeftOut } = this.#options;
    this.#messageBytes += length;
    let end: Uint8Array | null = null;
    if (!this.#isMessageLeftOut && this.#messageBytes > maxBytes && length <= hopelessBytes) {
      this.#isMessageLeftOut = true;
      onLeftOut(this.#messageBytes);
      if (opcode === continuation) end = emptyEnd;
    }
    this.#isLeftOut = this.#isMessageLeftOut;
    if (isLast) this.#isMessageLeftOut = false;
    return end;
  }
}

/** Null where it is not there whole. */
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

/** What is used of the library's socket; its own connection is no part of its types. */
interface OpenSocket {
  _socket: {
    rawListeners(event: "data"): ((chunk: Uint8Array) => void)[];
    removeAllListeners(event: "data"): void;
    on(event: "data", listener: (chunk: Uint8Array) => void): void;
  };
}

/** To be called when the socket has opened, before anything has come. */
export function leaveOutLongMessages(socket: unknown, options: LongMessagesOptions): void {
  const connection = (socket as OpenSocket)._socket;
  const long = new LongMessages(options);
  const [deliver] = connection.rawListeners("data");
  if (deliver === undefined) return;
  connection.removeAllListeners("data");
  connection.on("data", (chunk) => {
    for (const part of long.pass(chunk)) deliver.call(connection, part);
  });
}
