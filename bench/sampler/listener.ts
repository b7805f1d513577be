/** Analyses the WAV files that are its arguments, one after another, and prints one `Heard` as JSON. */
import process from "node:process";
import { analyse, type Analysis } from "../../services/sampler/audio/analyse.ts";

export interface Heard {
  analyses: Analysis[];
  cpuMs: number;
  /** The longest work in which the thread handled no message. */
  longestCpuMs: number;
  peakMegabytes: number;
}

/** The longest work, in milliseconds of CPU, between two turns of the thread until `isOver`. */
async function longestTurn(isOver: () => boolean): Promise<number> {
  let longest = 0;
  for (let last = process.cpuUsage(); !isOver(); last = process.cpuUsage()) {
    await Deno.stat(".");
    longest = Math.max(longest, millisecondsSince(last));
  }
  return longest;
}

function millisecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const [first, ...others] = Deno.args as [string, ...string[]];
const { signal } = new AbortController();
// The first one loads the library.
const analyses = [await analyse(first, signal)];
let isOver = false;
const longest = longestTurn(() => isOver);
const before = process.cpuUsage();
for (const wav of others) analyses.push(await analyse(wav, signal));
const cpuMs = millisecondsSince(before);
isOver = true;
const [, kilobytes] = (await Deno.readTextFile("/proc/self/status")).match(/^VmHWM:\s+(\d+) kB/m) ?? [];
const heard: Heard = {
  analyses,
  cpuMs,
  longestCpuMs: await longest,
  peakMegabytes: Number(kilobytes) / 1024,
};
console.log(JSON.stringify(heard));
