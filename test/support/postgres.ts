/** Debian's PostgreSQL, against which the second store is tried. */
import { join } from "node:path";
import { tmpdir } from "node:os";
import { initialize, type Origin, ownUser, PostgresqlCluster } from "../../bench/peers/postgresql.ts";
import { pathOf, programFolders } from "../../bench/peers/programs.ts";

const programs = ["initdb", "pg_ctl", "pg_basebackup", "psql"] as const;
const folders = await programFolders();
const found = await Promise.all(programs.map((program) => pathOf(program, folders)));

/** Whether a test that needs PostgreSQL is skipped. */
export const postgresIsMissing = found.includes(null);
/** What such a test says behind its name. */
export const whyPostgresIsMissing = "there is no PostgreSQL: install Debian's postgresql";

function path(program: typeof programs[number]): string {
  return found[programs.indexOf(program)] ?? program;
}

export interface PostgresOptions {
  /** Whether a commit waits for the disk. Default: no, since only a loss of power would show it. */
  fsync?: boolean;
  /** Of postgresql.conf. */
  settings?: Record<string, string>;
  /** An address of this computer at which the machines of a `CutNetwork` reach the server. */
  reachableAt?: string;
}

/** Starts a server of its own, for a test that kills it. Others share the one of `testWithPostgres`. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  return await start(options, { template: await template() });
}

async function start(options: PostgresOptions, origin: Origin): Promise<Postgres> {
  const { fsync = false, settings = {}, reachableAt } = options;
  const folder = await Deno.makeTempDir({ prefix: "livecue-postgres-" });
  const cluster = await PostgresqlCluster.start({
    folder,
    path,
    settings: fsync ? settings : { fsync: "off", full_page_writes: "off", ...settings },
    origin,
    reachableAt,
  });
  return new Postgres({ cluster, folder, options });
}

interface PostgresParts {
  cluster: PostgresqlCluster;
  folder: string;
  options: PostgresOptions;
}

export class Postgres implements AsyncDisposable {
  readonly port: number;
  readonly #cluster: PostgresqlCluster;
  readonly #folder: string;
  readonly #options: PostgresOptions;
  #databaseCount = 0;

  constructor({ cluster, folder, options }: PostgresParts) {
    this.#cluster = cluster;
    this.#folder = folder;
    this.#options = options;
    this.port = cluster.port;
  }

  /** As "postgres://bench@127.0.0.1:15432/test_1"; its user is a superuser. The port stays over restarts. */
  address(database = "postgres", host = "127.0.0.1"): string {
    return this.#cluster.address(database, host);
  }

  /** Makes an empty database, or a copy of one that nobody uses, and returns its address. */
  async createDatabase(copied = "template1"): Promise<string> {
    const name = `test_${++this.#databaseCount}`;
    await this.psql(`CREATE DATABASE ${name} TEMPLATE ${copied}`);
    return this.address(name);
  }

  /** Runs a statement over a connection of its own, and returns its lines, with "|" between the columns. */
  async psql(sql: string, database = "postgres"): Promise<string> {
    const args = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"];
    const { success, stdout, stderr } = await new Deno.Command(path("psql"), {
      args: [...args, "--command", sql, this.address(database)],
      stdin: "null",
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).trimEnd();
  }

  /** Ends all processes of the server at one moment, so that none of them commits or answers any more. */
  kill(): Promise<void> {
    return this.#cluster.kill();
  }

  /** Ends the server in order; open transactions are rolled back. */
  stop(): Promise<void> {
    return this.#cluster.stop();
  }

  /** Starts the server again after `kill` or `stop`, and waits until it accepts connections. */
  restart(): Promise<void> {
    return this.#cluster.restart();
  }

  /** Starts a second server that has the same databases, follows this one, and only reads. */
  startReplica(): Promise<Postgres> {
    return start(this.#options, { primary: this.address() });
  }

  /** Of a replica: resolves when it has everything that `primary` had committed before this call. */
  async catchUp(primary: Postgres): Promise<void> {
    const position = await primary.psql("SELECT pg_current_wal_lsn()");
    while (await this.psql(`SELECT pg_last_wal_replay_lsn() >= '${position}'`) !== "t");
  }

  /** Of a replica: from now on it gets nothing new, so that it becomes stale. */
  async detach(): Promise<void> {
    await this.psql("ALTER SYSTEM SET primary_conninfo = ''");
    await this.psql("SELECT pg_reload_conf()");
    while (await this.psql("SELECT count(*) FROM pg_stat_wal_receiver") !== "0");
  }

  /** Of a replica: it no longer follows, and may write. */
  async promote(): Promise<void> {
    await this.psql("SELECT pg_promote()");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#cluster[Symbol.asyncDispose]();
    } finally {
      await Deno.remove(this.#folder, { recursive: true });
    }
  }
}

let shared: Postgres | null = null;
let isShared = false;

/** A test with the server that all tests of its file share; each makes databases of its own in it. */
export function testWithPostgres(name: string, run: (server: Postgres) => Promise<void>): void {
  if (!isShared && !postgresIsMissing) shareServer();
  Deno.test({
    name: postgresIsMissing ? `${name} (${whyPostgresIsMissing})` : name,
    ignore: postgresIsMissing,
    fn: () => run(shared as Postgres),
  });
}

function shareServer(): void {
  isShared = true;
  Deno.test.beforeAll(async () => {
    shared = await startPostgres();
  });
  Deno.test.afterAll(async () => {
    await shared?.[Symbol.asyncDispose]();
    shared = null;
  });
}

/** The data folder that servers copy. It is kept between runs, because initdb takes a second. */
async function template(): Promise<string> {
  const name = `livecue-postgres-template-${Deno.uid()}${path("initdb").replaceAll(/[^a-z0-9]+/gi, "-")}`;
  const kept = join(tmpdir(), name);
  const data = join(kept, "data");
  if (await isThere(kept)) return data;
  const folder = await Deno.makeTempDir({ prefix: "livecue-postgres-unfinished-" });
  const user = await ownUser();
  if (user !== null) await Deno.chown(folder, user.uid, user.gid);
  await initialize(path("initdb"), { data: join(folder, "data"), user, isSynced: false });
  try {
    await Deno.rename(folder, kept);
  } catch (error) {
    await Deno.remove(folder, { recursive: true });
    // Another process was first.
    if (!await isThere(kept)) throw error;
  }
  return data;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
