/**
 * The exit of a process with telemetry. Deno exports what it still has when the process exits, and meanwhile it
 * waits for a collector that does not answer, for three times its time limit or more, and for ever for a worker that is
 * stuck in a loop. The time limit in telemetry.env lets a process exit with its own code before it would be killed.
 */
import { t } from "../language.ts";
import { hasTelemetry, openExports } from "../telemetry/telemetry.ts";
import type { ExitLimit } from "./telemetry_exit_worker.ts";

/** How long the exit may take. */
const exitMs = 8_000;

/** Call it at the start of the program. Returns what to await before an exit. */
export async function prepareExit(): Promise<() => Promise<void>> {
  if (!hasTelemetry()) return async () => {};
  const nextPause = await openExports();
  return async () => {
    await limitExit();
    await nextPause?.(Deno.env.get("OTEL_METRIC_EXPORT_INTERVAL"));
  };
}

/** From now on, the process is killed after eight seconds, if it has not exited before. */
async function limitExit(): Promise<void> {
  const worker = new Worker(new URL("./telemetry_exit_worker.ts", import.meta.url), { type: "module" });
  const { promise: isReady, resolve } = Promise.withResolvers<void>();
  worker.onmessage = () => resolve();
  worker.onerror = (event) => {
    // The exit may take longer then.
    event.preventDefault();
    resolve();
  };
  const lastWords =
    t`The last metrics and traces could not be sent in time, so Livecue was killed. Everything is stored.`;
  worker.postMessage({ ms: exitMs, lastWords } satisfies ExitLimit);
  await isReady;
}
