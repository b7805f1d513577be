/** The ids of new rows. Livecue assigns them itself, so that rows can refer to one another before they are written. */

export type IdName = "live" | "session" | "event" | "item";

export interface Ids {
  /** Each id is higher than all earlier ones of this owner, and no other owner ever has it. */
  take(name: IdName): number;
  /** No id that is taken from now on is lower. */
  next(name: IdName): number;
}

/** The next free id of each kind. */
export type NextIds = Record<IdName, number>;

/** For an owner who is alone: ids without gaps. */
export class CountedIds implements Ids {
  readonly #next: NextIds;

  constructor(next: NextIds) {
    this.#next = { ...next };
  }

  take(name: IdName): number {
    return this.#next[name]++;
  }

  next(name: IdName): number {
    return this.#next[name];
  }
}
