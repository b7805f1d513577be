/** The worker of `reader_thread.ts`: one question after the other, on a connection of its own. */
import { UserError } from "../user_error.ts";
import { openBeside } from "./open.ts";
import { Reader } from "./reader.ts";
import type { Asked, Told } from "./reader_thread.ts";

declare const self: {
  onmessage: ((message: MessageEvent<Asked>) => void) | null;
  postMessage(message: Told): void;
  close(): void;
};

let reader: Reader | null = null;

self.onmessage = ({ data }) => {
  if (data.kind === "stop") {
    reader?.close();
    self.postMessage({ kind: "stopped" });
    self.close();
    return;
  }
  self.postMessage(answer(data));
};

function answer({ path, name, options }: Asked & { kind: "ask" }): Told {
  try {
    reader ??= new Reader(openBeside(path));
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
