/** A PostgreSQL cluster of Debian's programs, for benchmarks and tests: private, on a free port, until it is disposed of. */
import { join } from "node:path";

export interface ClusterOptions {
  /** An empty folder for this cluster alone; it has the socket, too. */
  folder: string;
  path(program: "initdb" | "pg_ctl" | "pg_basebackup"): string;
  /** Of postgresql.conf, beside the port and the addresses. Default: PostgreSQL's defaults, so with fsync. */
  settings?: Record<string, string>;
  /** Default: initdb makes the cluster. */
  origin?: Origin;
  /** An address of this computer at which others reach the server, also without a password. Default: only itself. */
  reachableAt?: string | undefined;
}

export type Origin =
  /** A copy of this data folder; its server is stopped. */
  | { template: string }
  /** A replica that follows the server at this address and only reads, until it is promoted. */
  | { primary: string };

interface User {
  uid: number;
  gid: number;
}

/** The superuser of each cluster. It needs no password. */
const superuser = "bench";

export class PostgresqlCluster implements AsyncDisposable {
  readonly port: number;
  readonly #options: ClusterOptions;
  readonly #user: User | null;
  #guard: Deno.ChildProcess | null = null;

  private constructor(options: ClusterOptions, port: number, user: User | null) {
    this.#options = options;
    this.port = port;
    this.#user = user;
  }

  /** Makes the cluster and starts it. */
  static async start(options: ClusterOptions): Promise<PostgresqlCluster> {
    const user = await ownUser();
    if (user !== null) await Deno.chown(options.folder, user.uid, user.gid);
    await makeData(options, user);
    const cluster = new PostgresqlCluster(options, fixedPort(), user);
    await cluster.#configure();
    await cluster.restart();
    return cluster;
  }

  /** As "postgres://bench@127.0.0.1:5432/postgres". */
  address(database = "postgres", host = "127.0.0.1"): string {
    return `postgres://${superuser}@${host}:${this.port}/${database}`;
  }

  /** Starts the server again after `stop` or `kill`, on the same port, and waits until it accepts connections. */
  async restart(): Promise<void> {
    const log = join(this.#options.folder, "log");
    await this.#control("start", ["--log", log, "--timeout", "60"]);
    this.#guard = guard(this.#options.folder, await this.#processId());
  }

  /** Ends the server in order: connections are cut, transactions that are open are rolled back. */
  async stop(): Promise<void> {
    await this.#control("stop", ["--mode", "fast"]);
    await this.#dismissGuard();
  }

  /** Ends all processes of the server at one moment, so that none of them commits or answers any more. */
  async kill(): Promise<void> {
    const postmaster = await this.#processId();
    Deno.kill(postmaster, "SIGSTOP");
    const children = await Deno.readTextFile(`/proc/${postmaster}/task/${postmaster}/children`);
    const ids = [...children.split(" ").filter((child) => child !== "").map(Number), postmaster];
    await Promise.all(ids.map(endProcess));
    // A server that starts would take the processes for alive until the system forgets them.
    for (const lock of ["data/postmaster.pid", `.s.PGSQL.${this.port}.lock`]) {
      await Deno.remove(join(this.#options.folder, lock));
    }
    await this.#dismissGuard();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#guard === null) return;
    await this.#control("stop", ["--mode", "immediate"]);
    await this.#dismissGuard();
  }

  async #configure(): Promise<void> {
    const { folder, settings = {}, reachableAt } = this.#options;
    const all = {
      port: String(this.port),
      listen_addresses: ["127.0.0.1", ...reachableAt === undefined ? [] : [reachableAt]].join(),
      unix_socket_directories: folder,
      ...settings,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`);
    await Deno.writeTextFile(join(folder, "data", "postgresql.conf"), lines.join(""), { append: true });
    if (reachableAt === undefined) return;
    const anybody = "host all all all trust\n";
    await Deno.writeTextFile(join(folder, "data", "pg_hba.conf"), anybody, { append: true });
  }

  async #control(action: "start" | "stop", args: string[]): Promise<void> {
    const data = join(this.#options.folder, "data");
    const all = [action, "--pgdata", data, "--wait", "--silent", ...args];
    try {
      await run(this.#options.path("pg_ctl"), all, this.#user);
    } catch (error) {
      const log = await Deno.readTextFile(join(this.#options.folder, "log")).catch(() => "");
      throw new Error(`${(error as Error).message} PostgreSQL's log: ${log}`, { cause: error });
    }
  }

  async #processId(): Promise<number> {
    const text = await Deno.readTextFile(join(this.#options.folder, "data", "postmaster.pid"));
    return Number(text.split("\n", 1)[0]);
  }

  async #dismissGuard(): Promise<void> {
    const guard = this.#guard;
    this.#guard = null;
    if (guard === null) return;
    guard.kill("SIGKILL");
    await guard.stdin.close();
    await guard.status;
  }
}

async function makeData({ folder, origin, path }: ClusterOptions, user: User | null): Promise<void> {
  const data = join(folder, "data");
  if (origin === undefined) await initialize(path("initdb"), { data, user, isSynced: true });
  else if ("template" in origin) await run("cp", ["--archive", origin.template, data], user);
  else {
    const args = ["--pgdata", data, "--dbname", origin.primary, "--write-recovery-conf", "--no-sync"];
    await run(path("pg_basebackup"), [...args, "--checkpoint", "fast", "--wal-method", "stream"], user);
  }
}

/** Makes the data folder of a cluster; `isSynced`: and waits until the disk has it. */
export async function initialize(
  initdb: string,
  { data, user, isSynced }: { data: string; user: User | null; isSynced: boolean },
): Promise<void> {
  const args = ["--pgdata", data, "--username", superuser, "--auth", "trust", "--locale", "C.UTF-8"];
  await run(initdb, isSynced ? args : [...args, "--no-sync"], user);
}

/** PostgreSQL refuses to run as root. If this process is root, PostgreSQL runs as the user that its package creates. */
export async function ownUser(): Promise<User | null> {
  if (Deno.uid() !== 0) return null;
  const [uid, gid] = await Promise.all([idOf("-u"), idOf("-g")]);
  return { uid, gid };
}

async function idOf(flag: string): Promise<number> {
  const { success, stdout } = await new Deno.Command("id", { args: [flag, "postgres"] }).output();
  if (!success) throw new Error("There is no user postgres, as whom PostgreSQL could run.");
  return Number(new TextDecoder().decode(stdout));
}

/**
 * Ends the server and removes its folder when this process ends without doing so: when it is killed, its end of the
 * pipe closes.
 */
function guard(folder: string, postmaster: number): Deno.ChildProcess {
  // Signals may go to the whole group, as those of a terminal and of "timeout". Until the server has ended, it may
  // write what is being removed; it has five seconds.
  const script = `trap "" HUP INT TERM; read _; kill -QUIT "$1"
    for _ in $(seq 50); do kill -0 "$1" && sleep 0.1; done; rm -rf "$2"`;
  return new Deno.Command("sh", {
    args: ["-c", script, "guard", String(postmaster), folder],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/**
 * A port that is free, below those that the system gives to clients: it is still free when the server starts again.
 * Another process may take the port before the server does; then the server fails to start.
 */
function fixedPort(): number {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 15_000);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

/** Kills a process and waits for its end; whether its parent has asked for its exit code does not matter. */
async function endProcess(id: number): Promise<void> {
  try {
    Deno.kill(id, "SIGKILL");
    while (!/\) [ZX] /.test(await Deno.readTextFile(`/proc/${id}/stat`)));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound) && !isNoSuchProcess(error)) throw error;
  }
}

/** Reading of a process that ends in this moment fails so. */
function isNoSuchProcess(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ESRCH";
}

async function run(program: string, args: string[], user: User | null): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, {
    args,
    cwd: "/",
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    ...user,
  }).output();
  if (!success) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
}
