/** One connection to a server of TikFinity's form, watched while it is silent. */
import type { Buffer } from "node:buffer";
import { WebSocket } from "ws";
import { cleanText } from "../../clean_text.ts";
import { type Clock, every } from "../../clock.ts";

/** What is used of the library, which brings no types. */
interface Socket {
  on(event: "open" | "pong" | "close", listener: () => void): void;
  on(event: "message", listener: (data: Buffer) => void): void;
  on(event: "error", listener: (error: Error & { code?: string }) => void): void;
  ping(): void;
  terminate(): void;
}

export interface SocketOptions {
  url: string;
  clock: Clock;
  signal: AbortSignal;
  onOpen(): void;
  onMessage(text: string): void;
}

/** Why there is no connection, or no longer one: a whole sentence. */
export interface Closed {
  hasBeenOpen: boolean;
  why: string;
}

const openingMs = 10_000;
/** So often a silent server is asked whether it is there; one that has not answered by the next time is not. */
const pingMs = 20_000;
/** TikFinity's own settings, its largest message, take some hundred kB. */
const maxMessageBytes = 4 * 1024 * 1024;

/** Connects and stays until the connection ends or `signal` aborts. Leaves no socket and no timer behind. */
export async function listen(options: SocketOptions): Promise<Closed> {
  const { url, clock, signal, onOpen, onMessage } = options;
  const socket: Socket = new WebSocket(url, { maxPayload: maxMessageBytes, perMessageDeflate: false });
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let hasBeenOpen = false;
  let why: string | null = null;
  let isHeard = true;
  const giveUp = (sentence: string) => {
    why ??= sentence;
    socket.terminate();
  };
  const stop = () => giveUp("Livecue was stopped.");
  const cancelOpening = clock.after(
    openingMs,
    () => giveUp(`Nothing answers at ${url}: is that TikFinity's address, and TikFinity not stuck?`),
  );
  const cancelPings = every(clock, pingMs, () => {
    if (!hasBeenOpen) return;
    if (!isHeard) {
      return giveUp("TikFinity does not answer any more, as if it were stuck or its computer gone.");
    }
    isHeard = false;
    socket.ping();
  });
  socket.on("open", () => {
    cancelOpening();
    hasBeenOpen = true;
    onOpen();
  });
  socket.on("pong", () => isHeard = true);
  socket.on("message", (data: Buffer) => {
    isHeard = true;
    if (why === null) onMessage(data.toString());
  });
  socket.on("error", (error) => why ??= sentenceOf(error, url));
  socket.on("close", () => resolve());
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  await closed;
  signal.removeEventListener("abort", stop);
  cancelOpening();
  cancelPings();
  return { hasBeenOpen, why: why ?? "TikFinity closed the connection." };
}

const nothingThere = ["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT"];

function sentenceOf(error: Error & { code?: string }, url: string): string {
  if (error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") {
    return `What answers at ${url} sent a message of more than ${
      maxMessageBytes / 1024 / 1024
    } MB: is it TikFinity?`;
  }
  if (nothingThere.includes(error.code ?? "")) {
    return `TikFinity is not running, or its WebSocket is off: nothing answers at ${url}. Start TikFinity there.`;
  }
  const reason = cleanText(error.message, 160).replace(/[.:\s]+$/, "");
  return `What answers at ${url} is not TikFinity's WebSocket (${reason}): check the source's "url".`;
}
