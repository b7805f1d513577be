/** How far the dino got: kept for this live and for all time, and written down at the end of each run. */
import type { KeptState } from "livecue/service";
import type { GameStatus } from "./game.ts";

const key = "records";

interface Reached {
  /** The best run's score. */
  best_score: number;
  /** Of all runs together, in the game's points. */
  distance: number;
}

const none: Reached = { best_score: 0, distance: 0 };

interface LiveRecords {
  liveId: number;
  /** The source that the live came by: what is kept outside of an item names it. */
  source: string;
  reached: Reached;
}

export class Records {
  readonly #state: KeptState;
  /** Null until the first event: what the dino does before a live belongs to none. */
  #live: LiveRecords | null = null;
  #ever: Reached = { ...none };
  /** What of the current run is counted. */
  #counted = { run: 0, score: 0 };
  #isWritten = true;

  constructor(state: KeptState) {
    this.#state = state;
  }

  async load(): Promise<void> {
    this.#ever = { ...none, ...await this.#state.get<Reached>(key) };
  }

  /** A new live has records of its own; what this one has from before is read. To be called within an item of it. */
  async enter({ liveId, source }: Pick<LiveRecords, "liveId" | "source">): Promise<void> {
    if (this.#live?.liveId === liveId) return;
    const kept = await this.#state.get<Reached>(key, { scope: "live" });
    this.#live = { liveId, source, reached: { ...none, ...kept } };
  }

  /** A new page counts its runs anew. */
  restart(): void {
    this.#counted = { run: 0, score: 0 };
  }

  /** Resolves with whether there is something new to show. */
  async add({ run, score, isRunning }: GameStatus): Promise<boolean> {
    const more = run === this.#counted.run ? Math.max(0, score - this.#counted.score) : score;
    this.#counted = { run, score };
    if (more > 0) {
      this.#isWritten = false;
      for (const record of this.#live === null ? [this.#ever] : [this.#live.reached, this.#ever]) {
        record.best_score = Math.max(record.best_score, score);
        record.distance += more;
      }
    }
    if (!isRunning) await this.write();
    return more > 0;
  }

  async write(): Promise<void> {
    if (this.#isWritten) return;
    this.#isWritten = true;
    if (this.#live !== null) {
      const { source, reached } = this.#live;
      await this.#state.set(key, reached, { scope: "live", source });
    }
    await this.#state.set(key, this.#ever);
  }

  /** As the page shows them. */
  get lines(): [what: string, value: string][] {
    const number = (value: number) => value.toLocaleString("en");
    const ever: [string, string] = ["Best ever", number(this.#ever.best_score)];
    if (this.#live === null) return [ever];
    const { best_score, distance } = this.#live.reached;
    return [["Best of this live", number(best_score)], ever, ["Distance of this live", number(distance)]];
  }
}
