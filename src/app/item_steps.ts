/** The steps of the items that a service handles: answers its worker, and stores each change before the answer. */
import { createHash } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Outcome, QueuedItem } from "../item.ts";
import { t } from "../language.ts";
import type { OperationLog } from "../operation.ts";
import type { ServiceQueue } from "../queue/service_queue.ts";
import type { Step, StepAnswer, StepRequest } from "../step.ts";
import { StepBook, type StepDecision, type StepsEnd } from "../step_book.ts";

export interface ItemStepsOptions {
  queue: ServiceQueue;
  log: OperationLog;
  clock: Clock;
  stored: StoredSteps;
  /** Distinguishes this database from all others. */
  databaseId: string;
  /** The time limit of a step that sets none. */
  timeoutMs(): number;
  warn(sentence: string): void;
}

/** Steps about which the log says that they have moved. */
const mostWarned = 100;

/** Reads committed rows. */
export interface StoredSteps {
  steps(itemId: number): Step[];
  /** Undefined if the step has none. */
  stepResult(itemId: number, name: string): unknown;
}

export class ItemSteps {
  readonly #options: ItemStepsOptions;
  /** Of the items that asked about a step since they were handed out. */
  readonly #books = new Map<QueuedItem, StepBook>();
  /** The steps whose changed order was logged. */
  readonly #warned = new Set<string>();
  /** How many changes were written so far. */
  #writes = 0;

  constructor(options: ItemStepsOptions) {
    this.#options = options;
  }

  /** How many changes of steps were written so far, as a sign of progress. */
  get changes(): number {
    return this.#writes;
  }

  /** The longest time in which a step of the items in the worker may neither end nor begin, in milliseconds. */
  get longestMs(): number {
    const { clock, timeoutMs } = this.#options;
    return Math.max(0, ...this.#books.values().map((book) => book.longestMs(clock.now(), timeoutMs())));
  }

  /** Resolves when what the answer says is committed. Rejects with a sentence for the author. */
  async answer(item: QueuedItem, request: StepRequest): Promise<StepAnswer> {
    const { log, clock } = this.#options;
    const written = this.#writes;
    const book = this.#bookOf(item);
    const other = request.kind === "begin_step" ? book.movedBefore(request.name) : null;
    if (other !== null) {
      const { name } = request;
      this.#warn(item, name, t`its step "${name}" now comes before "${other}", which is already completed`);
    }
    let answer: StepAnswer = { kind: "completed" };
    log.together(() => {
      if (request.kind === "show_step") return book.show(request);
      const decision = book.answer(request, clock.now());
      if (this.#writes > written) this.#keep(item, decision);
      answer = this.#answerFor(item, request, decision);
    });
    // Also after progress: a disk that is full slows down a service that shows much.
    if (this.#writes > written) await log.flush();
    return answer;
  }

  /** Ends the hand-out of an item, before its new state is written. `crashes` counts a crash that ended it. */
  end(item: QueuedItem, ending: Outcome["kind"]): StepsEnd {
    const { queue, clock } = this.#options;
    const book = this.#books.get(item);
    this.#books.delete(item);
    const now = clock.now();
    if (ending === "completed") {
      for (const name of book?.unasked ?? []) {
        this.#warn(item, name, t`its step "${name}" now is not asked for any more`);
      }
    }
    const waitMs = Math.max(0, (book?.nextAt ?? now) - now);
    if (ending === "crashed") {
      const crashes = { crashes: item.crashes + 1, maxCrashes: queue.rules.maxCrashes };
      return { waitMs, hasTakenCrash: book?.crash(crashes, now) ?? false };
    }
    book?.cut();
    if (ending === "failed" && item.failures + 1 < queue.rules.maxAttempts) book?.renewFailed();
    return { waitMs, hasTakenCrash: false };
  }

  /** Once for each step. */
  #warn({ id }: QueuedItem, name: string, what: string): void {
    if (this.#warned.has(name) || this.#warned.size >= mostWarned) return;
    this.#warned.add(name);
    this.#options.warn(
      t`Since an earlier try of item ${id}, the service's code has changed: ${what}. Completed steps are found by their names and not repeated. To repeat all steps of a failed item, use retry ${id} --from-start.`,
    );
  }

  /** The first hand-out of an item finds no steps, and reads nothing. */
  #bookOf(item: QueuedItem): StepBook {
    const { log, stored } = this.#options;
    let book = this.#books.get(item);
    if (book === undefined) {
      const { id, attempts } = item;
      book = new StepBook({
        item: { id, attempts },
        kept: attempts === 1 ? [] : stored.steps(id),
        write: (operation) => {
          this.#writes++;
          log.add(operation);
        },
      });
      this.#books.set(item, book);
    }
    return book;
  }

  /** An item that has begun is never discarded for want of room, and a completed step is a success. */
  #keep(item: QueuedItem, { kind }: StepDecision): void {
    const { queue, log } = this.#options;
    const crashes = kind === "completed" ? 0 : item.crashes;
    if (!item.isDiscardable && crashes === item.crashes) return;
    queue.keep(item, crashes);
    log.add({ kind: "keep_item", id: item.id, attempts: item.attempts, crashes });
  }

  #answerFor({ id }: QueuedItem, request: StepRequest, decision: StepDecision): StepAnswer {
    const { stored, databaseId, timeoutMs } = this.#options;
    switch (decision.kind) {
      case "run": {
        const key = createHash("sha256").update(`${databaseId} ${id} ${request.name}`).digest("hex");
        return { ...decision, key: key.slice(0, 32), timeoutMs: decision.timeoutMs ?? timeoutMs() };
      }
      case "completed": {
        const isNew = request.kind === "complete_step";
        return { kind: "completed", result: isNew ? request.result : stored.stepResult(id, request.name) };
      }
      case "wait":
      case "failed":
        return decision;
    }
  }
}
