/**
 * Bounds the exit of a process with telemetry. Deno exports what it still has when the process exits, and meanwhile it
 * waits for a collector that does not answer, and for ever for a worker that is stuck in a loop.
 */
import type { ExitLimit } from "./exit_limit_worker.ts";

/** How long the last export may take. */
const lastExportMs = 2_000;

/** From now on, the process ends with this code after two seconds, if it has not exited before. */
export async function limitExit(code: number): Promise<void> {
  const worker = new Worker(new URL("./exit_limit_worker.ts", import.meta.url), { type: "module" });
  const { promise: isReady, resolve } = Promise.withResolvers<void>();
  worker.onmessage = () => resolve();
  worker.onerror = (event) => {
    // The exit may take longer then.
    event.preventDefault();
    resolve();
  };
  worker.postMessage({ code, ms: lastExportMs } satisfies ExitLimit);
  await isReady;
}
