/**
 * The same readings in Debian's PostgreSQL with its defaults, so each commit is synced: a table that is partitioned by
 * day, with an index by channel and time, filled by COPY through one psql.
 */
import { pathOf, programFolders, whatIsMissing } from "../peers/programs.ts";
import { startPostgresql } from "../peers/servers.ts";
import type { SentReading } from "../../src/source.ts";
import { dayMs } from "../../src/reading_query.ts";

export interface Psql {
  /** Commits the readings. */
  copy(readings: readonly SentReading[]): Promise<void>;
  /** Runs a statement, and returns its lines. */
  run(statement: string): Promise<string[]>;
}

/** Runs `use` with a new server and the table `reading`, for readings from `firstDay` on. False if programs are missing. */
export async function withPostgresql(firstDay: number, use: (psql: Psql) => Promise<void>): Promise<boolean> {
  const folders = await programFolders();
  const peer = { name: "PostgreSQL", needs: ["initdb", "pg_ctl", "psql"] as const };
  const missing = await whatIsMissing(peer, folders);
  if (missing !== null) {
    console.error(missing);
    return false;
  }
  const paths = new Map<string, string>();
  for (const program of peer.needs) paths.set(program, await pathOf(program, folders) ?? program);
  const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
  try {
    await using server = await startPostgresql({ folder, path: (program) => paths.get(program) ?? program });
    await using session = new Session(paths.get("psql") ?? "psql", server.address);
    await session.run(
      "CREATE TABLE reading (channel text, at bigint, value float8) PARTITION BY RANGE (at);",
    );
    for (let day = 0; day < 3; day++) {
      const [from, to] = [firstDay + day * dayMs, firstDay + (day + 1) * dayMs];
      await session.run(`CREATE TABLE day${day} PARTITION OF reading FOR VALUES FROM (${from}) TO (${to});`);
    }
    await session.run("CREATE INDEX ON reading (channel, at);");
    await use(session);
    return true;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A psql that reads statements from a pipe, and says after each that it is done. */
class Session implements Psql, AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(psql: string, address: string) {
    const args = [
      address,
      "--no-psqlrc",
      "--quiet",
      "--tuples-only",
      "--no-align",
      "--set",
      "ON_ERROR_STOP=1",
    ];
    this.#child = new Deno.Command(psql, { args, stdin: "piped", stdout: "piped", stderr: "inherit" })
      .spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#output = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  async copy(readings: readonly SentReading[]): Promise<void> {
    const rows = readings.map(({ channel, at, value }) => `${channel}\t${at}\t${value}\n`).join("");
    await this.run(`COPY reading FROM STDIN;\n${rows}\\.`);
  }

  async run(statement: string): Promise<string[]> {
    await this.#input.write(new TextEncoder().encode(`${statement}\n\\echo DONE\n`));
    while (!this.#text.endsWith("DONE\n")) {
      const { value, done } = await this.#output.read();
      if (done) throw new Error("psql ended before it was done.");
      this.#text += value;
    }
    const lines = this.#text.split("\n").slice(0, -2);
    this.#text = "";
    return lines;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close();
    await this.#child.status;
    await this.#output.cancel();
  }
}
