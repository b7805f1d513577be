/** All rooms of a database: those of this machine as they are, and the others as far as the database knows them. */
import type { OpenedRoom, RoomLine, RoomsControl, RoomsSnapshot } from "../rooms_control.ts";
import { byStreamer, type OwnRooms } from "./own_rooms.ts";

export interface AllRoomsOptions {
  own: OwnRooms;
  /** Of all machines. */
  database: RoomsControl;
  /** What the process says besides. */
  process: {
    status(): Pick<RoomsSnapshot, "log" | "stopping">;
    subscribe(listener: () => void): () => void;
  };
}

export class AllRooms implements RoomsControl {
  readonly #options: AllRoomsOptions;

  constructor(options: AllRoomsOptions) {
    this.#options = options;
  }

  snapshot(): RoomsSnapshot {
    const { own, database, process } = this.#options;
    const known = database.snapshot();
    const names = new Set(known.rooms.map(({ streamer }) => streamer));
    const rooms = known.rooms.map((room): RoomLine => {
      const line = own.line(room.streamer);
      return line === null ? room : { ...line, wantedMachine: room.wantedMachine };
    });
    const fresh = own.snapshot().rooms.filter(({ streamer }) => !names.has(streamer));
    return {
      ...known,
      rooms: fresh.length === 0 ? rooms : [...rooms, ...fresh].sort(byStreamer),
      ...process.status(),
    };
  }

  subscribe(listener: () => void): () => void {
    const { own, database, process } = this.#options;
    const ends = [own, database, process].map((each) => each.subscribe(listener));
    return () => ends.forEach((end) => end());
  }

  open(streamer: string): Promise<OpenedRoom> {
    const { own, database } = this.#options;
    return own.line(streamer) === null ? database.open(streamer) : own.open(streamer);
  }
}
