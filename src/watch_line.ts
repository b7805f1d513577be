/**
 * How machines and those who watch them reach one another through a database. The texts are those of `src/watch/`;
 * whatever carries them knows only whom they are from, and for whom.
 */
import type { ConnectionView } from "./control.ts";
import type { HostLine, RoomRights } from "./rooms_control.ts";

/** What everyone who may list the rooms may know of one, so that it has neither settings nor errors. */
export interface RoomStatus {
  /** The room's streamer; "" for the only room of a database. */
  streamer: string;
  /** Whom or what the room's source captures, for people. */
  title: string;
  phase: ConnectionView["phase"] | null;
  viewers: number | null;
  /** Events per second. */
  rate: number;
  pending: number;
  failed: number;
  trouble: string | null;
}

/** A room as a watcher finds it. `run`: the run of Livecue that has it, to which calls go; null if none has. */
export interface FoundRoom {
  streamer: string;
  machine: string | null;
  run: number | null;
  wantedMachine: string | null;
  /** What its machine says of it; null before the first news. */
  status: Omit<RoomStatus, "streamer"> | null;
}

export interface FoundRooms {
  rooms: FoundRoom[];
  hosts: HostLine[];
}

/** What a watcher sends. */
export interface WatchCall {
  /** As the database knows the sender: a watcher cannot write it. */
  askedBy: string;
  /** What the database's owner lets the sender do. */
  rights: RoomRights;
  /** The sender's own name for what it opened. */
  watcher: string;
  /** Of untrusted content. `isAction`: it came the way that only those with rights to act have. */
  body: string;
  isAction: boolean;
}

/** Goes to exactly one watcher. */
export interface WatchAnswer extends Pick<WatchCall, "askedBy" | "watcher"> {
  body: string;
  /** Replaces an earlier snapshot that the watcher has not read yet. */
  isSnapshot: boolean;
}

/** A machine's end. It comes back by itself after the database was away. */
export interface MachineLine {
  /**
   * Writes what changed, and removes rooms that this machine has no longer. Resolves to the streamers whose rooms the
   * database knows as this machine's, so that they are written. Rejects while the database is away.
   */
  writeStatus(changed: readonly RoomStatus[], gone: readonly string[]): Promise<readonly string[]>;
  /** Rejects while the database is away: the watcher asks again. */
  answer(answers: readonly WatchAnswer[]): Promise<void>;
  close(): Promise<void>;
}

export interface MachineLineEvents {
  onCalls(calls: readonly WatchCall[]): void;
  /** The line is there, at first or again, and whatever was written before may be gone. */
  onBack(): void;
}

/** Rejects with a `UserError`. */
export type OpenMachineLine = (events: MachineLineEvents) => Promise<MachineLine>;

/** A watcher's end. It comes back by itself after the database was away. */
export interface WatcherLine {
  /** Why the database is away, as a sentence; null if it is there. */
  readonly away: string | null;
  /** Rejects with a sentence for a person. */
  list(): Promise<FoundRooms>;
  /** Sends to a run. Rejects while the database is away, and with a `UserError` if the database refuses it. */
  call(call: { run: number; watcher: string; body: string; isAction: boolean }): Promise<void>;
  /** Nothing more is heard for this watcher. */
  forget(watcher: string): Promise<void>;
  close(): Promise<void>;
}

export interface WatcherLineEvents {
  onAnswer(answer: { watcher: string; body: string }): void;
}
