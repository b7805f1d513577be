/**
 * The known lives, each with its sums and its latest events, and the choice of the live that a page shows. Sums
 * belong to the live, not to a run of Livecue: they are saved by its id, and continue after a restart or reconnect.
 */
import type { KeptState, LiveEvent } from "livecue/service";
import { Kept } from "./kept.ts";
import { Latest } from "./latest.ts";
import type { OverlayEvent } from "./messages.ts";
import { type KeptRecent, merged, Recent } from "./recent.ts";
import { type KeptTally, Tally } from "./tally.ts";

/** Older lives are forgotten, and their late events are not counted. */
const maxLives = 8;
const listKey = "lives";
/** Items wait for the sums to be saved, which are about 100 kB in a big live. */
const tallyPauseMs = 100;
/** Unsaved events would only be missing in a chat that is opened after a crash. */
const recentPauseMs = 10_000;

/** JSON, for the service's state. */
interface KeptLive {
  id: number;
  /** All sources of its events. */
  sources: string[];
  /** Whether one of them has a room, like TikTok. */
  hasRoom: boolean;
}

export class Live {
  readonly id: number;
  readonly sources: Set<string>;
  readonly tally: Tally;
  readonly recent: Recent;
  readonly latest: Latest;
  readonly keptTally: Kept;
  readonly keptLatest: Kept;
  readonly keptRecent: Kept;
  hasRoom: boolean;

  constructor(
    state: KeptState,
    { id, sources, hasRoom, tally, recent, latest }: KeptLive & {
      tally?: KeptTally;
      recent?: KeptRecent;
      latest?: OverlayEvent[];
    },
  ) {
    this.id = id;
    this.sources = new Set(sources);
    this.hasRoom = hasRoom;
    this.tally = new Tally(tally);
    this.recent = new Recent(recent);
    this.latest = new Latest(latest);
    const { tally: tallyKey, recent: recentKey, latest: latestKey } = keysOf(id);
    this.keptTally = new Kept(state, { key: tallyKey, pauseMs: tallyPauseMs, value: () => this.tally.kept });
    this.keptLatest = new Kept(state, {
      key: latestKey,
      pauseMs: tallyPauseMs,
      value: () => this.latest.events,
    });
    this.keptRecent = new Kept(state, {
      key: recentKey,
      pauseMs: recentPauseMs,
      value: () => this.recent.kept,
    });
  }

  get kept(): KeptLive {
    return { id: this.id, sources: [...this.sources], hasRoom: this.hasRoom };
  }
}

export class Lives {
  readonly #state: KeptState;
  readonly #lives = new Map<number, Live>();
  readonly #active = new Set<Live>();
  /** The saving of the list of lives; null if the list has changed since. */
  #saved: Promise<unknown> | null = Promise.resolve();
  #forgetting: Promise<void>[] = [];

  constructor(state: KeptState) {
    this.#state = state;
  }

  get sources(): string[] {
    return [...new Set([...this.#lives.values()].flatMap(({ sources }) => [...sources]))];
  }

  async load(): Promise<void> {
    for (const live of await this.#state.get<KeptLive[]>(listKey) ?? []) {
      const { tally, recent, latest } = keysOf(live.id);
      this.#lives.set(
        live.id,
        new Live(this.#state, {
          ...live,
          ...given("tally", await this.#state.get<KeptTally>(tally)),
          ...given("recent", await this.#state.get<KeptRecent>(recent)),
          ...given("latest", await this.#state.get<OverlayEvent[]>(latest)),
        }),
      );
    }
  }

  /** Returns the event's live (null if it has been forgotten), and whether pages may now show another live. */
  of(event: LiveEvent): { live: Live | null; isChanged: boolean } {
    const known = this.#lives.get(event.liveId);
    const live = known ?? this.#add(event.liveId);
    if (live === null) return { live, isChanged: false };
    const hasRoom = live.hasRoom || event.roomId !== "";
    const isChanged = known === undefined || !live.sources.has(event.source) || hasRoom !== live.hasRoom;
    live.sources.add(event.source);
    live.hasRoom = hasRoom;
    this.#active.add(live);
    if (isChanged) this.#saved = null;
    return { live, isChanged };
  }

  /**
   * The live that a page for this source shows; without a source, the live that started last. Lives with a room take
   * precedence over those without one.
   */
  shownTo(source: string | null): Live | null {
    const all = [...this.#lives.values()].filter(({ sources }) => source === null || sources.has(source));
    const withRoom = all.filter(({ hasRoom }) => hasRoom);
    return latestOf(source === null && withRoom.length > 0 ? withRoom : all);
  }

  /** Whether a page for this source receives the event. A page without a source receives all. */
  isFor(source: string | null, { liveId }: OverlayEvent): boolean {
    return source === null || liveId === 0 || this.shownTo(source)?.id === liveId;
  }

  /** Oldest first. */
  recentFor(source: string | null): OverlayEvent[] {
    const shown = this.shownTo(source);
    if (shown === null) return [];
    if (source !== null) return shown.recent.events;
    const latest = this.sources.map((each) => this.shownTo(each)).filter((live) => live !== null);
    const open = latest.filter((live) => this.#active.has(live));
    return merged([...new Set([shown, ...open])].map(({ recent }) => recent));
  }

  /** Resolves when the list of lives is committed. Without the list, their sums could not be found again. */
  async save(): Promise<void> {
    this.#saved ??= Promise.all([
      this.#state.set(listKey, [...this.#lives.values()].map(({ kept }) => kept)),
      ...this.#forgetting.splice(0),
    ]);
    try {
      await this.#saved;
    } catch (error) {
      this.#saved = null;
      throw error;
    }
  }

  /** Resolves when everything is committed. */
  async saveAll(): Promise<void> {
    const all = [...this.#active].flatMap((live) => [
      live.keptTally.save(),
      this.#state.set(keysOf(live.id).recent, live.recent.kept),
    ]);
    await Promise.all([this.save(), ...all]);
  }

  #add(id: number): Live | null {
    const oldest = [...this.#lives.values()].reduce<Live | null>(
      (one, other) => one === null || other.id < one.id ? other : one,
      null,
    );
    if (oldest !== null && this.#lives.size >= maxLives) {
      if (id < oldest.id) return null;
      this.#forget(oldest);
    }
    const live = new Live(this.#state, { id, sources: [], hasRoom: false });
    this.#lives.set(id, live);
    return live;
  }

  #forget(live: Live): void {
    this.#lives.delete(live.id);
    this.#active.delete(live);
    this.#forgetting.push(live.keptTally.forget(), live.keptRecent.forget(), live.keptLatest.forget());
  }
}

function keysOf(id: number): { tally: string; recent: string; latest: string } {
  return { tally: `tally ${id}`, recent: `recent ${id}`, latest: `latest ${id}` };
}

function given<Name extends string, Value>(name: Name, value: Value | undefined) {
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Value };
}

function latestOf(lives: readonly Live[]): Live | null {
  return lives.reduce<Live | null>((one, other) => one === null || other.id > one.id ? other : one, null);
}
