/** Keeps the connection to the game server, makes it anew when it is lost, and says so once. */
import { setTimeout as wait } from "node:timers/promises";
import { backoffMs } from "livecue/backoff";
import { type ServiceLog, UserError } from "livecue/service";
import { RconConnection, type RconOptions } from "./rcon.ts";
import { addressOf, Trouble } from "./trouble.ts";

export interface ServerOptions extends Pick<RconOptions, "host" | "port" | "password" | "answerTimeoutMs"> {
  log: ServiceLog;
  /** Ends everything. */
  signal: AbortSignal;
}

const connectTimeoutMs = 5000;
const firstMs = 500;
/** Shorter than an item's time, so that one which waits is still run when the server is back. */
const longestPauseMs = 5_000;
/** A server that turns Livecue away has banned it, or is just starting behind a proxy that answers for it. */
const longestPauseWhenTurnedAwayMs = 60_000;
/** Source games ban an address after some wrong passwords within a while. */
const pauseWhenLastingMs = 300_000;
/** A connection that lived as long as this proves that all is well. */
const provenAfterMs = 10_000;

export class Server {
  readonly #options: ServerOptions;
  readonly #address: string;
  #connection: RconConnection | null = null;
  #trouble: Trouble | null = null;
  /** Resolves, and is replaced, with each change of the two above. */
  #change = Promise.withResolvers<void>();
  /** Asked only before the next connection: a command may learn that after this one was closed. */
  #answersMarkers = () => true;
  /** In a row. */
  #failures = 0;
  /** What the log was told last, until all is well again. */
  #told: string | null = null;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#address = addressOf(options.host, options.port);
  }

  /** Stays connected until the signal. Never throws. */
  async keep(): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      const trouble = await this.#connectAndStay();
      if (trouble === null) return;
      this.#tell(trouble);
      await wait(pauseAfter(trouble, ++this.#failures), undefined, { signal }).catch(() => {});
    }
  }

  /**
   * Runs a command as soon as there is a connection, and resolves with the server's reply. Throws an error
   * that says whether it has been sent.
   */
  async run(command: string, signal: AbortSignal): Promise<string> {
    while (true) {
      const connection = await this.#connected(signal);
      try {
        return await connection.execute(command, signal);
      } catch (error) {
        if (!(error instanceof Trouble)) throw error;
        if (error.kind === "not_run") continue;
        throw new UserError(`a command may or may not have been run: ${error.message}`);
      }
    }
  }

  /** Until the connection is lost or cannot be made; null at a stop. */
  async #connectAndStay(): Promise<Trouble | null> {
    const { log, signal, ...server } = this.#options;
    try {
      const answersMarkers = this.#answersMarkers();
      const connection = await RconConnection.open({ ...server, connectTimeoutMs, answersMarkers, signal });
      this.#answersMarkers = () => connection.answersMarkers;
      log.info(`connected to ${this.#address}`);
      this.#set(connection, null);
      const openedAt = performance.now();
      const trouble = await connection.closed;
      if (performance.now() - openedAt >= provenAfterMs) {
        this.#failures = 0;
        this.#told = null;
      }
      this.#set(null, trouble);
      return signal.aborted ? null : trouble;
    } catch (error) {
      if (signal.aborted) return null;
      if (!(error instanceof Trouble)) throw error;
      this.#set(null, error);
      return error;
    }
  }

  async #connected(signal: AbortSignal): Promise<RconConnection> {
    while (!signal.aborted && !this.#trouble?.isLasting) {
      if (this.#connection !== null) return this.#connection;
      await untilAborted(this.#change.promise, signal);
    }
    throw new UserError(`nothing was sent: ${this.#trouble?.message ?? `${this.#address} was not ready`}`);
  }

  #set(connection: RconConnection | null, trouble: Trouble | null): void {
    this.#connection = connection;
    this.#trouble = trouble;
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  #tell(trouble: Trouble): void {
    if (this.#told === trouble.message) return;
    this.#told = trouble.message;
    const next = trouble.isLasting
      ? "it is tried again every five minutes, and when you change the config; until then events fail"
      : "it is tried again until it works; commands wait for it, as long as timeout_ms";
    this.#options.log.warn(`${trouble.message}; ${next}`);
  }
}

function pauseAfter(trouble: Trouble, failures: number): number {
  if (trouble.isLasting) return pauseWhenLastingMs;
  const longestMs = trouble.kind === "turned_away" ? longestPauseWhenTurnedAwayMs : longestPauseMs;
  return backoffMs(failures, { firstMs, longestMs });
}

/** Resolves with either. */
async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  const abort = () => aborted.resolve();
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  await Promise.race([promise, aborted.promise]);
  signal.removeEventListener("abort", abort);
}
