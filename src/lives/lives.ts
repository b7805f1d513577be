/** The lives of a run: which live each source is in, and the memory of each live. */
import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import type { Live } from "../live.ts";
import type { OperationLog } from "../operation.ts";
import type { SourceTraits } from "../source.ts";
import { LiveMemory, type LiveStore } from "./live_memory.ts";

export interface LivesOptions {
  store: LiveStore;
  operations: OperationLog;
  clock: Clock;
  ids: Pick<Ids, "take">;
  /** Whose lives they are, in a database of many rooms. */
  streamer: string;
}

/** How a source describes the live that it enters. */
export interface Entry {
  source: string;
  traits: SourceTraits;
  roomId: string;
  username: string;
  title: string;
}

/** A live that a source left less than this before the start is assumed to continue. */
const restartMs = 60 * 60_000;

/** How many lives without a source are kept, because their items may still need them. */
const maxIdle = 8;

export class Lives {
  readonly #options: LivesOptions;
  /** By id, least recently used first. */
  readonly #memories = new Map<number, LiveMemory>();
  /** The live that each source is in, or was in last. */
  readonly #ofSource = new Map<string, number>();
  /** A cache: the live that a source was in shortly before this run; null if none. */
  readonly #ofEarlierRun = new Map<string, number | null>();
  /** Idle lives that are forgotten after the next commit, unless they are used before. */
  readonly #leaving = new Set<number>();

  constructor(options: LivesOptions) {
    this.#options = options;
  }

  get streamer(): string {
    return this.#options.streamer;
  }

  /** The live that a source enters: the live of the source that it follows, that of its room, or a new one. */
  enter(entry: Entry): LiveMemory {
    const memory = this.#followed(entry.traits) ?? this.#known(entry) ?? this.#open(entry);
    this.#ofSource.set(entry.source, memory.live.id);
    return memory;
  }

  /** The live of the source that this one follows; null if it follows none, or that one has no live. */
  #followed({ follows }: SourceTraits): LiveMemory | null {
    return follows === null ? null : this.ofSource(follows) ?? this.#before(follows);
  }

  /** After a restart during a live, a payment may come before the room is joined again. */
  #before(source: string): LiveMemory | null {
    let id = this.#ofEarlierRun.get(source);
    if (id === undefined) {
      const { store, clock } = this.#options;
      id = store.lastLiveOf(source, clock.now() - restartMs);
      this.#ofEarlierRun.set(source, id);
    }
    return id === null ? null : this.get(id);
  }

  /** Whether a source in this live now belongs to another live. */
  hasMovedOn(traits: SourceTraits, liveId: number): boolean {
    const followed = this.#followed(traits);
    return followed !== null && followed.live.id !== liveId;
  }

  /** The live that a source is in, or was last in during this run; null before its first. */
  ofSource(source: string): LiveMemory | null {
    const id = this.#ofSource.get(source);
    return id === undefined ? null : this.get(id);
  }

  /** The names of the sources that have been in a live. */
  get sources(): string[] {
    return [...this.#ofSource.keys()];
  }

  /** The memory of a live. Reads it from the database if it is of an earlier run. null if there is no such live. */
  get(id: number): LiveMemory | null {
    const known = this.#memories.get(id);
    if (known !== undefined) {
      this.#use(known);
      return known;
    }
    const live = this.#options.store.live(id);
    return live === null ? null : this.#remember(live, false);
  }

  /** A live's row, without reading its memory. */
  live(id: number): Live | null {
    return this.#memories.get(id)?.live ?? this.#options.store.live(id);
  }

  /** Writes the totals of all lives that changed. */
  save(options?: { atOnce?: boolean }): void {
    for (const memory of this.#memories.values()) memory.save(options);
  }

  #known({ source, traits, roomId }: Entry): LiveMemory | null {
    if (!traits.hasRooms) {
      // A source that follows another stays in its own live until the other one is live.
      return traits.follows === null ? null : this.ofSource(source);
    }
    const open = [...this.#memories.values()].find(({ live }) =>
      live.sourceType === traits.type && live.roomId === roomId
    );
    if (open !== undefined) return open;
    const live = this.#options.store.liveOfRoom(traits.type, roomId);
    return live === null ? null : this.#remember(live, false);
  }

  #open({ traits, roomId, username, title }: Entry): LiveMemory {
    const { ids, operations, clock } = this.#options;
    const live = {
      id: ids.take("live"),
      sourceType: traits.type,
      roomId,
      username,
      title,
      startedAt: clock.now(),
    };
    operations.add({ kind: "open_live", live, streamer: this.streamer });
    return this.#remember(live, true);
  }

  #remember(live: Live, isNew: boolean): LiveMemory {
    const { store, operations, clock } = this.#options;
    const memory = new LiveMemory({ live, store, operations, clock, isNew });
    this.#memories.set(live.id, memory);
    this.#forgetIdle();
    return memory;
  }

  #use(memory: LiveMemory): void {
    this.#leaving.delete(memory.live.id);
    this.#memories.delete(memory.live.id);
    this.#memories.set(memory.live.id, memory);
  }

  #forgetIdle(): void {
    const inUse = new Set(this.#ofSource.values());
    const idle = [...this.#memories.values()].filter(({ live }) => !inUse.has(live.id));
    for (const memory of idle.slice(0, Math.max(0, idle.length - maxIdle))) void this.#forget(memory);
  }

  /** Waits for the commit, because until then the live cannot be read from the database. */
  async #forget(memory: LiveMemory): Promise<void> {
    const { id } = memory.live;
    if (this.#leaving.has(id)) return;
    this.#leaving.add(id);
    memory.save({ atOnce: true });
    try {
      await this.#options.operations.flush();
      const isInUse = [...this.#ofSource.values()].includes(id);
      if (!isInUse && this.#leaving.has(id)) this.#memories.delete(id);
    } catch {
      // The writer has stopped, and reports that itself.
    } finally {
      this.#leaving.delete(id);
    }
  }
}
