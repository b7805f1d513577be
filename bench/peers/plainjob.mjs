/**
 * plainjob on better-sqlite3, as its README shows it. It sets WAL and synchronous NORMAL itself. `addMany` writes a group
 * in one transaction. A worker takes one job at a time, so sixteen workers take sixteen at once.
 *
 * Its README advises more processes where there is much to do. With jobs that do nothing they lock one another out: events
 * a second in one process 5,150, with one, the other or both queues in a process of their own 4,450, 3,840 and 4,880.
 */
import { join } from "node:path";
import { load, options, queues, runRound } from "./round.mjs";

const Database = load("better-sqlite3");
const { better, defineQueue, defineWorker, JobStatus } = load("plainjob");

const logger = { error: console.error, warn: console.error, info() {}, debug() {} };
const queue = defineQueue({
  connection: better(new Database(join(options.folder, "plainjob.db"))),
  logger,
  // The job keeps its text, so that an event becomes JSON once and not once for each queue.
  serializer: (text) => text,
});

await runRound({
  // 100, 500 and 6,000 made no difference.
  bulkSize: 500,
  consume({ name, atOnce }, taken) {
    const start = () => {
      let event = null;
      const read = (job) => void (event = JSON.parse(job.data));
      const onCompleted = () => taken(event);
      // A poll of 1 ms is the minimum. With the default, a worker that found no job sleeps for a second.
      const worker = defineWorker(name, read, { queue, logger, pollIntervall: 1, onCompleted });
      void worker.start();
      return worker;
    };
    const workers = Array.from({ length: atOnce }, start);
    return () => Promise.all(workers.map((worker) => worker.stop()));
  },
  add(events) {
    const texts = events.map((event) => JSON.stringify(event));
    for (const { name } of queues) queue.addMany(name, texts);
  },
  completed: () => queue.countJobs({ status: JobStatus.Done }),
});
queue.close();
