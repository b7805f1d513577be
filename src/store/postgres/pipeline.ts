/**
 * A connection over which transactions are sent without waiting for the answers of earlier ones. PostgreSQL runs all
 * statements before a Sync message as one transaction, commits at the Sync, and after an error skips to it: so a
 * transaction needs neither BEGIN nor COMMIT, and one that failed leaves nothing open.
 * Invariants: transactions end in the order in which they were sent; when the connection is lost, `onLost` is called
 * once, and all transactions that have no answer yet fail with `DatabaseAway`.
 */
import pg from "pg";
import { type Clock, every, Limit } from "../../clock.ts";
import { abandon, type Client, type Wire } from "./connection.ts";
import { DatabaseAway, endsConnection } from "./trouble.ts";

/** A statement of a transaction, with `$1` for its first value. It is prepared once in each connection. */
export interface Piece {
  text: string;
  values?: readonly (string | null)[];
}

/** What came of a piece. */
export interface Outcome {
  /** As PostgreSQL writes them. */
  rows: readonly (string | null)[][];
  /** Of how many rows the server speaks; 0 if it speaks of none. */
  count: number;
}

/** A transaction that the server refused. */
export class TransactionError extends Error {
  override readonly name = "TransactionError";
  /** Which piece failed; their number if the commit did. */
  readonly pieceIndex: number;

  constructor(cause: Error, pieceIndex: number) {
    super(cause.message, { cause });
    this.pieceIndex = pieceIndex;
  }
}

export interface PipelineOptions {
  clock: Clock;
  /** How long the server may keep silent while it owes an answer. */
  silenceMs: number;
  onLost(reason: LossReason, error: Error): void;
}

export type LossReason = "silence" | "error";

type Settle = (outcome: readonly Outcome[] | TransactionError | DatabaseAway) => void;

/** While nothing else is sent, the server is asked this often whether it is there. */
const pingMs = 2000;

const Query = (pg as unknown as { Query: new (options: { text: string }) => object }).Query;

/** The driver allows its own queries only in a pipeline, so this one is derived from them. */
class TransactionQuery extends Query {
  readonly #pieces: readonly Piece[];
  readonly #names: PreparedNames;
  #settle: Settle | null;
  readonly #outcomes: Outcome[] = [];
  #rows: (string | null)[][] = [];

  constructor(pieces: readonly Piece[], names: PreparedNames, settle: Settle) {
    super({ text: "transaction" });
    this.#pieces = pieces;
    this.#names = names;
    this.#settle = settle;
  }

  submit(wire: Wire): null {
    wire.stream.cork();
    for (const { text, values = [] } of this.#pieces) {
      const { name, isNew } = this.#names.nameOf(text);
      if (isNew) wire.parse({ name, text });
      wire.bind({ statement: name, values });
      wire.execute({});
    }
    wire.sync();
    wire.stream.uncork();
    return null;
  }

  handleRowDescription(): void {}

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    this.#rows.push(fields);
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.#outcomes.push({ rows: this.#rows, count: Number(/ (\d+)$/.exec(text)?.[1] ?? 0) });
    this.#rows = [];
  }

  handleEmptyQuery(): void {
    this.#outcomes.push({ rows: [], count: 0 });
  }

  handleError(error: Error): void {
    this.#end(
      endsConnection(error)
        ? new DatabaseAway(undefined, { cause: error })
        : new TransactionError(error, this.#outcomes.length),
    );
  }

  handleReadyForQuery(): void {
    this.#end(this.#outcomes);
  }

  #end(outcome: Parameters<Settle>[0]): void {
    this.#settle?.(outcome);
    this.#settle = null;
  }
}

/** The names of the statements that a connection has prepared. */
class PreparedNames {
  readonly #names = new Map<string, string>();
  #count = 0;

  nameOf(text: string): { name: string; isNew: boolean } {
    const known = this.#names.get(text);
    if (known !== undefined) return { name: known, isNew: false };
    const name = `s${++this.#count}`;
    this.#names.set(text, name);
    return { name, isNew: true };
  }

  /** Later names are different ones, because some of the old ones may exist. */
  forget(): void {
    this.#names.clear();
  }
}

export class Pipeline {
  readonly #client: Client;
  readonly #options: PipelineOptions;
  readonly #names = new PreparedNames();
  #waiting = 0;
  #silence: Limit | null = null;
  readonly #stopPings: () => void;
  #isOver = false;

  /** `client`: an open connection, pipelined and of nobody else. */
  constructor(client: Client, options: PipelineOptions) {
    this.#client = client;
    this.#options = options;
    client.on("error", (error) => this.lose(error));
    client.on("end", () => this.lose(new DatabaseAway()));
    this.#stopPings = every(options.clock, pingMs, () => {
      if (this.#waiting === 0) this.send([]).catch(() => {});
    });
  }

  /**
   * Sends a transaction. Throws a `TransactionError` if the server refuses it, and `DatabaseAway` if the connection is
   * lost: then nobody knows whether it is committed.
   */
  send(pieces: readonly Piece[]): Promise<readonly Outcome[]> {
    if (this.#isOver) return Promise.reject(new DatabaseAway());
    const { promise, resolve, reject } = Promise.withResolvers<readonly Outcome[]>();
    this.#waiting += 1;
    this.#silence ??= this.#watch();
    this.#client.query(
      new TransactionQuery(pieces, this.#names, (outcome) => {
        this.#heard();
        if (!(outcome instanceof Error)) return resolve(outcome);
        if (outcome instanceof TransactionError) this.#forgetNames();
        reject(outcome);
        if (outcome instanceof DatabaseAway) this.lose(outcome);
      }),
    );
    return promise;
  }

  /** Treats the connection as lost. */
  lose(error: Error, reason: LossReason = "error"): void {
    if (this.#isOver) return;
    this.#over();
    abandon(this.#client);
    this.#options.onLost(reason, error);
  }

  /** Says goodbye to the server. `onLost` is not called. */
  async close(): Promise<void> {
    if (this.#isOver) return;
    this.#over();
    await this.#client.end();
  }

  /** Ends the connection at once, without `onLost`. */
  abandon(): void {
    this.#over();
    abandon(this.#client);
  }

  #over(): void {
    this.#isOver = true;
    this.#stopPings();
    this.#silence?.cancel();
    this.#silence = null;
  }

  #watch(): Limit {
    const { clock, silenceMs } = this.#options;
    return new Limit({ clock, limitMs: silenceMs, onOver: () => this.lose(new DatabaseAway(), "silence") });
  }

  #heard(): void {
    this.#waiting -= 1;
    if (this.#waiting > 0) return this.#silence?.restart();
    this.#silence?.cancel();
    this.#silence = null;
  }

  /** The server skipped the rest of a transaction, so which of its statements are prepared is not known. */
  #forgetNames(): void {
    this.#names.forget();
    this.#client.query<never>({ text: "DEALLOCATE ALL" }).catch(() => {});
  }
}
