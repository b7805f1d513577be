/** The messages of a worker that the host looks at. It passes all others on unread, because the owner checks them. */
import { messageMistake } from "../runner/checked_message.ts";
import { type OptionPlaces, placedText } from "../runner/option_places.ts";
import type { MessageFromWorker } from "../runner/protocol.ts";

export type WorkerMessage = Extract<
  MessageFromWorker,
  { kind: "pong" | "start_failed" | "log" | "child" | "ended" | "returned" | "stopped" }
>;

const looksLikeOne = /^\{"kind":"(?:pong|start_failed|log|child|ended|returned|stopped)"/;

/** Null for a message that the host does not look at, or that is none. */
export function workerMessage(text: string): WorkerMessage | null {
  if (!looksLikeOne.test(text)) return null;
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return null;
  }
  return messageMistake(message) === null ? message as WorkerMessage : null;
}

/** The message's text for the owner. Places of options are in the host's config, which the owner does not have. */
export function placedMessage(message: WorkerMessage, text: string, places: OptionPlaces): string {
  if (message.kind === "log" && message.option !== undefined) {
    const { kind, level } = message;
    return JSON.stringify({ kind, level, text: placedText(message, places) });
  }
  if (message.kind === "start_failed" && message.inOptions.length > 0) {
    const { failure, inOptions } = message;
    const lines = [failure.place ?? [], places.describeOptionMistakes(inOptions)].flat();
    return JSON.stringify({ ...message, failure: { ...failure, place: lines.join("\n") }, inOptions: [] });
  }
  return text;
}
