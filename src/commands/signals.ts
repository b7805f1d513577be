/** Signals such as Ctrl-C: the first stops Livecue in order, the second at once. */
import process from "node:process";
import type { Clock } from "../clock.ts";
import { keepSignal, signalGroups } from "../runner/child_groups.ts";

/**
 * `deno task` forwards a signal that its whole process group has received, for example when a terminal closes. A second
 * signal this soon is the same request.
 */
const sameRequestMs = 300;

/** The exit code with which a shell reports that a signal ended the program. */
export function exitCodeOf(signal: Deno.Signal): number {
  return 128 + ({ SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 }[signal as string] ?? 2);
}

/** The signals that ask a process to stop, by platform. Windows has no SIGTERM. */
export function stopSignals(os: typeof Deno.build.os): Deno.Signal[] {
  return os === "windows" ? ["SIGINT", "SIGBREAK", "SIGHUP"] : ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
}

/** How long the whole stop may take, in milliseconds. Windows kills the programs of a closed console after five seconds. */
export function stopLimitMs(os: typeof Deno.build.os): number {
  return os === "windows" ? 4_500 : 14_500;
}

export interface StopSignalOptions {
  first: (signal: Deno.Signal) => void;
  /** Called at each later signal. */
  second: (signal: Deno.Signal) => void;
  /**
   * Whether another program has the terminal now. Then Ctrl-C is meant for that program, although the system sends it
   * to both.
   */
  isTerminalLent: () => boolean;
  clock: Clock;
}

/**
 * The kernel, the shell and `deno task` each send SIGHUP when a terminal is closed, and a Ctrl-C may have come before.
 * So SIGHUP never counts as a request to stop at once.
 */
function isHangUp(signal: Deno.Signal): boolean {
  return signal === "SIGHUP";
}

/**
 * Listens until the returned function is called. Programs of the services that still run when the process exits then
 * get the terminal's signal. A terminal would have sent it to them before their service had stopped.
 */
export function onStopSignals(
  { first, second, isTerminalLent, clock }: StopSignalOptions,
): () => void {
  let firstAt: number | null = null;
  globalThis.addEventListener("unload", signalGroups);
  const listeners = stopSignals(Deno.build.os).map((signal) => {
    const listener = () => {
      if ((signal === "SIGINT" || signal === "SIGQUIT") && isTerminalLent()) return;
      if (signal !== "SIGTERM") keepSignal(signal);
      if (firstAt === null) {
        firstAt = clock.monotonic();
        first(signal);
      } else if (!isHangUp(signal) && clock.monotonic() - firstAt >= sameRequestMs) {
        second(signal);
      }
    };
    // Uses Node's listeners. Without one, a library of Ink's closes the screen and sends the signal again.
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => listeners.forEach((remove) => remove());
}
