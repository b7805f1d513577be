/**
 * Whether the machine was quiet enough for a benchmark's figures to be kept. Two things tell: what CPU others took,
 * and how evenly a bare loop ran before and after, which also shows what other machines of the same host take.
 */
import os from "node:os";
import { canSeeProcesses, OthersMeter, type OwnProcesses } from "./processes.ts";

/**
 * Of all cores. On a machine of 2 cores with nothing else to do others took 0 to 1.1 % beside benchmarks, and figures of
 * one commit differed by up to 3 % from run to run; this much could take more than that from a figure.
 */
const othersBound = 0.05;
/** By how much the loop's mean may pass its shortest time. On that machine it was 0.5 to 3 %, with both cores busy 40 to 65 %. */
const loopBound = 0.1;
const loops = 200;
/** 4 ms on that machine: less than what an operating system gives to one process at a time. */
const loopLength = 4_000_000;
/** A look at all processes takes 3 ms. */
const lookEveryMs = 2_000;

export interface Quietness {
  /** Load average over a minute, as the system tells it. */
  loads: [before: number, during: number];
  /** Part of all cores that others took; null where the system does not show it. */
  others: [before: number, during: number] | null;
  /** By how much the bare loop's mean passed its shortest time. */
  loopSpread: [before: number, after: number];
}

/** Sees how quiet the machine is, while it runs `work`. */
export async function watchQuietness(own: OwnProcesses, work: () => Promise<void>): Promise<Quietness> {
  const loadBefore = loadAverage();
  const meter = canSeeProcesses ? new OthersMeter(own) : null;
  const loopBefore = loopSpread();
  const othersBefore = partOfAllCores(meter);
  // The system's figures pass when a process ends, so they are read while it runs.
  const looking = meter === null ? undefined : setInterval(() => own.othersTicks(), lookEveryMs);
  try {
    await work();
  } finally {
    clearInterval(looking);
  }
  const othersDuring = partOfAllCores(meter);
  const loadDuring = loadAverage();
  return {
    loads: [loadBefore, loadDuring],
    others: meter === null ? null : [othersBefore, othersDuring],
    loopSpread: [loopBefore, loopSpread()],
  };
}

/** A sentence for a person on why the figures should not be kept; null where the machine was quiet. */
export function whyNotQuiet({ others, loopSpread }: Quietness): string | null {
  if (others !== null && Math.max(...others) > othersBound) {
    return `The machine is not quiet: other programs took ${percent(others[0])} of its cores before and ` +
      `${percent(others[1])} while the benchmark ran; ${percent(othersBound)} is the most.`;
  }
  if (Math.max(...loopSpread) > loopBound) {
    return `The machine is not quiet: a bare loop took ${
      percent(loopSpread[0])
    } longer than at best before the ` +
      `benchmark and ${percent(loopSpread[1])} after it; ${percent(loopBound)} is the most.`;
  }
  return null;
}

/** As "load average 0.52 before and 1.8 at the end; others took 0.3 % …". */
export function describeQuietness({ loads, others, loopSpread }: Quietness): string {
  const parts = [
    `Load average ${loads[0].toFixed(2)} before and ${loads[1].toFixed(2)} at the end`,
    ...others === null
      ? []
      : [`others took ${percent(others[0])} of the cores before and ${percent(others[1])} meanwhile`],
    `a bare loop took ${percent(loopSpread[0])} longer than at best before and ${
      percent(loopSpread[1])
    } after`,
  ];
  return `${parts.join("; ")}.`;
}

function loadAverage(): number {
  return os.loadavg()[0] ?? 0;
}

function partOfAllCores(meter: OthersMeter | null): number {
  return (meter?.cores() ?? 0) / os.availableParallelism();
}

/** By how much the mean of many runs of the same loop passes the shortest, as a part of it. */
function loopSpread(): number {
  const times: number[] = [];
  for (let run = 0; run < loops; run++) {
    const begin = performance.now();
    spin();
    times.push(performance.now() - begin);
  }
  // At first it is interpreted, and not yet compiled.
  const measured = times.slice(loops / 10);
  const mean = measured.reduce((sum, time) => sum + time, 0) / measured.length;
  return mean / Math.min(...measured) - 1;
}

function spin(): number {
  let value = 1;
  for (let step = 0; step < loopLength; step++) value = (Math.imul(value, 1_664_525) + 1_013_904_223) | 0;
  return value;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
