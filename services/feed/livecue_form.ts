/** Livecue's own format: each message is a JSON object with a `kind`. */
import type { LiveEvent, QueueItem } from "livecue/service";

/** Increases with each breaking change of the messages, not when fields or kinds are added. */
export const formVersion = 1;

/** The first message to each program. */
export interface Hello {
  kind: "hello";
  version: number;
}

export interface EventMessage {
  kind: "event";
  event: LiveEvent;
  /** The number of gifts, likes or given subscriptions that the event stands for; 1 for other types. */
  count: number;
}

export function helloText(): string {
  return JSON.stringify({ kind: "hello", version: formVersion } satisfies Hello);
}

export function eventText(event: LiveEvent, { count }: Pick<QueueItem, "count">): string {
  return JSON.stringify({ kind: "event", event, count } satisfies EventMessage);
}
