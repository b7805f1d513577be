/** Reads what an owner sends to a worker, and keeps the ids of the items that the worker has. */
import type { MessageToWorker } from "../runner/protocol.ts";
import type { WorkerMessage } from "./worker_message.ts";
import { isFields } from "./fields.ts";

type Fields = Record<string, unknown>;

const isId = (value: unknown) => Number.isSafeInteger(value);

/** What an owner may send, with a check of what the host or the worker relies on. The host itself starts and pings. */
const checks: Record<string, (message: Fields) => boolean> = {
  items: ({ items, maxConcurrency }) =>
    Array.isArray(items) && isId(maxConcurrency) &&
    items.every((each) =>
      isFields(each) && isFields(each["event"]) && isFields(each["item"]) && isId(each["item"]["id"])
    ),
  hold: () => true,
  go_on: () => true,
  press: ({ pane, key }) => typeof pane === "string" && typeof key === "string",
  abort: ({ itemId, why, cause }) =>
    isId(itemId) && typeof why === "string" && (cause === "timeout" || cause === "stop"),
  abort_step: ({ itemId, step }) => isId(itemId) && typeof step === "string",
  stopping: () => true,
  stop: () => true,
  credits: ({ messages, characters }) => isId(messages) && isId(characters),
  reply: ({ requestId }) => isId(requestId),
  refusal: ({ requestId, error }) => isId(requestId) && typeof error === "string",
};

export class ItemsOnHost {
  readonly #ids = new Set<number>();
  #waiters: (() => void)[] = [];

  get ids(): number[] {
    return [...this.#ids];
  }

  /** Null if it is no message that an owner may send. */
  read(text: string): MessageToWorker | null {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return null;
    }
    if (!isFields(message)) return null;
    const kind = String(message["kind"]);
    if (!Object.hasOwn(checks, kind) || !checks[kind]?.(message)) return null;
    const checked = message as unknown as MessageToWorker;
    if (checked.kind === "items") checked.items.forEach(({ item }) => this.#ids.add(item.id));
    return checked;
  }

  /** Forgets the items that a message of the worker ends or returns. */
  noteEnds(message: WorkerMessage): void {
    if (message.kind === "ended") this.forget(message.ends.map(({ itemId }) => itemId));
    if (message.kind === "returned") this.forget(message.itemIds);
  }

  forget(itemIds: readonly number[]): void {
    for (const itemId of itemIds) this.#ids.delete(itemId);
    if (this.#ids.size > 0) return;
    for (const resolve of this.#waiters) resolve();
    this.#waiters = [];
  }

  /** Resolves when the worker has no items. */
  none(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#ids.size === 0) resolve();
      else this.#waiters.push(resolve);
    });
  }
}
