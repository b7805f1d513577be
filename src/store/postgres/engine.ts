/**
 * The one connection with which a machine writes. It holds the locks of the machine's rooms, so whoever can write owns
 * the room, and the loss of the connection ends both. Batches are sent without waiting for earlier ones.
 * Invariants: batches are numbered without gaps and committed in that order, each at most once; a batch that is not
 * known to be committed is either sent again after the connection is back, or rejected; nothing of a room is sent
 * after the room is lost.
 */
import { backoffMs } from "../../backoff.ts";
import { type Clock, sleep } from "../../clock.ts";
import { UserError } from "../../user_error.ts";
import type { Statement } from "../database.ts";
import type { BoundValues } from "../statements.ts";
import { databaseShown } from "../../database_address.ts";
import { sentValue } from "./connection.ts";
import { IdBlocks } from "./id_blocks.ts";
import { type LossReason, type Outcome, type Piece, type Pipeline, TransactionError } from "./pipeline.ts";
import { kindsOf, numberedPlaceholders } from "./placeholders.ts";
import { notNextState, Run } from "./run.ts";
import { piecesOf } from "./statements.ts";
import {
  BatchError,
  connectionTrouble,
  DatabaseAway,
  RoomLost,
  sqlState,
  troubleSentence,
  type WhyLost,
} from "./trouble.ts";
import { openPipeline } from "./writing_connection.ts";

export interface EngineOptions {
  address: string;
  /** The name of this machine, for people. */
  machine: string;
  /** Whether this machine captures the streamers of the database, so that rooms may be moved to it. */
  keepsRooms?: boolean | undefined;
  /** full: a committed batch survives a loss of power of the server. normal: as the server is set. */
  durability: "normal" | "full";
  clock: Clock;
  /** The server may keep silent for so long while it owes an answer. Default: 5 s. */
  silenceMs?: number;
  /** Ids in the first block of a name. Default: 100,000. */
  idBlockSize?: number;
  /** The database is away. Called with a sentence for a person, once and whenever the reason changes. */
  onAway?(sentence: string): void;
  onBack?(): void;
  /** The room is no longer this machine's. What was not committed of it is rejected afterwards. */
  onLost?(room: string, why: WhyLost): void;
}

/** heldBy: the name of the machine that has the room; "" if it is not known yet. */
export type Taking = "taken" | { heldBy: string };

/** What a transaction does, and for which room; null for none. */
interface Work {
  room: string | null;
  pieces: readonly Piece[];
}

interface Transaction extends Work {
  number: number;
  /** Counts how often it was sent: answers to earlier times do not matter. */
  timesSent: number;
  resolve(outcomes: readonly Outcome[] | null): void;
  reject(error: Error): void;
}

const defaultSilenceMs = 5000;
const longestSilenceMs = 60_000;
const retry = { firstMs: 100, longestMs: 2000, jitter: 0.2 };

export class Engine {
  readonly ids: IdBlocks;
  readonly #options: EngineOptions;
  #run: Run;
  /** null while the database is away. */
  #pipeline: Pipeline | null = null;
  readonly #rooms = new Set<string>();
  readonly #taking = new Map<string, Promise<Taking>>();
  /** Not known to be committed, in the order of their numbers. */
  #inFlight: Transaction[] = [];
  #acknowledged = 0;
  #silenceMs: number;
  #trouble: string | null = null;
  readonly #closing = new AbortController();

  /** Throws a `UserError` if the database cannot be reached, or if Livecue cannot work with it. */
  static async open(options: EngineOptions): Promise<Engine> {
    const engine = new Engine(options);
    let pipeline: Pipeline | null = null;
    try {
      pipeline = await engine.#connect();
      await engine.#begin(pipeline);
      return engine;
    } catch (error) {
      engine.#closing.abort();
      pipeline?.abandon();
      throw connectionTrouble(error instanceof TransactionError ? error.cause : error, options.address);
    }
  }

  private constructor(options: EngineOptions) {
    this.#options = options;
    this.#run = new Run(options);
    this.#silenceMs = options.silenceMs ?? defaultSilenceMs;
    const { idBlockSize } = options;
    this.ids = new IdBlocks({
      ...(idBlockSize === undefined ? {} : { size: idBlockSize }),
      send: async (pieces) => await this.#connected.send(pieces),
    });
  }

  /** Why the database is away, as a sentence; null if it is there. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** The database's address for people. */
  get name(): string {
    return databaseShown(this.#options.address);
  }

  /** Of the run that has the rooms now. After a loss of everything, another one begins. */
  get runId(): number {
    return this.#run.id;
  }

  get rooms(): ReadonlySet<string> {
    return this.#rooms;
  }

  /**
   * Makes the room this machine's, if no other has it. "" is the room of a database that has only one. All ids taken
   * from now on are higher than those in the room. Throws `DatabaseAway`: then try again.
   */
  take(room: string): Promise<Taking> {
    if (this.#rooms.has(room)) return Promise.resolve("taken");
    const taking = this.#taking.get(room) ?? this.#take(room).finally(() => this.#taking.delete(room));
    this.#taking.set(room, taking);
    return taking;
  }

  async #take(room: string): Promise<Taking> {
    const pipeline = this.#connected;
    try {
      const taken = await this.#run.take(pipeline, room);
      if ("heldBy" in taken) return taken;
      if (!taken.isFirst) await this.ids.renew();
    } catch (error) {
      // The server may have given the lock before the statement that failed.
      await this.#run.release(pipeline, [room]).catch(() => {});
      throw error instanceof TransactionError ? error.cause : error;
    }
    if (pipeline !== this.#pipeline) throw new DatabaseAway();
    this.#rooms.add(room);
    return "taken";
  }

  /** Gives the room to whoever wants it, after all that was written in it is committed or rejected. */
  async release(room: string): Promise<void> {
    await this.#settled(({ room: other }) => other === room);
    if (!this.#rooms.delete(room) || this.#pipeline === null) return;
    // If the connection is lost meanwhile, so is the lock.
    await this.#run.release(this.#pipeline, [room]).catch(() => {});
  }

  /**
   * Writes in one transaction, after all earlier ones. Resolves when it is committed, with what came of each piece;
   * null if the answer got lost. Throws a `BatchError` if the server refuses it, also for batches of the room that were
   * sent behind it; a `RoomLost`; or `DatabaseAway` if the engine is closed first. While the database is away it waits.
   */
  transact(pieces: readonly Piece[], room: string | null = null): Promise<readonly Outcome[] | null> {
    if (this.#closing.signal.aborted) return Promise.reject(new DatabaseAway());
    if (room !== null && !this.#rooms.has(room)) return Promise.reject(new RoomLost(room));
    const { promise, resolve, reject } = Promise.withResolvers<readonly Outcome[] | null>();
    const number = this.#acknowledged + this.#inFlight.length + 1;
    const transaction = { room, pieces, number, timesSent: 0, resolve, reject };
    this.#inFlight.push(transaction);
    this.#send(transaction);
    return promise;
  }

  /**
   * As `transact`, with operations. The `index` of a `BatchError` is that of one of those that failed together.
   * `isSingly`: each by a statement of its own, so that it is the one that failed.
   */
  async write(batch: readonly BoundValues[], room: string | null, isSingly = false): Promise<void> {
    const { pieces, firstOf } = piecesOf(batch, isSingly);
    try {
      await this.transact(pieces, room);
    } catch (error) {
      if (!(error instanceof BatchError) || error.index === null) throw error;
      throw new BatchError(error.cause as Error, firstOf[error.index] ?? null);
    }
  }

  /** As `transact`, with SQLite's placeholders. A statement is one command. */
  async execute(
    statements: readonly Statement[],
    room: string | null = null,
  ): Promise<readonly Outcome[] | null> {
    return await this.transact(statements.map(pieceOf), room);
  }

  /** Waits for what is in flight, gives the rooms up, and ends the connection, all within the limit. */
  async close(limitMs: number): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const late = new AbortController();
    const cancel = this.#options.clock.after(limitMs, () => late.abort());
    const isLate = new Promise<void>((resolve) => late.signal.addEventListener("abort", () => resolve()));
    await Promise.race([isLate, this.#settled(() => true)]);
    this.#closing.abort();
    const pipeline = this.#pipeline;
    this.#pipeline = null;
    for (const { reject } of this.#inFlight.splice(0)) reject(new DatabaseAway());
    if (pipeline !== null) await Promise.race([isLate, this.#sayGoodbye(pipeline).catch(() => {})]);
    cancel();
    pipeline?.abandon();
  }

  async #sayGoodbye(pipeline: Pipeline): Promise<void> {
    await this.#run.release(pipeline, [...this.#rooms]);
    await this.#run.forget(pipeline);
    await pipeline.close();
  }

  get #connected(): Pipeline {
    if (this.#pipeline === null) throw new DatabaseAway();
    return this.#pipeline;
  }

  async #connect(): Promise<Pipeline> {
    return await openPipeline({
      ...this.#options,
      silenceMs: this.#silenceMs,
      onLost: (pipeline, reason, error) => this.#lose(pipeline, reason, error),
    });
  }

  /** As a new run, of which nothing is committed. */
  async #begin(pipeline: Pipeline): Promise<void> {
    const run = new Run(this.#options);
    await run.register(pipeline);
    await this.ids.renew(pipeline);
    this.#run = run;
    this.#acknowledged = 0;
    this.#pipeline = pipeline;
  }

  #send(transaction: Transaction): void {
    const pipeline = this.#pipeline;
    if (pipeline === null) return;
    const sending = ++transaction.timesSent;
    const isLatest = () => transaction.timesSent === sending;
    pipeline.send([this.#run.advanceTo(transaction.number), ...transaction.pieces]).then(
      (outcomes) => isLatest() && this.#acknowledge(transaction, outcomes.slice(1)),
      (error) => isLatest() && error instanceof TransactionError && this.#refused(transaction, error),
    );
  }

  #acknowledge(transaction: Transaction, outcomes: readonly Outcome[] | null): void {
    if (this.#inFlight[0] !== transaction) return;
    this.#inFlight.shift();
    this.#acknowledged = transaction.number;
    this.#silenceMs = this.#options.silenceMs ?? defaultSilenceMs;
    transaction.resolve(outcomes);
  }

  /** All that was sent behind a transaction that failed has failed by its number, but only its own room has to know. */
  #refused(transaction: Transaction, { cause, pieceIndex }: TransactionError): void {
    if (this.#inFlight[0] !== transaction) return;
    if (pieceIndex === 0 && sqlState(cause) === notNextState) {
      // What the database has can only be asked with a new connection.
      return this.#pipeline?.lose(cause as Error);
    }
    const { room, pieces } = transaction;
    const isWithIt = (other: Transaction) => other === transaction || other.room === room && room !== null;
    const failed = this.#inFlight.filter(isWithIt);
    this.#inFlight = this.#inFlight.filter((other) => !isWithIt(other));
    const isOfPiece = pieceIndex > 0 && pieceIndex <= pieces.length;
    for (const each of failed) {
      each.timesSent += 1;
      const index = each === transaction && isOfPiece ? pieceIndex - 1 : null;
      each.reject(new BatchError(cause as Error, index));
    }
    this.#sendAgain();
  }

  #sendAgain(): void {
    for (const [index, transaction] of this.#inFlight.entries()) {
      transaction.number = this.#acknowledged + index + 1;
      this.#send(transaction);
    }
  }

  /** Resolves when no transaction of this kind is in flight. */
  async #settled(isMeant: (transaction: Transaction) => boolean): Promise<void> {
    const meant = this.#inFlight.filter(isMeant).at(-1);
    if (meant === undefined) return;
    const { resolve, reject } = meant;
    const { promise, resolve: settle } = Promise.withResolvers<void>();
    meant.resolve = (outcomes) => (resolve(outcomes), settle());
    meant.reject = (error) => (reject(error), settle());
    await promise;
    await this.#settled(isMeant);
  }

  #lose(pipeline: Pipeline, reason: LossReason, error: Error): void {
    if (pipeline !== this.#pipeline) return;
    this.#pipeline = null;
    for (const transaction of this.#inFlight) transaction.timesSent += 1;
    // A server that is only slow would never finish if each try had as little time as the one before.
    if (reason === "silence") this.#silenceMs = Math.min(this.#silenceMs * 2, longestSilenceMs);
    this.#tell(error);
    this.#reconnect();
  }

  #tell(error: unknown): void {
    const cause = error instanceof TransactionError ? error.cause : error;
    const reason = cause instanceof DatabaseAway && cause.cause !== undefined ? cause.cause : cause;
    const sentence = reason instanceof UserError
      ? reason.message
      : troubleSentence(reason) ?? new DatabaseAway().message;
    if (sentence === this.#trouble) return;
    this.#trouble = sentence;
    this.#options.onAway?.(sentence);
  }

  async #reconnect(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; failures++) {
      if (failures > 0) await sleep(clock, backoffMs(failures, retry), signal);
      if (signal.aborted) return;
      let pipeline: Pipeline | null = null;
      try {
        pipeline = await this.#connect();
        if (await this.#resume(pipeline)) return;
      } catch (error) {
        this.#tell(error);
      }
      pipeline?.abandon();
    }
  }

  /** Returns false if the engine was closed meanwhile. */
  async #resume(pipeline: Pipeline): Promise<boolean> {
    const rooms = [...this.#rooms];
    const batches = [this.#acknowledged, this.#acknowledged + this.#inFlight.length] as const;
    const { batch, lostRooms, why } = await this.#run.resume(pipeline, { rooms, batches, ids: this.ids });
    if (this.#closing.signal.aborted) return false;
    if (batch === null) {
      await this.#begin(pipeline);
    } else {
      this.#pipeline = pipeline;
      while (this.#acknowledged < batch) this.#acknowledge(this.#inFlight[0] as Transaction, null);
    }
    const lost = this.#drop(lostRooms);
    this.#sendAgain();
    this.ids.refill();
    this.#trouble = null;
    for (const room of lostRooms) this.#options.onLost?.(room, why);
    for (const { room, reject } of lost) reject(new RoomLost(room as string));
    this.#options.onBack?.();
    return true;
  }

  /** Returns what was in flight in these rooms. */
  #drop(rooms: readonly string[]): Transaction[] {
    for (const room of rooms) this.#rooms.delete(room);
    const isLost = ({ room }: Transaction) => room !== null && !this.#rooms.has(room);
    const lost = this.#inFlight.filter(isLost);
    this.#inFlight = this.#inFlight.filter((transaction) => !isLost(transaction));
    return lost;
  }
}

function pieceOf({ sql, values }: Statement): Piece {
  return { text: numberedPlaceholders(sql, kindsOf(values)), values: values.map(sentValue) };
}
