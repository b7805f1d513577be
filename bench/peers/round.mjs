/**
 * What the peers' programs share. Each runs under Node as `node NAME.mjs JSON`, does one round, and prints its result
 * as one line of JSON: `seconds` of the round after the warm-up, how many jobs its own store says were completed, warm-up
 * included, and how many jobs the consumer that must keep the order got out of order.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";

/** The two queues of a round, each with a job for every event, and how many of its jobs may run at once. */
export const queues = [{ name: "one_by_one", atOnce: 1 }, { name: "at_once", atOnce: 16 }];

const { packages, events: eventsFile, warmUp, ...given } = JSON.parse(process.argv[2]);

/** What else the benchmark gave: `folder`, which is empty, and where there is one the server's `address`. */
export const options = given;

/** Loads a package from the folder in which the benchmark installed it. */
export const load = createRequire(`${packages}/`);

/** Counts a consumer's jobs, and ends its wait with the last. */
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

  /** `index` is its event's place in the live. */
  take(index) {
    if (index < this.#last) this.outOfOrder++;
    this.#last = index;
    if (--this.#left === 0) this.#ended.resolve();
  }
}

/**
 * Runs the warm-up, then the round. `consume(queue, taken)` starts a consumer that calls `taken` for each job that ended,
 * with the job's event, and gives back what stops it; `add(jobs)` gives both queues a job for each of these events.
 * `settled` waits for what a consumer wrote last to be in the store, and `completed` counts there.
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
