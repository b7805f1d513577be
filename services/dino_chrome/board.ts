/**
 * Who made it farthest in this live: the points that the dino made in one run since a viewer's first deed in it. Saved
 * at the end of each run.
 */
import type { KeptState } from "livecue/service";
import type { Doer, GameStatus } from "./game.ts";
import { KeptOfLive, type LiveOfEvent } from "./kept_of_live.ts";

/** How many the page shows, and how many are kept. */
const mostShown = 5;
const mostKept = 100;
/** How many viewers of one run are counted. */
const mostRiders = 2000;

export interface BoardEntry extends Doer {
  points: number;
}

type Reached = Pick<GameStatus, "run" | "isRunning" | "score">;

export class Board {
  readonly #kept: KeptOfLive<{ entries: BoardEntry[] }>;
  /** The viewers of the run, each with the score at their first deed. */
  readonly #riders = new Map<string, { who: Doer; since: number }>();
  #reached: Reached = { run: 0, isRunning: false, score: 0 };

  constructor(state: KeptState) {
    this.#kept = new KeptOfLive(state, "board", () => ({ entries: [] }));
  }

  async enter(live: LiveOfEvent): Promise<void> {
    await this.#kept.enter(live);
  }

  get top(): BoardEntry[] {
    return this.#kept.value?.entries.slice(0, mostShown) ?? [];
  }

  /** A viewer has helped or played at this point of the run. */
  add(who: Doer, { score, isRunning }: Reached): void {
    if (this.#riders.size >= mostRiders || this.#riders.has(who.id)) return;
    this.#riders.set(who.id, { who, since: isRunning ? score : 0 });
  }

  /** Resolves with whether the board has changed. */
  async reach(reached: Reached): Promise<boolean> {
    const before = this.#reached;
    this.#reached = reached;
    // A run that was over before the last look was counted then.
    const isOver = before.isRunning && (!reached.isRunning || reached.run !== before.run);
    return isOver && await this.#count(reached.run === before.run ? reached.score : before.score);
  }

  async #count(score: number): Promise<boolean> {
    const riders = [...this.#riders.values()];
    this.#riders.clear();
    const kept = this.#kept.value;
    if (kept === null) return false;
    const best = new Map(kept.entries.map((entry) => [entry.id, entry]));
    for (const { who, since } of riders) {
      const points = Math.max(score - since, best.get(who.id)?.points ?? 0);
      if (points > 0) best.set(who.id, { ...who, points });
    }
    kept.entries = [...best.values()].sort((a, b) => b.points - a.points).slice(0, mostKept);
    await this.#kept.save();
    return riders.length > 0;
  }
}
