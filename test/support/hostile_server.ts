/** Servers that do what no server should, byte by byte. Each answers a request whose head it has read. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

/** That something told is one whole sentence, harms no terminal and betrays no secret. */
export function assertSentence(told: string): void {
  assert.match(told, /^[A-Z].*[.?]$/, told);
  assert.doesNotMatch(told, /\p{Cc}|secret-key|undefined|\[object/u, told);
}

export interface Request {
  /** As http://127.0.0.1:1234. */
  origin: string;
  /** Its head, as sent. */
  head: string;
}

/** Gets the connection after the head of a request has been read. What it throws ends the connection. */
export type Behavior = (connection: Deno.TcpConn, request: Request) => Promise<void>;

const encoder = new TextEncoder();

export class HostileServer implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #connections = new Set<Deno.TcpConn>();
  readonly #ended: Promise<void>;
  /** Bytes that clients have taken. */
  sentBytes = 0;
  readonly #requested = Promise.withResolvers<void>();

  constructor(behave: Behavior) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#ended = this.#serve(behave);
  }

  /** Resolves with the first request. */
  get requested(): Promise<void> {
    return this.#requested.promise;
  }

  get host(): string {
    return `127.0.0.1:${this.#listener.addr.port}`;
  }

  get origin(): string {
    return `http://${this.host}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) close(connection);
    await this.#ended;
  }

  async #serve(behave: Behavior): Promise<void> {
    const running: Promise<void>[] = [];
    try {
      for await (const connection of this.#listener) {
        running.push(this.#answer(counted(connection, this), behave));
      }
    } catch {
      // It was closed while it waited.
    }
    await Promise.all(running);
  }

  async #answer(connection: Deno.TcpConn, behave: Behavior): Promise<void> {
    this.#connections.add(connection);
    try {
      const head = await readHead(connection);
      if (head === null) return;
      this.#requested.resolve();
      await behave(connection, { head, origin: this.origin });
    } catch {
      // The client has gone, which is right.
    } finally {
      this.#connections.delete(connection);
      close(connection);
    }
  }
}

function counted(connection: Deno.TcpConn, server: HostileServer): Deno.TcpConn {
  const write = connection.write.bind(connection);
  connection.write = async (bytes) => {
    const count = await write(bytes);
    server.sentBytes += count;
    return count;
  };
  return connection;
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It was closed.
  }
}

async function readHead(connection: Deno.TcpConn): Promise<string | null> {
  const buffer = new Uint8Array(65_536);
  let text = "";
  while (!text.includes("\r\n\r\n")) {
    const count = await connection.read(buffer);
    if (count === null) return null;
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return text;
}

export async function send(connection: Deno.TcpConn, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? encoder.encode(content) : content;
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

/** Sends `content` again and again, until the client has gone. */
export async function sendForEver(connection: Deno.TcpConn, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? encoder.encode(content) : content;
  while (true) await send(connection, bytes);
}

/** Resolves when the client has gone. */
export async function hang(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(65_536);
  while (await connection.read(buffer) !== null);
}

const kilobyte = "a".repeat(1024);

function whole(head: string, body: string | Uint8Array): Behavior {
  return async (connection) => {
    const bytes = typeof body === "string" ? encoder.encode(body) : body;
    await send(connection, `HTTP/1.1 200 OK\r\n${head}content-length: ${bytes.length}\r\n\r\n`);
    await send(connection, bytes);
    await hang(connection);
  };
}

function only(text: string): Behavior {
  return async (connection) => {
    await send(connection, text);
    await hang(connection);
  };
}

function redirect(to: (origin: string) => string): Behavior {
  return async (connection, { origin }) => {
    await send(connection, `HTTP/1.1 302 Found\r\nlocation: ${to(origin)}\r\ncontent-length: 0\r\n\r\n`);
    await hang(connection);
  };
}

export interface Misbehavior {
  /** Whether it ends by a limit of time alone. */
  isSlow: boolean;
  behave: Behavior;
}

function quick(behave: Behavior): Misbehavior {
  return { isSlow: false, behave };
}

function slow(behave: Behavior): Misbehavior {
  return { isSlow: true, behave };
}

/** What an HTTP server may do, by what it is. */
export const httpMisbehaviors: Record<string, Misbehavior> = {
  "hangs up at once": quick(() => Promise.resolve()),
  "never answers": slow(hang),
  "speaks another protocol": quick(only("SSH-2.0-OpenSSH_9.2p1 Debian\r\n\r\n")),
  "never ends its headers": quick(async (connection) => {
    await send(connection, "HTTP/1.1 200 OK\r\n");
    await sendForEver(connection, `x-filler: ${kilobyte}\r\n`);
  }),
  "stops within its headers": slow(only("HTTP/1.1 200 OK\r\ncontent-ty")),
  "stops within its body": slow(only("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{")),
  "hangs up within its body": quick(async (connection) => {
    await send(connection, "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{");
  }),
  "sends a body of 1.5 GB": quick(async (connection) => {
    await send(connection, "HTTP/1.1 200 OK\r\ncontent-length: 1500000000\r\n\r\n");
    await sendForEver(connection, kilobyte.repeat(64));
  }),
  "sends chunks without an end": quick(async (connection) => {
    await send(connection, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    await sendForEver(connection, `10000\r\n${kilobyte.repeat(64)}\r\n`);
  }),
  "sends 300 MB as 300 KB": quick(
    whole("content-encoding: gzip\r\n", gzipSync(new Uint8Array(300 * 1024 * 1024), { level: 1 })),
  ),
  "sends what is not gzip as such": quick(whole("content-encoding: gzip\r\n", "this is no gzip")),
  "sends binary garbage": quick(whole("content-type: application/json\r\n", new Uint8Array(5000).fill(255))),
  "sends lists in lists, a million deep": quick(
    whole("content-type: application/json\r\n", "[".repeat(1_000_000)),
  ),
  "sends a page": quick(whole("content-type: text/html\r\n", "<html>Log in to this hotel's network</html>")),
  "redirects to itself": quick(redirect((origin) => `${origin}/again`)),
  "redirects to another computer": quick(redirect(() => "http://169.254.169.254/latest/meta-data/")),
  "redirects to a file": quick(redirect(() => "file:///etc/passwd")),
  "claims two lengths": quick(only("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 7\r\n\r\nhello")),
};

/** Lets a WebSocket be opened, and then does this. */
function opened(behave: Behavior): Behavior {
  return async (connection, request) => {
    const key = /sec-websocket-key: (.*)\r\n/i.exec(request.head)?.[1] ?? "";
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    const head = `upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}`;
    await send(connection, `HTTP/1.1 101 Switching Protocols\r\n${head}\r\n\r\n`);
    await behave(connection, request);
  };
}

function frame(firstByte: number, content: Uint8Array): Uint8Array {
  const head = new Uint8Array(content.length < 126 ? 2 : 10);
  head[0] = firstByte;
  if (content.length < 126) head[1] = content.length;
  else {
    head[1] = 127;
    new DataView(head.buffer).setBigUint64(2, BigInt(content.length));
  }
  const bytes = new Uint8Array(head.length + content.length);
  bytes.set(head);
  bytes.set(content, head.length);
  return bytes;
}

const nothing = new Uint8Array(0);
const text = 1;
const binary = 2;
const final = 0x80;
const closing = 0x88;
const pinging = 0x89;

function closeFrame(code: number, reason: string): Uint8Array {
  return frame(closing, new Uint8Array([code >> 8, code & 255, ...encoder.encode(reason)]));
}

/** What the server of a WebSocket may do, by what it is: the connection is lost by each. */
export const socketMisbehaviors: Record<string, Misbehavior> = {
  "never answers": slow(hang),
  "hangs up at once": quick(() => Promise.resolve()),
  "refuses with a page": quick(only("HTTP/1.1 403 Forbidden\r\ncontent-length: 6\r\n\r\n<html>")),
  "answers with a wrong key": quick(
    only("HTTP/1.1 101 Hi\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: x\r\n\r\n"),
  ),
  "redirects": quick(redirect(() => "http://169.254.169.254/")),
  "hangs up when it is open": quick(opened(() => Promise.resolve())),
  "is silent": slow(opened(hang)),
  "sets reserved bits": quick(opened(async (connection) => {
    await send(connection, frame(0xff, nothing));
    await hang(connection);
  })),
  "stops within a frame": slow(opened(async (connection) => {
    await send(connection, frame(final | binary, new Uint8Array(1000)).subarray(0, 500));
    await hang(connection);
  })),
  "never ends a message": quick(opened(async (connection) => {
    await send(connection, frame(binary, nothing));
    await sendForEver(connection, frame(0, new Uint8Array(100)));
  })),
  "announces more than there is": quick(opened(async (connection) => {
    await send(connection, new Uint8Array([final | binary, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255]));
    await hang(connection);
  })),
  "sends text that is none": quick(opened(async (connection) => {
    await send(connection, frame(final | text, new Uint8Array([0xff, 0xfe])));
    await hang(connection);
  })),
  "pings without an end": slow(opened(async (connection) => {
    await sendForEver(connection, frame(pinging, new Uint8Array(125)));
  })),
  "closes with a reason that harms a terminal": quick(opened(async (connection) => {
    await send(connection, closeFrame(4999, "\x1b[2J\x07"));
    await hang(connection);
  })),
  "closes with no code that there is": quick(opened(async (connection) => {
    await send(connection, closeFrame(1, ""));
    await hang(connection);
  })),
};
