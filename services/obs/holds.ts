/**
 * Changes in OBS "for N seconds", and how they are undone:
 *
 * 1. The value before the first change is remembered and restored when the last change ends. So a second gift only
 *    prolongs a change, and a source that was visible anyway stays visible.
 * 2. If changes of the same thing differ (two scenes, two texts), the newest one applies. When it ends, the newest
 *    remaining one applies; after the last one, the original value is restored.
 * 3. The streamer has the last word. If a value is no longer the one that Livecue set, it was changed by hand. It is
 *    then left alone and counts as the original value for the next change.
 * 4. A permanent change discards the temporary changes of the same thing.
 * 5. What could not be restored (OBS was closed, Livecue was killed) is restored when both run again, subject to rule
 *    3. For this, the original value is saved before each change.
 */
import type { Call } from "./connection.ts";
import { keyOf, readThing, type Thing, type Value, writeThing } from "./things.ts";
import { Away, codeOf, Refusal } from "./trouble.ts";

/** A change that applies until `end` is called. Calling it twice does nothing. */
export interface Hold {
  end(): Promise<void>;
}

/** The saved state of a thing. */
interface Kept {
  thing: Thing;
  before: Value;
  /** The values that Livecue may have set: two while one replaces the other. */
  ours: Value[];
}

interface Held extends Kept {
  /** The changes that still apply, newest last. */
  lasting: { value: Value }[];
}

export interface HoldsOptions {
  call: Call;
  save: (kept: Kept[]) => Promise<void>;
  /** Returns what was saved last. */
  load: () => Promise<Kept[] | undefined>;
}

export class Holds {
  readonly #options: HoldsOptions;
  readonly #held = new Map<string, Held>();
  /** Changes run one at a time, because a value must not change between reading and setting it. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: HoldsOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    for (const kept of await this.#options.load() ?? []) {
      this.#held.set(keyOf(kept.thing), { ...kept, lasting: [] });
    }
  }

  /** Changes a thing until the hold ends. `choose` receives its original value. */
  async take(thing: Thing, choose: (before: Value) => Value): Promise<Hold> {
    const { call } = this.#options;
    return await this.#inTurn(async () => {
      const current = await readThing(call, thing);
      const held = this.#stillHeld(thing, current) ??
        { thing, before: current, ours: [current], lasting: [] };
      this.#held.set(keyOf(thing), held);
      const change = { value: choose(held.before) };
      held.lasting.push(change);
      try {
        await this.#set(call, held, current, change.value);
      } catch (error) {
        drop(held, change);
        await this.#settle(call, held);
        throw error;
      }
      return {
        end: () =>
          this.#inTurn(async () => {
            if (drop(held, change)) await this.#settle(call, held);
          }),
      };
    });
  }

  /** Changes a thing permanently. */
  async change(thing: Thing, choose: (current: Value) => Value): Promise<void> {
    const { call } = this.#options;
    await this.#inTurn(async () => {
      const current = await readThing(call, thing);
      await this.#forget(thing);
      const value = choose(current);
      if (value !== current) await writeThing(call, thing, value);
    });
  }

  /**
   * Restores everything that no hold changes any more. Takes `call`, because the connection may not be open to others
   * yet.
   */
  async restore(call: Call): Promise<void> {
    await this.#inTurn(async () => {
      for (const held of [...this.#held.values()]) {
        if (held.lasting.length === 0) await this.#settle(call, held);
      }
    });
  }

  /**
   * Sets a thing to its newest remaining change or its original value. If OBS is not connected, `restore` does so
   * later.
   */
  async #settle(call: Call, held: Held): Promise<void> {
    if (this.#held.get(keyOf(held.thing)) !== held) return;
    try {
      const current = await readThing(call, held.thing);
      const isOurs = this.#stillHeld(held.thing, current) !== undefined;
      const next = held.lasting.at(-1);
      if (isOurs && next !== undefined) return await this.#set(call, held, current, next.value);
      if (isOurs && current !== held.before) await writeThing(call, held.thing, held.before);
    } catch (error) {
      if (error instanceof Away) return;
      // If OBS refuses, the source or scene no longer exists, so nothing is left to restore.
      if (!(error instanceof Refusal) && codeOf(error) === undefined) throw error;
    }
    await this.#forget(held.thing);
  }

  async #set(call: Call, held: Held, current: Value, value: Value): Promise<void> {
    held.ours = [current, value];
    await this.#save();
    if (value !== current) await writeThing(call, held.thing, value);
    held.ours = [value];
  }

  /** Returns undefined if the streamer has changed it meanwhile. */
  #stillHeld(thing: Thing, current: Value): Held | undefined {
    const held = this.#held.get(keyOf(thing));
    return held?.ours.includes(current) ? held : undefined;
  }

  async #forget(thing: Thing): Promise<void> {
    if (this.#held.delete(keyOf(thing))) await this.#save();
  }

  async #save(): Promise<void> {
    await this.#options.save(
      [...this.#held.values()].map(({ thing, before, ours }) => ({ thing, before, ours })),
    );
  }

  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(act);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

/** Returns whether it was present. */
function drop(held: Held, change: { value: Value }): boolean {
  const index = held.lasting.indexOf(change);
  if (index >= 0) held.lasting.splice(index, 1);
  return index >= 0;
}
