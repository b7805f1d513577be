import { log } from "node:console";
import fs, { createReadStream, createWriteStream, readSync, writeSync, writevSync } from "node:fs";
import { appendFile, open, writeFile } from "node:fs/promises";
import module, { createRequire, registerHooks } from "node:module";
import net from "node:net";
import os, { setPriority } from "node:os";
import { join } from "node:path";
import nodeProcess, { abort, env, getBuiltinModule, kill } from "node:process";
import { DatabaseSync } from "node:sqlite";
import tty from "node:tty";
import { fileURLToPath } from "node:url";
import v8, { setFlagsFromString } from "node:v8";
import vm from "node:vm";
import { WASI } from "node:wasi";
import { BroadcastChannel as NodeChannel, Worker as NodeWorker } from "node:worker_threads";
import { BaseQueueService, type LiveEvent } from "livecue/service";

/** Whatever is written past Livecue begins so. */
const raw = "RAW ";
const bytes = new TextEncoder().encode(`${raw}bytes\n`);
const require = createRequire(import.meta.url);
// deno-lint-ignore no-explicit-any
type Anything = any;
const inside: Anything = Deno;
const flag = "--stack-size=1";
const dataModule = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;
const written = (stream: Anything) =>
  new Promise((resolve, reject) => stream.on("error", reject).write(bytes, resolve));
const read = (stream: Anything) =>
  new Promise((resolve, reject) =>
    stream.on("data", resolve).on("end", () => resolve(null)).on("error", reject)
  );

/** Each tries to reach beyond the worker in one way. What it returns or throws is told. */
const attempts: Record<string, (folder: string) => unknown> = {
  "Deno.kill": () => Deno.kill(Deno.pid, "SIGKILL"),
  "process.kill": () => nodeProcess.kill(nodeProcess.pid, "SIGKILL"),
  "kill by name": () => kill(nodeProcess.pid, "SIGKILL"),
  "kill by require": () => require("node:process").kill(Deno.pid, "SIGKILL"),
  "kill by getBuiltinModule": () => getBuiltinModule("process").kill(Deno.pid, "SIGKILL"),
  "process._kill": () => (nodeProcess as Anything)._kill(Deno.pid, 9),
  "kill again": () => {
    delete inside.kill;
    inside.kill(Deno.pid, "SIGKILL");
  },
  "process.abort": () => nodeProcess.abort(),
  "abort by name": () => abort(),
  "Deno.chdir": (folder) => Deno.chdir(folder),
  "process.chdir": (folder) => nodeProcess.chdir(folder),
  "Deno.umask": () => Deno.umask(0o777),
  "process.umask": () => nodeProcess.umask(0o777),
  "Deno.env.set": () => Deno.env.set("ESCAPED", "yes"),
  "Deno.env.delete": () => Deno.env.delete("HOME"),
  "process.env": () => nodeProcess.env["ESCAPED"] = "yes",
  "env by name": () => env["ESCAPED"] = "yes",
  "delete of process.env": () => delete nodeProcess.env["HOME"],
  "os.setPriority": () => os.setPriority(19),
  "setPriority by name": () => setPriority(19),
  "V8's flags": () => v8.setFlagsFromString(flag),
  "V8's flags by name": () => setFlagsFromString(flag),
  "V8's flags by require": () => require("v8").setFlagsFromString(flag),
  "SQLite's memory": () => new DatabaseSync(":memory:").exec("PRAGMA hard_heap_limit = 1"),
  "SQLite's memory, prepared": () => new DatabaseSync(":memory:").prepare("pragma Hard_Heap_Limit(1)").get(),
  "SQLite's memory by require": () =>
    new (require("sqlite").DatabaseSync)(":memory:").exec("pragma hard_heap_limit=1"),
  "SQLite's memory by a tag": () => {
    const of = (...strings: string[]) => Object.assign(strings, { raw: strings }) as Anything;
    return (new DatabaseSync(":memory:") as Anything).createTagStore().get(of("pragma hard_heap_limit=1"));
  },
  "SQLite's folder": () => new DatabaseSync(":memory:").exec("pragma temp_store_directory = '/nowhere'"),
  "signals": () => {
    Deno.addSignalListener("SIGUSR2", () => {});
    nodeProcess.on("SIGUSR2", () => {});
    nodeProcess.once("SIGUSR2", () => {});
    Object.getPrototypeOf(nodeProcess).addListener.call(nodeProcess, "SIGUSR2", () => {});
  },
  "Deno's insides": () => inside[inside.internal].core.print(raw),
  "Deno's console": () => new inside[inside.internal].Console(() => {}),
  "fs.writeSync": () => fs.writeSync(1, bytes),
  "writeSync by name": () => writeSync(1, bytes),
  "writeSync by import()": async () => (await import("node:fs")).writeSync(2, bytes),
  "writeSync by require": () => require("fs").writeSync(1, bytes),
  "writeSync by Module._load": () => (module as Anything)._load("fs").writeSync(1, bytes),
  "writeSync by a module of data": async () =>
    (await import(dataModule('import { writeSync } from "fs"; export default writeSync'))).default(1, bytes),
  "writeSync by a module of a blob": async () => {
    const text = 'export * from "node:fs"';
    const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    (await import(url)).writeSync(1, bytes);
  },
  "writeSync by text": async () => (await new Function('return import("node:fs")')()).writeSync(1, bytes),
  "writevSync": () => writevSync(1, [bytes]),
  "fs.writeFileSync": () => fs.writeFileSync(1, bytes),
  "fs.appendFileSync": () => fs.appendFileSync(2, bytes),
  "fs.writev": () => new Promise((resolve) => fs.writev(1, [bytes], resolve)),
  "fs.createWriteStream": () => written(fs.createWriteStream("", { fd: 1 })),
  "createWriteStream by name": () => written(createWriteStream("", { fd: 2 })),
  "fs.WriteStream": () => written(new (fs.WriteStream as Anything)("", { fd: 1 })),
  "fs.Utf8Stream": () => new (fs as Anything).Utf8Stream({ fd: 1, sync: true }).write(raw),
  "fs.SyncWriteStream": () => new (fs as Anything).SyncWriteStream(1).write(raw),
  "fs.promises": () => (writeFile as Anything)(1, bytes),
  "fs.promises, at the end": () => (appendFile as Anything)(1, bytes),
  "writeFileSync to a fraction": () => fs.writeFileSync(1.5, bytes),
  "appendFileSync to a huge number": () => fs.appendFileSync(2 ** 32 + 1, bytes),
  "writeFileSync to a large negative number": () => fs.writeFileSync(1 - 2 ** 32, bytes),
  "a handle's class": async (folder) => {
    const handle: Anything = await open(join(folder, "own"), "w");
    const Handle = handle.constructor;
    await handle.close();
    await new Handle(1).write(raw);
  },
  "a handle's class, on its way": async () => {
    let Handle: Anything;
    const then = {
      configurable: true,
      get(this: object) {
        if (this.constructor?.name === "FileHandle") Handle = this.constructor;
        return undefined;
      },
    };
    Object.defineProperty(Object.prototype, "then", then);
    try {
      await open(fileURLToPath(import.meta.url)).then((file) => file.close());
    } finally {
      Reflect.deleteProperty(Object.prototype, "then");
    }
    await new Handle(1).write(raw);
  },
  "a handle's descriptor": async () => {
    const handle = await open(fileURLToPath(import.meta.url));
    await Object.defineProperty(handle, "fd", { value: 1 }).write(raw);
  },
  "fs.closeSync": () => fs.closeSync(1),
  "tty.WriteStream": () => written(new tty.WriteStream(1)),
  "tty.ReadStream": () => new tty.ReadStream(0).setRawMode(true),
  "net.Socket": () => written(new net.Socket({ fd: 1, readable: false, writable: true })),
  "a socket of Livecue's": () => {
    for (let fd = 3; fd < 100; fd++) {
      try {
        return new net.Socket({ fd });
      } catch (error) {
        // That file is no socket, or there is none.
        if (!/Unsupported|EBADF|invalid/i.test(String(error))) throw error;
      }
    }
    throw new Error("there is no socket");
  },
  "process.binding": () => (nodeProcess as Anything).binding("pipe_wrap"),
  "process._rawDebug": () => (nodeProcess as Anything)._rawDebug(raw),
  "the class of Deno.stdout": () => Object.getPrototypeOf(Deno.stdout).writeSync.call(Deno.stdout, bytes),
  "another Deno.stdout": () => new (Deno.stdout as Anything).constructor().writeSync(bytes),
  "another Deno.stderr": async () => await new (Deno.stderr as Anything).constructor().write(bytes),
  "another stream of it": () => new (Deno.stdout as Anything).constructor().writable.getWriter().write(bytes),
  "console by name": () => log("by the log"),
  "console by require": () => require("node:console").error("by the log"),
  "a server's greeting": () =>
    Deno.serve({ port: 0, hostname: "127.0.0.1" }, () => new Response()).shutdown(),
  "the handle of process.stdout": () => (nodeProcess.stdout as Anything)._handle.writeUtf8String({}, raw),
  "a warning": () => nodeProcess.emitWarning("by the log"),
  "WASI": () => new WASI({ version: "preview1", stdout: 1 }),
  "Deno.stdin": async () => await Deno.stdin.read(new Uint8Array(9)),
  "another Deno.stdin": () => new (Deno.stdin as Anything).constructor().readSync(new Uint8Array(9)),
  "raw keys": () => Deno.stdin.setRaw(true),
  "readSync by name": () => readSync(0, new Uint8Array(9)),
  "fs.readFileSync": () => fs.readFileSync(0),
  "createReadStream by name": () => read(createReadStream("", { fd: 0 })),
  "process.stdin": () => read(nodeProcess.stdin),
  "a worker": () => new Worker(dataModule("Deno.kill(Deno.pid)"), { type: "module" }),
  "a worker of Node's": () => new NodeWorker("process.kill(process.pid)", { eval: true }),
  "a channel": () => new BroadcastChannel("services").postMessage("I am another"),
  "a channel of Node's": () => new NodeChannel("services").postMessage("I am another"),
  "storage": async () => await caches.open("services"),
  "the graphics card": () => (navigator as Anything).gpu.requestAdapter(),
  "hooks": () => {
    const resolve = (): Anything => ({ url: "node:fs", shortCircuit: true });
    registerHooks({ resolve });
  },
  "hooks by require": () => require("module").registerHooks({ load: () => ({}) }),
  "another context": () => vm.runInNewContext("new FinalizationRegistry(() => {})"),
  "another context of a script": () => new vm.Script("new FinalizationRegistry(() => {})").runInNewContext(),
  "an error in a registry": async () => {
    const registry = new FinalizationRegistry(() => {
      throw new Error(raw);
    });
    registry.register({}, 1);
    new (registry as Anything).constructor(() => {
      throw new Error(raw);
    }).register({}, 2);
    (globalThis as Anything).gc();
    await nextTurn();
  },
  "a listener for errors that throws": async () => {
    const again = () => {
      throw new Error(`${raw} again`);
    };
    addEventListener("error", again);
    nodeProcess.on("uncaughtException", again);
    setImmediate(again);
    await nextTurn();
  },
  "errors that no listener gets": async () => {
    const stop = (event: Event) => event.stopImmediatePropagation();
    for (const type of ["error", "unhandledrejection"] as const) {
      addEventListener(type, stop, { capture: true });
    }
    await failUnheard();
  },
  "errors that cannot be prevented": async () => {
    Event.prototype.preventDefault = () => {};
    Object.defineProperty(Event.prototype, "defaultPrevented", { get: () => false });
    await failUnheard();
  },
  "errors that cannot be described": async () => {
    const { slice } = String.prototype;
    String.prototype.slice = () => {
      throw new Error("nothing to say");
    };
    await failUnheard();
    String.prototype.slice = slice;
  },
  "poisoned basics": async () => {
    Object.hasOwn = () => false;
    const { includes } = Array.prototype;
    Array.prototype.includes = String.prototype.includes = RegExp.prototype.test = () => true;
    const { clearScreenDown } = await import("node:readline");
    new DatabaseSync(":memory:").exec("pragma hard_heap_limit = 1");
    Array.prototype.includes = includes;
    return clearScreenDown;
  },
};

/** Two errors that nobody catches. Resolves when Deno has reported them. */
async function failUnheard(): Promise<void> {
  setImmediate(() => {
    throw new Error(raw);
  });
  void Promise.reject(new Error(raw));
  await nextTurn();
}

async function nextTurn(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export const names = Object.keys(attempts);

/** Does what the comment names. What came of it is the item's error. */
export default class Escaping extends BaseQueueService {
  override async processEvent(event: LiveEvent): Promise<boolean> {
    const attempt = event.type === "CommentEvent" ? attempts[event.data.comment] : undefined;
    if (attempt === undefined) throw new Error("there is no such attempt");
    throw new Error(`it got ${await attempt(this.folder)}`);
  }
}
