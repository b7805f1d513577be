/** Redis and PostgreSQL servers for a peer: on a free port, in a folder, until they are disposed of. */
import { PostgresqlCluster } from "./postgresql.ts";

export interface Server extends AsyncDisposable {
  /** As "redis://127.0.0.1:6379". */
  address: string;
}

export interface ServerOptions {
  /** An empty folder for this server alone. */
  folder: string;
  /** The path of a program that the peer `needs`. */
  path(program: "redis-server" | "initdb" | "pg_ctl" | "pg_basebackup"): string;
}

/**
 * Debian's Redis with the append-only file that BullMQ advises, and without snapshots, which cost time and add
 * nothing. Redis evicts nothing because it has no memory limit.
 */
export async function startRedis(
  { folder, path }: ServerOptions,
  appendfsync: "everysec" | "always",
): Promise<Server> {
  const port = freePort();
  const settings = {
    bind: "127.0.0.1",
    port,
    dir: folder,
    save: "",
    appendonly: "yes",
    appendfsync,
    "maxmemory-policy": "noeviction",
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = new Deno.Command(path("redis-server"), { args, stdout: "piped", stderr: "null" }).spawn();
  const server = new ChildServer(`redis://127.0.0.1:${port}`, child);
  await server.ready(child.stdout, "Ready to accept connections");
  return server;
}

/** Debian's PostgreSQL with its defaults, so with synchronous_commit on. */
export async function startPostgresql({ folder, path }: ServerOptions): Promise<Server> {
  const cluster = await PostgresqlCluster.start({ folder, path });
  return { address: cluster.address(), [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() };
}

/** Another process may take the port before the server does; then the server fails to start. */
function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

class ChildServer implements Server {
  readonly address: string;
  readonly #child: Deno.ChildProcess;
  #output: Promise<void> = Promise.resolve();

  constructor(address: string, child: Deno.ChildProcess) {
    this.address = address;
    this.#child = child;
  }

  /** Waits until the server prints `sign`. Later output is read and dropped. */
  async ready(output: ReadableStream<Uint8Array>, sign: string): Promise<void> {
    const isReady = Promise.withResolvers<void>();
    let said = "";
    const read = async () => {
      for await (const bytes of output) {
        if (said.includes(sign)) continue;
        said += new TextDecoder().decode(bytes);
        if (said.includes(sign)) isReady.resolve();
      }
      isReady.reject(new Error(`The server ended before it was ready. It said: ${said}`));
    };
    this.#output = read();
    await isReady.promise;
  }

  /** Stops the server and waits for its end. Redis ends immediately at SIGINT, even with clients connected. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGINT");
    } catch (error) {
      // The process has already ended, for example at Ctrl-C, which all processes of a terminal receive.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.#child.status;
    await this.#output;
  }
}
