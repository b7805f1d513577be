/** Compares the steps of an item with a plain model, over hand-outs that end in any way. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Step, StepStatus } from "../src/step.ts";
import { StepBook, type StepDecision } from "../src/step_book.ts";

type Ending = "cut" | "crash" | "renew";
type Command =
  | { does: "begin" | "complete" | "show"; name: string }
  | { does: "sleep"; name: string; ms: number }
  | { does: "fail"; name: string; isFinal: boolean; leastWaitMs: number }
  | { does: "pass"; ms: number }
  | { does: "end"; how: Ending };

const retries = 2;
const backoffMs = 100;
const maxCrashes = 2;

interface ModelStep {
  status: StepStatus;
  tries: number;
  failures: number;
  dueAt: number;
}

/** The rules of docs/steps.md, without a thought about storage. */
class Model {
  readonly steps = new Map<string, ModelStep>();
  crashes = 0;

  begin(name: string, now: number, sleepMs: number | null): StepDecision["kind"] | "mistake" {
    const isNew = !this.steps.has(name);
    const step = this.steps.get(name) ?? { status: "waiting", tries: 0, failures: 0, dueAt: now };
    if (isNew && sleepMs !== null) [step.tries, step.dueAt] = [1, now + sleepMs];
    this.steps.set(name, step);
    if (step.status === "running") return "mistake";
    if (step.status !== "waiting") return step.status;
    if (step.dueAt > now) return "wait";
    step.status = sleepMs === null ? "running" : "completed";
    if (sleepMs !== null) return "completed";
    step.tries++;
    return "run";
  }

  complete(name: string): StepDecision["kind"] | "mistake" {
    const step = this.steps.get(name);
    if (step?.status !== "running") return "mistake";
    step.status = "completed";
    return "completed";
  }

  fail(
    { name, isFinal, leastWaitMs }: Command & { does: "fail" },
    now: number,
  ): StepDecision["kind"] | "mistake" {
    const step = this.steps.get(name);
    if (step?.status !== "running") return "mistake";
    step.failures++;
    step.status = isFinal || step.failures > retries ? "failed" : "waiting";
    step.dueAt = now + Math.max(leastWaitMs, backoffMs * 2 ** (step.failures - 1));
    return step.status === "failed" ? "failed" : "wait";
  }

  end(how: Ending, now: number): void {
    if (how === "crash") this.crashes++;
    for (const step of this.steps.values()) {
      if (step.status === "running") {
        step.status = how === "crash" && this.crashes === maxCrashes ? "failed" : "waiting";
        step.dueAt = now;
      }
      if (how === "renew" && step.status === "failed") {
        [step.status, step.failures, step.dueAt] = ["waiting", 0, now];
      }
    }
  }
}

/** The book of one hand-out after another, with only what they wrote between them. */
class Real {
  readonly rows = new Map<string, Step>();
  #attempts = 0;
  book!: StepBook;

  constructor() {
    this.handOut();
  }

  handOut(): void {
    this.book = new StepBook({
      item: { id: 1, attempts: ++this.#attempts },
      kept: [...this.rows.values()].toSorted((a, b) => a.seq - b.seq),
      write: (operation) => {
        assert.ok(operation.kind === "save_step" && operation.itemAttempts === this.#attempts);
        this.rows.set(operation.step.name, operation.step);
      },
    });
  }

  ask(run: () => StepDecision): StepDecision["kind"] | "mistake" {
    try {
      return run().kind;
    } catch (thrown) {
      assert.equal((thrown as Error).name, "StepMistake");
      return "mistake";
    }
  }
}

const name = fc.constantFrom("a", "b", "c");
const pause = fc.constantFrom(0, 1, 100, 200, 5_000);
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant("begin" as const), name }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom("complete" as const, "show" as const), name }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant("sleep" as const), name: fc.constant("nap"), ms: pause }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant("fail" as const),
      name,
      isFinal: fc.boolean(),
      leastWaitMs: pause,
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("pass" as const), ms: pause }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant("end" as const),
      how: fc.constantFrom<Ending>("cut", "crash", "renew"),
    }),
  },
);

const named = (name: string) => ({ itemId: 1, name });
const rules = { retries, backoffMs, timeoutMs: null };

function take(command: Command, { real, model, now }: { real: Real; model: Model; now: number }): void {
  const { book } = real;
  switch (command.does) {
    case "begin":
    case "sleep": {
      const sleepMs = command.does === "sleep" ? command.ms : null;
      const request = { kind: "begin_step", ...named(command.name), rules, sleepMs } as const;
      assert.equal(real.ask(() => book.answer(request, now)), model.begin(command.name, now, sleepMs));
      return;
    }
    case "complete": {
      const request = { kind: "complete_step", ...named(command.name), result: 1 } as const;
      assert.equal(real.ask(() => book.answer(request, now)), model.complete(command.name));
      return;
    }
    case "fail": {
      const { isFinal, leastWaitMs } = command;
      const request = {
        kind: "fail_step",
        ...named(command.name),
        error: "no",
        isFinal,
        leastWaitMs,
      } as const;
      assert.equal(real.ask(() => book.answer(request, now)), model.fail(command, now));
      return;
    }
    case "show":
      return book.show({ kind: "show_step", ...named(command.name), fraction: 0.5, text: "half" });
    case "end":
      model.end(command.how, now);
      if (command.how === "crash") book.crash({ crashes: model.crashes, maxCrashes }, now);
      else book.cut();
      if (command.how === "renew") book.renewFailed();
      return real.handOut();
  }
}

Deno.test("Whatever happens to an item's steps, each is what its rules say, and only what was written is known later", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60, size: "max" }), (commands) => {
      const [real, model] = [new Real(), new Model()];
      let now = 1_000;
      for (const command of commands) {
        if (command.does === "pass") now += command.ms;
        else take(command, { real, model, now });
        for (const [name, { status, tries, failures }] of model.steps) {
          const row = real.rows.get(name);
          assert.deepEqual([row?.status, row?.attempts, row?.failures], [status, tries, failures]);
          assert.equal(row?.finishedAt === null, status === "running" || status === "waiting");
          if (status !== "running") assert.equal(row?.progress, null);
        }
      }
      // In the order in which they began, each with a place of its own.
      assert.equal(new Set([...real.rows.values()].map(({ seq }) => seq)).size, real.rows.size);
    }),
    { numRuns: 1_000 },
  );
});
