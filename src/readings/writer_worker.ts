/** The thread that writes: stores batches, and packs and deletes old readings in the pauses between them. */
import type { DatabaseSync } from "node:sqlite";
import { systemClock } from "../clock.ts";
import { identityOf } from "./file.ts";
import { Ingest, type ReadingColumns } from "./ingest.ts";
import { Retention } from "./retention.ts";
import { openReadings, timesIn, WrongFileError } from "./schema.ts";
import {
  failureOf,
  type ThreadReply,
  type ThreadRequest,
  type WriterJobs,
  type WriterSettings,
} from "./thread.ts";

declare const self: {
  onmessage: ((message: MessageEvent<ThreadRequest<WriterJobs>>) => void) | null;
  postMessage(message: ThreadReply): void;
  close(): void;
};

interface Opened {
  file: string;
  /** As `identityOf` at the time of opening. */
  identity: string | null;
  database: DatabaseSync;
  ingest: Ingest;
  retention: Retention;
  times: Map<string, number>;
}

let opened: Opened | null = null;
let cancelStep: (() => void) | null = null;

self.onmessage = ({ data }) => {
  if (data.name === "stop") return stop();
  try {
    const value = data.name === "open" ? open(data.request) : add(data.request);
    self.postMessage({ kind: "answer", value });
    // Messages that have arrived come first.
    cancelStep ??= systemClock.after(0, takeStep);
  } catch (error) {
    self.postMessage({ kind: "failure", failure: failureOf(error) });
  }
};

function open({ file, durability, days }: WriterSettings) {
  const database = openReadings(file, durability);
  const ingest = new Ingest(database);
  const onPacked = (channelId: number, to: number) => ingest.notePacked(channelId, to);
  const times = timesIn(database);
  opened = {
    file,
    identity: identityOf(file),
    database,
    ingest,
    retention: new Retention({ database, days, onPacked }),
    times: new Map(times.map(({ source, at }) => [source, at])),
  };
  return times;
}

function add(batch: ReadingColumns) {
  if (opened === null) throw new Error("The readings are not open.");
  const { file, identity, ingest, times } = opened;
  // SQLite would write into the file that was moved or deleted.
  if (identityOf(file) !== identity) {
    throw new WrongFileError(
      "was moved, replaced or deleted. Livecue creates a new one with the next readings",
    );
  }
  const result = ingest.add(batch);
  for (const { source, at } of batch.times ?? []) times.set(source, at);
  return result;
}

function takeStep(): void {
  cancelStep = null;
  if (opened === null) return;
  try {
    if (opened.retention.step(opened.times)) cancelStep = systemClock.after(0, takeStep);
  } catch (error) {
    // The next batch tries again.
    self.postMessage({ kind: "trouble", failure: failureOf(error) });
  }
}

function stop(): void {
  cancelStep?.();
  try {
    opened?.database.close();
  } finally {
    self.postMessage({ kind: "stopped" });
    self.close();
  }
}
