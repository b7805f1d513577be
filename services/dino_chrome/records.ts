/** How far the dino got, in this live and ever. Saved at the end of each run. */
import { formatNumber, t } from "livecue/language";
import type { KeptState } from "livecue/service";
import type { GameStatus } from "./game.ts";
import { KeptOfLive, type LiveOfEvent } from "./kept_of_live.ts";

const key = "records";

interface Reached {
  /** The best run's score. */
  best_score: number;
  /** The sum over all runs, in the game's points. */
  distance: number;
}

const none: Reached = { best_score: 0, distance: 0 };

export class Records {
  readonly #state: KeptState;
  /** Without a value until the first event. Runs before that belong to no live. */
  readonly #ofLive: KeptOfLive<Reached>;
  #ever: Reached = { ...none };
  /** The part of the current run that has been counted. */
  #counted = { run: 0, score: 0 };
  #isSaved = true;

  constructor(state: KeptState) {
    this.#state = state;
    this.#ofLive = new KeptOfLive(state, key, () => ({ ...none }));
  }

  async load(): Promise<void> {
    this.#ever = { ...none, ...await this.#state.get<Reached>(key) };
  }

  /** Switches to the event's live and loads its saved records. To be called while one of its items is processed. */
  async enter(live: LiveOfEvent): Promise<void> {
    await this.#ofLive.enter(live);
  }

  /** A new page starts counting its runs from one. */
  restart(): void {
    this.#counted = { run: 0, score: 0 };
  }

  /** Resolves with whether the records have changed. */
  async add({ run, score, isRunning }: Pick<GameStatus, "run" | "score" | "isRunning">): Promise<boolean> {
    const more = run === this.#counted.run ? Math.max(0, score - this.#counted.score) : score;
    this.#counted = { run, score };
    if (more > 0) {
      this.#isSaved = false;
      const ofLive = this.#ofLive.value;
      for (const record of ofLive === null ? [this.#ever] : [ofLive, this.#ever]) {
        record.best_score = Math.max(record.best_score, score);
        record.distance += more;
      }
    }
    if (!isRunning) await this.save();
    return more > 0;
  }

  async save(): Promise<void> {
    if (this.#isSaved) return;
    this.#isSaved = true;
    await this.#ofLive.save();
    await this.#state.set(key, this.#ever);
  }

  /** As the page shows them. */
  get lines(): [what: string, value: string][] {
    const ever: [string, string] = [t`Best ever`, formatNumber(this.#ever.best_score)];
    const ofLive = this.#ofLive.value;
    if (ofLive === null) return [ever];
    const { best_score, distance } = ofLive;
    return [[t`Best of this live`, formatNumber(best_score)], ever, [
      t`Distance of this live`,
      formatNumber(distance),
    ]];
  }
}
