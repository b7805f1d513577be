/**
 * The part of the fence for Node's modules. A module is patched when it is first imported, so that unused modules cost
 * nothing. Its default export can be patched, but its named exports cannot. So an import of the module resolves to a
 * stand-in, which exports the patched functions under the same names.
 */
import Module from "node:module";
import process from "node:process";
import { fenceDatabases } from "./database_fence.ts";
import { fenceFiles } from "./file_fence.ts";
import { killOfOthers, lock, lockGetter, refuse, refuseAll } from "./refusal.ts";

type Exported = Record<string, unknown>;

const refusedOfProcess = [
  "_kill",
  "abort",
  "chdir",
  "umask",
  "binding",
  "_rawDebug",
  "_debugProcess",
  "_debugEnd",
  "loadEnvFile",
] as const;

/** By module URL: patches the default export, and returns the names of the patched exports. */
const mends: Record<string, (exported: Exported) => readonly string[]> = Object.assign(
  Object.create(null),
  {
    "node:process": () => [...refusedOfProcess, "kill", "env", "getBuiltinModule"],
    "node:console": useCapturedConsole,
    "node:fs": fenceFiles,
    "node:fs/promises": fenceFiles,
    "node:os": (os) => refuseAll(os, "os", ["setPriority"]),
    "node:v8": (v8) => refuseAll(v8, "v8", ["setFlagsFromString", "setHeapSnapshotNearHeapLimit"]),
    "node:module": (module) => refuseAll(module, "module", ["register", "registerHooks"]),
    "node:tty": (tty) => refuseAll(tty, "tty", ["ReadStream", "WriteStream"]),
    "node:vm": fenceContexts,
    "node:wasi": (wasi) => refuseAll(wasi, "wasi", ["WASI"]),
    "node:sqlite": fenceDatabases,
    "node:worker_threads": (threads) => refuseAll(threads, "worker_threads", ["Worker", "BroadcastChannel"]),
  } satisfies typeof mends,
);

/** By URL of a patched module: the URL of its stand-in. */
const standIns: Record<string, string> = Object.create(null);
const isStandIn: Record<string, true> = Object.create(null);

const { encodeURIComponent } = globalThis;
const { getBuiltinModule } = process;
const { apply } = Reflect;

/** Call it once. */
export function fenceNode({ mayRun }: { mayRun: boolean }): void {
  fenceHandles(mayRun);
  fenceProcess();
  Module.registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      const { url } = resolved;
      if (!mends[url] || isStandIn[context.parentURL ?? ""]) return resolved;
      mendOnce(url);
      // `require` returns the default export.
      if (isRequired(context.conditions)) return resolved;
      return { url: standIns[url] as string, format: "module", shortCircuit: true };
    },
  });
  // They are loaded already, and code can reach their objects without importing the module.
  for (const url of ["node:module", "node:sqlite", "node:console"]) mendOnce(url);
  lock(process, "getBuiltinModule", (id: string) => {
    const address = mends[id] ? id : `node:${id}`;
    if (mends[address]) mendOnce(address);
    return getBuiltinModule(id);
  });
}

function isRequired(conditions: readonly string[]): boolean {
  for (let i = 0; i < conditions.length; i++) if (conditions[i] === "require") return true;
  return false;
}

function mendOnce(url: string): void {
  if (standIns[url]) return;
  const names = mends[url]?.(getBuiltinModule(url) as unknown as Exported) ?? [];
  let text = `import whole from "${url}"; export * from "${url}"; export default whole;`;
  for (let i = 0; i < names.length; i++) text += `export const ${names[i]} = whole.${names[i]};`;
  const standIn = `data:text/javascript,${encodeURIComponent(text)}`;
  standIns[url] = standIn;
  isStandIn[standIn] = true;
  // `fs.promises` is the same object as `node:fs/promises`.
  if (url === "node:fs") mendOnce("node:fs/promises");
}

/** Another context has a `FinalizationRegistry` of its own. */
function fenceContexts(vm: Exported): readonly string[] {
  const { Script } = vm as unknown as { Script: { prototype: object } };
  refuseAll(Script.prototype, "vm.Script", ["runInNewContext"]);
  return refuseAll(vm, "vm", ["createContext", "runInNewContext"]);
}

/** The module copied the console's functions before they were captured. */
function useCapturedConsole(exported: Exported): string[] {
  const names = Object.keys(console).filter((name) => name !== "Console" && name in exported);
  for (const name of names) exported[name] = Reflect.get(console, name);
  return names;
}

/**
 * Fences the handles with which Node's sockets and terminals open and write, including those that a library creates.
 */
function fenceHandles(mayRun: boolean): void {
  const { prototype: pipe } = classOf("pipe_wrap", "Pipe");
  const refused = refuse("a socket on an open file");
  const { open } = pipe as { open(file: number): unknown };
  // A descriptor number reaches any open file of the process. A service talks to the programs that it runs through some
  // of them.
  lock(pipe, "open", function (this: object, file: number) {
    const whole = file | 0;
    return mayRun && whole > 2 ? apply(open, this, [whole]) : refused();
  });
  lock(classOf("tcp_wrap", "TCP").prototype, "open", refused);
  lock(classOf("udp_wrap", "UDP").prototype, "open", refused);
  const { prototype: terminal } = classOf("tty_wrap", "TTY");
  for (const name of terminalMethods) lock(terminal, name, refuse("the terminal"));
}

function classOf(module: string, name: string): { prototype: object } {
  const { binding } = process as unknown as { binding(name: string): Record<string, { prototype: object }> };
  return binding(module)[name] as { prototype: object };
}

const terminalMethods = [
  "writeBuffer",
  "writev",
  "writeUtf8String",
  "writeAsciiString",
  "writeLatin1String",
  "writeUcs2String",
  "readStart",
  "setRawMode",
];

function fenceProcess(): void {
  refuseAll(process, "process", refusedOfProcess);
  lock(process, "kill", killOfOthers(process.kill, "process.kill"));
  const { env } = process;
  const cannotChange = refuse("a change of process.env");
  const traps = { set: cannotChange, defineProperty: cannotChange, deleteProperty: cannotChange };
  // Assignable, because some libraries replace it for a while.
  process.env = new Proxy(env, traps);
  let input: unknown;
  lockGetter(process, "stdin", () => input ??= getBuiltinModule("node:stream").Readable.from([]));
}
