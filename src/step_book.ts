/**
 * The steps of one item during one hand-out: decides what comes next for each, and notes every change as an operation.
 * It neither reads the time nor the database.
 *
 *            ┌──────── a try failed, and one is left ────────┐
 *            ▼                                               │
 *   begin ─▶ waiting ──due──▶ running ──returned──▶ completed │
 *                               ├────threw──────────────────┘
 *                               └────threw for the last time──▶ failed
 */
import { backoffMs } from "./backoff.ts";
import { t } from "./language.ts";
import type { Operation } from "./operation.ts";
import { maxSteps, type ProgressRequest, type Step, type StepRequest, type StepRules } from "./step.ts";

/** The longest wait before a step's next try. */
const longestBackoffMs = 60 * 60_000;

export interface StepBookOptions {
  item: { id: number; attempts: number };
  /** The item's steps as stored by earlier hand-outs. */
  kept: readonly Step[];
  write(operation: Operation): void;
}

/** What comes next for a step. Its result, if it is completed, is with the request or in the database. */
export type StepDecision =
  | { kind: "run"; attempt: number; timeoutMs: number | null }
  | { kind: "wait"; waitMs: number }
  | { kind: "completed" }
  | { kind: "failed"; error: string };

/** What an item's steps say about the end of a hand-out. */
export interface StepsEnd {
  /** The time until the first step is due. */
  waitMs: number;
  /** The steps that ran at the crash have failed in place of the item. */
  hasTakenCrash: boolean;
}

export const noSteps: StepsEnd = { waitMs: 0, hasTakenCrash: false };

/** A request that cannot be met, as a sentence for the author. */
export class StepMistake extends Error {
  override readonly name = "StepMistake";
}

export class StepBook {
  readonly #options: StepBookOptions;
  readonly #steps: Map<string, Step>;
  readonly #rules = new Map<string, StepRules>();
  /** Whether steps ran beside one another, now or in an earlier hand-out. */
  #areBeside: boolean;

  constructor(options: StepBookOptions) {
    this.#options = options;
    this.#steps = new Map(options.kept.map((step) => [step.name, { ...step }]));
    this.#areBeside = haveOverlapped(options.kept);
  }

  /** The longest time in which one of its steps may neither end nor begin, in milliseconds. */
  longestMs(now: number, timeoutMs: number): number {
    const asked = [...this.#steps.values()].filter(({ name }) => this.#rules.has(name));
    return Math.max(
      0,
      ...asked.map(({ name, status, notBefore }) => {
        if (status === "running") return this.#rules.get(name)?.timeoutMs ?? timeoutMs;
        return status === "waiting" && notBefore !== null ? notBefore - now : 0;
      }),
    );
  }

  /** Names of the steps whose functions run. */
  get running(): string[] {
    return [...this.#steps.values()].filter(({ status }) => status === "running").map(({ name }) => name);
  }

  /**
   * The completed step before which this one comes now, although it came after it in an earlier hand-out: the code has
   * changed. Null if there is none, or if steps ran beside one another, which have no order. Ask before `answer`.
   */
  movedBefore(name: string): string | null {
    const seq = this.#steps.get(name)?.seq;
    if (seq === undefined || this.#rules.has(name) || this.#areBeside) return null;
    return this.unasked.find((other) => (this.#steps.get(other)?.seq ?? 0) < seq) ?? null;
  }

  /** The completed steps that this hand-out has not asked for, in order. */
  get unasked(): string[] {
    return [...this.#steps.values()].filter(({ name, status }) =>
      status === "completed" && !this.#rules.has(name)
    )
      .sort((a, b) => a.seq - b.seq).map(({ name }) => name);
  }

  /** When the first of the steps that this hand-out has asked for is due, Unix milliseconds; null if none waits. */
  get nextAt(): number | null {
    const waiting = [...this.#steps.values()].flatMap(({ name, status, notBefore }) =>
      status === "waiting" && notBefore !== null && this.#rules.has(name) ? [notBefore] : []
    );
    return waiting.length === 0 ? null : Math.min(...waiting);
  }

  /** The answer holds once the operations that it caused are committed. Throws a `StepMistake`. */
  answer(request: Exclude<StepRequest, ProgressRequest>, now: number): StepDecision {
    switch (request.kind) {
      case "begin_step":
        return this.#begin(request, now);
      case "complete_step":
        return this.#complete(request, now);
      case "fail_step":
        return this.#fail(request, now);
    }
  }

  /** The step may have ended meanwhile. */
  show({ name, fraction, text }: ProgressRequest): void {
    const step = this.#steps.get(name);
    if (step?.status === "running") this.#save({ ...step, progress: { fraction, text } });
  }

  /** The hand-out ends: what runs is cut, and counts neither as a failure nor as an end. */
  cut(): void {
    for (const name of this.running) {
      this.#save({ ...this.#running(name), status: "waiting", notBefore: null });
    }
  }

  /**
   * The service or Livecue crashed, and `crashes` counts this crash. At the last one that is allowed, the steps that ran
   * fail for good, so that the service's code sees why and can go on. Returns whether they did: then the item does not
   * fail.
   */
  crash({ crashes, maxCrashes }: { crashes: number; maxCrashes: number }, now: number): boolean {
    const names = this.running;
    if (crashes !== maxCrashes || names.length === 0) {
      this.cut();
      return false;
    }
    const error = t`a crash cut this step: crash ${crashes} of at most ${maxCrashes} (max_crashes)`;
    for (const name of names) {
      this.#save({ ...this.#running(name), status: "failed", error, finishedAt: now });
    }
    return true;
  }

  /** The item runs again after a failure: failed steps have all their tries again. */
  renewFailed(): void {
    for (const step of this.#steps.values()) {
      if (step.status === "failed") this.#save({ ...step, ...renewed });
    }
  }

  #begin({ name, rules, sleepMs }: StepRequest & { kind: "begin_step" }, now: number): StepDecision {
    const isUnderWay = (other: string) => {
      const status = this.#steps.get(other)?.status;
      return other !== name && (status === "running" || status === "waiting");
    };
    const step = this.#steps.get(name) ?? this.#first(name, now, sleepMs);
    this.#areBeside ||= this.#rules.keys().some(isUnderWay);
    this.#rules.set(name, rules);
    switch (step.status) {
      case "completed":
        return { kind: "completed" };
      case "failed":
        return { kind: "failed", error: step.error ?? "" };
      case "running":
        throw new StepMistake(t`the step "${name}" is already running: give each step a name of its own`);
      case "waiting": {
        const waitMs = (step.notBefore ?? now) - now;
        if (waitMs > 0) return { kind: "wait", waitMs };
        return sleepMs === null ? this.#run(step, now) : this.#end(step, undefined, now);
      }
    }
  }

  #first(name: string, now: number, sleepMs: number | null): Step {
    if (this.#steps.size >= maxSteps) {
      throw new StepMistake(t`an item can have at most ${maxSteps} steps: do several things in one step`);
    }
    const step: Step = {
      name,
      seq: Math.max(0, ...this.#steps.values().map(({ seq }) => seq)) + 1,
      status: "waiting",
      attempts: 0,
      failures: 0,
      startedAt: now,
      finishedAt: null,
      notBefore: null,
      error: null,
      progress: null,
    };
    // The first try of a step with a function is saved when it runs.
    if (sleepMs !== null) this.#save({ ...step, attempts: 1, notBefore: now + sleepMs });
    return this.#steps.get(name) ?? step;
  }

  #run(step: Step, now: number): StepDecision {
    const attempts = step.attempts + 1;
    this.#save({ ...step, status: "running", attempts, startedAt: now, finishedAt: null, notBefore: null });
    return { kind: "run", attempt: attempts, timeoutMs: this.#rules.get(step.name)?.timeoutMs ?? null };
  }

  #complete({ name, result }: StepRequest & { kind: "complete_step" }, now: number): StepDecision {
    return this.#end(this.#running(name), result, now);
  }

  #end(step: Step, result: unknown, now: number): StepDecision {
    this.#save({ ...step, status: "completed", finishedAt: now, notBefore: null, error: null }, result);
    return { kind: "completed" };
  }

  #fail(
    { name, error, isFinal, leastWaitMs = 0 }: StepRequest & { kind: "fail_step" },
    now: number,
  ): StepDecision {
    const step = this.#running(name);
    const rules = this.#rules.get(name);
    const failures = step.failures + 1;
    if (isFinal || rules === undefined || failures > rules.retries) {
      this.#save({ ...step, status: "failed", failures, error, finishedAt: now });
      return { kind: "failed", error };
    }
    const growingMs = backoffMs(failures, { firstMs: rules.backoffMs, longestMs: longestBackoffMs });
    const waitMs = Math.max(growingMs, leastWaitMs);
    this.#save({ ...step, status: "waiting", failures, error, notBefore: now + waitMs });
    return { kind: "wait", waitMs };
  }

  #running(name: string): Step {
    const step = this.#steps.get(name);
    if (step?.status !== "running") throw new StepMistake(`the step "${name}" is not running`);
    return step;
  }

  #save(step: Step, result?: unknown): void {
    const { item: { id, attempts }, write } = this.#options;
    const { status, progress } = step;
    const saved = { ...step, progress: status === "running" ? progress : null };
    this.#steps.set(step.name, saved);
    write({ kind: "save_step", itemId: id, itemAttempts: attempts, step: saved, result });
  }
}

/** What a failed step becomes when its item is run again. */
const renewed = { status: "waiting", failures: 0, notBefore: null, finishedAt: null } as const;

function haveOverlapped(steps: readonly Step[]): boolean {
  let latestEnd = 0;
  return steps.toSorted((a, b) => a.startedAt - b.startedAt).some(({ startedAt, finishedAt }) => {
    const doesOverlap = startedAt < latestEnd;
    latestEnd = Math.max(latestEnd, finishedAt ?? startedAt);
    return doesOverlap;
  });
}
