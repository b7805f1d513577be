import type { BaseQueueService, LiveEvent, QueueItem } from "livecue/service";

type Service = Pick<BaseQueueService, "log" | "state" | "live" | "show" | "emit" | "every" | "signal">;

/** What a bad service does with an item, and what it answers. */
export type Deed = (
  service: Service,
  event: LiveEvent,
  item: QueueItem,
) => boolean | Promise<boolean>;

/** An answer that is none. */
export function answer(value: unknown): boolean {
  return value as boolean;
}

/** Past the kit, as any code in a worker can. */
export function post(data: unknown): void {
  (globalThis as unknown as { postMessage(data: unknown): void }).postMessage(data);
}
