/** Keeps what was accepted and is not over yet, so that it continues after a kill or a restart. */
import type { KeptState } from "livecue/service";
import type { SavedDeeds } from "./game.ts";

const key = "deeds";
/** What is older belongs to another evening. */
const longestMs = 10 * 60_000;
/** Between two saves of nothing but shorter times. */
const pauseMs = 2000;

interface Kept {
  at: number;
  deeds: SavedDeeds;
}

export class LastingDeeds {
  readonly #state: KeptState;
  #last: SavedDeeds | null = null;
  #savedAt = 0;
  #isEmpty = true;

  constructor(state: KeptState) {
    this.#state = state;
  }

  async load(): Promise<SavedDeeds | null> {
    const kept = await this.#state.get<Kept>(key);
    if (kept === undefined || Date.now() - kept.at > longestMs) return null;
    this.#isEmpty = kept.deeds.entries.length === 0;
    return kept.deeds;
  }

  /** Resolves when it is saved. */
  async keep(deeds: SavedDeeds): Promise<void> {
    this.#last = deeds;
    await this.save();
  }

  /** Saves it if it has changed for some time. */
  async note(deeds: SavedDeeds): Promise<void> {
    this.#last = deeds;
    const isEmpty = deeds.entries.length === 0;
    if (isEmpty && this.#isEmpty || Date.now() - this.#savedAt < pauseMs) return;
    await this.save();
  }

  async save(): Promise<void> {
    if (this.#last === null) return;
    this.#savedAt = Date.now();
    this.#isEmpty = this.#last.entries.length === 0;
    await this.#state.set(key, { at: this.#savedAt, deeds: this.#last });
  }
}
