/**
 * The process groups of programs that services have started. No terminal signals them: what is left of them when
 * Livecue ends gets the signal that ended it, once the services have had their chance to stop them.
 */
import process from "node:process";

/** What a program is started with to be in a group of its own. Windows has none. */
export const ownGroup = { detached: Deno.build.os !== "windows" };

/** A worker's word that a program which its service started, by `Deno.Command` or `node:child_process`, has started or ended. */
export interface ChildMessage {
  kind: "child";
  /** Of the program, which leads a process group of its own. */
  pid: number;
  isRunning: boolean;
}

const leaders = new Set<number>();

/** Of a program that was started with `ownGroup`. */
export function addGroup(pid: number): void {
  if (ownGroup.detached) leaders.add(pid);
}

/** Call it when the leader has ended. Others may be left in its group. */
export function leaderEnded(pid: number): void {
  if (leaders.has(pid) && !signalGroup(pid, 0)) leaders.delete(pid);
}

/** What a worker told; whether it was about a child. Only services that may run programs are believed. */
export function takeChildMessage(message: unknown, mayRun: boolean): boolean {
  if (!isChildMessage(message)) return false;
  const { pid, isRunning } = message;
  if (!mayRun || !Number.isSafeInteger(pid) || pid <= 1) return true;
  if (isRunning) addGroup(pid);
  else leaderEnded(pid);
  return true;
}

/** As a terminal would have done. */
export function signalGroups(signal: Deno.Signal): void {
  for (const pid of leaders) signalGroup(pid, signal);
}

/** Whether there is such a group; 0 only looks. */
function signalGroup(pid: number, signal: Deno.Signal | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    // It is gone.
    return false;
  }
}

function isChildMessage(message: unknown): message is ChildMessage {
  return typeof message === "object" && message !== null && "kind" in message && message.kind === "child";
}
