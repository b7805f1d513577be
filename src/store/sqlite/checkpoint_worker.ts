/** The worker of `checkpointer.ts`: copies pages of the log into the file, on a connection of its own. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { CheckpointAnswer, CheckpointMessage, OpenedFile } from "./checkpointer.ts";

declare const self: {
  onmessage: ((message: MessageEvent<CheckpointMessage>) => void) | null;
  postMessage(message: CheckpointAnswer): void;
  close(): void;
};

let database: DatabaseSync | null = null;
/** Read-only and closed last, so that closing `database` does not write the log into the file. */
let holder: DatabaseSync | null = null;
let checkpoint: StatementSync | null = null;

self.onmessage = ({ data }) => {
  if (data.kind === "stop") {
    database?.close();
    holder?.close();
    self.postMessage("stopped");
    return self.close();
  }
  self.postMessage(attempt(data.file));
};

/** Throws nothing, because it would be printed over the screen. Commits meet the same error and report it. */
function attempt(file: OpenedFile): "done" | "failed" {
  try {
    checkpoint ??= prepare(file);
    checkpoint.get();
    return "done";
  } catch {
    return "failed";
  }
}

function prepare({ path, dev, ino }: OpenedFile): StatementSync {
  const found = Deno.statSync(path);
  if (found.dev !== dev || found.ino !== ino) throw new Error(`${path} is now another file.`);
  holder = new DatabaseSync(path, { readOnly: true });
  holder.prepare("SELECT 1 FROM sqlite_schema").get();
  database = new DatabaseSync(path);
  database.exec("PRAGMA wal_autocheckpoint = 0");
  return database.prepare("PRAGMA wal_checkpoint(PASSIVE)");
}
