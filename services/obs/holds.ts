/**
 * Changes in OBS "for N seconds", and how they are undone:
 *
 * 1. The value before the first change is kept, and restored when the last change ends. So a second gift only prolongs
 *    a change, and a source that was visible anyway stays visible.
 * 2. If changes of the same thing differ (two scenes, two texts), the newest one applies. When it ends, the newest
 *    remaining one applies; after the last one, the original value is restored.
 * 3. The streamer has the last word. If a value is no longer the one that Livecue set, it was changed by hand. It is
 *    then left alone and counts as the original value for the next change.
 * 4. A permanent change discards the temporary changes of the same thing.
 * 5. A change belongs to its scene collection. One that ends while another collection is open is undone when its own
 *    collection is open again.
 * 6. All of this is saved before each change. After a crash of Livecue, or when OBS was closed, the changes end at
 *    their time, subject to rule 3. A stop of Livecue ends all of them at once.
 */
import type { OpenCollection } from "./connection.ts";
import { keyOf, readThing, type Thing, type Value, writeThing } from "./things.ts";
import { Away, codeOf, Refusal } from "./trouble.ts";

interface Change {
  value: Value;
  /** Of the monotonic clock, in milliseconds. */
  endsAt: number;
}

/** A thing whose value Livecue has changed for a time. */
interface Held {
  collection: string;
  thing: Thing;
  before: Value;
  /** The values that Livecue may have set: two while one replaces the other. */
  ours: Value[];
  /** The changes that still apply, newest last. Each ends before the older ones, or they would never apply again. */
  changes: Change[];
  cancelEnd: () => void;
}

/** As saved, with ends in Unix time. */
export interface Kept extends Pick<Held, "collection" | "thing" | "before" | "ours"> {
  changes: { value: Value; until: number }[];
}

export interface HoldsOptions {
  /** Runs `act` with the open collection. Rejects with `Away` if OBS is not connected. */
  withCollection: (act: (open: OpenCollection) => Promise<void>) => Promise<void>;
  save: (kept: Kept[]) => Promise<void>;
  /** Returns what was saved last. */
  load: () => Promise<Kept[] | undefined>;
  /** A value could not be restored, for another reason than that OBS is away. */
  onFailure: (error: unknown) => void;
}

const longestMs = 3_600_000;

export class Holds {
  readonly #options: HoldsOptions;
  readonly #held = new Map<string, Held>();
  /** Changes run one at a time, because a value must not change between reading and setting it. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: HoldsOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    for (const { collection, thing, before, ours, changes } of await this.#options.load() ?? []) {
      const held: Held = { collection, thing, before, ours, changes: [], cancelEnd: () => {} };
      held.changes = changes.map(({ value, until }) => ({
        value,
        // The wall clock may have been set back meanwhile.
        endsAt: performance.now() + Math.min(until - Date.now(), longestMs),
      }));
      this.#held.set(keyIn(collection, thing), held);
      this.#scheduleEnd(held);
    }
  }

  /** Changes a thing for some seconds. `choose` receives its original value. */
  async take(
    open: OpenCollection,
    thing: Thing,
    choose: (before: Value) => Value,
    seconds: number,
  ): Promise<void> {
    await this.#inTurn(async () => {
      const current = await readThing(open.call, thing);
      const held = this.#stillHeld(open, thing, current) ?? this.#hold(open, thing, current);
      const change = { value: choose(held.before), endsAt: performance.now() + seconds * 1000 };
      const earlier = held.changes;
      held.changes = [...earlier.filter(({ endsAt }) => endsAt > change.endsAt), change];
      try {
        await this.#set(open, held, current, change.value);
      } catch (error) {
        held.changes = earlier;
        await this.#settle(open, held);
        throw error;
      } finally {
        this.#scheduleEnd(held);
      }
    });
  }

  /** Changes a thing permanently. */
  async change(open: OpenCollection, thing: Thing, choose: (current: Value) => Value): Promise<void> {
    await this.#inTurn(async () => {
      const current = await readThing(open.call, thing);
      await this.#forget(this.#held.get(keyIn(open.name, thing)));
      const value = choose(current);
      if (value !== current) await writeThing(open.call, thing, value);
    });
  }

  /** For a look at OBS that no change of Livecue's falls into. */
  whileNothingChanges<Result>(look: () => Promise<Result>): Promise<Result> {
    return this.#inTurn(look);
  }

  /** Ends what is over in the collection that was just opened. */
  async restore(open: OpenCollection): Promise<void> {
    await this.#inTurn(async () => {
      for (const held of [...this.#held.values()]) await this.#settle(open, held);
    });
  }

  /** Ends all changes at once. What is in a closed collection, or in an OBS that is away, is restored later. */
  async endAll(): Promise<void> {
    await this.#inTurn(async () => {
      for (const held of this.#held.values()) {
        held.cancelEnd();
        held.changes = [];
      }
      if (this.#held.size > 0) await this.#save();
    });
    await this.#options.withCollection((open) => this.restore(open)).catch(ignoreAway);
  }

  #hold(open: OpenCollection, thing: Thing, before: Value): Held {
    const key = keyIn(open.name, thing);
    this.#held.get(key)?.cancelEnd();
    const held = {
      collection: open.name,
      thing,
      before,
      ours: [before],
      changes: [],
      cancelEnd: () => {},
    };
    this.#held.set(key, held);
    return held;
  }

  /** The newest change is the first to end. */
  #scheduleEnd(held: Held): void {
    held.cancelEnd();
    const next = held.changes.at(-1);
    if (next === undefined) return;
    const timer = setTimeout(() => void this.#end(held, next), Math.max(0, next.endsAt - performance.now()));
    held.cancelEnd = () => clearTimeout(timer);
  }

  async #end(held: Held, ended: Change): Promise<void> {
    await this.#inTurn(() => {
      held.changes = held.changes.filter((change) => change !== ended);
      this.#scheduleEnd(held);
      return Promise.resolve();
    });
    await this.#options.withCollection((open) => this.#inTurn(() => this.#settle(open, held)))
      .catch(ignoreAway).catch(this.#options.onFailure);
  }

  /** Sets a thing to its newest remaining change or its original value, if its collection is open. */
  async #settle(open: OpenCollection, held: Held): Promise<void> {
    const { collection, thing, before } = held;
    if (collection !== open.name || this.#held.get(keyIn(collection, thing)) !== held) return;
    try {
      const current = await readThing(open.call, thing);
      const isOurs = this.#stillHeld(open, thing, current) !== undefined;
      const next = held.changes.at(-1);
      if (isOurs && next !== undefined) return await this.#set(open, held, current, next.value);
      if (isOurs && current !== before) await writeThing(open.call, thing, before);
    } catch (error) {
      if (error instanceof Away) return;
      // If OBS refuses, the source or scene no longer exists, so nothing is left to restore.
      if (!(error instanceof Refusal) && codeOf(error) === undefined) throw error;
    }
    await this.#forget(held);
  }

  async #set(open: OpenCollection, held: Held, current: Value, value: Value): Promise<void> {
    held.ours = [current, value];
    await this.#save();
    if (value !== current) await writeThing(open.call, held.thing, value);
    held.ours = [value];
  }

  /** Returns undefined if the streamer has changed it meanwhile. */
  #stillHeld(open: OpenCollection, thing: Thing, current: Value): Held | undefined {
    const held = this.#held.get(keyIn(open.name, thing));
    return held?.ours.includes(current) ? held : undefined;
  }

  async #forget(held: Held | undefined): Promise<void> {
    held?.cancelEnd();
    if (held !== undefined && this.#held.delete(keyIn(held.collection, held.thing))) await this.#save();
  }

  async #save(): Promise<void> {
    const startOfClock = Date.now() - performance.now();
    await this.#options.save(
      [...this.#held.values()].map(({ collection, thing, before, ours, changes }) => ({
        collection,
        thing,
        before,
        ours,
        changes: changes.map(({ value, endsAt }) => ({ value, until: Math.round(startOfClock + endsAt) })),
      })),
    );
  }

  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(act);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

function keyIn(collection: string, thing: Thing): string {
  return JSON.stringify([collection, keyOf(thing)]);
}

function ignoreAway(error: unknown): void {
  if (!(error instanceof Away)) throw error;
}
