/**
 * Changes in OBS "for N seconds", and how things are put back:
 *
 * 1. What a thing was before the first change is remembered, and is put back when the last has ended. So a
 *    second gift makes the same show longer, and a source that was shown anyway stays shown.
 * 2. Where changes of the same thing differ (two scenes, two texts), the newest holds; when it ends, the newest
 *    of those that still last; after the last, what was before.
 * 3. The streamer has the last word: a thing that is no longer as Livecue left it was changed by hand, is left
 *    alone, and counts as "before" for the next change.
 * 4. A change for good forgets the changes for a time that the thing had.
 * 5. What could not be put back (OBS was closed, Livecue was killed) is put back when both are there again,
 *    under rule 3. For that it is written down before it is changed.
 */
import type { Call } from "./connection.ts";
import { keyOf, readThing, type Thing, type Value, writeThing } from "./things.ts";
import { Away, codeOf, Refusal } from "./trouble.ts";

/** A change that lasts until it is ended. Ending it twice does nothing. */
export interface Hold {
  end(): Promise<void>;
}

/** What is written down of a thing. */
interface Kept {
  thing: Thing;
  before: Value;
  /** Livecue's values that it may have: two while one of them is being set. */
  ours: Value[];
}

interface Held extends Kept {
  /** The changes that last, the newest last. */
  lasting: { value: Value }[];
}

export interface HoldsOptions {
  call: Call;
  save: (kept: Kept[]) => Promise<void>;
  /** What was saved last. */
  load: () => Promise<Kept[] | undefined>;
}

export class Holds {
  readonly #options: HoldsOptions;
  readonly #held = new Map<string, Held>();
  /** One change at a time: what is read must still hold when it is set. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: HoldsOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    for (const kept of await this.#options.load() ?? []) {
      this.#held.set(keyOf(kept.thing), { ...kept, lasting: [] });
    }
  }

  /** Changes a thing until the hold is ended. `choose` gets what it is when nothing holds it. */
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

  /** Changes a thing for good. */
  async change(thing: Thing, choose: (current: Value) => Value): Promise<void> {
    const { call } = this.#options;
    await this.#inTurn(async () => {
      const current = await readThing(call, thing);
      await this.#forget(thing);
      const value = choose(current);
      if (value !== current) await writeThing(call, thing, value);
    });
  }

  /** Puts back what nothing holds any longer, over a connection that may be too new for anybody else. */
  async putBack(call: Call): Promise<void> {
    await this.#inTurn(async () => {
      for (const held of [...this.#held.values()]) {
        if (held.lasting.length === 0) await this.#settle(call, held);
      }
    });
  }

  /** Brings a thing to what its lasting changes say, or back. Where OBS is away, it stays to be put back. */
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
      // Where OBS refuses, the source or the scene is gone, and with it what there was to put back.
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

  /** undefined where the streamer has changed it meanwhile. */
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

/** Whether it was there. */
function drop(held: Held, change: { value: Value }): boolean {
  const index = held.lasting.indexOf(change);
  if (index >= 0) held.lasting.splice(index, 1);
  return index >= 0;
}
