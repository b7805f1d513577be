/**
 * The process groups of the programs that services start. The terminal signals none of these groups. Livecue
 * first lets the services stop their programs. Then it sends the signal that stopped Livecue to the programs
 * that still run.
 */
import process from "node:process";

/** The option that starts a program in its own process group. Windows has no process groups. */
export const ownGroup = { detached: Deno.build.os !== "windows" };

/**
 * A worker reports that its service started a program, by `Deno.Command` or `node:child_process`, or that it
 * exited.
 */
export interface ChildMessage {
  kind: "child";
  /** The program's pid. The program leads its own process group. */
  pid: number;
  isRunning: boolean;
}

const leaders = new Set<number>();

/** The signal that Livecue got from the terminal, or null. */
let terminalSignal: Deno.Signal | null = null;

/** Adds a program that was started with `ownGroup`. */
export function addGroup(pid: number): void {
  if (ownGroup.detached) leaders.add(pid);
}

/** Call it when the leader has exited. Other programs may still run in its group. */
export function leaderEnded(pid: number): void {
  if (leaders.has(pid) && !signalGroup(pid, 0)) leaders.delete(pid);
}

/**
 * The programs that one worker has started. Deno kills a worker's programs with the worker, except those in
 * their own group. This class kills those.
 */
export class WorkerChildren {
  readonly #running = new Set<number>();
  readonly #mayRun: boolean;

  /** Reports of a service that may not run programs are ignored. */
  constructor({ mayRun }: { mayRun: boolean }) {
    this.#mayRun = mayRun;
  }

  /**
   * Takes a worker's report. The service may have forged it to make Livecue kill itself or another program.
   */
  take({ pid, isRunning }: ChildMessage): void {
    if (!this.#mayRun) return;
    if (isRunning) {
      const parent = parentOf(pid);
      if (parent === "another" || pid === Deno.pid) return;
      addGroup(pid);
      if (parent === "gone") leaderEnded(pid);
      else this.#running.add(pid);
    } else {
      this.#running.delete(pid);
      leaderEnded(pid);
    }
  }

  /**
   * Kills the programs of a worker that was terminated. After a signal from the terminal, `signalGroups`
   * sends them that signal instead.
   */
  kill(): void {
    if (terminalSignal !== null) return;
    for (const pid of this.#running) signal(pid, "SIGKILL");
    for (const pid of this.#running) leaderEnded(pid);
    this.#running.clear();
  }
}

/** Keeps the terminal's signal for the services' programs until the services have stopped. */
export function keepSignal(name: Deno.Signal): void {
  terminalSignal = name;
}

/** Livecue exits before its services have stopped: programs that still run will get the kept signal, or else SIGTERM. */
export function endGroups(): void {
  terminalSignal ??= "SIGTERM";
}

/** Sends the kept signal to the services' programs that still run, as a terminal would have done. */
export function signalGroups(): void {
  if (terminalSignal === null) return;
  for (const pid of leaders) signalGroup(pid, terminalSignal);
}

/** Whose child a program is. Only Linux tells. */
function parentOf(pid: number): "livecue" | "another" | "gone" | "unknown" {
  if (Deno.build.os !== "linux") return "unknown";
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The program's name, in parentheses, may contain any character.
    const [, parent] = status.slice(status.lastIndexOf(")") + 2).split(" ");
    return Number(parent) === Deno.pid ? "livecue" : "another";
  } catch {
    return "gone";
  }
}

/** Whether the group exists. Signal 0 only checks. */
function signalGroup(pid: number, name: Deno.Signal | 0): boolean {
  return signal(-pid, name);
}

function signal(pid: number, name: Deno.Signal | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    // It has exited already.
    return false;
  }
}
