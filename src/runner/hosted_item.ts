/** An item as its service sees it, in the worker. */
import type { EmitOptions, QueueItem } from "../kit/service.ts";
import type { Emission, ItemView } from "../item.ts";
import { emissionMistake, maxEmissions, maxEmittedLetters } from "./checked_message.ts";
import type { AbortCause } from "./protocol.ts";

/** Its signal is made when first asked for: most services never do. */
export class HostedItem implements QueueItem {
  readonly id: number;
  readonly priority: number;
  readonly isAsync: boolean;
  readonly count: number;
  readonly attempt: number;
  readonly isFirstOfUser: boolean;
  readonly #emits: readonly string[];
  readonly #emitted: Emission[] = [];
  #emittedLetters = 0;
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

  /** Its answer is on its way: nothing belongs to it any more. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  emit(type: string, data: object, options: EmitOptions = {}): void {
    if (this.#hasEnded) {
      throw new Error(
        `emit(${type}): item ${this.id} has ended and emits nothing any more; await in processEvent whatever emits`,
      );
    }
    if (this.#emitted.length >= maxEmissions) {
      throw new Error(`emit(${type}): an item emits ${maxEmissions} events at most`);
    }
    const emission = makeEmission(this.#emits, { type, data, options });
    this.#emittedLetters += JSON.stringify(emission.data).length;
    if (this.#emittedLetters > maxEmittedLetters) {
      throw new Error(
        `emit(${type}): an item's events have ${maxEmittedLetters} letters of data at most, together`,
      );
    }
    this.#emitted.push(emission);
  }

  abort(cause: AbortCause, why: string): void {
    this.#reason = new DOMException(why, cause === "timeout" ? "TimeoutError" : "AbortError");
    this.#controller?.abort(this.#reason);
  }

  /** Of the data that it emitted, as JSON. */
  get emittedLetters(): number {
    return this.#emittedLetters;
  }

  /** Returns what it emitted. */
  end(): Emission[] {
    this.#hasEnded = true;
    return this.#emitted;
  }
}

/** The event as it will be stored: what is changed in `data` later changes nothing. Throws a `TypeError`. */
export function makeEmission(
  emits: readonly string[],
  { type, data, options: { id = null } }: {
    type: string;
    data: object;
    options: { id?: string | null | undefined };
  },
): Emission {
  let copy: unknown;
  try {
    copy = asJson(data);
  } catch (error) {
    throw new TypeError(
      `emit(${type}): its data cannot be JSON (${error instanceof Error ? error.message : error})`,
    );
  }
  const emission = { type, data: copy as Record<string, unknown>, id };
  const mistake = emissionMistake(emission, emits);
  if (mistake !== null) throw new TypeError(`the service ${mistake}`);
  return emission;
}

/** As it will be read back, so that what cannot be kept fails here, in the service's own call. */
export function asJson(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text === undefined ? undefined : JSON.parse(text);
}
