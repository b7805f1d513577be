/**
 * Decides whether the machine was quiet enough to keep a benchmark's figures. Two measurements decide: the CPU time
 * that others took, and how evenly a bare loop ran before and after. The loop also shows the load from other machines
 * of the same host.
 */
import os from "node:os";
import { canSeeProcesses, OthersMeter, type OwnProcesses } from "./processes.ts";

/**
 * Part of all cores. On an idle machine with 2 cores others took 0 to 1.1 % beside benchmarks, and figures of one
 * commit differed by up to 3 % from run to run. A load above this bound could change a figure by more than that.
 */
const othersBound = 0.05;
/**
 * How far the loop's mean may exceed its shortest time. On that machine it was 0.5 to 3 %, and 40 to 65 % with both
 * cores busy.
 */
const loopBound = 0.1;
const loops = 200;
/** Takes 4 ms on that machine, less than the time slice that an operating system gives to a process. */
const loopLength = 4_000_000;
/** Reading all processes takes 3 ms. */
const lookEveryMs = 2_000;

export interface Quietness {
  /** The system's load average over a minute. */
  loads: [before: number, during: number];
  /** Part of all cores that others took; null if the system does not show it. */
  others: [before: number, during: number] | null;
  /** How far the bare loop's mean exceeded its shortest time. */
  loopSpread: [before: number, after: number];
}

/** Runs `work` and measures how quiet the machine is. */
export async function watchQuietness(own: OwnProcesses, work: () => Promise<void>): Promise<Quietness> {
  const loadBefore = loadAverage();
  const meter = canSeeProcesses ? new OthersMeter(own) : null;
  const loopBefore = loopSpread();
  const othersBefore = partOfAllCores(meter);
  // The system's figures of a process disappear when it ends, so they are read while the work runs.
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

/** A sentence for a person that says why not to keep the figures; null if the machine was quiet. */
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

/** How far the mean of many runs of the same loop exceeds the shortest, as a part of the shortest. */
function loopSpread(): number {
  const times: number[] = [];
  for (let run = 0; run < loops; run++) {
    const begin = performance.now();
    spin();
    times.push(performance.now() - begin);
  }
  // The first runs are interpreted, not compiled.
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
