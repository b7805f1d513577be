/**
 * The main program of a service's own process: it runs the worker and passes messages on. It ends with
 * its parent, whatever the service is doing, and is ended by it.
 */
import type { Permissions } from "../service.ts";
import { decodeLines, encodeLine } from "./message_lines.ts";
import { workerPermissions } from "./permissions.ts";
import { encodeMessage } from "./protocol.ts";

interface Setup {
  slug: string;
  /** As `permissionsOf` gave them. */
  permissions: Permissions;
  maxMemoryMb: number;
}

const setup: Setup = JSON.parse(Deno.args[0] ?? "");
const encoder = new TextEncoder();
const emptyProcessBytes = Deno.memoryUsage().rss;

ignoreStopSignals();
const worker = new Worker(new URL("./worker_entry.ts", import.meta.url), {
  type: "module",
  name: setup.slug,
  deno: { permissions: workerPermissions(setup.permissions) },
});
// Its worker says all of it as text; what the service posts by itself is passed on for the parent to refuse.
worker.onmessage = ({ data }: MessageEvent<unknown>) =>
  send(typeof data === "string" ? data : JSON.stringify(data) ?? "null");
worker.onerror = (event) => {
  event.preventDefault();
  send(encodeMessage({ kind: "crashed", error: event.message }));
};

const ping = encodeMessage({ kind: "ping" });
for await (const { text } of decodeLines(Deno.stdin.readable)) {
  if (text === ping) checkMemory();
  if (text !== null) worker.postMessage(text);
}
// The parent is gone. A worker that is stuck in a loop would keep the process alive.
Deno.exit(0);

/** Writes all of it, in order, before anything else happens. */
function send(text: string): void {
  let bytes = encoder.encode(encodeLine(text));
  while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
}

/** V8's limit does not see buffers, so the process as a whole is watched too, at each ping. */
function checkMemory(): void {
  const usedMb = Math.round((Deno.memoryUsage().rss - emptyProcessBytes) / 2 ** 20);
  if (usedMb > setup.maxMemoryMb) {
    const error = `it used ${usedMb} MB of memory, over its limit of ${setup.maxMemoryMb} MB`;
    send(encodeMessage({ kind: "crashed", error }));
  }
}

/** Ctrl-C in a terminal, or a service manager's stop, reaches every process; when this one ends its parent says. */
function ignoreStopSignals(): void {
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGHUP", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, () => {});
}
