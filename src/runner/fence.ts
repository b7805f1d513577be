/**
 * What a worker would share with Livecue's own process, whatever its permissions, is taken from it before the service's
 * code is loaded: signals, V8's flags, the terminal, the environment. It cannot be put back. A service in a process of
 * its own needs none of this. What no fence can keep within a worker stands in docs/security.md.
 */
import { fenceNode } from "./node_fence.ts";
import type { MessageFromWorker } from "./protocol.ts";
import { killOfOthers, lock, lockGetter, refuse, refuseAll } from "./refusal.ts";

export interface FenceOptions {
  /** Node's programs are talked to through files that are open already. */
  mayRun: boolean;
  say(message: MessageFromWorker): void;
}

/** Once, when the worker's output is captured. Where something cannot be taken away, no code of the service is loaded. */
export function enterFence(options: FenceOptions): void {
  try {
    raiseFence(options);
  } catch (thrown) {
    options.say({ kind: "crashed", error: `its fence does not fit this version of Deno: ${thrown}` });
    (globalThis as unknown as { close(): void }).close();
  }
}

function raiseFence(options: FenceOptions): void {
  fenceOutput(Deno.stdout, "Deno.stdout");
  fenceOutput(Deno.stderr, "Deno.stderr");
  fenceInput();
  fenceDeno();
  // Workers within the worker would have no fence; channels and caches are those of all services.
  refuseAll(globalThis, "The global", ["Worker", "BroadcastChannel"]);
  lock(globalThis, "caches", undefined);
  lock(Object.getPrototypeOf(navigator), "gpu", undefined);
  fenceNode(options);
}

/** The captured object stays as it is, and its class has the original methods no more. */
function fenceOutput(stream: typeof Deno.stdout, name: string): void {
  const original = Object.getPrototypeOf(stream);
  for (const method of ["write", "writeSync", "writable", "isTerminal"] as const) {
    lock(stream, method, stream[method]);
  }
  refuseAll(original, `Object.getPrototypeOf(${name})`, ["write", "writeSync", "writable", "isTerminal"]);
  lock(original, "close", () => {});
}

/** The keys are Livecue's. A service reads that there are none. */
function fenceInput(): void {
  const original = Object.getPrototypeOf(Deno.stdin);
  lock(original, "read", () => Promise.resolve(null));
  lock(original, "readSync", () => null);
  lock(original, "close", () => {});
  lock(original, "isTerminal", () => false);
  lock(original, "setRaw", refuse("Deno.stdin.setRaw"));
  lockGetter(original, "readable", () => new Blob([]).stream());
}

function fenceDeno(): void {
  lock(Deno, "kill", killOfOthers(Deno.kill, "Deno.kill"));
  refuseAll(Deno, "Deno", ["chdir", "umask"] as const);
  refuseAll(Deno.env, "Deno.env", ["set", "delete"] as const);
  lock(Deno, "serve", quietly(Deno.serve));
  // As in Node's workers: no signal is heard, and to ask for one is no mistake.
  lock(Deno, "addSignalListener", () => {});
  lock(Deno, "removeSignalListener", () => {});
  // Deno's own insides, with a way to print.
  const { internal } = Deno as unknown as { internal: symbol };
  lock(Deno, internal, {});
}

/** Deno greets for a server on the terminal itself, where nothing else is said to do. */
function quietly(serve: typeof Deno.serve): (...args: unknown[]) => unknown {
  const greet = ({ hostname, port }: Deno.NetAddr) =>
    console.info(`Listening on http://${hostname}:${port}/`);
  return (first, second) => {
    const options = typeof first === "function" ? {} : first as Deno.ServeTcpOptions;
    const handler = typeof first === "function" ? first : second ?? Reflect.get(Object(first), "handler");
    return serve({ ...options, onListen: options.onListen ?? greet, handler: handler as Deno.ServeHandler });
  };
}
