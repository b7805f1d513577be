/**
 * A busy live of many hours, at speed: deno task test:lasts [HOURS] [EVENTS_PER_SECOND] [SEED]. What it holds of
 * memory, files and time after the last quarter is held against the second: it may gather nothing.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { type Held, LastingLive } from "../support/lasting_live.ts";
import { withFolder } from "../support/temporary_store.ts";

const [hours = 8, eventsPerSecond = 100, seed = 1] = Deno.args.map(Number);
/** What is known of viewers grows until it has reached its bound, which takes hours. */
const newcomers = hours > 1 ? 50 : 0;
const quarterSeconds = hours * 900;
const looksAQuarter = hours < 1 ? 5 : 12;
const secondsALook = Math.floor(quarterSeconds / looksAQuarter);

interface Quarter {
  looks: Held[];
  p50Ms: number;
  p99Ms: number;
  /** Of all threads, those of the made-up TikTok among them. */
  cpuMicrosecondsAnEvent: number;
}

async function liveThrough(live: LastingLive): Promise<Quarter> {
  const looks: Held[] = [];
  const begin = process.cpuUsage();
  for (let look = 0; look < looksAQuarter; look++) {
    for (let second = 0; second < secondsALook; second++) await live.second();
    if (look % 2 === 0) await live.reconnect();
    else await live.reload();
    looks.push(live.held());
  }
  const latencies = live.takeLatencies();
  const part = (share: number) => latencies[Math.floor(latencies.length * share)] ?? NaN;
  const { user, system } = process.cpuUsage(begin);
  const events = looksAQuarter * secondsALook * eventsPerSecond;
  return { looks, p50Ms: part(0.5), p99Ms: part(0.99), cpuMicrosecondsAnEvent: (user + system) / events };
}

/** The middle one of a quarter's looks. */
function middle({ looks }: Quarter, of: keyof Held): number {
  return looks.map((held) => held[of]).toSorted((a, b) => a - b)[Math.floor(looks.length / 2)] ?? NaN;
}

function describe(name: string, quarter: Quarter): string {
  const figures = (["heapMegabytes", "rssMegabytes", "openFiles", "walMegabytes", "logMegabytes"] as const)
    .map((of) => `${of} ${middle(quarter, of).toFixed(1)}`);
  const { p50Ms, p99Ms, cpuMicrosecondsAnEvent } = quarter;
  return `${name}: ${figures.join(", ")}, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, ` +
    `${cpuMicrosecondsAnEvent.toFixed(0)} µs of CPU an event`;
}

/** Bounds are wide where a busy machine has a say, and narrow where only the program has. */
function assertFlat(second: Quarter, last: Quarter): void {
  const grown = (of: keyof Held) => middle(last, of) - middle(second, of);
  assert.ok(
    grown("heapMegabytes") < (newcomers > 0 ? 15 : 4),
    `the heap grew by ${grown("heapMegabytes")} MB`,
  );
  assert.ok(grown("rssMegabytes") < 80, `memory grew by ${grown("rssMegabytes")} MB`);
  assert.ok(grown("openFiles") <= 2, `${grown("openFiles")} more files are open`);
  for (const { walMegabytes, logMegabytes } of [...second.looks, ...last.looks]) {
    assert.ok(walMegabytes < 80, `a write-ahead log of ${walMegabytes} MB`);
    assert.ok(logMegabytes < 26, `logs of ${logMegabytes} MB`);
  }
  const slower = last.cpuMicrosecondsAnEvent / second.cpuMicrosecondsAnEvent;
  assert.ok(slower < 1.4, `an event took ${slower} times the CPU`);
  assert.ok(last.p99Ms < 4 * second.p99Ms + 50, `p99 went from ${second.p99Ms} to ${last.p99Ms} ms`);
}

await withFolder(async (folder) => {
  const live = new LastingLive({ folder, seed, eventsPerSecond, newcomers });
  await live.start();
  const quarters: Quarter[] = [];
  for (const name of ["first quarter", "second", "third", "last"]) {
    const quarter = await liveThrough(live);
    quarters.push(quarter);
    console.log(describe(name, quarter));
  }
  await live.stop();
  const { failed, reconnects, reloads } = live.counts;
  console.log(`${failed} items failed, ${reconnects} reconnects, ${reloads} changes of the config`);
  assertFlat(quarters[1]!, quarters[3]!);
  const events = Math.floor(secondsALook * looksAQuarter * 4 * eventsPerSecond).toLocaleString("en");
  console.log(`It lasts: ${hours} hours with ${events} events.`);
});
Deno.exit();
