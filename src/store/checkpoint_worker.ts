/** The worker of `checkpointer.ts`: copies pages of the log into the file, on a connection of its own. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { CheckpointMessage, OpenedFile } from "./checkpointer.ts";

declare const self: {
  onmessage: ((message: MessageEvent<CheckpointMessage>) => void) | null;
  postMessage(message: "done" | "stopped"): void;
  close(): void;
};

let database: DatabaseSync | null = null;
/** Is closed last: SQLite writes the log into the file where the last connection may write. */
let holder: DatabaseSync | null = null;
let takeBack: StatementSync | null = null;

self.onmessage = ({ data }) => {
  if (data.kind === "stop") {
    database?.close();
    holder?.close();
    self.postMessage("stopped");
    return self.close();
  }
  takeBack ??= prepare(data.file);
  takeBack.get();
  self.postMessage("done");
};

function prepare({ path, dev, ino }: OpenedFile): StatementSync {
  const found = Deno.statSync(path);
  if (found.dev !== dev || found.ino !== ino) throw new Error(`${path} is another file by now.`);
  holder = new DatabaseSync(path, { readOnly: true });
  holder.prepare("SELECT 1 FROM sqlite_schema").get();
  database = new DatabaseSync(path);
  database.exec("PRAGMA wal_autocheckpoint = 0");
  return database.prepare("PRAGMA wal_checkpoint(PASSIVE)");
}
