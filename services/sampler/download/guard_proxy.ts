/**
 * A SOCKS5 proxy (RFC 1928) on this machine for a program that makes its own connections. It resolves the names
 * itself, checks every address, and connects to the checked one.
 */
import { FinalError, UserError } from "livecue/service";
import { megabytes } from "./body.ts";
import type { Guard } from "./guard.ts";

/** The answers of RFC 1928: a version, a code, and an address of zeros. */
const accepted = Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0);
const refused = Uint8Array.of(5, 2, 0, 1, 0, 0, 0, 0, 0, 0);

export class GuardProxy implements AsyncDisposable {
  readonly #guard: Guard;
  readonly #maxBytes: number;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.TcpConn>();
  readonly #ended: Promise<void>;
  #receivedBytes = 0;
  #refusal: UserError | null = null;
  #absence: UserError | null = null;

  /** `maxBytes` is for all connections together. */
  constructor(guard: Guard, { maxBytes }: { maxBytes: number }) {
    this.#guard = guard;
    this.#maxBytes = maxBytes;
    this.#ended = this.#accept();
  }

  /** For the option `--proxy`. yt-dlp has a proxy of this scheme resolve the names; old versions know no "socks5h". */
  get url(): string {
    return `socks5://127.0.0.1:${this.#listener.addr.port}`;
  }

  /** Why a connection was refused or ended. */
  get refusal(): UserError | null {
    return this.#refusal;
  }

  /** Why the last host that could not be reached could not, although it may be. */
  get absence(): UserError | null {
    return this.#absence;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open) close(connection);
    await this.#ended;
  }

  async #accept(): Promise<void> {
    const served: Promise<void>[] = [];
    try {
      for await (const connection of this.#listener) served.push(this.#serve(connection));
    } catch {
      // The listener was closed.
    }
    await Promise.all(served);
  }

  async #serve(client: Deno.TcpConn): Promise<void> {
    this.#open.add(client);
    let server: Deno.TcpConn | null = null;
    try {
      const target = await readTarget(client);
      server = await this.#connect(target, client);
      this.#open.add(server);
      await send(client, accepted);
      await Promise.all([this.#pipe(client, server, false), this.#pipe(server, client, true)]);
    } catch {
      // One of the two ended the connection, or the target was refused.
    } finally {
      for (const connection of [client, server]) {
        if (connection === null) continue;
        this.#open.delete(connection);
        close(connection);
      }
    }
  }

  async #connect({ host, port }: Target, client: Deno.TcpConn): Promise<Deno.TcpConn> {
    try {
      const url = new URL(
        `${port === 443 ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}/`,
      );
      const [address = ""] = await this.#guard.addressesOf(url);
      return await Deno.connect({ hostname: address, port });
    } catch (error) {
      if (error instanceof FinalError) this.#refusal = error;
      else if (error instanceof UserError) this.#absence = error;
      else this.#absence = new UserError(`${host} does not answer. Try again later.`, { cause: error });
      await send(client, refused);
      throw error;
    }
  }

  async #pipe(from: Deno.TcpConn, to: Deno.TcpConn, isAnswer: boolean): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
      if (isAnswer) this.#receivedBytes += count;
      if (this.#receivedBytes > this.#maxBytes) {
        this.#refusal = new FinalError(
          `The video is larger than ${
            megabytes(this.#maxBytes)
          } MB, the limit of all that yt-dlp may receive.`,
        );
        throw this.#refusal;
      }
      await send(to, buffer.subarray(0, count));
    }
    await to.closeWrite();
  }
}

interface Target {
  host: string;
  port: number;
}

/** Takes a client without a password that wants a connection of TCP. */
async function readTarget(client: Deno.TcpConn): Promise<Target> {
  const [version, methods = 0] = await readExactly(client, 2);
  if (version !== 5) throw new Error("not SOCKS5");
  await readExactly(client, methods);
  await send(client, Uint8Array.of(5, 0));
  const [, command, , kind] = await readExactly(client, 4);
  if (command !== 1) throw new Error("not a connection");
  const host = await readHost(client, kind ?? 0);
  const [high = 0, low = 0] = await readExactly(client, 2);
  return { host, port: high * 256 + low };
}

async function readHost(client: Deno.TcpConn, kind: number): Promise<string> {
  switch (kind) {
    case 1:
      return (await readExactly(client, 4)).join(".");
    case 3: {
      const [length = 0] = await readExactly(client, 1);
      return new TextDecoder().decode(await readExactly(client, length));
    }
    case 4: {
      const bytes = await readExactly(client, 16);
      return Array.from({ length: 8 }, (_, at) => (bytes[2 * at]! * 256 + bytes[2 * at + 1]!).toString(16))
        .join(":");
    }
    default:
      throw new Error("an address of an unknown kind");
  }
}

async function readExactly(connection: Deno.TcpConn, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  for (let done = 0; done < count;) {
    const read = await connection.read(bytes.subarray(done));
    if (read === null) throw new Error("the client ended the connection");
    done += read;
  }
  return bytes;
}

async function send(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await connection.write(bytes.subarray(done));
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
