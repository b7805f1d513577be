/** Has Microsoft's server speak one text over a WebSocket, with the same messages as the browser Edge. */
import { t } from "livecue/language";
import process from "node:process";
import { Buffer } from "node:buffer";
import { limit } from "livecue/limit";
import { z } from "zod";

// At import, ws reads two environment variables, which needs a permission. An empty object needs none.
const environment = process.env;
process.env = {};
const { WebSocket } = await import("ws");
process.env = environment;

const metadataSchema = z.object({ Metadata: z.array(z.object({ Type: z.string(), Data: z.unknown() })) });

/** The server's message about a word. Times are in units of 100 ns. */
const boundarySchema = z.object({
  Offset: z.number(),
  Duration: z.number(),
  text: z.object({ Text: z.string() }),
});

/** A spoken word with its part of the text. */
export interface HeardWord {
  text: string;
  startMs: number;
  endMs: number;
}

export interface Answer {
  mp3: Uint8Array<ArrayBuffer>;
  words: HeardWord[];
}

export interface Question {
  address: URL;
  headers: Record<string, string>;
  ssml: string;
  /** The longest wait for the first message, and for each next one. */
  patienceMs: number;
  signal: AbortSignal;
}

const outputFormat = "audio-24khz-48kbitrate-mono-mp3";
const bytesInMs = 6;
const unitsInMs = 10_000;
/** Eleven minutes of a voice. */
const mostBytes = 4 * 2 ** 20;
/**
 * Rejects with the reason as soon as the server refuses, ends early, sends nothing for too long, or sends sound more
 * slowly than it plays.
 */
export function ask(question: Question): Promise<Answer> {
  const { address, headers, ssml, patienceMs, signal } = question;
  const answered = Promise.withResolvers<Answer>();
  const socket = new WebSocket(address, { headers, maxPayload: mostBytes, handshakeTimeout: patienceMs });
  const hearing = new Hearing();
  const startMs = performance.now();
  let cancelLimit = () => {};
  const wait = () => {
    cancelLimit();
    const aheadMs = startMs + hearing.soundMs - performance.now();
    cancelLimit = limit(patienceMs + Math.min(0, aheadMs), () => {
      const isSlow = hearing.soundMs > 0 && aheadMs <= 0;
      answered.reject(
        new Error(isSlow ? t`the server was too slow` : t`the server sent no sound for ${patienceMs} ms`),
      );
    });
  };
  const abort = () => answered.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  wait();
  socket.on("open", () => {
    for (const message of messagesFor(ssml)) socket.send(message);
  });
  socket.on("message", (data: Buffer, isBinary: boolean) => {
    try {
      if (hearing.hear(data, isBinary)) answered.resolve(hearing.answer());
    } catch (error) {
      answered.reject(error);
    }
    wait();
  });
  socket.on("error", (error: Error) => answered.reject(error));
  socket.on(
    "close",
    (code: number) => answered.reject(new Error(t`the server ended the connection (${code})`)),
  );
  return answered.promise.finally(() => {
    cancelLimit();
    signal.removeEventListener("abort", abort);
    socket.terminate();
  });
}

function messagesFor(ssml: string): string[] {
  const at = new Date().toString();
  const audio = {
    metadataoptions: { sentenceBoundaryEnabled: "false", wordBoundaryEnabled: "true" },
    outputFormat,
  };
  return [
    `X-Timestamp:${at}\r\nContent-Type:application/json; charset=utf-8\r\nPath:speech.config\r\n\r\n` +
    `${JSON.stringify({ context: { synthesis: { audio } } })}\r\n`,
    `X-RequestId:${newId()}\r\nContent-Type:application/ssml+xml\r\nX-Timestamp:${at}Z\r\nPath:ssml\r\n\r\n${ssml}`,
  ];
}

export function newId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** Collects the server's messages. */
class Hearing {
  readonly #sound: Uint8Array<ArrayBuffer>[] = [];
  readonly #words: HeardWord[] = [];
  #length = 0;

  /** The length of the sound that has arrived. */
  get soundMs(): number {
    return this.#length / bytesInMs;
  }

  /** Returns true at the end of the text. Throws when it cannot read a message. */
  hear(data: Buffer, isBinary: boolean): boolean {
    if (isBinary) {
      const headLength = data.length < 2 ? 0 : data.readUInt16BE(0);
      const head = data.subarray(2, 2 + headLength).toString("latin1");
      if (pathOf(head) === "audio") this.#addSound(new Uint8Array(data.subarray(2 + headLength)));
      return false;
    }
    const [head = "", body = ""] = data.toString("utf8").split("\r\n\r\n");
    const path = pathOf(head);
    if (path === "audio.metadata") this.#addWords(body);
    return path === "turn.end";
  }

  answer(): Answer {
    if (this.#length === 0) throw new Error(t`the server sent no sound`);
    const mp3 = new Uint8Array(this.#length);
    let place = 0;
    for (const piece of this.#sound) {
      mp3.set(piece, place);
      place += piece.length;
    }
    return { mp3, words: this.#words };
  }

  #addSound(piece: Uint8Array<ArrayBuffer>): void {
    this.#length += piece.length;
    if (this.#length > mostBytes) throw new Error(t`the server sent more than ${mostBytes / 2 ** 20} MB`);
    this.#sound.push(piece);
  }

  #addWords(json: string): void {
    for (const { Offset, Duration, text } of boundariesIn(json)) {
      const startMs = Offset / unitsInMs;
      this.#words.push({ text: text.Text, startMs, endMs: startMs + Duration / unitsInMs });
    }
  }
}

function boundariesIn(json: string): z.output<typeof boundarySchema>[] {
  try {
    return metadataSchema.parse(JSON.parse(json)).Metadata
      .filter(({ Type }) => Type === "WordBoundary")
      .map(({ Data }) => boundarySchema.parse(Data));
  } catch {
    throw new Error(t`the server sent times of words that Livecue cannot read`);
  }
}

function pathOf(head: string): string {
  return head.match(/^Path:\s*(\S+)/im)?.[1] ?? "";
}
