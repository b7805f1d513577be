/** Made-up rooms behind the interface of their list: what it shows can be set, and which rooms are opened is kept. */
import type {
  OpenedRoom,
  RoomLine,
  RoomRights,
  RoomsControl,
  RoomsSnapshot,
} from "../../src/rooms_control.ts";
import { FakeControl } from "./fake_control.ts";

export function sampleRoom(streamer: string, given: Partial<RoomLine> = {}): RoomLine {
  return {
    streamer,
    machine: "studio-1",
    wantedMachine: null,
    phase: "live",
    viewers: 1_204,
    eventsPerSecond: 12.34,
    pending: 12,
    failed: 0,
    trouble: null,
    ...given,
  };
}

export function sampleRooms(count: number): RoomLine[] {
  return Array.from({ length: count }, (_, index) =>
    sampleRoom(`streamer${String(index).padStart(3, "0")}`, {
      viewers: (index * 7_919) % 1_000,
      eventsPerSecond: (index * 31) % 50,
      pending: (index * 17) % 90,
      failed: index % 10 === 3 ? index : 0,
    }));
}

export function sampleOfRooms(given: Partial<RoomsSnapshot> = {}): RoomsSnapshot {
  return { rooms: [], hosts: [], trouble: null, ...given };
}

/** A room that was opened, and not closed yet. */
export interface FakeRoom {
  streamer: string;
  control: FakeControl;
  /** Ends the look, as when its machine is lost. */
  end(why: string): void;
  isClosed: boolean;
}

export class FakeRooms implements RoomsControl {
  rights: RoomRights = "all";
  readonly opened: FakeRoom[] = [];
  /** What the next opening waits for. */
  opening: Promise<unknown> = Promise.resolve();
  #shown: RoomsSnapshot;
  readonly #listeners = new Set<() => void>();

  constructor(shown: RoomsSnapshot) {
    this.#shown = shown;
  }

  set shown(shown: RoomsSnapshot) {
    this.#shown = shown;
    for (const listener of this.#listeners) listener();
  }

  snapshot(): RoomsSnapshot {
    return this.#shown;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async open(streamer: string): Promise<OpenedRoom> {
    await this.opening;
    const ended = Promise.withResolvers<string>();
    const room: FakeRoom = { streamer, control: new FakeControl(), isClosed: false, end: ended.resolve };
    this.opened.push(room);
    const close = () => room.isClosed = true;
    return { control: room.control, rights: this.rights, ended: ended.promise, close };
  }
}
