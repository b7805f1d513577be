/** Keeps a connection to the game server open. Reconnects when it is lost, and tells each trouble once. */
import { setTimeout as wait } from "node:timers/promises";
import { backoffMs } from "livecue/backoff";
import { t } from "livecue/language";
import { limit } from "livecue/limit";
import { type ServiceLog, UserError } from "livecue/service";
import { RconConnection, type RconOptions } from "./rcon.ts";
import { addressOf, Trouble } from "./trouble.ts";

export interface ServerOptions extends Pick<RconOptions, "host" | "port" | "password" | "answerTimeoutMs"> {
  log: ServiceLog;
  /** Gets what keeps commands from the server, and null when that is over. */
  onTrouble(text: string | null): void;
  /** Stops the connecting and closes the connection. */
  signal: AbortSignal;
}

const connectTimeoutMs = 5000;
const firstMs = 500;
/** Shorter than an item's timeout, so that a waiting item still runs when the server is back. */
const longestPauseMs = 5_000;
/**
 * A server that closes the connection at once has banned Livecue, or is starting behind a proxy that answers for it.
 */
const longestPauseWhenTurnedAwayMs = 60_000;
/** Source games ban an address after several wrong passwords in a short time. */
const pauseWhenLastingMs = 300_000;
/** A connection that lasted this long counts as healthy. */
const provenAfterMs = 10_000;

export class Server {
  readonly #options: ServerOptions;
  readonly #address: string;
  #connection: RconConnection | null = null;
  #trouble: Trouble | null = null;
  /** Resolved and replaced at each change of the two fields above. */
  #change = Promise.withResolvers<void>();
  /** A function, because a command may find this out after its connection has closed. */
  #answersMarkers = () => true;
  #failuresInARow = 0;
  /** The last told trouble, until it is over. */
  #told: string | null = null;
  /** Whether the last connection was lost soon: then the next one ends a trouble only when it is proven. */
  #isShaky = false;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#address = addressOf(options.host, options.port);
  }

  /** Stays connected until the signal aborts. Never throws. */
  async keepConnected(): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      const trouble = await this.#connectAndStay();
      if (trouble === null) return;
      this.#tell(sentenceOf(trouble));
      await wait(pauseAfter(trouble, ++this.#failuresInARow), undefined, { signal }).catch(() => {});
    }
  }

  /**
   * Runs a command as soon as the server is connected, and resolves with its reply. Throws an error that says whether
   * the command was sent.
   */
  async run(command: string, signal: AbortSignal): Promise<string> {
    while (true) {
      const connection = await this.#connected(signal);
      try {
        return await connection.execute(command, signal);
      } catch (error) {
        if (!(error instanceof Trouble)) throw error;
        if (error.kind === "not_run") continue;
        throw new UserError(t`the server may or may not have run the command: ${error.message}`);
      }
    }
  }

  /** Resolves with the reason when the connection is lost or cannot be opened; with null when the service stops. */
  async #connectAndStay(): Promise<Trouble | null> {
    const { log, onTrouble: _, signal, ...server } = this.#options;
    try {
      const answersMarkers = this.#answersMarkers();
      const connection = await RconConnection.open({ ...server, connectTimeoutMs, answersMarkers, signal });
      this.#answersMarkers = () => connection.answersMarkers;
      log.info(t`Connected to ${this.#address}`);
      this.#set(connection, null);
      const trouble = await this.#stay(connection);
      this.#set(null, trouble);
      return signal.aborted ? null : trouble;
    } catch (error) {
      if (signal.aborted) return null;
      if (!(error instanceof Trouble)) throw error;
      this.#set(null, error);
      return error;
    }
  }

  /** Resolves with the reason when the connection is closed. */
  async #stay(connection: RconConnection): Promise<Trouble> {
    if (!this.#isShaky) this.#tell(null);
    this.#isShaky = true;
    const cancel = limit(provenAfterMs, () => {
      this.#isShaky = false;
      this.#failuresInARow = 0;
      this.#tell(null);
    });
    try {
      return await connection.closed;
    } finally {
      cancel();
    }
  }

  async #connected(signal: AbortSignal): Promise<RconConnection> {
    while (!signal.aborted && !this.#trouble?.isLasting) {
      if (this.#connection !== null) return this.#connection;
      await untilAborted(this.#change.promise, signal);
    }
    const why = this.#trouble?.message ?? t`${this.#address} was not ready`;
    throw new UserError(t`no command was sent: ${why}`);
  }

  #set(connection: RconConnection | null, trouble: Trouble | null): void {
    this.#connection = connection;
    this.#trouble = trouble;
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  #tell(text: string | null): void {
    if (this.#told === text) return;
    this.#told = text;
    this.#options.onTrouble(text);
  }
}

function sentenceOf(trouble: Trouble): string {
  return trouble.isLasting
    ? t`${trouble.message}. Livecue retries every five minutes and when you change the config. Until then events fail`
    : t`${trouble.message}. Livecue retries until it works. Commands wait for it for up to timeout_ms`;
}

function pauseAfter(trouble: Trouble, failures: number): number {
  if (trouble.isLasting) return pauseWhenLastingMs;
  const longestMs = trouble.kind === "turned_away" ? longestPauseWhenTurnedAwayMs : longestPauseMs;
  return backoffMs(failures, { firstMs, longestMs });
}

/** Resolves when the promise does or the signal aborts. */
async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  const abort = () => aborted.resolve();
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  await Promise.race([promise, aborted.promise]);
  signal.removeEventListener("abort", abort);
}
