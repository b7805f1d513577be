/**
 * Measures the CPU time of other programs with Linux's /proc: the whole machine's time, minus the time of the
 * benchmarks' own processes. The environment of a benchmark's process contains a mark, which its children inherit,
 * even if they outlive it, like the servers of PostgreSQL and tmux. The time of the kernel's threads counts for
 * nobody: they mostly write to the disk for the benchmarks.
 */
export const canSeeProcesses = Deno.build.os === "linux";

const ticksASecond = 100;
const markName = "LIVECUE_BENCHMARK_RUN";

interface Process {
  parent: number;
  /** The start of the process, in ticks since the machine's start. Together with the id it identifies one process. */
  startedAt: string;
  /** Its own ticks, and those of its children that have ended. */
  ticks: number;
}

/** The processes that a run of benchmarks starts. */
export class OwnProcesses {
  readonly #mark = `${Deno.pid}-${crypto.randomUUID()}`;
  readonly #isOwn = new Map<string, boolean>();
  /** Own processes whose ticks no other own process will include when they end, with their ticks so far. */
  readonly #orphans = new Map<string, number>();

  /** For the environment of each process that a benchmark starts. */
  get env(): Record<string, string> {
    return { [markName]: this.#mark };
  }

  /** Ticks of the machine's CPUs so far, without those of these processes and of the kernel's threads. */
  othersTicks(): number {
    let ticks = busyTicks();
    const orphans = new Set<string>();
    for (const [pid, process] of processes()) {
      const key = `${pid} ${process.startedAt}`;
      if (isKernelThread(pid, process)) ticks -= process.ticks;
      else if (this.#has(pid, key)) {
        ticks -= process.ticks;
        if (process.parent !== 1) continue;
        orphans.add(key);
        this.#orphans.set(key, process.ticks);
      }
    }
    for (const [key, ofOrphan] of this.#orphans) if (!orphans.has(key)) ticks -= ofOrphan;
    return ticks;
  }

  /** Kills all remaining own processes. */
  kill(): void {
    for (const [pid, { startedAt }] of processes()) {
      if (pid !== Deno.pid && this.#has(pid, `${pid} ${startedAt}`)) kill(pid);
    }
  }

  #has(pid: number, key: string): boolean {
    if (pid === Deno.pid) return true;
    // A process that has just been forked has the environment of its parent, until it becomes what it is to be.
    const isOwn = this.#isOwn.get(key) || environmentOf(pid).includes(`${markName}=${this.#mark}`);
    this.#isOwn.set(key, isOwn);
    return isOwn;
  }
}

/** Seconds of CPU per second that others took since the construction; 1 is a whole core. */
export class OthersMeter {
  readonly #own: OwnProcesses;
  #ticks: number;
  #at = performance.now();

  constructor(own: OwnProcesses) {
    this.#own = own;
    this.#ticks = own.othersTicks();
  }

  /** Cores that others took since the last call. */
  cores(): number {
    const [ticks, at] = [this.#own.othersTicks(), performance.now()];
    const cores = (ticks - this.#ticks) / ticksASecond / ((at - this.#at) / 1000);
    [this.#ticks, this.#at] = [ticks, at];
    return Math.max(0, cores);
  }
}

/** Ticks of a process and of all its descendants, including children that have ended. */
export function ticksOfTree(root: number): number {
  const all = new Map(processes());
  const isBelow = (pid: number): boolean => {
    const process = all.get(pid);
    return pid === root || process !== undefined && isBelow(process.parent);
  };
  return [...all].reduce((sum, [pid, { ticks }]) => isBelow(pid) ? sum + ticks : sum, 0);
}

/** Ticks of all CPUs, including the time that the machine's host gave to others. */
function busyTicks(): number {
  const line = Deno.readTextFileSync("/proc/stat").split("\n")[0] ?? "";
  const [user = 0, nice = 0, system = 0, _idle, _wait, irq = 0, softirq = 0, steal = 0] = line
    .split(/\s+/).slice(1).map(Number);
  return user + nice + system + irq + softirq + steal;
}

function* processes(): Generator<[number, Process]> {
  for (const { name } of Deno.readDirSync("/proc")) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? textOf(`/proc/${pid}/stat`) : "";
    if (stat === "") continue;
    // The name in front may hold blanks and brackets.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    yield [pid, { parent: Number(fields[1]), startedAt: fields[19] ?? "", ticks }];
  }
}

function isKernelThread(pid: number, { parent }: Process): boolean {
  const kernelsParent = 2;
  return pid === kernelsParent || parent === kernelsParent;
}

function environmentOf(pid: number): string {
  return textOf(`/proc/${pid}/environ`);
}

/** "" if the process has ended or belongs to another user. */
function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
