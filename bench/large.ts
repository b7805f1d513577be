/**
 * What a start costs with much in the database: opening, recovery after a kill, the queue ready and its first item
 * claimed, the live's memory read, and the longest turn of the main thread meanwhile. And what goes on behind it: a
 * search through all events, a queue emptied, a queue drained to its end.
 * `deno run -A bench/large.ts [EVENTS] [PENDING]`; the full size is 10000000 2000000.
 */
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { systemClock } from "../src/clock.ts";
import type { QueuedItem } from "../src/item.ts";
import type { Operation } from "../src/operation.ts";
import { ServiceQueue } from "../src/queue/service_queue.ts";
import { openStore, type Store } from "../src/store/owner.ts";
import { largeLiveId, largeRoom, makeLargeDatabase } from "../test/support/large_database.ts";
import { silentLog } from "../test/support/silent_log.ts";
import { serviceConfig } from "../test/support/temporary_store.ts";

const rules = serviceConfig("dino", { maxQueueSize: 5_000_000 });
const maxRecentMessages = 20_000;

function print(label: string, ms: number): void {
  console.log(`${label.padEnd(56)} ${ms.toFixed(0).padStart(7)} ms`);
}

/** Runs `work`, and says how long it took and what its longest turn was. */
async function measure<Result>(label: string, work: () => Result | Promise<Result>): Promise<Result> {
  let isRunning = true;
  let longest = 0;
  let last = performance.now();
  const begin = last;
  const watching = (async () => {
    while (isRunning) {
      await nextTurn();
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
  })();
  const result = await work();
  print(label, performance.now() - begin);
  isRunning = false;
  await watching;
  print("  its longest turn", longest);
  return result;
}

function open(path: string): Store {
  const log = { ...silentLog(), named: () => log, debug() {}, info() {}, warn() {}, error() {} };
  return openStore({ path, durability: "normal", clock: systemClock, log });
}

async function measureStart(path: string): Promise<{ store: Store; queue: ServiceQueue }> {
  const begin = performance.now();
  const store = await measure("opened", () => open(path));
  await measure("recovered", async () => {
    store.syncServices([rules]);
    const report = await store.recover(systemClock.now());
    store.abortSessions(report);
    console.log(`  open streaks found: ${report.openStreaks.length}`);
  });
  await measure("stale items looked for", () => store.discardStale({ now: systemClock.now(), all: false }));
  const queue = new ServiceQueue(rules, { rows: store.pendingOf(1) });
  await measure("queue ready, first item claimed", async () => {
    await queue.load();
    const item = queue.claim({ now: systemClock.now(), monotonic: systemClock.monotonic() });
    console.log(`  pending: ${queue.pendingCount}, claimed: ${item?.id}`);
  });
  await measure("live remembered", () => {
    const live = store.liveOfRoom("tiktok", largeRoom);
    const { upTo } = store.liveTotals(largeLiveId);
    const after = [...store.eventsAfter(live?.id as number, upTo)].length;
    const recent = [...store.recentMessages(largeLiveId, maxRecentMessages)].length;
    console.log(`  events after the sums: ${after}, messages known: ${recent}`);
  });
  print("all of the start", performance.now() - begin);
  return { store, queue };
}

async function measureDraining(store: Store, queue: ServiceQueue, count: number): Promise<void> {
  queue.releaseClaims();
  await measure(`${count} items claimed, run and completed`, async () => {
    for (let ended = 0; ended < count; ended++) {
      const moment = { now: systemClock.now(), monotonic: systemClock.monotonic() };
      const item = queue.claim(moment);
      if (item === null) throw new Error("The queue is empty.");
      store.writer.add({ kind: "claim_item", id: item.id, attempts: item.attempts, startedAt: moment.now });
      queue.confirmClaim(item);
      queue.start();
      queue.settle(item, "completed", moment);
      store.writer.add(completion(item));
      if (ended % 100 === 99) await store.writer.flush();
    }
    await store.writer.flush();
  });
}

function completion({ id, attempts }: QueuedItem): Operation {
  const counts = { failures: 0, crashes: 0 };
  return { kind: "finish_item", id, attempts, status: "completed", ...counts, finishedAt: 1, error: null };
}

async function measureBehind(store: Store, queue: ServiceQueue): Promise<void> {
  await measure(
    "a search through all events finds nothing",
    () => store.questions.ask("events", { text: "no such words", limit: 50 }),
  );
  await measure("all items counted by status", () => store.questions.ask("itemCounts"));
  const { count, chunks } = queue.empty();
  await measure(`${count} items emptied`, async () => {
    for (const ids of chunks) {
      for (const id of ids) store.writer.add({ kind: "discard_item", id, reason: "emptied", at: 1 });
      await store.writer.flush();
    }
  });
}

if (import.meta.main) {
  const [eventCount, pendingCount] = [Number(Deno.args[0] ?? 500_000), Number(Deno.args[1] ?? 100_000)];
  const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
  for (const marksStreaks of [true, false]) {
    const path = join(folder, `${marksStreaks}.db`);
    const begin = performance.now();
    makeLargeDatabase({ path, eventCount, pendingCount, now: Date.now(), marksStreaks });
    const megabytes = Deno.statSync(path).size / 2 ** 20;
    console.log(
      `\n${eventCount} events, ${pendingCount} pending, ${megabytes.toFixed(0)} MB` +
        `${marksStreaks ? "" : ", as an older Livecue left it"}`,
    );
    print("made", performance.now() - begin);
    const { store, queue } = await measureStart(path);
    if (marksStreaks) {
      await measureDraining(store, queue, Math.min(20_000, pendingCount / 4));
      await measureBehind(store, queue);
    }
    console.log(`memory: ${(Deno.memoryUsage().rss / 2 ** 20).toFixed(0)} MB`);
    await measure("stopped", () => store.stop());
    await Deno.remove(path);
  }
  await Deno.remove(folder, { recursive: true });
}
