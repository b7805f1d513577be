/**
 * The messages of a link. The first character says what follows: "w", a message between the runner and the worker,
 * unchanged; or "c", a message between the owner and the host themselves. So a service's code, which may send any text,
 * cannot speak for the host.
 */
import { type LogLevel, logLevels } from "../log/log.ts";
import { isFields } from "./fields.ts";

export type MessageToHost =
  /** The worker is no longer needed. It has been stopped in order, or is not worth it. Answered by `ended`. */
  | { kind: "end" }
  /** Of the items that `folders` named, those that have ended for good. */
  | { kind: "ended_items"; itemIds: readonly number[] };

export type MessageFromHost =
  /** The worker is gone by itself. */
  | { kind: "lost"; why: string; isStuck: boolean; isBystander: boolean }
  /** Output that the capture in the worker did not redirect. */
  | { kind: "printed"; level: LogLevel; text: string }
  /** The worker has answered a ping of the host. */
  | { kind: "pulse"; heapBytes: number; isLate: boolean }
  /** The host is being stopped: no more items, please. */
  | { kind: "leaving" }
  /** The host ends the session: it is stopped, or another session of the same room has begun. */
  | { kind: "over"; why: "stopping" | "replaced" }
  /** Items that have a folder. Answered by `ended_items`. */
  | { kind: "folders"; itemIds: readonly number[] }
  /** The worker is gone, as the owner asked. */
  | { kind: "ended" };

export type LinkMessage = { isOfWorker: true; text: string } | { isOfWorker: false; message: unknown };

/** Items in one message about folders. */
export const maxFolders = 1_000;
const maxTextLength = 20_000;
const maxPrintedLength = 1_300_000;

export function ofWorker(text: string): string {
  return `w${text}`;
}

export function toHost(message: MessageToHost): string {
  return `c${JSON.stringify(message)}`;
}

export function fromHost(message: MessageFromHost): string {
  return `c${JSON.stringify(message)}`;
}

/** Null if the other side sent something else. */
export function readLinkMessage(text: string): LinkMessage | null {
  if (text.startsWith("w")) return { isOfWorker: true, text: text.slice(1) };
  if (!text.startsWith("c")) return null;
  try {
    return { isOfWorker: false, message: JSON.parse(text.slice(1)) };
  } catch {
    return null;
  }
}

/** Null if it is none. */
export function checkedToHost(message: unknown): MessageToHost | null {
  if (!isFields(message)) return null;
  const { kind, itemIds } = message;
  if (kind === "end") return { kind };
  return kind === "ended_items" && areIds(itemIds) ? { kind, itemIds } : null;
}

/** Null if it is none. */
export function checkedFromHost(message: unknown): MessageFromHost | null {
  if (!isFields(message)) return null;
  const { kind, why, isStuck, isBystander, level, text, heapBytes, isLate, itemIds } = message;
  switch (kind) {
    case "lost": {
      const isRight = isText(why, maxTextLength) && typeof isStuck === "boolean" &&
        typeof isBystander === "boolean";
      return isRight ? { kind, why, isStuck, isBystander } : null;
    }
    case "printed": {
      const known = logLevels.find((each) => each === level);
      return known && isText(text, maxPrintedLength) ? { kind, level: known, text } : null;
    }
    case "pulse":
      return Number.isFinite(heapBytes) && typeof isLate === "boolean"
        ? { kind, heapBytes: Math.max(0, Number(heapBytes)), isLate }
        : null;
    case "over":
      return why === "stopping" || why === "replaced" ? { kind, why } : null;
    case "folders":
      return areIds(itemIds) ? { kind, itemIds } : null;
    case "leaving":
    case "ended":
      return { kind };
    default:
      return null;
  }
}

function areIds(ids: unknown): ids is number[] {
  return Array.isArray(ids) && ids.length <= maxFolders && ids.every(Number.isSafeInteger);
}

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === "string" && value.length <= maxLength;
}
