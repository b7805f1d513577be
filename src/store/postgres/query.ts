/**
 * Reads from PostgreSQL that block the thread until their answer is there, as reads from SQLite do: the shared code
 * reads a row in the midst of its work. A worker has the connection; see `query_channel.ts`.
 */
import type { Query, SqlValue } from "../query.ts";
import { postgresDialect } from "./dialect.ts";
import { driverAddress } from "./address.ts";
import { type Answer, QueryChannel, type QueryReply, type QueryRequest } from "./query_channel.ts";
import { connectionTrouble, DatabaseAway, ServerError } from "./trouble.ts";

export interface PostgresQueryOptions {
  /** Shown by the server among its sessions. */
  applicationName?: string;
  /** How long a question may block this thread. Default: 3 s. */
  timeoutMs?: number;
}

const defaultTimeoutMs = 3000;
const highestNumber = 2 ** 31 - 1;

/** Of one thread: another one opens its own. */
export class PostgresQuery implements Query {
  readonly dialect = postgresDialect;
  readonly #worker: Worker;
  readonly #channel: QueryChannel;
  readonly #timeoutMs: number;
  #number = 0;
  /** Questions whose answers come as messages, by their numbers. */
  readonly #later = new Map<number, (answer: Answer) => void>();
  #isClosed = false;

  /**
   * Connects. Throws a `UserError` if that fails: then nothing is left open. A connection that is lost later comes back
   * by itself.
   */
  static async open(address: string, options: PostgresQueryOptions = {}): Promise<PostgresQuery> {
    const { applicationName = "livecue", timeoutMs = defaultTimeoutMs } = options;
    const query = new PostgresQuery(timeoutMs);
    try {
      driverAddress(address);
      const { memory } = query.#channel;
      await query.#open({ kind: "open", address, applicationName, timeoutMs, memory });
      return query;
    } catch (error) {
      query.#worker.terminate();
      throw error;
    }
  }

  private constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#channel = new QueryChannel();
    // Reading and writing: a socket in the file system is opened for both, and certificates are files.
    const permissions = { net: true, env: true, read: true, write: true, sys: true } as const;
    const options = { type: "module", deno: { permissions } } as const;
    this.#worker = new Worker(new URL("./query_worker.ts", import.meta.url), options);
  }

  /** Whether questions fail at once, because the connection is lost. */
  get isAway(): boolean {
    return !this.#channel.isReady;
  }

  /**
   * The caller guarantees that `Row` matches what `sql` selects. Placeholders are SQLite's. Numbers beyond JavaScript's
   * exact range are rounded; NUL characters in `values` become U+FFFD, as when they are written. Throws a `ServerError`
   * for an error that the server reports, and `DatabaseAway` if no answer comes in time or the connection is lost.
   */
  all<Row>(sql: string, ...values: SqlValue[]): Row[] {
    return rowsIn(this.#ask(sql, values)) as Row[];
  }

  /** A question that is not answered when the database is closed is not answered any more. */
  later = async <Row>(sql: string, ...values: SqlValue[]): Promise<Row[]> => {
    this.#checkReady();
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const number = this.#nextNumber();
    this.#later.set(number, resolve);
    this.#post({ kind: "ask_later", number, sql, values });
    return rowsIn(await promise) as Row[];
  };

  first<Row>(sql: string, ...values: SqlValue[]): Row | null {
    return this.all<Row>(sql, ...values)[0] ?? null;
  }

  /** Does not wait for the server. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#channel.isReady = false;
    this.#post({ kind: "close" });
  }

  async #open(request: QueryRequest & { kind: "open" }): Promise<void> {
    const { address } = request;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#worker.onmessage = ({ data }: MessageEvent<QueryReply>) => {
      if (data.kind === "opened") resolve();
      else if (data.kind === "answer") this.#receive(data.number, data.answer);
      else reject(connectionTrouble(Object.assign(new Error(data.message), data), address));
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#channel.isReady = false;
      reject(new Error(`The thread that reads from PostgreSQL crashed: ${event.message}`));
    };
    this.#post(request);
    await promise;
  }

  #ask(sql: string, values: readonly SqlValue[]): Answer {
    this.#checkReady();
    const number = this.#nextNumber();
    this.#post({ kind: "ask", number, sql, values });
    const answer = this.#channel.take(number, this.#timeoutMs);
    if (answer !== null) return answer;
    this.#channel.isReady = false;
    this.#post({ kind: "give_up" });
    throw new DatabaseAway();
  }

  #receive(number: number, answer: Answer): void {
    this.#later.get(number)?.(answer);
    this.#later.delete(number);
  }

  #checkReady(): void {
    if (this.#isClosed) throw new Error("The database is closed.");
    if (!this.#channel.isReady) throw new DatabaseAway();
  }

  #nextNumber(): number {
    return this.#number = this.#number === highestNumber ? 1 : this.#number + 1;
  }

  #post(request: QueryRequest): void {
    this.#worker.postMessage(request);
  }
}

function rowsIn(answer: Answer): Record<string, unknown>[] {
  if ("error" in answer) {
    if (answer.error === null) throw new DatabaseAway();
    const { message, code } = answer.error;
    throw code === null ? new Error(message) : new ServerError(message, code);
  }
  const { columns, rows } = answer;
  return rows.map((row) => rowOf(columns, row));
}

function rowOf(columns: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (let index = 0; index < columns.length; index++) row[columns[index] as string] = values[index];
  return row;
}
