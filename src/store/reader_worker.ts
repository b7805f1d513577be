/** The worker of `reader_thread.ts`: answers one question at a time, on its own connection. */
import { isPostgresAddress } from "../database_address.ts";
import { UserError } from "../user_error.ts";
import { reopenReader } from "./open_reader.ts";
import { DatabaseAway } from "./postgres/trouble.ts";
import type { OpenReader, Reader } from "./reader.ts";
import type { ReaderReply, ReaderRequest } from "./reader_thread.ts";

declare const self: {
  onmessage: ((message: MessageEvent<ReaderRequest>) => void) | null;
  postMessage(message: ReaderReply): void;
  close(): void;
};

let opened: OpenReader | null = null;
/** By streamer. */
const readers = new Map<string | null, Reader>();

self.onmessage = async ({ data }) => {
  if (data.kind === "stop") {
    opened?.close();
    self.postMessage({ kind: "stopped" });
    self.close();
    return;
  }
  self.postMessage(await answer(data));
};

async function answer(
  { address, streamer, name, options }: ReaderRequest & { kind: "ask" },
): Promise<ReaderReply> {
  try {
    opened ??= await reopenReader(address);
    const reader = readers.get(streamer) ?? opened.of(streamer);
    readers.set(streamer, reader);
    const ask = reader[name] as (options: unknown) => unknown;
    return { kind: "answer", value: ask.call(reader, options) };
  } catch (error) {
    const { message, stack = message } = error as Error;
    const isAway = error instanceof DatabaseAway || opened === null && isPostgresAddress(address);
    if (isAway) return { kind: "failure", text: message, of: "away" };
    if (error instanceof UserError) return { kind: "failure", text: message, of: "user" };
    return { kind: "failure", text: stack, of: "code" };
  }
}
