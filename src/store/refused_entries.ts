/**
 * What becomes of a batch with an operation that the database can never store: it is left out, and all others are
 * written; of an event, its items are left out, too. Each event stays in one transaction with what belongs to it.
 */
import type { WriteFailure } from "./database.ts";
import type { BoundOperation } from "./statements.ts";

/** An operation that waits to be written. */
export interface Entry extends BoundOperation {
  onCommitted: (() => void) | undefined;
  /** A batch may end before this entry: it is an event, or the first entry of a group. */
  mayStartBatch: boolean;
  /** Whether the database has refused it. */
  isRefused: boolean;
}

/** Entries for one transaction. */
export interface Batch {
  entries: Entry[];
  /** Whether each entry has a statement of its own, because the database refused one of them. */
  isSingly: boolean;
}

/** The database refused this operation. */
export type Refusal = WriteFailure & { entry: BoundOperation };

/** Tells of each kind of operation and each reason once. */
export class Refusals {
  readonly #onRefused: ((refusal: Refusal) => void) | undefined;
  readonly #told = new Set<string>();

  constructor(onRefused: ((refusal: Refusal) => void) | undefined) {
    this.#onRefused = onRefused;
  }

  tell(refusal: Refusal): void {
    const { error, entry } = refusal;
    const name = `${entry.operation.kind} ${(error as { code?: unknown }).code ?? ""}`;
    if (this.#told.has(name)) return;
    this.#told.add(name);
    this.#onRefused?.(refusal);
  }
}

/**
 * What to write instead of a batch that was refused: first each event with what belongs to it, so that the refusal says
 * which operation it means; then the batch without that one.
 */
export function withoutRefused(batch: Batch, refusal: Refusal, refusals: Refusals): Batch[] {
  const refused = batch.entries.find((entry) => entry === refusal.entry);
  if (!batch.isSingly || refused === undefined) return groupsIn(batch.entries);
  refused.isRefused = true;
  for (const entry of batch.entries) if (isItemOf(entry, refused)) entry.isRefused = true;
  refusals.tell(refusal);
  return [batch];
}

function isItemOf({ operation: item }: Entry, { operation: event }: Entry): boolean {
  return item.kind === "insert_item" && event.kind === "insert_event" &&
    item.row.liveEventId === event.event.id;
}

function groupsIn(entries: readonly Entry[]): Batch[] {
  const groups: Batch[] = [];
  for (const entry of entries) {
    const group = groups.at(-1);
    if (group === undefined || entry.mayStartBatch) groups.push({ entries: [entry], isSingly: true });
    else group.entries.push(entry);
  }
  return groups;
}
