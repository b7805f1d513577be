/** An item as the service's code sees it in the worker. */
import type { EmitOptions, QueueItem } from "../kit/service.ts";
import type { Emission, ItemView } from "../item.ts";
import { emissionMistake, maxEmissions, maxEmittedCharacters } from "./checked_message.ts";
import type { AbortCause } from "./protocol.ts";

/** Creates its signal on first use, because most services never use it. */
export class HostedItem implements QueueItem {
  readonly id: number;
  readonly priority: number;
  readonly isAsync: boolean;
  readonly count: number;
  readonly attempt: number;
  readonly isFirstOfUser: boolean;
  readonly #emits: readonly string[];
  readonly #emitted: Emission[] = [];
  #emittedCharacters = 0;
  #hasEnded = false;
  #controller: AbortController | null = null;
  #reason: DOMException | null = null;

  constructor(view: ItemView, emits: readonly string[]) {
    this.id = view.id;
    this.priority = view.priority;
    this.isAsync = view.isAsync;
    this.count = view.count;
    this.attempt = view.attempt;
    this.isFirstOfUser = view.isFirstOfUser;
    this.#emits = emits;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#reason !== null) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Its result is on its way to the main thread, so nothing can be added to it. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  emit(type: string, data: object, options: EmitOptions = {}): void {
    if (this.#hasEnded) {
      throw new Error(
        `emit(${type}): item ${this.id} has ended and can no longer emit; in processEvent, await every call that emits`,
      );
    }
    if (this.#emitted.length >= maxEmissions) {
      throw new Error(`emit(${type}): an item can emit at most ${maxEmissions} events`);
    }
    const emission = makeEmission(this.#emits, { type, data, options });
    this.#emittedCharacters += JSON.stringify(emission.data).length;
    if (this.#emittedCharacters > maxEmittedCharacters) {
      throw new Error(
        `emit(${type}): the data of an item's events can have at most ${maxEmittedCharacters} characters in total`,
      );
    }
    this.#emitted.push(emission);
  }

  abort(cause: AbortCause, why: string): void {
    this.#reason = new DOMException(why, cause === "timeout" ? "TimeoutError" : "AbortError");
    this.#controller?.abort(this.#reason);
  }

  /** Characters of the emitted data, as JSON. */
  get emittedCharacters(): number {
    return this.#emittedCharacters;
  }

  /** Ends the item and returns its emissions. */
  end(): Emission[] {
    this.#hasEnded = true;
    return this.#emitted;
  }
}

/** Copies the event as it will be stored, so that a later change of `data` has no effect. Throws a `TypeError`. */
export function makeEmission(
  emits: readonly string[],
  { type, data, options: { id, toSelf = false } }: {
    type: string;
    data: object;
    options: EmitOptions;
  },
): Emission {
  let copy: unknown;
  try {
    copy = asJson(data);
  } catch (error) {
    throw new TypeError(
      `emit(${type}): its data cannot be converted to JSON (${
        error instanceof Error ? error.message : error
      })`,
    );
  }
  const emission = { type, data: copy as Record<string, unknown>, id: id ?? null, toSelf };
  const mistake = emissionMistake(emission, emits);
  if (mistake !== null) throw new TypeError(`the service ${mistake}`);
  return emission;
}

/**
 * Converts a value as a read from the database would return it. A value that cannot be stored throws here, in the
 * service's own call.
 */
export function asJson(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text === undefined ? undefined : JSON.parse(text);
}
