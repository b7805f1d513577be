/**
 * Takes from a worker, before it loads the service's code, everything that it would share with Livecue's own
 * process whatever its permissions: signals, V8's flags, the terminal, the environment. The service cannot
 * get it back. A service in its own process needs no fence. docs/security.md lists what no fence can confine
 * to a worker.
 */
import { fenceNode } from "./node_fence.ts";
import type { MessageFromWorker } from "./protocol.ts";
import { killOfOthers, lock, lockGetter, refuse, refuseAll } from "./refusal.ts";

export interface FenceOptions {
  /** Whether the service may run programs. Node communicates with them through open file descriptors. */
  mayRun: boolean;
  send(message: Extract<MessageFromWorker, { kind: "crashed" }>): void;
}

/**
 * Call it once, after the worker's output is captured. If the fence cannot be built, the worker loads no code
 * of the service.
 */
export function enterFence(options: FenceOptions): void {
  try {
    raiseFence(options);
  } catch (thrown) {
    options.send({ kind: "crashed", error: `its fence does not fit this version of Deno: ${thrown}` });
    (globalThis as unknown as { close(): void }).close();
  }
}

function raiseFence(options: FenceOptions): void {
  fenceOutput(Deno.stdout, "Deno.stdout");
  fenceOutput(Deno.stderr, "Deno.stderr");
  fenceInput();
  fenceDeno();
  // A worker within the worker would have no fence, and all services share channels and caches.
  refuseAll(globalThis, "The global", ["Worker", "BroadcastChannel"]);
  lock(globalThis, "caches", undefined);
  lock(Object.getPrototypeOf(navigator), "gpu", undefined);
  fenceRegistries();
  fenceNode(options);
}

/** V8 prints on the terminal what a registry's callback throws. Here it becomes an uncaught error like any other. */
function fenceRegistries(): void {
  const { reportError } = globalThis;
  const { apply, construct } = Reflect;
  const Fenced = new Proxy(FinalizationRegistry, {
    construct(Registry, [callback], newTarget) {
      const guarded = (held: unknown) => {
        try {
          apply(callback, undefined, [held]);
        } catch (thrown) {
          reportError(thrown);
        }
      };
      return construct(Registry, [guarded], newTarget);
    },
  });
  lock(FinalizationRegistry.prototype, "constructor", Fenced);
  lock(globalThis, "FinalizationRegistry", Fenced);
}

/** Keeps the captured object's methods, and removes the original ones from its class. */
function fenceOutput(stream: typeof Deno.stdout, name: string): void {
  const original = Object.getPrototypeOf(stream);
  for (const method of ["write", "writeSync", "writable", "isTerminal"] as const) {
    lock(stream, method, stream[method]);
  }
  refuseAll(original, `Object.getPrototypeOf(${name})`, ["write", "writeSync", "writable", "isTerminal"]);
  lock(original, "close", () => {});
}

/** Key presses belong to Livecue. A service reads an empty input. */
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
  // As in Node's workers, a listener can be added but never receives a signal.
  lock(Deno, "addSignalListener", () => {});
  lock(Deno, "removeSignalListener", () => {});
  // Deno's internals, which offer another way to print.
  const { internal } = Deno as unknown as { internal: symbol };
  lock(Deno, internal, {});
}

/** Logs the address of a server that has no `onListen`. Deno itself would print it on the terminal. */
function quietly(serve: typeof Deno.serve): (...args: unknown[]) => unknown {
  const greet = ({ hostname, port }: Deno.NetAddr) =>
    console.info(`Listening on http://${hostname}:${port}/`);
  return (first, second) => {
    const options = typeof first === "function" ? {} : first as Deno.ServeTcpOptions;
    const handler = typeof first === "function" ? first : second ?? Reflect.get(Object(first), "handler");
    return serve({ ...options, onListen: options.onListen ?? greet, handler: handler as Deno.ServeHandler });
  };
}
