import assert from "node:assert/strict";
import { startRunner } from "../support/runner_under_test.ts";

const expected: [string, RegExp][] = [
  ["info", /^printed while loading$/],
  ["debug", /^debug 1$/],
  ["info", /^log \{ of: ["']an object["'] \}$/],
  ["info", /^info$/],
  ["warn", /^warn$/],
  ["error", /^error$/],
  ["info", /^┌.*\n.*\(index\)/],
  ["info", /^\{ deep: true \}$/],
  ["info", /^Deno\.stdout\.writeSync$/],
  ["info", /^Deno\.stdout\.write$/],
  ["info", /^half a line$/],
  ["warn", /^Deno\.stderr\.write$/],
  ["info", /^Deno\.stdout\.writable$/],
  ["info", /^process\.stdout$/],
  ["warn", /^process\.stderr$/],
  ["info", /^fs\.writeSync$/],
  ["warn", /^fs\.write$/],
  ["info", /^without an end of line$/],
];

for (const isolation of ["worker", "shared", "process"] as const) {
  Deno.test(`Output of a service in a ${isolation} goes to the log, line by line, with its level`, async () => {
    await using tested = await startRunner("printing", { isolation });
    assert.deepEqual(await tested.feed.say(1, ""), { kind: "completed" });
    for (const [level, pattern] of expected) {
      const entry = await tested.log.heard(pattern);
      assert.deepEqual([entry.level, entry.from], [level, "tested"], entry.text);
    }
    await tested.log.heard(/Warning: process\.emitWarning/);
  });
}

Deno.test("No output of a service reaches the terminal", async () => {
  const script = new URL("../support/run_printing_service.ts", import.meta.url);
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", "--no-check", script.href],
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.deepEqual({ success, stdout: text(stdout), stderr: text(stderr) }, {
    success: true,
    stdout: "the runner has ended\n",
    stderr: "",
  });
});
