/** What the services of all machines wrote down, and which rules hold for it. */
import assert from "node:assert/strict";

export interface LogbookLine {
  /** Unix milliseconds. */
  at: number;
  machine: string;
  worker: string;
  what: "begin" | "done";
  itemId: number;
  attempt: number;
  priority: number;
  eventId: number;
}

export function logbookLines(path: string): LogbookLine[] {
  let text = "";
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return text.split("\n").slice(0, -1).map((line) => {
    const [at, machine, worker, what, itemId, attempt, priority, eventId] = line.split(" ");
    return {
      at: Number(at),
      machine: machine ?? "",
      worker: worker ?? "",
      what: what as LogbookLine["what"],
      itemId: Number(itemId),
      attempt: Number(attempt),
      priority: Number(priority),
      eventId: Number(eventId),
    };
  });
}

export interface KnownItem {
  id: number;
  eventId: number;
  priority: number;
  attempts: number;
  status: string;
}

/** `lossesAt`: when a machine was lost that had items in hand. */
export function checkLogbook(
  lines: readonly LogbookLine[],
  { items, lossesAt }: { items: readonly KnownItem[]; lossesAt: readonly number[] },
): void {
  const byItem = Map.groupBy(lines, ({ itemId }) => itemId);
  for (const item of items) {
    const mine = byItem.get(item.id) ?? [];
    const told = JSON.stringify({ item, mine });
    assert.equal(item.status, "completed", `not every item is completed: ${told}`);
    assert.ok(mine.every(({ eventId }) => eventId === item.eventId), `it is about another event: ${told}`);
    assert.ok(mine.every(({ priority }) => priority === item.priority), `it has another priority: ${told}`);
    assert.ok(
      mine.some(({ what, attempt }) => what === "done" && attempt === item.attempts),
      `not done: ${told}`,
    );
    const begins = mine.filter(({ what }) => what === "begin");
    assert.equal(
      new Set(begins.map(({ attempt }) => attempt)).size,
      begins.length,
      `an attempt twice: ${told}`,
    );
    for (const [index, { at }] of begins.entries()) {
      const before = begins[index - 1];
      if (before === undefined) continue;
      const isLost = lossesAt.some((lostAt) => before.at <= lostAt + clockGrainMs && lostAt <= at);
      assert.ok(isLost, `it was handed out twice though nothing was lost: ${told}`);
    }
  }
  const known = new Set(items.map(({ id }) => id));
  assert.deepEqual(lines.filter(({ itemId }) => !known.has(itemId)), [], "each handled item is stored");
  for (const mine of Map.groupBy(lines, ({ worker }) => worker).values()) checkOrder(mine);
}

/** Two clocks of one computer differ by no more. */
const clockGrainMs = 2;

/** A worker begins what is new in the order of its ids within a priority. */
function checkOrder(lines: readonly LogbookLine[]): void {
  const last = new Map<number, number>();
  for (const { what, attempt, priority, itemId } of lines) {
    if (what !== "begin" || attempt > 1) continue;
    assert.ok(itemId > (last.get(priority) ?? 0), `item ${itemId} began after a newer one of its priority`);
    last.set(priority, itemId);
  }
}
