/**
 * Everything that a face knows of many rooms: the rooms of a database, whoever captures them, and the way into one of
 * them. As in `control.ts`, all of it is plain, cloneable data.
 */
import type { ConnectionView, Control, LogLine } from "./control.ts";

/** A room as its machine last described it. */
export interface RoomLine {
  streamer: string;
  /** The machine that captures the streamer now; null: none. */
  machine: string | null;
  /** Where a person moves the room; null: nowhere. */
  wantedMachine: string | null;
  /** Of the room's source; null while no machine captures the streamer, and before the first news. */
  phase: ConnectionView["phase"] | null;
  /** null if unknown. */
  viewers: number | null;
  /** Lately. */
  eventsPerSecond: number;
  /** Over all services of the room. */
  pending: number;
  failed: number;
  /** What keeps the room from its work, as a sentence; null if nothing does. */
  trouble: string | null;
}

/** A machine that runs services for others. */
export interface HostLine {
  name: string;
  services: string[];
  /** Time since it was last heard. */
  seenMs: number;
}

export interface RoomsSnapshot {
  /** By streamer. */
  rooms: RoomLine[];
  hosts: HostLine[];
  /** Why the list may be old, as a sentence; null if it is new. */
  trouble: string | null;
  /** The latest warnings, errors and messages of this process, newest last. Left out: it shows none. */
  log?: readonly LogLine[];
  /** What a stop of this process waits for, as a sentence; null or left out unless it stops. */
  stopping?: string | null;
}

/** What a person may do in a room: all, pause services and put items back, or only look. */
export type RoomRights = "all" | "moderate" | "look";

/** A room that is looked at. */
export interface OpenedRoom {
  /** `quit` only ends the look. An action without the right to it resolves to an error that says so. */
  control: Control;
  rights: RoomRights;
  /** Resolves to a sentence when the room can be looked at no longer, as after its machine is lost. */
  ended: Promise<string>;
  close(): void;
}

export interface RoomsControl {
  /** Cheap: called several times a second. */
  snapshot(): RoomsSnapshot;
  /** Calls `listener` whenever a snapshot may differ from the last one, until the returned function is called. */
  subscribe(listener: () => void): () => void;
  /** Rejects with a `UserError` if no machine captures the streamer, or its machine does not answer. */
  open(streamer: string): Promise<OpenedRoom>;
}
