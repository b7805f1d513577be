import assert from "node:assert/strict";
import process from "node:process";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { fuzz, hold } from "./fuzzing.ts";
import type { Target } from "./target.ts";

const numbers: Target<number> = {
  holds: "a number stays below a hundred",
  inputs: fc.nat(),
  check: (number) => assert.ok(number < 100, `${number} is too much`),
};

Deno.test("A failure is told with the smallest input, and its seed and path lead to it again", async () => {
  const { failure } = await fuzz(numbers, { seed: 7, seconds: 5 });
  assert.equal(failure?.input, "100");
  assert.match(failure.error, /100 is too much/);
  const again = await fuzz(numbers, { seed: 7, seconds: 5, path: failure.path });
  assert.deepEqual([again.inputs, again.failure?.input, again.failure?.path], [1, "100", failure.path]);
});

Deno.test("The same seed gives the same inputs, each told by its number before it is tried", async () => {
  async function inputsOf(seed: number): Promise<number[]> {
    const seen: number[] = [];
    const numbers: number[] = [];
    const target = { ...small, check: (input: number) => void seen.push(input) };
    await fuzz(target, { seed, seconds: 0.05, onInput: (number) => numbers.push(number) });
    assert.deepEqual(numbers, seen.map((_, index) => index));
    return seen.slice(0, 5);
  }
  const small = { ...numbers, inputs: fc.integer() };
  assert.deepEqual(await inputsOf(3), await inputsOf(3));
  assert.notDeepEqual(await inputsOf(3), await inputsOf(4));
});

Deno.test("An input that takes over a second, each time it is tried, fails", async () => {
  let tries = 0;
  const slow = {
    ...numbers,
    check() {
      tries++;
      // Other threads of the process use the CPU as well, so that its time alone may pass faster than a second does.
      const begin = process.cpuUsage();
      const begunAt = performance.now();
      for (let ms = 0; ms < 1_100;) {
        const { user, system } = process.cpuUsage(begin);
        ms = Math.min((user + system) / 1_000, performance.now() - begunAt);
      }
    },
  };
  await assert.rejects(hold(slow, 1), /took \d+ ms, in each of 3 tries/);
  assert.equal(tries, 3);
});

Deno.test("The command ends with what passed and failed, and refuses a target that there is not", async () => {
  const run = async (...args: string[]) => {
    const main = fileURLToPath(new URL("main.ts", import.meta.url));
    const options = {
      args: ["run", "-A", "--no-prompt", "--no-check", "--quiet", main, ...args],
      env: { NO_COLOR: "1" },
    };
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
    const text = new TextDecoder();
    return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  };
  const held = await run("rcon", "--seconds", "5", "--seed", "5", "--path", "0");
  assert.match(held.stdout, /^rcon: held for 1 inputs \(seed 5\)\n1 passed, 0 failed\n$/);
  assert.equal(held.code, 0);
  const unknown = await run("rcom");
  assert.match(unknown.stderr, /There is no target rcom/);
  assert.notEqual(unknown.code, 0);
});
