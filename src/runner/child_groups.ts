/**
 * The process groups of programs that services have started. No terminal signals them. Livecue first
 * gives the services their chance to stop their programs. Then it sends the signal that ended Livecue to the programs
 * that still run.
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

/** What the terminal has told Livecue; null where nothing. */
let told: Deno.Signal | null = null;

/** Of a program that was started with `ownGroup`. */
export function addGroup(pid: number): void {
  if (ownGroup.detached) leaders.add(pid);
}

/** Call it when the leader has ended. Others may be left in its group. */
export function leaderEnded(pid: number): void {
  if (leaders.has(pid) && !signalGroup(pid, 0)) leaders.delete(pid);
}

/**
 * The programs that one worker has started. Deno ends a worker's programs with it, but for those that have a group of
 * their own: these are ended here.
 */
export class WorkerChildren {
  readonly #running = new Set<number>();
  readonly #mayRun: boolean;

  /** Only services that may run programs are believed. */
  constructor({ mayRun }: { mayRun: boolean }) {
    this.#mayRun = mayRun;
  }

  /** What the worker told. Its code may have forged it, so that Livecue or another program is killed. */
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

  /** The worker has been ended, and so are its programs. After a terminal's signal they get that, by `signalGroups`. */
  kill(): void {
    if (told !== null) return;
    for (const pid of this.#running) signal(pid, "SIGKILL");
    for (const pid of this.#running) leaderEnded(pid);
    this.#running.clear();
  }
}

/** A terminal's signal has come: it is kept for the services' programs until their services have ended. */
export function keepSignal(name: Deno.Signal): void {
  told = name;
}

/** Livecue is ended before its services are: their programs that still run are told to end with it. */
export function endGroups(): void {
  told ??= "SIGTERM";
}

/** Sends the kept signal to the services' programs that still run, as a terminal would have done. */
export function signalGroups(): void {
  if (told === null) return;
  for (const pid of leaders) signalGroup(pid, told);
}

/** Whose child a program is: Linux alone says so. */
function parentOf(pid: number): "livecue" | "another" | "gone" | "unknown" {
  if (Deno.build.os !== "linux") return "unknown";
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // Its name, in brackets, may have anything in it.
    const [, parent] = status.slice(status.lastIndexOf(")") + 2).split(" ");
    return Number(parent) === Deno.pid ? "livecue" : "another";
  } catch {
    return "gone";
  }
}

/** Whether there is such a group; 0 only looks. */
function signalGroup(pid: number, name: Deno.Signal | 0): boolean {
  return signal(-pid, name);
}

function signal(pid: number, name: Deno.Signal | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    // It is gone.
    return false;
  }
}
