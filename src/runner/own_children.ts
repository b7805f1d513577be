/**
 * In a service's worker: the programs that it starts get no signal of the terminal's. Ctrl-C and a closed window
 * are told to Livecue alone, which lets each service end its programs in order. Loaded before a service's code.
 */
import { ChildProcess } from "node:child_process";
import { type ChildMessage, ownGroup } from "./child_groups.ts";

/** From now on each program is started in a group of its own, but those that are waited for with the thread stopped. */
export function keepChildrenApart(tell: (message: ChildMessage) => void): void {
  if (!ownGroup.detached) return;
  const watch = (pid: number, ended: Promise<unknown>) => {
    tell({ kind: "child", pid, isRunning: true });
    ended.finally(() => tell({ kind: "child", pid, isRunning: false }));
  };
  replaceCommand(watch);
  replaceNodeSpawn(watch);
}

type Watch = (pid: number, ended: Promise<unknown>) => void;

function replaceCommand(watch: Watch): void {
  const { Command } = Deno;
  Deno.Command = class extends Command {
    readonly #whole: [string | URL, Deno.CommandOptions];
    /** One that asks for a group by itself wants a program that is left alone, also at the end. */
    readonly #isLeftAlone: boolean;

    constructor(program: string | URL, options: Deno.CommandOptions = {}) {
      super(program, { ...ownGroup, ...options });
      this.#whole = [program, options];
      this.#isLeftAlone = options.detached === true;
    }

    override spawn(): Deno.ChildProcess {
      const child = super.spawn();
      if (!this.#isLeftAlone) watch(child.pid, child.status);
      return child;
    }

    override output(): Promise<Deno.CommandOutput> {
      const [program, options] = this.#whole;
      return new Deno.Command(program, { stdout: "piped", stderr: "piped", ...options }).spawn().output();
    }
  };
}

interface NodeSpawn {
  spawn(options: { detached?: boolean }): unknown;
}

/** What `spawn`, `exec`, `execFile` and `fork` of `node:child_process` come down to. */
function replaceNodeSpawn(watch: Watch): void {
  const prototype = ChildProcess.prototype as ChildProcess & NodeSpawn;
  const { spawn } = prototype;
  prototype.spawn = function (this: ChildProcess, options) {
    const result = spawn.call(this, { ...options, ...ownGroup });
    if (this.pid !== undefined && !options.detached) {
      watch(this.pid, new Promise((resolve) => this.once("exit", resolve)));
    }
    return result;
  };
}
