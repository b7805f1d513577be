/** The steps of one item, on the side of the service's code: runs their functions, and asks what comes next for each. */
import { AsyncLocalStorage } from "node:async_hooks";
import { UserError } from "../user_error.ts";
import { longestWaitInPlaceMs, type StepAnswer, type StepProgress, type StepRequest } from "../step.ts";

export interface StepOptions {
  /** Further tries after the first one. Default 3. */
  retries?: number | undefined;
  /** The wait before the second try, in milliseconds; it doubles with each failure, up to an hour. Default 1000. */
  backoffMs?: number | undefined;
  /** How long one try may take, in milliseconds. Default: the service's `timeout_ms`. */
  timeoutMs?: number | undefined;
}

/** What the function of a step gets. */
export interface StepContext {
  /** 1 on the first try. A try that a crash or a stop cut counts too. */
  readonly attempt: number;
  /** Aborts when the time of this try is up, or when the service is stopped. Then the function has a second to end. */
  readonly signal: AbortSignal;
  /** 32 letters and digits: the same for all tries of this step, and no other step has it. For idempotent calls. */
  readonly key: string;
  /** Shows how far the step is: a fraction from 0 to 1, and a text of up to 300 characters. Call it as often as you like. */
  progress(fraction: number, text?: string): void;
}

/** A step has failed for good. It is thrown where the service awaits the step, each time the item runs. */
export class StepError extends Error {
  override readonly name = "StepError";
  /** The step's name. */
  readonly step: string;
  /** The error of its last try: a sentence, with the stack below. */
  readonly error: string;

  constructor(step: string, error: string) {
    super(`the step "${step}" failed: ${error.split("\n", 1)[0]}`);
    this.step = step;
    this.error = error;
  }
}

/** Throw it in a step if another try would not help: the step fails at once, whatever its `retries`. */
export class FinalError extends UserError {}

/** Throw it in a step if another try would not help before some time, as a server says. */
export class RetryLaterError extends UserError {
  /** The step waits at least this long, and its usual wait at least. */
  readonly retryAfterMs: number;

  constructor(message: string, { retryAfterMs, ...options }: ErrorOptions & { retryAfterMs: number }) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

export interface StepsHost {
  itemId: number;
  /** Rejects with a `TypeError` if the request is invalid. */
  ask(request: StepRequest): Promise<StepAnswer>;
  /** The signal of the item. When it aborts, nothing more is noted: an `AbortError` means a stop of the service. */
  signal: AbortSignal;
  /** Resolves after this time, or as soon as the signal aborts. */
  wait(waitMs: number, signal: AbortSignal): Promise<void>;
  /** An error as text: a sentence, with the stack below. */
  describe(thrown: unknown): string;
  /** Called once, when all that is left to do comes with a later hand-out: after a long wait or a stop. */
  giveBack(): void;
}

const usualRules = { retries: 3, backoffMs: 1000, timeoutMs: null };
const noRules = { retries: 0, backoffMs: 0, timeoutMs: null };

/** Progress is sent at most this often. */
const progressEveryMs = 250;
const maxProgressText = 300;

/** Kept before the service's code can replace it. */
const { setImmediate } = globalThis;

/** The name of the step whose function the running code belongs to. */
const runningStep = new AsyncLocalStorage<string>();

/** The step that the calling code is in, or undefined. */
export function currentStep(): string | undefined {
  return runningStep.getStore();
}

export class ItemSteps {
  readonly #host: StepsHost;
  readonly #names = new Set<string>();
  readonly #controllers = new Map<string, AbortController>();
  #sleeps = 0;
  /** Calls of `step` and `sleep` that go on in this hand-out. */
  #active = 0;
  /** Calls that go on in a later hand-out. Their promises never settle. */
  #parked = 0;
  #hasEnded = false;

  constructor(host: StepsHost) {
    this.#host = host;
  }

  async step<Result>(
    name: string,
    options: StepOptions,
    run: (step: StepContext) => Result | Promise<Result>,
  ): Promise<Result> {
    if (typeof run !== "function") {
      throw new TypeError(`step("${name}"): pass its function as the last argument`);
    }
    const { itemId } = this.#host;
    const rules = {
      retries: options.retries ?? usualRules.retries,
      backoffMs: options.backoffMs ?? usualRules.backoffMs,
      timeoutMs: options.timeoutMs ?? usualRules.timeoutMs,
    };
    return await this.#follow({ kind: "begin_step", itemId, name, rules, sleepMs: null }, run) as Result;
  }

  async sleep(sleepMs: number, name = `sleep ${++this.#sleeps}`): Promise<void> {
    const { itemId } = this.#host;
    const request = {
      kind: "begin_step",
      itemId,
      name,
      rules: noRules,
      sleepMs: Math.round(sleepMs),
    } as const;
    await this.#follow(request, () => {});
  }

  async all<Results extends readonly unknown[]>(
    branches: Results,
  ): Promise<{ -readonly [Index in keyof Results]: Awaited<Results[Index]> }> {
    const ends = await Promise.allSettled(branches);
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    return await Promise.all(branches);
  }

  /** The time of the step's try is up. */
  abort(step: string): void {
    this.#controllers.get(step)?.abort(new DOMException(`the step "${step}" timed out`, "TimeoutError"));
  }

  /** The item has ended: no further step can begin, and what the functions that still run return is not noted. */
  end(): void {
    this.#hasEnded = true;
    for (const [step, controller] of this.#controllers) {
      controller.abort(new DOMException(`the item of the step "${step}" has ended`, "AbortError"));
    }
  }

  get #isStopped(): boolean {
    const { signal } = this.#host;
    return signal.aborted && signal.reason.name === "AbortError";
  }

  /** Resolves when the step is completed, and rejects with a `StepError`. A stop leaves it as it is. */
  async #follow(
    request: StepRequest & { kind: "begin_step" },
    run: (step: StepContext) => unknown,
  ): Promise<unknown> {
    const { name } = request;
    this.#check(name);
    this.#active++;
    try {
      if (this.#isStopped) await this.#park();
      let answer = await this.#host.ask(request);
      while (true) {
        switch (answer.kind) {
          case "completed":
            return answer.result;
          case "failed":
            throw new StepError(name, answer.error);
          case "wait":
            await this.#wait(answer.waitMs);
            answer = await this.#host.ask(request);
            break;
          case "run":
            answer = await this.#try(name, answer, run);
        }
      }
    } finally {
      this.#active--;
      this.#giveBackIfIdle();
    }
  }

  #check(name: string): void {
    const call = `step(${JSON.stringify(name)})`;
    const outer = currentStep();
    if (outer !== undefined) {
      throw new Error(
        `${call} in the step "${outer}": a step cannot contain another one; call it after the step, with its result`,
      );
    }
    if (this.#hasEnded) throw this.#late(name);
    if (this.#names.has(name)) {
      throw new Error(
        `${call}: the item has a step of this name already; in a loop, add its number to the name, as "part 2"`,
      );
    }
    this.#names.add(name);
  }

  #late(name: string): Error {
    const call = `step(${JSON.stringify(name)})`;
    return new Error(`${call}: item ${this.#host.itemId} has ended; in processEvent, await each step`);
  }

  async #try(
    name: string,
    { attempt, key }: StepAnswer & { kind: "run" },
    run: (step: StepContext) => unknown,
  ): Promise<StepAnswer> {
    const { itemId, ask, signal } = this.#host;
    const controller = new AbortController();
    this.#controllers.set(name, controller);
    const progress = new Progress(this.#host, name);
    const context: StepContext = {
      attempt,
      key,
      signal: AbortSignal.any([signal, controller.signal]),
      progress: (fraction, text = "") => progress.show(fraction, text),
    };
    let end: StepRequest;
    try {
      const result = asResult(name, await runningStep.run(name, () => run(context)));
      end = { kind: "complete_step", itemId, name, result };
    } catch (thrown) {
      // The stop may have caused the error, so the try does not count, and the service's code does not see it.
      if (this.#isStopped) await this.#park();
      if (signal.aborted) throw thrown;
      end = this.#failure(name, thrown, controller.signal);
    } finally {
      progress.end();
      this.#controllers.delete(name);
    }
    // A later hand-out may have begun the same step.
    if (this.#hasEnded) throw this.#late(name);
    try {
      return await ask(end);
    } catch (thrown) {
      if (end.kind !== "complete_step" || !(thrown instanceof TypeError)) throw thrown;
      // The result is too large, and would be again.
      return await ask({
        kind: "fail_step",
        itemId,
        name,
        error: thrown.message,
        isFinal: true,
        leastWaitMs: 0,
      });
    }
  }

  #failure(name: string, thrown: unknown, { aborted }: AbortSignal): StepRequest {
    const { itemId, describe } = this.#host;
    const error = describe(thrown);
    return {
      kind: "fail_step",
      itemId,
      name,
      error: aborted ? `timed out: ${error}` : error,
      isFinal: thrown instanceof FinalError,
      leastWaitMs: thrown instanceof RetryLaterError ? Math.round(thrown.retryAfterMs) : 0,
    };
  }

  async #wait(waitMs: number): Promise<void> {
    const { signal, wait } = this.#host;
    if (waitMs > longestWaitInPlaceMs) await this.#park();
    await wait(waitMs, signal);
    if (this.#isStopped) await this.#park();
    signal.throwIfAborted();
  }

  /** Never resolves: the step goes on in a later hand-out of the item. */
  async #park(): Promise<never> {
    this.#active--;
    this.#parked++;
    this.#giveBackIfIdle();
    return await new Promise<never>(() => {});
  }

  /** A step that ends may be followed by another one, in the same turn of the event loop. */
  #giveBackIfIdle(): void {
    if (this.#parked === 0 || this.#active > 0) return;
    setImmediate(() => {
      if (this.#active === 0 && !this.#hasEnded) this.#host.giveBack();
    });
  }
}

/** Sends the latest progress of a step, at most four times per second. */
class Progress {
  readonly #host: StepsHost;
  readonly #name: string;
  readonly #ending = new AbortController();
  #latest: StepProgress | null = null;
  #isSending = false;

  constructor(host: StepsHost, name: string) {
    this.#host = host;
    this.#name = name;
  }

  show(fraction: number, text: string): void {
    if (!Number.isFinite(fraction) || typeof text !== "string") {
      throw new TypeError(`progress of the step "${this.#name}": pass a number from 0 to 1, and a text`);
    }
    this.#latest = { fraction: Math.min(1, Math.max(0, fraction)), text: text.slice(0, maxProgressText) };
    if (!this.#isSending) void this.#send();
  }

  end(): void {
    this.#ending.abort();
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    const { itemId, ask, wait } = this.#host;
    const { signal } = this.#ending;
    while (this.#latest !== null && !signal.aborted) {
      const shown = this.#latest;
      this.#latest = null;
      // Progress is only for display.
      await ask({ kind: "show_step", itemId, name: this.#name, ...shown }).catch(() => {});
      await wait(progressEveryMs, signal);
    }
    this.#isSending = false;
  }
}

/** The result as a later hand-out gets it. Throws a `FinalError` if it is not JSON. */
function asResult(name: string, result: unknown): unknown {
  if (result === undefined) return undefined;
  let text: string | undefined;
  try {
    text = JSON.stringify(result);
  } catch (error) {
    throw new FinalError(`${notJson(name)} (${error instanceof Error ? error.message : error})`);
  }
  if (text === undefined) throw new FinalError(notJson(name));
  return JSON.parse(text);
}

function notJson(name: string): string {
  return `the result of the step "${name}" cannot be converted to JSON: return plain data, as a path or an id`;
}
