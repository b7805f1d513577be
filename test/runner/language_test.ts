import assert from "node:assert/strict";
import { english, speak } from "../../src/language.ts";
import { makeService, RunnerUnderTest } from "../support/runner_under_test.ts";

const spanish = { tag: "es", catalogue: { "Good evening, {0}.": "Buenas noches, {0}." } };

for (const isolation of ["worker", "shared", "process"] as const) {
  Deno.test(`A service in a ${isolation} speaks the user's language`, async () => {
    speak(spanish);
    try {
      await using tested = new RunnerUnderTest(makeService("polyglot", { isolation }));
      await tested.runner.start();
      const { text } = await tested.log.heard(/Ana/);
      assert.equal(text, "Buenas noches, Ana.");
    } finally {
      speak(english);
    }
  });
}

Deno.test("A mistake in options is told in the user's language, also where zod says it", async () => {
  speak(spanish);
  try {
    await using tested = new RunnerUnderTest(makeService("numbered", { options: { size: "two" } }));
    await tested.runner.start();
    const { text } = await tested.log.heard(/options\.size/);
    assert.match(text, /options\.size: Entrada inválida/);
  } finally {
    speak(english);
  }
});
