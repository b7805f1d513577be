/** The worker of `reader_thread.ts`: answers one question at a time, on its own connection. */
import { UserError } from "../user_error.ts";
import { reopenSqliteReader } from "./sqlite/reading.ts";
import type { OpenReader } from "./reader.ts";
import type { ReaderReply, ReaderRequest } from "./reader_thread.ts";

declare const self: {
  onmessage: ((message: MessageEvent<ReaderRequest>) => void) | null;
  postMessage(message: ReaderReply): void;
  close(): void;
};

let opened: OpenReader | null = null;

self.onmessage = ({ data }) => {
  if (data.kind === "stop") {
    opened?.close();
    self.postMessage({ kind: "stopped" });
    self.close();
    return;
  }
  self.postMessage(answer(data));
};

function answer({ path, streamer, name, options }: ReaderRequest & { kind: "ask" }): ReaderReply {
  try {
    opened ??= reopenSqliteReader(path, streamer);
    const { reader } = opened;
    const ask = reader[name] as (options: unknown) => unknown;
    return { kind: "answer", value: ask.call(reader, options) };
  } catch (error) {
    const { message, stack = message } = error as Error;
    return {
      kind: "failure",
      text: error instanceof UserError ? message : stack,
      isUsers: error instanceof UserError,
    };
  }
}
