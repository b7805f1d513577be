/** A database of many rooms, one for each streamer, in which one process captures several of them. */
import type { HostBook } from "../host_book.ts";
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";
import { UserError } from "../user_error.ts";
import type { OpenMachineLine } from "../watch_line.ts";
import type { Store, StoreOptions } from "./store.ts";

export interface RoomsOptions extends Pick<StoreOptions, "address" | "durability" | "clock"> {
  /** The name of this machine, for people. */
  machine: string;
  /** Whether this machine captures the streamers of the database, so that rooms may be moved to it. */
  keepsRooms?: boolean;
  /** Gets what happens to the connection. */
  log: Log;
}

/** As in `StoreOptions`. */
export type RoomOptions = Omit<StoreOptions, "address" | "durability" | "streamer" | "questions">;

/** A room that another machine has. `heldBy`: the machine's name; "" if it is not known. */
export interface Held {
  heldBy: string;
}

export interface StreamerRow {
  name: string;
  /** The machine that has the room now; null if none has. */
  machine: string | null;
  /** Since when, Unix milliseconds; null if no machine has the room. */
  since: number | null;
  /** The machine to which a person has moved the room; null if any may have it. */
  wantedMachine: string | null;
  /** A person has removed the streamer: whoever has the room gives it up. */
  isRemoved: boolean;
}

/** The streamers of a database: who they are, and which machine has each. */
export interface StreamerList {
  /** In order of their names. The only room of a database has no name, and is not among them. */
  list(): StreamerRow[];
  /** The machines that run now and capture streamers, each once. Others may be hosts, or run a command. */
  machines(): string[];
  /** Adds those that are not there yet. */
  add(names: readonly string[], now: number): Promise<void>;
  /** Whoever has one of these rooms gives it up. Their events stay. Throws a `UserError` if there is no such streamer. */
  remove(names: readonly string[], now: number): Promise<void>;
  /** Throws a `UserError` if there is no such streamer. `machine` null: any may have the room. */
  move(name: string, machine: string | null): Promise<void>;
}

/** The same for a process that captures them. */
export interface KeptStreamers extends StreamerList {
  /** Deletes a removed streamer that no machine has. */
  forget(name: string): Promise<void>;
  /**
   * When the caller may connect: all machines together make one connection in `everyMs`. Returns how long to wait, in
   * milliseconds.
   */
  slot(now: number, everyMs: number): Promise<number>;
}

export interface Rooms {
  /** The database, for people. */
  readonly name: string;
  readonly streamers: KeptStreamers;
  /** The machines that run services for others; null in a database that other machines do not reach. */
  readonly hosts: HostBook | null;
  /** For those who watch the rooms from elsewhere; null as `hosts`. */
  readonly openMachineLine: OpenMachineLine | null;
  /** The streamers who have a room, also those who were removed and left their events. */
  known(): string[];
  /** Makes the streamer's room this process's. Throws what `isAway` knows: then try again. */
  take(streamer: string, options: RoomOptions): Promise<Store | Held>;
  /** Whether an error means that the database is away, so that it may be back later. */
  isAway(error: unknown): boolean;
  /** Turns an error into a `UserError`, if a person can fix it. */
  explained(error: unknown): unknown;
  /** Ends everything. Close the stores before. Throws a `UserError` if something could not be stored. */
  close(): Promise<void>;
  /** The same for a caller that cannot wait. */
  closeNow(): void;
}

/** Of all streamers of a database, its rooms. `query`: the names of `streamer`. */
export const knownRooms = "SELECT DISTINCT streamer AS name FROM service WHERE streamer <> ''";

/** Throws a `UserError` if one of them is not in the list. */
export function checkKnown(names: readonly string[], list: readonly StreamerRow[]): void {
  const known = new Set(list.map(({ name }) => name));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new UserError(
    t`There is no streamer ${unknown.map((name) => `@${name}`).join(", ")}. "streamers list" shows them all.`,
  );
}

/** Another machine has the database. `name`: of the database, for people. */
export function heldError(name: string, { heldBy }: Held): UserError {
  return new UserError(
    heldBy === ""
      ? t`Another Livecue uses ${name}. Stop it first.`
      : t`The Livecue on ${heldBy} uses ${name}. Stop it there first.`,
  );
}

/** A run for one streamer would count and show the events of all rooms as its own. */
export function manyRooms(name: string): UserError {
  return new UserError(
    t`${name} holds the rooms of several streamers. Capture them with "start --all", or name another database.`,
  );
}
