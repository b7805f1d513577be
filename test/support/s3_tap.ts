/** Relays the connections to an S3 server, lists the requests, and breaks connections when a test wants it. */
export class S3Tap implements AsyncDisposable {
  /** The request lines: "PUT /music/a.mp3?partNumber=1&uploadId=…". */
  readonly requests: string[] = [];
  /**
   * Is called with each request line. Within the request, "break" ends the connection, "hold" keeps the rest of the
   * body back, and "spoil" changes the body.
   */
  onRequest: (line: string) => "break" | "hold" | "spoil" | void = () => {};
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.TcpConn>();
  readonly #running: Promise<void>;
  readonly #end = Promise.withResolvers<void>();

  constructor(port: number) {
    this.#running = this.#accept(port);
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** The numbers of the parts that were sent since the last call. */
  takeParts(): number[] {
    const lines = this.requests.splice(0);
    return lines.flatMap((line) => /[?&]partNumber=(\d+)/.exec(line)?.[1] ?? []).map(Number);
  }

  async #accept(port: number): Promise<void> {
    const relays: Promise<void>[] = [];
    for await (const client of this.#listener) relays.push(this.#relay(client, port));
    await Promise.all(relays);
  }

  async #relay(client: Deno.TcpConn, port: number): Promise<void> {
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    for (const connection of [client, server]) this.#open.add(connection);
    const close = () => {
      for (const connection of [client, server]) {
        if (this.#open.delete(connection)) connection.close();
      }
    };
    const up = this.#copy(client, server, close);
    const down = pump(server, async (bytes) => await writeAll(client, bytes));
    await Promise.all([up.finally(close), down.finally(close)]);
  }

  async #copy(client: Deno.TcpConn, server: Deno.TcpConn, close: () => void): Promise<void> {
    const decoder = new TextDecoder("latin1");
    let tail = "";
    let isSpoiling = false;
    await pump(client, async (bytes) => {
      const text = tail + decoder.decode(bytes);
      const found = [...text.matchAll(/((?:GET|HEAD|PUT|POST|DELETE) \/\S*) HTTP\/1\.1\r\n/g)];
      const last = found.at(-1);
      tail = text.slice(Math.max(text.length - 500, last === undefined ? 0 : last.index + last[0].length));
      if (isSpoiling) bytes[0] = (bytes[0] ?? 0) ^ 1;
      isSpoiling = false;
      await writeAll(server, bytes);
      for (const [, line = ""] of found) {
        this.requests.push(line);
        const wish = this.onRequest(line);
        if (wish === "break") close();
        if (wish === "hold") await this.#end.promise;
        isSpoiling = wish === "spoil";
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.#end.resolve();
    for (const connection of this.#open) connection.close();
    this.#open.clear();
    await this.#running;
  }
}

/** Until the connection ends or breaks. */
async function pump(from: Deno.TcpConn, take: (bytes: Uint8Array) => Promise<void>): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  try {
    for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
      await take(buffer.subarray(0, count));
    }
  } catch {
    // The connection broke, or a test ended it.
  }
}

async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await to.write(bytes.subarray(written));
}
