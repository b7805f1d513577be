/** A crash of Livecue at a moment that a test chooses. */

/**
 * - before: the step is about to begin.
 * - inside: its function has run to its end, and the result is not stored yet; of a sleep: it has begun.
 * - after: its result is stored, and the service does not have it yet.
 * - at "end": `processEvent` has returned, and the item is not completed yet.
 */
export type Crash = { before: string } | { inside: string } | { after: string } | { at: "end" };

export type CrashMoment = "before" | "inside" | "after";

/** The crashes that a test has planned. Each comes once. */
export class PlannedCrashes {
  readonly #planned: Crash[];

  constructor(planned: readonly Crash[]) {
    this.#planned = [...planned];
  }

  /** Those that have not come yet. */
  get left(): readonly Crash[] {
    return this.#planned;
  }

  /** Whether a crash is planned for this moment of the step. Then it has come. */
  takeAt(moment: CrashMoment, step: string): boolean {
    return this.#take((crash) => (crash as Partial<Record<CrashMoment, string>>)[moment] === step);
  }

  takeAtEnd(): boolean {
    return this.#take((crash) => "at" in crash);
  }

  #take(isIt: (crash: Crash) => boolean): boolean {
    const index = this.#planned.findIndex(isIt);
    if (index < 0) return false;
    this.#planned.splice(index, 1);
    return true;
  }
}
