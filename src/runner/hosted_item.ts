/** An item as the service's code sees it in the worker. */
import type { EmitOptions, QueueItem } from "../kit/service.ts";
import { currentStep, type ItemSteps, type StepContext, type StepOptions } from "../kit/steps.ts";
import type { Emission, ItemView } from "../item.ts";
import { emissionMistake, maxEmissions, maxEmittedCharacters } from "./checked_message.ts";
import { describeValue } from "./failure.ts";
import type { AbortCause } from "./protocol.ts";
import type { ViewerNumbers } from "../viewer.ts";

/** What an item needs of its worker. */
export interface ItemHost {
  openSteps(item: HostedItem): ItemSteps;
  /** Creates the item's folder. Throws a `UserError`. */
  makeFolder(itemId: number): string;
}

type CleanUp = (error: Error) => void | Promise<void>;
type StepRun<Result> = (step: StepContext) => Result | Promise<Result>;

/** Creates its signal on first use, because most services never use it. */
export class HostedItem implements QueueItem {
  readonly id: number;
  readonly priority: number;
  readonly isAsync: boolean;
  readonly count: number;
  readonly attempt: number;
  readonly isFirstOfUser: boolean;
  /** As in `ItemView`. */
  readonly trace: string | undefined;
  readonly #viewer: ViewerNumbers;
  readonly #emits: readonly string[];
  readonly #host: ItemHost;
  #steps: ItemSteps | null = null;
  #folder: string | null = null;
  #cleanUps: CleanUp[] | null = null;
  readonly #emitted: Emission[] = [];
  #emittedCharacters = 0;
  #hasEnded = false;
  #controller: AbortController | null = null;
  #reason: DOMException | null = null;

  constructor(view: ItemView, emits: readonly string[], host: ItemHost) {
    this.id = view.id;
    this.priority = view.priority;
    this.isAsync = view.isAsync;
    this.count = view.count;
    this.attempt = view.attempt;
    this.isFirstOfUser = view.isFirstOfUser;
    this.trace = view.trace;
    this.#viewer = view.viewer;
    this.#emits = emits;
    this.#host = host;
  }

  get viewer(): ViewerNumbers {
    return this.#viewer;
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

  step<Result>(
    name: string,
    ...given: [StepRun<Result>] | [StepOptions, StepRun<Result>]
  ): Promise<Result> {
    const [options, run] = given.length === 1 ? [{}, given[0]] : given;
    return this.#stepsOpen().step(name, options, run);
  }

  sleep(ms: number, name?: string): Promise<void> {
    return this.#stepsOpen().sleep(ms, name);
  }

  all<Results extends readonly unknown[]>(
    branches: Results,
  ): ReturnType<typeof ItemSteps.prototype.all<Results>> {
    return this.#stepsOpen().all(branches);
  }

  onFailure(cleanUp: CleanUp): void {
    if (typeof cleanUp !== "function") throw new TypeError("onFailure: pass a function");
    this.#cleanUps ??= [];
    this.#cleanUps.push(cleanUp);
  }

  /** What the service wants to do before the item fails for good. */
  get cleanUps(): readonly CleanUp[] {
    return this.#cleanUps ?? [];
  }

  get folder(): string {
    if (this.#folder === null && this.#hasEnded) {
      throw new Error(
        `item ${this.id} has ended, and its folder is removed; in processEvent, await every call`,
      );
    }
    this.#folder ??= this.#host.makeFolder(this.id);
    return this.#folder;
  }

  #stepsOpen(): ItemSteps {
    this.#steps ??= this.#host.openSteps(this);
    if (this.#hasEnded) this.#steps.end();
    return this.#steps;
  }

  /** The time of a step's try is up. */
  abortStep(step: string): void {
    this.#steps?.abort(step);
  }

  emit(type: string, data: object, options: EmitOptions = {}): void {
    const step = currentStep();
    if (step !== undefined) {
      throw new Error(
        `emit(${type}) in the step "${step}": an event is emitted when its item is completed, so emit it after the ` +
          "step, from the step's result",
      );
    }
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

  /** Whether the service is being stopped. */
  get isStopped(): boolean {
    return this.#reason?.name === "AbortError";
  }

  /** Characters of the emitted data, as JSON. */
  get emittedCharacters(): number {
    return this.#emittedCharacters;
  }

  /** Ends the item and returns its emissions. */
  end(): Emission[] {
    this.#hasEnded = true;
    this.#steps?.end();
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

/** The value as it will be read back. Returns undefined, which deletes, only for undefined. Throws a `TypeError`. */
export function keptValue(key: string, value: unknown): unknown {
  const copy = asJson(value);
  if (copy === undefined && value !== undefined) {
    throw new TypeError(
      `state.set(${describeValue(key)}): the value is ${describeValue(value)}, which is not JSON`,
    );
  }
  return copy;
}
