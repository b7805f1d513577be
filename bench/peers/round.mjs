/**
 * Code that the peers' programs share. Each runs under Node as `node NAME.mjs JSON`, does one round, and prints one
 * line of JSON: `seconds`, the length of the round without the warm-up; `completed`, the number of completed jobs in
 * its own store, including the warm-up; and `outOfOrder`, the number of jobs that the consumer that must keep the
 * order got out of order.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";

/** The two queues of a round. Each gets a job for every event and runs up to `atOnce` jobs at the same time. */
export const queues = [{ name: "one_by_one", atOnce: 1 }, { name: "at_once", atOnce: 16 }];

const { packages, events: eventsFile, warmUp, ...given } = JSON.parse(process.argv[2]);

/** The benchmark's other options: an empty `folder`, and the server's `address` if there is a server. */
export const options = given;

/** Loads a package from the folder in which the benchmark installed it. */
export const load = createRequire(`${packages}/`);

/** Counts a consumer's jobs and resolves `ended` after the last one. */
class Tally {
  outOfOrder = 0;
  #left;
  #last = -1;
  #ended = Promise.withResolvers();

  constructor(count) {
    this.#left = count;
  }

  get ended() {
    return this.#ended.promise;
  }

  /** `index` is the event's place in the live. */
  take(index) {
    if (index < this.#last) this.outOfOrder++;
    this.#last = index;
    if (--this.#left === 0) this.#ended.resolve();
  }
}

/**
 * Runs the warm-up, then the round. `consume(queue, taken)` starts a consumer that calls `taken` with the event of
 * each ended job, and returns a function that stops the consumer. `add(jobs)` adds a job for each of these events to
 * both queues. `settled` waits until the consumers' last writes are in the store, and `completed` counts the completed
 * jobs there.
 */
export async function runRound({ bulkSize, consume, add, settled = () => {}, completed }) {
  const events = JSON.parse(readFileSync(eventsFile, "utf8")).map((event, index) => ({ index, ...event }));
  const flood = async (jobs) => {
    const tallies = queues.map(() => new Tally(jobs.length));
    const stops = [];
    for (const [at, queue] of queues.entries()) {
      stops.push(await consume(queue, ({ index }) => tallies[at].take(index)));
    }
    const startedAt = performance.now();
    for (let first = 0; first < jobs.length; first += bulkSize) {
      await add(jobs.slice(first, first + bulkSize));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(tallies.map(({ ended }) => ended));
    await settled();
    const seconds = (performance.now() - startedAt) / 1000;
    for (const stop of stops) await stop();
    return { seconds, outOfOrder: tallies[0].outOfOrder };
  };
  await flood(events.slice(0, warmUp));
  const result = await flood(events);
  console.log(JSON.stringify({ ...result, completed: await completed() }));
}
