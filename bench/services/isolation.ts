/** Compares the cost of a service in its own process with one in a worker, on Linux. */
import type { ServiceConfig } from "../../src/service.ts";
import type { Figure } from "../benchmark.ts";
import { firstSign, withService } from "../running_service.ts";

const isolations = ["worker", "process"] as const;

/**
 * How many services run at once. One after another, each would take the memory that an ended worker has left, and
 * would seem to cost nothing.
 */
const count = 5;

/** The shortest start counts, because it was disturbed least. */
export async function* measureIsolation(service: ServiceConfig, rounds: number): AsyncGenerator<Figure> {
  if (Deno.build.os !== "linux") return;
  for (const isolation of isolations) {
    const megabytes = await memoryOf({ ...service, isolation });
    let shortest = Infinity;
    for (let round = 0; round < rounds; round++) {
      const { startMs } = await withService({ ...service, isolation }, (running) => running);
      shortest = Math.min(shortest, startMs);
    }
    yield { name: `${service.slug} in a ${isolation}: start`, value: shortest, unit: "ms" };
    yield { name: `${service.slug} in a ${isolation}: memory`, value: megabytes, unit: "MB" };
  }
}

/**
 * The memory of one more service, in megabytes. The first service runs in the same app, so that code loaded once does
 * not count.
 */
async function memoryOf(service: ServiceConfig): Promise<number> {
  return await withService(service, async ({ app, config }) => {
    const before = await ownMegabytes();
    const more = Array.from(
      { length: count },
      (_, index) => ({ ...service, slug: `${service.slug}_${index}` }),
    );
    await app.applyConfig({ ...config, services: [service, ...more] });
    await Promise.all(more.map(({ slug }) => firstSign(app, slug)));
    return (await ownMegabytes() - before) / count;
  });
}

/** Private memory of this process and its children, without the memory that they share with others. */
export async function ownMegabytes(): Promise<number> {
  let kilobytes = 0;
  for (const pid of [Deno.pid, ...await children()]) {
    const rollup = await Deno.readTextFile(`/proc/${pid}/smaps_rollup`);
    for (const [, size] of rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)) {
      kilobytes += Number(size);
    }
  }
  return kilobytes / 1024;
}

async function children(): Promise<number[]> {
  const pids: number[] = [];
  for await (const { name } of Deno.readDir("/proc/self/task")) {
    const text = await Deno.readTextFile(`/proc/self/task/${name}/children`).catch(() => "");
    pids.push(...text.trim().split(" ").filter(Boolean).map(Number));
  }
  return pids;
}
