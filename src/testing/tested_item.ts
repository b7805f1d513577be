/**
 * One item on Livecue's side, in memory: hands it out until it has ended, decides about its steps as the real one
 * does, lets waits pass at once, and crashes where the test wants.
 */
import { noViewer } from "../viewer.ts";
import { createHash } from "node:crypto";
import { backoffMs } from "../backoff.ts";
import { systemClock } from "../clock.ts";
import type { LiveEvent } from "../event.ts";
import { failureText } from "../failure.ts";
import type { Emission } from "../item.ts";
import type { ItemEnd } from "../runner/protocol.ts";
import type { ProgressRequest, Step, StepAnswer, StepRequest } from "../step.ts";
import { StepBook, type StepDecision } from "../step_book.ts";
import { PlannedCrashes } from "./crash.ts";
import type { Life } from "./life.ts";

export interface ItemRules {
  maxAttempts: number;
  maxCrashes: number;
  backoffMs: number;
  /** The real time that a step without a limit of its own may take. */
  timeoutMs: number;
}

/** A step as it is when its item has ended. */
export interface HandledStep {
  name: string;
  status: Step["status"];
  /** How often its function was called. A try that a crash cut counts too. */
  attempts: number;
  failures: number;
  /** Of the last failed try, with the stack below; null after a success. */
  error: string | null;
  /** Undefined unless it is completed with a result. */
  result: unknown;
}

/** An item that has ended. */
export interface HandledItem {
  id: number;
  status: "completed" | "failed";
  /** Why it failed, with the stack below. */
  error: string | null;
  /** Empty unless it is completed. */
  emitted: readonly Emission[];
  /** In the order in which they began. */
  steps: HandledStep[];
  /** How often `processEvent` was called. */
  attempts: number;
}

export interface TestedItemOptions {
  id: number;
  event: LiveEvent;
  rules: ItemRules;
  crashes: PlannedCrashes;
  life: Life;
  /** Starts the service again after a crash, in a new life. */
  restart(): Promise<Life>;
}

/** A request that changes what is stored. */
type Change = Exclude<StepRequest, ProgressRequest>;

type HandOutEnd = { kind: "ended"; end: ItemEnd } | { kind: "crashed" };

export class TestedItem {
  readonly #options: TestedItemOptions;
  readonly #steps = new Map<string, Step>();
  readonly #results = new Map<string, unknown>();
  /** Cancel the time limits of the functions that run. */
  readonly #limits = new Map<string, () => void>();
  readonly #counts = { attempts: 0, failures: 0, crashes: 0 };
  #life: Life;
  #book!: StepBook;
  #handOut!: PromiseWithResolvers<HandOutEnd>;
  #isOver = false;
  /** Resolves when no function runs that a crash has cut: the thread of the test cannot be killed. */
  #whenQuiet: PromiseWithResolvers<void> | null = null;

  constructor(options: TestedItemOptions) {
    this.#options = options;
    this.#life = options.life;
  }

  async run(): Promise<HandledItem> {
    while (true) {
      const how = await this.#handOutOnce();
      const ended = how.kind === "crashed" ? await this.#afterCrash() : this.#afterEnd(how.end);
      if (ended !== null) return ended;
    }
  }

  /** Whether a failure now would be the last. */
  get willFail(): boolean {
    return this.#counts.failures + 1 >= this.#options.rules.maxAttempts;
  }

  /** The worker's side reports the end of a hand-out. */
  end(end: ItemEnd, life: Life): void {
    if (life !== this.#life || this.#isOver) return;
    // A function that still runs was not awaited, and its result is not noted.
    for (const cancel of this.#limits.values()) cancel();
    this.#limits.clear();
    const crashes = !end.isWaiting && end.failure === null && this.#options.crashes.takeAtEnd();
    this.#finish(crashes ? { kind: "crashed" } : { kind: "ended", end });
  }

  /** The answer to a request about a step; null if there is none, because the service has crashed. */
  answer(request: StepRequest, life: Life): StepAnswer | null {
    const { kind, name } = request;
    if (kind === "show_step") return { kind: "completed" };
    if (kind === "complete_step" || kind === "fail_step") this.#functionEnded(name);
    if (life !== this.#life || this.#isOver || this.#crashesBefore(request)) return null;
    const decision = this.#book.answer(request, life.clock.now());
    if (kind === "complete_step") {
      this.#results.set(name, request.result);
      this.#counts.crashes = 0;
    }
    if (this.#crashesAfter(request, decision)) return null;
    setImmediate(() => this.#passTime());
    return this.#answerFor(name, decision, life);
  }

  #handOutOnce(): Promise<HandOutEnd> {
    const { id, event } = this.#options;
    const attempts = ++this.#counts.attempts;
    const kept = [...this.#steps.values()];
    this.#book = new StepBook({
      item: { id, attempts },
      kept,
      write: (operation) => {
        if (operation.kind === "save_step") this.#steps.set(operation.step.name, operation.step);
      },
    });
    this.#handOut = Promise.withResolvers();
    this.#isOver = false;
    const count = event.streak?.delta ?? 1;
    const { isFirstOfUser } = event;
    const item = {
      id,
      priority: 5,
      isAsync: false,
      count,
      attempt: attempts,
      isFirstOfUser,
      viewer: noViewer,
    };
    this.#life.send({ kind: "items", items: [{ event, item }], maxConcurrency: 1 });
    return this.#handOut.promise;
  }

  #finish(end: HandOutEnd): void {
    this.#isOver = true;
    this.#handOut.resolve(end);
  }

  #crashesBefore({ kind, name }: Change): boolean {
    const hasCrashed = this.#options.crashes.takeAt(kind === "begin_step" ? "before" : "inside", name);
    if (hasCrashed) this.#finish({ kind: "crashed" });
    return hasCrashed;
  }

  #crashesAfter(request: Change, { kind }: StepDecision): boolean {
    const { crashes } = this.#options;
    const isSleep = request.kind === "begin_step" && request.sleepMs !== null;
    const hasEnded = (kind === "completed" || kind === "failed") &&
      (isSleep || request.kind !== "begin_step");
    const hasCrashed = (hasEnded && crashes.takeAt("after", request.name)) ||
      (isSleep && kind === "wait" && crashes.takeAt("inside", request.name));
    if (hasCrashed) this.#finish({ kind: "crashed" });
    return hasCrashed;
  }

  #answerFor(name: string, decision: StepDecision, life: Life): StepAnswer {
    const { id, rules } = this.#options;
    if (decision.kind === "completed") return { kind: "completed", result: this.#results.get(name) };
    if (decision.kind !== "run") return decision;
    const timeoutMs = decision.timeoutMs ?? rules.timeoutMs;
    const abort = () => life.send({ kind: "abort_step", itemId: id, step: name });
    this.#limits.set(name, systemClock.after(timeoutMs, abort));
    const key = createHash("sha256").update(`test ${id} ${name}`).digest("hex").slice(0, 32);
    return { ...decision, key, timeoutMs };
  }

  #functionEnded(name: string): void {
    this.#limits.get(name)?.();
    this.#limits.delete(name);
    if (this.#limits.size === 0) this.#whenQuiet?.resolve();
  }

  /** If no function of a step runs, the time until the next step is due passes at once. */
  #passTime(): void {
    const { clock } = this.#life;
    const { running, nextAt } = this.#book;
    if (!this.#isOver && running.length === 0 && nextAt !== null) {
      clock.advance(Math.max(0, nextAt - clock.now()));
    }
  }

  async #afterCrash(): Promise<HandledItem | null> {
    const { rules: { maxCrashes }, restart } = this.#options;
    if (this.#limits.size > 0) {
      this.#whenQuiet = Promise.withResolvers();
      await this.#whenQuiet.promise;
    }
    const crashes = ++this.#counts.crashes;
    const isSpared = this.#book.crash({ crashes, maxCrashes }, this.#life.clock.now());
    this.#life = await restart();
    if (crashes < maxCrashes || isSpared) return null;
    return this.#ended(`crash ${crashes} of at most ${maxCrashes} (max_crashes)`, []);
  }

  /** Null if the item comes again. */
  #afterEnd({ failure, emitted, isWaiting }: ItemEnd): HandledItem | null {
    const { clock } = this.#life;
    const { nextAt } = this.#book;
    this.#book.cut();
    if (isWaiting) {
      clock.advance(Math.max(0, (nextAt ?? 0) - clock.now()));
      return null;
    }
    if (failure === null) return this.#ended(null, emitted);
    const failures = ++this.#counts.failures;
    const { maxAttempts, backoffMs: firstMs } = this.#options.rules;
    if (failures >= maxAttempts) return this.#ended(failureText(failure), []);
    this.#book.renewFailed();
    clock.advance(backoffMs(failures, { firstMs, longestMs: 5 * 60_000 }));
    return null;
  }

  #ended(error: string | null, emitted: readonly Emission[]): HandledItem {
    const steps = [...this.#steps.values()].sort((a, b) => a.seq - b.seq);
    return {
      id: this.#options.id,
      status: error === null ? "completed" : "failed",
      error,
      emitted,
      steps: steps.map(({ name, status, attempts, failures, error }) => {
        return { name, status, attempts, failures, error, result: this.#results.get(name) };
      }),
      attempts: this.#counts.attempts,
    };
  }
}
