/**
 * Feeds a target with made-up inputs for some time, or until one fails; then shrinks the failing input as far as
 * possible. A seed repeats the same inputs, and a path leads to one of them.
 */
import assert from "node:assert/strict";
import process from "node:process";
import fc from "fast-check";
import type { AnyTarget } from "./target.ts";

/** For one input. What only waited for a busy machine is tried again. */
const maxMs = 1_000;
const maxTries = 3;
/** More memory than any input may leave behind, even one of 50 MB. */
const maxGrowthBytes = 1024 ** 3;

export interface FuzzingOptions {
  seed: number;
  seconds: number;
  /** The path of the input with which to begin. */
  path?: string | undefined;
  /**
   * Called before each input until the first failure, so that the number of an input that ends the process is known.
   */
  onInput?: (number: number) => void;
}

export interface FuzzingReport {
  inputs: number;
  failure: FuzzingFailure | null;
}

export interface FuzzingFailure {
  error: string;
  /** The smallest failing input that was found, as code that creates it. */
  input: string;
  /** Leads to the input, together with the seed. */
  path: string;
}

export async function fuzz(target: AnyTarget, options: FuzzingOptions): Promise<FuzzingReport> {
  const { seed, seconds, path, onInput = () => {} } = options;
  let inputs = 0;
  let hasFailed = false;
  const property = fc.asyncProperty(target.inputs, async (input) => {
    if (!hasFailed) onInput(inputs++);
    try {
      await hold(target, input);
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  });
  const details = await fc.check(property, {
    seed,
    ...path === undefined ? { numRuns: Number.MAX_SAFE_INTEGER } : { path, numRuns: 1 },
    interruptAfterTimeLimit: seconds * 1_000,
  });
  if (!details.failed) return { inputs, failure: null };
  return {
    inputs,
    failure: {
      error: textOf(details.errorInstance),
      input: details.counterexample === null ? "" : fc.stringify(details.counterexample[0]),
      path: details.counterexamplePath ?? "",
    },
  };
}

/** Throws if the target fails for this input, or if the input takes too much time or memory. */
export async function hold(target: AnyTarget, input: unknown): Promise<void> {
  const before = Deno.memoryUsage().rss;
  for (let tries = 1;; tries++) {
    const wallBegin = performance.now();
    const cpuBegin = process.cpuUsage();
    await target.check(input);
    const wallMs = performance.now() - wallBegin;
    if (wallMs <= maxMs) break;
    const { user, system } = process.cpuUsage(cpuBegin);
    const ms = Math.min(wallMs, (user + system) / 1_000);
    if (ms <= maxMs) break;
    assert.ok(tries < maxTries, `took ${Math.round(ms)} ms, in each of ${maxTries} tries: at most ${maxMs}`);
  }
  const growth = Deno.memoryUsage().rss - before;
  assert.ok(growth <= maxGrowthBytes, `left ${Math.round(growth / 1024 ** 2)} MB of memory behind`);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
