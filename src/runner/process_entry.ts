/**
 * The main program of a service's own process: it runs the worker and passes messages on. It exits when its parent
 * exits, whatever the service is doing, and the parent can kill it.
 */
import type { Permissions } from "../service.ts";
import { decodeLines, lineWriter } from "./message_lines.ts";
import { workerPermissions } from "./permissions.ts";
import { encodeMessage } from "./protocol.ts";

interface Setup {
  slug: string;
  /** As `permissionsOf` returned them. */
  permissions: Permissions;
  maxMemoryMb: number;
}

const setup: Setup = JSON.parse(Deno.args[0] ?? "");
const maxErrorCharacters = 2_000;
const write = lineWriter(Deno.stdout.writeSync.bind(Deno.stdout));
const emptyProcessBytes = Deno.memoryUsage().rss;

ignoreStopSignals();
const worker = new Worker(new URL("./worker_entry.ts", import.meta.url), {
  type: "module",
  name: setup.slug,
  deno: { permissions: workerPermissions(setup.permissions) },
});
// Tells the worker to write to the pipe itself, so that its last message arrives even if the process dies.
worker.postMessage(null);
worker.onerror = (event) => {
  event.preventDefault();
  write(encodeMessage({ kind: "crashed", error: event.message.slice(0, maxErrorCharacters) }));
};

const ping = encodeMessage({ kind: "ping" });
for await (const { text } of decodeLines(Deno.stdin.readable)) {
  if (text === ping) checkMemory();
  if (text !== null) worker.postMessage(text);
}
// The parent has exited. A worker that is stuck in a loop would keep this process alive.
Deno.exit(0);

/** V8's limit does not include buffers, so each ping also checks the memory of the whole process. */
function checkMemory(): void {
  const usedMb = Math.round((Deno.memoryUsage().rss - emptyProcessBytes) / 2 ** 20);
  if (usedMb > setup.maxMemoryMb) {
    const error = `it used ${usedMb} MB of memory, over its limit of ${setup.maxMemoryMb} MB`;
    write(encodeMessage({ kind: "crashed", error }));
  }
}

/** Ctrl-C in a terminal, or a service manager's stop, reaches every process. The parent decides when this one exits. */
function ignoreStopSignals(): void {
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGHUP", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, () => {});
}
