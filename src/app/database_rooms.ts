/** The rooms as the database knows them: who captures each. It says nothing of what happens in them. */
import { type Clock, every } from "../clock.ts";
import type { HostEntry } from "../host_book.ts";
import { t } from "../language.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { HostLine, OpenedRoom, RoomLine, RoomsControl, RoomsSnapshot } from "../rooms_control.ts";
import { UserError } from "../user_error.ts";
import type { KnownStreamer, StreamerBook } from "./room_keeper.ts";

export interface DatabaseRoomsOptions {
  /** Whose list is read along, so that the database is not asked twice. */
  streamers: StreamerBook;
  /** Rejects while the database is away. */
  hosts: () => Promise<readonly HostEntry[]>;
  clock: Clock;
}

const hostsEveryMs = 3_000;

export class DatabaseRooms implements RoomsControl, Lifecycle {
  readonly #options: DatabaseRoomsOptions;
  readonly #listeners = new Set<() => void>();
  #rooms: RoomLine[] = [];
  #hosts: HostLine[] = [];
  #trouble: string | null = null;
  #stopAsking: (() => void) | null = null;
  #hasStopped = false;

  constructor(options: DatabaseRoomsOptions) {
    this.#options = options;
  }

  /** The book for whoever looks at all streamers again and again. */
  get streamers(): StreamerBook {
    const { streamers } = this.#options;
    return {
      list: () => this.#listed(streamers),
      machines: () => streamers.machines(),
      forget: (name) => streamers.forget(name),
    };
  }

  start(): void {
    if (this.#stopAsking !== null || this.#hasStopped) return;
    this.#stopAsking = every(this.#options.clock, hostsEveryMs, () => void this.#askHosts());
    void this.#askHosts();
  }

  stop(): void {
    this.#hasStopped = true;
    this.#stopAsking?.();
  }

  snapshot(): RoomsSnapshot {
    return { rooms: this.#rooms, hosts: this.#hosts, trouble: this.#trouble };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  open(streamer: string): Promise<OpenedRoom> {
    const machine = this.#rooms.find((room) => room.streamer === streamer)?.machine ?? null;
    return Promise.reject(
      new UserError(
        machine === null
          ? t`No machine captures @${streamer} now.`
          : t`${machine} captures @${streamer}. Look at the room on the screen there.`,
      ),
    );
  }

  #listed(streamers: StreamerBook): KnownStreamer[] {
    try {
      const known = streamers.list();
      this.#trouble = null;
      this.#rooms = known.filter(({ machine, isRemoved }) => machine !== null || !isRemoved).map(lineOf);
      return known;
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
      throw error;
    } finally {
      this.#tell();
    }
  }

  async #askHosts(): Promise<void> {
    try {
      const hosts = await this.#options.hosts();
      if (this.#hasStopped) return;
      this.#hosts = hosts.map((host) => this.#hostOf(host));
      this.#tell();
    } catch {
      // The list of streamers says why.
    }
  }

  #hostOf({ name, services, seenAt }: HostEntry): HostLine {
    const seenMs = seenAt === null ? 0 : Math.max(0, this.#options.clock.now() - seenAt);
    return { name, services: [...services ?? []], seenMs };
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function lineOf({ name, machine, wantedMachine }: KnownStreamer): RoomLine {
  const nothing = { phase: null, viewers: null, eventsPerSecond: 0, pending: 0, failed: 0, trouble: null };
  return { streamer: name, machine, wantedMachine, ...nothing };
}
