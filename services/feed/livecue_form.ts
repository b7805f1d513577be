/** Livecue's own form: each message is one JSON object, told apart by its `kind`. */
import type { LiveEvent, QueueItem } from "livecue/service";

/** Goes up when a message changes so that a program must change, too; not when fields or kinds are added. */
export const formVersion = 1;

/** The first message to each program. */
export interface Hello {
  kind: "hello";
  version: number;
}

export interface EventMessage {
  kind: "event";
  event: LiveEvent;
  /** What the event stands for: how many gifts, likes or given subscriptions; else 1. */
  count: number;
}

export function helloText(): string {
  return JSON.stringify({ kind: "hello", version: formVersion } satisfies Hello);
}

export function eventText(event: LiveEvent, { count }: Pick<QueueItem, "count">): string {
  return JSON.stringify({ kind: "event", event, count } satisfies EventMessage);
}
