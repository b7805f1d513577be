/** Runs a service in its own process, which can be killed and whose memory is capped. */
import { fileURLToPath } from "node:url";
import { pause, systemClock } from "../clock.ts";
import { t } from "../language.ts";
import type { LogLevel } from "../log/log.ts";
import { addGroup, leaderEnded, ownGroup } from "./child_groups.ts";
import { decodeLines, encodeLine, LineTooLong } from "./message_lines.ts";
import { maxCharacters } from "./credits.ts";
import { permissionFlags, permissionsOf, withPaths } from "./permissions.ts";
import { encodeMessage, type MessageToWorker } from "./protocol.ts";
import type { ServiceConfig } from "../service.ts";
import { hasTelemetry } from "../telemetry/telemetry.ts";
import type { Transport, TransportOptions } from "./transport.ts";

/**
 * `maxMemoryMb` limits V8's heap, and also the whole process, measured from an empty process. Throws if Livecue may not
 * run processes.
 */
export function openProcess({ service, ...on }: TransportOptions): Transport {
  const child = startChild(service);
  addGroup(child.pid);
  const input = child.stdin.getWriter();
  const encoder = new TextEncoder();

  // Aborts the reading after the process has exited, because a child of the process may hold the pipes open.
  const reading = new AbortController();
  const ended = Promise.allSettled([
    forwardLines({ stream: child.stdout, level: "info", signal: reading.signal, ...on }),
    forwardLines({ stream: child.stderr, level: "warn", signal: reading.signal, ...on }),
  ]);
  const gone = child.status.then(async ({ code, signal }) => {
    leaderEnded(child.pid);
    const how = signal === null ? t`exit code ${code}` : signal;
    // Its last messages are still in the pipe.
    await Promise.race([ended, pause(systemClock, lastWordsMs, reading.signal)]);
    on.onLost(t`lost its worker: its process ended (${how})`);
  });
  // When the process dies, its pipe breaks. Its status reports the death.
  const ignore = () => {};
  input.closed.catch(ignore);

  return {
    canKill: true,
    ledger: null,
    children: null,
    post(message: MessageToWorker) {
      input.write(encoder.encode(encodeLine(encodeMessage(message)))).catch(ignore);
    },
    async terminate() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has exited already.
      }
      reading.abort();
      await input.abort().catch(ignore);
      await gone;
      await ended;
    },
  };
}

/** How long to wait for a dead process's last messages, because a child of the process may hold its pipe open. */
const lastWordsMs = 500;

function startChild(service: ServiceConfig): Deno.ChildProcess {
  const { slug, maxMemoryMb } = service;
  const permissions = permissionsOf(service);
  // The process has to load the worker's modules, which are Livecue's own. The worker may read less.
  const read = withPaths(permissions.read, [pathOf("..")]);
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      `--config=${pathOf("../../deno.json")}`,
      `--v8-flags=--max-old-space-size=${maxMemoryMb}`,
      ...permissionFlags({ ...permissions, read }),
      pathOf("./process_entry.ts"),
      JSON.stringify({ slug, permissions, maxMemoryMb }),
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: hasTelemetry() ? telemetryOfChild() : {},
    ...ownGroup,
  }).spawn();
}

/**
 * The process exports the spans of the service's code. It exports no metrics, because a worker that is stuck would
 * then keep it from exiting, and it exports soon, because it may be killed.
 */
function telemetryOfChild(): Record<string, string> {
  const delay = "OTEL_BSP_SCHEDULE_DELAY";
  return { OTEL_DENO_METRICS: "false", [delay]: Deno.env.get(delay) ?? "1000" };
}

interface ForwardOptions extends Omit<TransportOptions, "service"> {
  stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** The level of printed text. */
  level: LogLevel;
  signal: AbortSignal;
}

async function forwardLines(
  { stream, level, signal, onMessage, onPrinted, onLost }: ForwardOptions,
): Promise<void> {
  try {
    for await (const { printed, text } of decodeLines(stream, { signal, maxCharacters })) {
      // Counts empty lines too, because they can flood as well.
      if (printed !== "" || text === null) onPrinted(level, printed);
      if (text !== null) onMessage(text);
    }
  } catch (error) {
    if (!(error instanceof LineTooLong)) throw error;
    onLost(t`sent a message of over ${maxCharacters} characters: Livecue ended its worker`);
  }
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
