/** Ctrl-C and its kin: the first asks to stop in order, the second ends at once. */

/** The signals that ask a process to stop, by platform: Windows knows no SIGTERM. */
export function stopSignals(os: typeof Deno.build.os): Deno.Signal[] {
  return os === "windows" ? ["SIGINT", "SIGBREAK", "SIGHUP"] : ["SIGINT", "SIGTERM", "SIGHUP"];
}

/**
 * How long a stop may wait for running items. Windows ends a closed console's programs after five seconds, of
 * which aborted items and `onStop` may take three.
 */
export function stopGraceMs(os: typeof Deno.build.os): number {
  return os === "windows" ? 1_000 : 10_000;
}

/** Listens until the returned function is called. */
export function onStopSignals(
  { first, second }: { first: (signal: Deno.Signal) => void; second: () => void },
): () => void {
  let count = 0;
  const listeners = stopSignals(Deno.build.os).map((signal) => {
    const listener = () => count++ === 0 ? first(signal) : second();
    Deno.addSignalListener(signal, listener);
    return () => Deno.removeSignalListener(signal, listener);
  });
  return () => listeners.forEach((remove) => remove());
}
