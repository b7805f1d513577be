/**
 * Runs in a service's worker, before the service's code is loaded. It keeps the terminal's signals away from the
 * programs that the service starts: only Livecue receives Ctrl-C or the closing of the window, and then lets each
 * service stop its programs in order.
 */
import { ChildProcess } from "node:child_process";
import { type ChildMessage, ownGroup } from "./child_groups.ts";

/** From now on each program starts in its own process group, except those started by a synchronous call. */
export function keepChildrenApart(report: (message: ChildMessage) => void): void {
  if (!ownGroup.detached) return;
  const watch = (pid: number, ended: Promise<unknown>) => {
    report({ kind: "child", pid, isRunning: true });
    ended.finally(() => report({ kind: "child", pid, isRunning: false }));
  };
  replaceCommand(watch);
  replaceNodeSpawn(watch);
}

type Watch = (pid: number, ended: Promise<unknown>) => void;

function replaceCommand(watch: Watch): void {
  const { Command } = Deno;
  Deno.Command = class extends Command {
    readonly #whole: [string | URL, Deno.CommandOptions];
    /** A service that asks for a separate group itself wants a program that keeps running, even after Livecue exits. */
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

/** Replaces the method that `spawn`, `exec`, `execFile` and `fork` of `node:child_process` all call. */
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
