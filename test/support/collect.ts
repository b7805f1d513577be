import type { SourceItem } from "../../src/source.ts";
import type { FakeClock } from "./fake_clock.ts";

/** Pulls a source to its end, moving the clock on whenever it waits. */
export async function collect(items: AsyncIterable<SourceItem>, clock: FakeClock): Promise<SourceItem[]> {
  const collected: SourceItem[] = [];
  let isDone = false;
  const pull = (async () => {
    for await (const item of items) collected.push(item);
  })();
  pull.then(() => isDone = true, () => isDone = true);
  while (!isDone) {
    // Real input and output gets a turn before time moves.
    await new Promise((resolve) => setImmediate(resolve));
    clock.advanceToNext();
  }
  await pull;
  return collected;
}

export function only<Kind extends SourceItem["kind"]>(
  items: readonly SourceItem[],
  kind: Kind,
): Extract<SourceItem, { kind: Kind }>[] {
  return items.filter((item): item is Extract<SourceItem, { kind: Kind }> => item.kind === kind);
}
