/** Ctrl-C and its kin: the first asks to stop in order, the second ends at once. */
import process from "node:process";
import type { Clock } from "../clock.ts";
import { keepSignal, signalGroups } from "../runner/child_groups.ts";

/**
 * `deno task` passes on a signal that its whole group got, as at the closing of a terminal or from a service
 * manager: what comes so soon after the first is the same wish, told twice.
 */
const sameWishMs = 300;

/** The exit code by which a shell tells that a signal ended the program. */
export function exitCodeOf(signal: Deno.Signal): number {
  return 128 + ({ SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 }[signal as string] ?? 2);
}

/** The signals that ask a process to stop, by platform: Windows knows no SIGTERM. */
export function stopSignals(os: typeof Deno.build.os): Deno.Signal[] {
  return os === "windows" ? ["SIGINT", "SIGBREAK", "SIGHUP"] : ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
}

/** How long a stop may take in all, in milliseconds. Windows ends a closed console's programs after five seconds. */
export function stopLimitMs(os: typeof Deno.build.os): number {
  return os === "windows" ? 4_500 : 14_500;
}

export interface StopSignalOptions {
  first: (signal: Deno.Signal) => void;
  /** At each one that comes after it. */
  second: (signal: Deno.Signal) => void;
  /** Another program has the terminal now: a Ctrl-C is meant for it, though the system sends it to both. */
  isTerminalLent: () => boolean;
  clock: Clock;
}

/**
 * A terminal that is closed tells it several times, through the kernel, the shell and `deno task`, and one time
 * more if a Ctrl-C came before: nobody asked for an end without order.
 */
function isHangUp(signal: Deno.Signal): boolean {
  return signal === "SIGHUP";
}

/**
 * Listens until the returned function is called. What then is left of the services' programs gets the terminal's
 * signal as the process ends: a terminal would have sent it to them as well, but before their service had ended.
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
      } else if (!isHangUp(signal) && clock.monotonic() - firstAt >= sameWishMs) {
        second(signal);
      }
    };
    // Where nobody listens by Node's means, a library of Ink's leaves the screen, and sends the signal once more.
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => listeners.forEach((remove) => remove());
}
