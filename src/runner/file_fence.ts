/**
 * The part of the fence for `node:fs` and `node:fs/promises`: the file descriptors 0, 1 and 2 belong to the terminal.
 */
import { refuse, refuseAll } from "./refusal.ts";

type Exported = Record<string, unknown>;
type AnyFunction = (...args: unknown[]) => unknown;

const { keys } = Object;
const { apply } = Reflect;
const TheProxy = Proxy;

/** Loggers from npm call these functions to write to the descriptors 1 and 2. */
const isTold: Record<string, true> = Object.assign(Object.create(null), {
  write: true,
  writeSync: true,
  writeFileSync: true,
  appendFileSync: true,
});

/**
 * Patches either module: writes to the descriptors 1 and 2 go to the captured output, a read from descriptor 0 reports
 * the end of the input, and any other call with these descriptors throws, except `fstat`. Returns the names of the
 * patched exports.
 */
export function fenceFiles(files: Exported): string[] {
  // These two classes write to any open file by themselves. The other classes call the patched functions.
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
  // Only `node:fs/promises` has no `openSync`. The class of what it opens writes to any descriptor: by its constructor,
  // or by another `fd` on a file of the service's own.
  if (!("openSync" in files)) refuseAll(files, "fs.promises", ["open"]);
  return mended;
}

/** Wraps a function: calls with the terminal's descriptors go to `onTerminal`. Its properties remain. */
function fenced(name: string, original: AnyFunction): AnyFunction {
  if (name === "fstat" || name === "fstatSync") return original;
  return new TheProxy(original, {
    apply(target, self, args) {
      const file = descriptorOf(args[0]);
      const isTerminals = file === 0 || file === 1 || file === 2;
      return isTerminals ? onTerminal(name, file, args) : apply(target, self, args);
    },
  });
}

/** Deno takes a number's lowest 32 bits as the descriptor: it writes 1.5 and 4294967297 to the terminal too. */
function descriptorOf(file: unknown): unknown {
  return typeof file === "number" ? file | 0 : file;
}

function onTerminal(name: string, file: 0 | 1 | 2, args: unknown[]): unknown {
  const isRead = name === "read" || name === "readSync";
  const isKnown = file === 0 ? isRead : isTold[name];
  if (!isKnown) return refuse(`fs.${name} of the terminal`)();
  const data = args[1] as Written;
  // The input has ended, so a read returns 0 bytes.
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
