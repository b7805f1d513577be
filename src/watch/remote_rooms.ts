/** The rooms of a database, as somebody anywhere has them who reaches nothing but the database. */
import { type Clock, sleep } from "../clock.ts";
import { t } from "../language.ts";
import type { RoomLine, RoomsControl, RoomsSnapshot } from "../rooms_control.ts";
import { UserError } from "../user_error.ts";
import type { FoundRoom, FoundRooms, WatcherLine, WatcherLineEvents } from "../watch_line.ts";
import { replyIn } from "./messages.ts";
import { RemoteRoom } from "./remote_room.ts";

export interface RemoteRoomsOptions {
  openLine(events: WatcherLineEvents): Promise<WatcherLine>;
  clock: Clock;
  /** Whether to look only, whatever the database would let its user do. */
  isReadOnly: boolean;
}

const roundMs = 2_000;

export class RemoteRooms implements RoomsControl {
  readonly #options: RemoteRoomsOptions;
  readonly #line: WatcherLine;
  readonly #rooms: Map<string, RemoteRoom>;
  readonly #listeners = new Set<() => void>();
  readonly #closing = new AbortController();
  #found: FoundRooms = { rooms: [], hosts: [] };
  #trouble: string | null = null;
  #running: Promise<void> | null = null;

  /** Lists the rooms once, and then again and again. Throws a `UserError`. */
  static async open(options: RemoteRoomsOptions): Promise<RemoteRooms> {
    const rooms = new Map<string, RemoteRoom>();
    const line = await options.openLine({
      onAnswer: ({ watcher, body }) => {
        const reply = replyIn(body);
        if (reply !== null) rooms.get(watcher)?.take(reply);
      },
    });
    const remote = new RemoteRooms(options, { line, rooms });
    try {
      remote.#found = await line.list();
    } catch (error) {
      await line.close();
      throw error;
    }
    remote.#running = remote.#run();
    return remote;
  }

  private constructor(
    options: RemoteRoomsOptions,
    { line, rooms }: { line: WatcherLine; rooms: Map<string, RemoteRoom> },
  ) {
    this.#options = options;
    this.#line = line;
    this.#rooms = rooms;
  }

  snapshot(): RoomsSnapshot {
    const { rooms, hosts } = this.#found;
    return { rooms: rooms.map(lineOf), hosts, trouble: this.#line.away ?? this.#trouble };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async open(streamer: string): Promise<RemoteRoom> {
    const { clock, isReadOnly } = this.#options;
    const found = this.#found.rooms.find((room) => nameOf(room) === streamer);
    if (found === undefined) {
      throw new UserError(t`The database has no room of @${streamer}. "streamers list" shows them all.`);
    }
    const { run, machine } = found;
    if (run === null || machine === null) {
      throw new UserError(t`No machine captures @${streamer} now, so there is nothing to look at.`);
    }
    const room = new RemoteRoom({
      line: this.#line,
      clock,
      // It names the channel on which the database wakes this watcher.
      watcher: crypto.randomUUID().replaceAll("-", ""),
      streamer: found.streamer,
      name: `@${streamer}`,
      machine,
      run,
      isReadOnly,
      onClosed: (closed) => {
        this.#rooms.delete(closed.watcher);
        void this.#line.forget(closed.watcher);
      },
    });
    this.#rooms.set(room.watcher, room);
    await room.open();
    return room;
  }

  async close(): Promise<void> {
    for (const room of [...this.#rooms.values()]) room.close();
    this.#closing.abort();
    await this.#running;
    await this.#line.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await sleep(this.#options.clock, roundMs, signal);
      if (signal.aborted) return;
      await this.#look();
      for (const listener of this.#listeners) listener();
    }
  }

  async #look(): Promise<void> {
    try {
      this.#found = await this.#line.list();
      this.#trouble = null;
      this.#endThoseGone();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#trouble = error.message;
    }
  }

  #endThoseGone(): void {
    for (const room of [...this.#rooms.values()]) {
      const found = this.#found.rooms.find(({ streamer }) => streamer === room.streamer);
      if (found?.run === room.run) continue;
      const machine = found?.machine ?? null;
      room.end(
        machine === null || machine === room.machine
          ? t`${room.machine} has left this room or is lost.`
          : t`${machine} captures this room now.`,
      );
    }
  }
}

/** The only room of a database has no name of its own. */
function nameOf({ streamer, status, machine }: FoundRoom): string {
  return streamer || status?.title || machine || "";
}

function lineOf(room: FoundRoom): RoomLine {
  const { machine, wantedMachine, status } = room;
  return {
    streamer: nameOf(room),
    machine,
    wantedMachine,
    phase: status?.phase ?? null,
    viewers: status?.viewers ?? null,
    eventsPerSecond: status?.rate ?? 0,
    pending: status?.pending ?? 0,
    failed: status?.failed ?? 0,
    trouble: status?.trouble ?? null,
  };
}
