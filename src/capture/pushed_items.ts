/** How one pulls from a source that is told what happens, as by a socket or by requests. */
import type { SourceItem } from "../source.ts";

/**
 * Yields the line's items while `run` fills it. `run` ends with the signal, or when nobody pulls any more; what it
 * throws is thrown here.
 */
export async function* pushedItems(
  line: { items(): AsyncGenerator<SourceItem, void> },
  run: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<SourceItem, void> {
  const closing = new AbortController();
  const running = run(AbortSignal.any([signal, closing.signal]));
  // Its error, a bug, is thrown below; until then nobody awaits it.
  running.catch(() => {});
  try {
    yield* line.items();
  } finally {
    closing.abort();
    await running;
  }
}
