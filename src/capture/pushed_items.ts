/** Makes items that are pushed, as by a socket or by requests, available for pulling. */
import type { SourceItem } from "../source.ts";

/**
 * Yields the line's items while `run` adds them. `run` stops with the signal, or when nobody pulls any more. Throws
 * what `run` throws.
 */
export async function* pushedItems(
  line: { items(): AsyncGenerator<SourceItem, void> },
  run: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<SourceItem, void> {
  const closing = new AbortController();
  const running = run(AbortSignal.any([signal, closing.signal]));
  // An error, which is a bug, is thrown below. Until then nobody awaits it.
  running.catch(() => {});
  try {
    yield* line.items();
  } finally {
    closing.abort();
    await running;
  }
}
