/** The part of the fence that is in `node:fs` and `node:fs/promises`: the files 0, 1 and 2 are the terminal's. */
import { lock, refuse, refuseAll } from "./refusal.ts";

type Exported = Record<string, unknown>;
type AnyFunction = (...args: unknown[]) => unknown;

const { keys, getPrototypeOf } = Object;
const { apply } = Reflect;
const TheProxy = Proxy;

/** With these, loggers of npm write to the files 1 and 2. */
const isTold: Record<string, true> = Object.assign(Object.create(null), {
  write: true,
  writeSync: true,
  writeFileSync: true,
  appendFileSync: true,
});

/**
 * Mends either module: what is written to the files 1 and 2 comes to the captured output, the file 0 is at its end,
 * and nothing else is done with these files but to look what they are. Returns the names of what was mended.
 */
export function fenceFiles(files: Exported): string[] {
  // These write to any open file by themselves. The other classes use the functions.
  refuseAll(files, "fs", ["SyncWriteStream", "Utf8Stream"]);
  const names = keys(files);
  const mended: string[] = [];
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const value = files[name];
    if (typeof value !== "function") continue;
    const isClass = (name[0] as string) < "a";
    if (!isClass) files[name] = fenced(name, value as AnyFunction);
    mended[mended.length] = name;
  }
  // Of `node:fs/promises`.
  if (!("openSync" in files)) files["open"] = withoutClass(files["open"] as AnyFunction);
  return mended;
}

/** The function, with all its properties, but for the terminal's files. */
function fenced(name: string, original: AnyFunction): AnyFunction {
  if (name === "fstat" || name === "fstatSync") return original;
  return new TheProxy(original, {
    apply(target, self, args) {
      const file: unknown = args[0];
      const isTerminals = file === 0 || file === 1 || file === 2;
      return isTerminals ? onTerminal(name, file, args) : apply(target, self, args);
    },
  });
}

function onTerminal(name: string, file: 0 | 1 | 2, args: unknown[]): unknown {
  const isRead = name === "read" || name === "readSync";
  const isKnown = file === 0 ? isRead : isTold[name];
  if (!isKnown) return refuse(`fs.${name} of the terminal`)();
  const data = args[1] as Written;
  // Nothing is left to be read.
  const count = file === 0 ? 0 : streamOf(file).writeSync(bytesOf(data, args[2], args[3]));
  const callback = args[args.length - 1];
  if (typeof callback === "function") queueMicrotask(() => callback(null, count, data));
  return name === "writeSync" || name === "readSync" ? count : undefined;
}

function streamOf(file: 1 | 2): typeof Deno.stdout {
  return file === 1 ? Deno.stdout : Deno.stderr;
}

type Written = string | NodeJS.ArrayBufferView;

function bytesOf(data: Written, offset: unknown, length: unknown): Uint8Array {
  if (typeof data === "string") return new TextEncoder().encode(data);
  const start = typeof offset === "number" ? offset : 0;
  const end = typeof length === "number" ? start + length : data.byteLength;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).subarray(start, end);
}

/** The class of an open file would make one of any number. */
function withoutClass(open: AnyFunction): AnyFunction {
  return async (...args) => {
    const file = await open(...args);
    const original = getPrototypeOf(file);
    if (original.constructor !== undefined) lock(original, "constructor", undefined);
    return file;
  };
}
