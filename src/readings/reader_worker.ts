/** The thread that answers questions about readings, one after another, on its own connection. */
import type { DatabaseSync } from "node:sqlite";
import type { ReadingAnswer, ReadingQuery } from "../reading_query.ts";
import { identityOf } from "./file.ts";
import { ReadingsReader } from "./reader.ts";
import { openForReading } from "./schema.ts";
import { failureOf, type ReaderJobs, type ThreadReply, type ThreadRequest } from "./thread.ts";

declare const self: {
  onmessage: ((message: MessageEvent<ThreadRequest<ReaderJobs>>) => void) | null;
  postMessage(message: ThreadReply, transfer?: Transferable[]): void;
  close(): void;
};

interface Opened {
  /** As `identityOf` before the file was opened. */
  identity: string | null;
  database: DatabaseSync;
  reader: ReadingsReader;
}

let opened: Opened | null = null;

self.onmessage = ({ data }) => {
  if (data.name === "stop") {
    opened?.database.close();
    self.postMessage({ kind: "stopped" });
    return self.close();
  }
  try {
    const value = answer(data.request);
    self.postMessage({ kind: "answer", value }, buffersOf(value));
  } catch (error) {
    self.postMessage({ kind: "failure", failure: failureOf(error) });
  }
};

function answer({ file, query }: { file: string; query: ReadingQuery }): ReadingAnswer {
  const identity = identityOf(file);
  if (opened !== null && opened.identity !== identity) {
    opened.database.close();
    opened = null;
  }
  if (opened === null) {
    const database = openForReading(file);
    opened = { identity, database, reader: new ReadingsReader(database) };
  }
  return opened.reader.answer(query);
}

function buffersOf(value: ReadingAnswer): Transferable[] {
  return typeof value === "object" && "value" in value ? [value.at.buffer, value.value.buffer] : [];
}
