/**
 * BullMQ on Redis, as its pages "Going to production", "Adding jobs in bulk" and "Concurrency" advise: an append-only file,
 * no eviction, `addBulk`, and `concurrency`. Completed jobs are kept, as is its default, so that they can be counted.
 *
 * It advises more processes for workers that have much to do. On two cores, of which Redis takes one, one process is the
 * fastest: 2,960 events a second, and with one, the other or both queues in a process of their own 2,750, 2,310 and
 * 2,480. The client's `enableAutoPipelining` brought 2,120. Removal of completed jobs, no renewal of locks and a Unix
 * socket made no difference that could be told from chance (2,620, 2,700 and 2,450 where two runs without gave 2,500
 * and 2,380).
 */
import { load, options, queues, runRound } from "./round.mjs";

const { Queue, Worker } = load("bullmq");

const { hostname: host, port } = new URL(options.address);
const connection = { host, port: Number(port), maxRetriesPerRequest: null };

const bulkQueues = queues.map(({ name }) => new Queue(name, { connection }));

await runRound({
  // 100 made no difference.
  bulkSize: 500,
  async consume({ name, atOnce }, taken) {
    const worker = new Worker(name, async () => {}, { connection, concurrency: atOnce });
    worker.on("completed", (job) => taken(job.data));
    worker.on("error", (error) => console.error(error));
    await worker.waitUntilReady();
    return () => worker.close();
  },
  add(events) {
    const jobs = events.map((data) => ({ name: "event", data }));
    return Promise.all(bulkQueues.map((queue) => queue.addBulk(jobs)));
  },
  async completed() {
    const counts = await Promise.all(bulkQueues.map((queue) => queue.getCompletedCount()));
    return counts.reduce((sum, count) => sum + count);
  },
});
for (const queue of bulkQueues) await queue.close();
