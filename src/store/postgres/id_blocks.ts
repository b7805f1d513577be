/**
 * Ids for rows, in blocks that the database gives to one machine each and that only grow. The next block is asked for
 * when half of one is used, so that taking an id does not wait. If it does not come in time, because the database is
 * slow, the sources wait as they do while it is away, and the rest is for what cannot wait.
 */
import type { IdName, Ids } from "../../ids.ts";
import type { Outcome, Piece } from "./pipeline.ts";
import { DatabaseAway } from "./trouble.ts";

const names: readonly IdName[] = ["live", "session", "event", "item"];

interface Block {
  next: number;
  /** The first id behind the block. */
  end: number;
}

interface Stock {
  /** The one in use comes first. */
  blocks: Block[];
  size: number;
  /** The end of the highest block that there was. */
  end: number;
  isAsking: boolean;
}

export interface IdBlocksOptions {
  /** How many ids the first block of a name has. Default: 100,000, and 200 where few are used. */
  size?: number;
  /** Throws `DatabaseAway` if there is no connection. */
  send(pieces: readonly Piece[]): Promise<readonly Outcome[]>;
}

/** Half of it lasts until the next block is there, also in a flood with many services. */
const defaultSize = 100_000;
/** People read the numbers of sessions, so these grow slowly. */
const fewSize = 200;
/** A name whose blocks are used up gets larger ones, so that ids last while the database is away. */
const largestSize = 1_000_000;
/** The part of a block that is kept for what cannot wait, as the items of streaks that end, and events of services. */
const keptPart = 0.2;

const takeBlock = `INSERT INTO id_block AS block (name, next) VALUES ($1, 1 + $2::bigint)
  ON CONFLICT (name) DO UPDATE SET next = block.next + $2::bigint RETURNING next`;

export class IdBlocks implements Ids {
  readonly #options: IdBlocksOptions;
  #stocks: ReadonlyMap<IdName, Stock>;

  constructor(options: IdBlocksOptions) {
    this.#options = options;
    this.#stocks = this.#emptyStocks();
  }

  /** Higher than all earlier ones of this name. Throws `DatabaseAway` if none are left and the database is away. */
  take(name: IdName): number {
    const stock = this.#stocks.get(name) as Stock;
    const [block] = stock.blocks;
    if (block === undefined) throw new DatabaseAway();
    const id = block.next++;
    if (block.next === block.end) stock.blocks.shift();
    this.#askIfLow(name, stock);
    return id;
  }

  /** The id that `take` returns next. */
  next(name: IdName): number {
    const [block] = (this.#stocks.get(name) as Stock).blocks;
    if (block === undefined) throw new DatabaseAway();
    return block.next;
  }

  /** How many ids are there without asking the database. */
  left(name: IdName): number {
    return (this.#stocks.get(name) as Stock).blocks.reduce((sum, { next, end }) => sum + end - next, 0);
  }

  /** Whether so few are left of a name that nothing new should begin. */
  get areLow(): boolean {
    for (const [name, { size }] of this.#stocks) if (this.left(name) <= size * keptPart) return true;
    return false;
  }

  /** Continues with new blocks: all their ids are higher than any that a machine has had until now. */
  async renew(connection: Pick<IdBlocksOptions, "send"> = this.#options): Promise<void> {
    const stocks = this.#emptyStocks();
    const sizes = names.map((name) => (stocks.get(name) as Stock).size);
    const outcomes = await connection.send(names.map((name, index) => asking(name, sizes[index] as number)));
    for (const [index, name] of names.entries()) {
      add(stocks.get(name) as Stock, outcomes[index], sizes[index] as number);
    }
    this.#stocks = stocks;
  }

  /** Asks for what is missing, as after the database was away, or after it refused. */
  refill(): void {
    for (const [name, stock] of this.#stocks) this.#askIfLow(name, stock);
  }

  /** Whether the database knows of all blocks that it gave to this machine. It does not if it is an older copy. */
  areKnownTo(rows: readonly (string | null)[][]): boolean {
    const nextOf = new Map(rows.map(([name, next]) => [name, Number(next)]));
    return [...this.#stocks].every(([name, { end }]) => end <= (nextOf.get(name) ?? 0));
  }

  #emptyStocks(): ReadonlyMap<IdName, Stock> {
    const sizeOf = (name: IdName) =>
      this.#options.size ?? (name === "live" || name === "session" ? fewSize : defaultSize);
    return new Map(names.map((name) => [name, { blocks: [], size: sizeOf(name), end: 0, isAsking: false }]));
  }

  #askIfLow(name: IdName, stock: Stock): void {
    const isLow = stock.blocks.length < 2 && this.left(name) <= stock.size / 2;
    if (!isLow || stock.isAsking) return;
    stock.isAsking = true;
    const size = Math.min(stock.size * 2, largestSize);
    this.#options.send([asking(name, size)]).then(
      ([outcome]) => {
        stock.isAsking = false;
        stock.size = size;
        add(stock, outcome, size);
      },
      // `refill` asks again, when the database is back or while a source waits.
      () => stock.isAsking = false,
    );
  }
}

function asking(name: IdName, size: number): Piece {
  return { text: takeBlock, values: [name, String(size)] };
}

function add(stock: Stock, outcome: Outcome | undefined, size: number): void {
  const end = Number(outcome?.rows[0]?.[0]);
  stock.blocks.push({ next: end - size, end });
  stock.end = end;
}
