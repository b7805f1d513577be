import assert from "node:assert/strict";
import { examine, well } from "../../src/doctor/finding.ts";
import { UserError } from "../../src/user_error.ts";
import { FakeClock } from "../support/fake_clock.ts";

Deno.test("A check that takes too long is reported as unfinished and aborted", async () => {
  const clock = new FakeClock();
  let hasAborted = false;
  const look = (signal: AbortSignal) => {
    signal.addEventListener("abort", () => hasAborted = true);
    return new Promise<never>(() => {});
  };
  const found = examine({ name: "TikTok", look }, { clock, limitMs: 5000 });
  await clock.advance(5000);
  assert.deepEqual(await found, [
    {
      verdict: "wrong",
      text: "The check did not finish within 5 s. Try again when the computer is less busy.",
    },
  ]);
  assert.ok(hasAborted);
});

Deno.test("A UserError of a check becomes a finding per line; a bug is not a finding", async () => {
  const options = { clock: new FakeClock(), limitMs: 5000 };
  const look = () => {
    throw new UserError("one\ntwo");
  };
  assert.deepEqual(await examine({ name: "Config", look }, options), [
    { verdict: "wrong", text: "one" },
    { verdict: "wrong", text: "two" },
  ]);
  assert.deepEqual(await examine({ name: "Fine", look: () => [well("All is there.")] }, options), [
    { verdict: "well", text: "All is there." },
  ]);
  const broken = () => {
    throw new TypeError("a bug");
  };
  await assert.rejects(examine({ name: "Broken", look: broken }, options), /The check of Broken has a bug/);
});
