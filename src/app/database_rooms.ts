/** The rooms as the list of streamers says: who captures each. It says nothing of what happens in them. */
import { t } from "../language.ts";
import type { OpenedRoom, RoomLine, RoomsControl, RoomsSnapshot } from "../rooms_control.ts";
import { UserError } from "../user_error.ts";
import type { KnownStreamer, StreamerBook } from "./room_keeper.ts";

export class DatabaseRooms implements RoomsControl {
  readonly #streamers: StreamerBook;
  readonly #listeners = new Set<() => void>();
  #rooms: RoomLine[] = [];
  #trouble: string | null = null;

  /** `streamers`: whose list is read along, so that the database is not asked twice. */
  constructor(streamers: StreamerBook) {
    this.#streamers = streamers;
  }

  /** The book for whoever looks at all streamers again and again. */
  get streamers(): StreamerBook {
    return {
      list: () => this.#listed(),
      machines: () => this.#streamers.machines(),
      forget: (name) => this.#streamers.forget(name),
    };
  }

  snapshot(): RoomsSnapshot {
    return { rooms: this.#rooms, hosts: [], trouble: this.#trouble };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  open(streamer: string): Promise<OpenedRoom> {
    return Promise.reject(new UserError(t`No machine captures @${streamer} now.`));
  }

  #listed(): KnownStreamer[] {
    try {
      const known = this.#streamers.list();
      this.#trouble = null;
      this.#rooms = known.filter(({ machine, isRemoved }) => machine !== null || !isRemoved).map(lineOf);
      return known;
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
      throw error;
    } finally {
      for (const listener of this.#listeners) listener();
    }
  }
}

function lineOf({ name, machine, wantedMachine }: KnownStreamer): RoomLine {
  const nothing = { phase: null, viewers: null, eventsPerSecond: 0, pending: 0, failed: 0, trouble: null };
  return { streamer: name, machine, wantedMachine, ...nothing };
}
