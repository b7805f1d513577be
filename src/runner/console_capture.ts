/**
 * Keeps a service from writing to the terminal: everything it prints becomes a log line. A raw write from a
 * worker would land in the middle of the screen.
 */
import { Console } from "node:console";
import type { LogLevel } from "../log/log.ts";

type Emit = (level: LogLevel, text: string) => void;

/** Where the output of the code that runs now goes. */
type EmitNow = () => Emit;

/** Printed text without a line break is held until the next flush, up to this many characters. */
const heldTextLimit = 64 * 1024;

/**
 * Redirects `console`, and the stdout and stderr of Deno and Node, for good. The fence handles writes to the file
 * descriptors 1 and 2. Returns a function that flushes half lines: those that go to `emit`, or all.
 */
export function captureOutput(emitNow: EmitNow): (emit?: Emit) => void {
  redirectConsole(emitNow);
  const flushes = [
    redirectStream(Deno.stdout, "info", emitNow),
    redirectStream(Deno.stderr, "warn", emitNow),
  ];
  const silence = { alert: () => {}, confirm: () => false, prompt: () => null };
  Object.assign(globalThis, silence);
  return (emit) => flushes.forEach((flush) => flush(emit));
}

const levelByMethod: Record<string, LogLevel> = { debug: "debug", warn: "warn" };

/** Node's Console formats like `console`, and can write to any stream. */
function redirectConsole(emitNow: EmitNow): void {
  const consoleOf = (out: LogLevel, error: LogLevel) =>
    new Console({ stdout: sink(emitNow, out), stderr: sink(emitNow, error), colorMode: false });
  const usual = consoleOf("info", "error");
  const byLevel = { debug: consoleOf("debug", "debug"), warn: consoleOf("warn", "warn") };
  const target = console as unknown as Record<string, unknown>;
  for (const [name, method] of Object.entries(usual)) {
    if (typeof method !== "function" || name === "Console") continue;
    const level = levelByMethod[name];
    target[name] = level === "debug" || level === "warn" ? byLevel[level][level] : method;
  }
}

/** The part of a writable stream that Console uses. */
function sink(emitNow: EmitNow, level: LogLevel): NodeJS.WritableStream {
  const write = (text: string) => {
    emitNow()(level, text.replace(/\n$/, ""));
    return true;
  };
  const ignore = () => {};
  const listeners = { on: ignore, once: ignore, removeListener: ignore, listenerCount: () => 0 };
  return { write, ...listeners } as unknown as NodeJS.WritableStream;
}

function redirectStream(
  stream: typeof Deno.stdout,
  level: LogLevel,
  emitNow: EmitNow,
): (emit?: Emit) => void {
  const decoder = new TextDecoder();
  let held = "";
  /** Where the held text goes. */
  let heldFor: Emit | null = null;
  const flush = (emit = heldFor) => {
    if (heldFor === null || emit !== heldFor) return;
    const text = held;
    held = "";
    heldFor = null;
    if (text !== "") emit(level, text);
  };
  const take = (bytes: Uint8Array) => {
    const emit = emitNow();
    if (emit !== heldFor) flush();
    heldFor = emit;
    const lines = (held + decoder.decode(bytes, { stream: true })).split("\n");
    held = lines.pop() ?? "";
    for (const line of lines) emit(level, line);
    if (held.length > heldTextLimit) flush();
    return bytes.length;
  };
  stream.writeSync = take;
  stream.write = (bytes) => Promise.resolve(take(bytes));
  const writable = new WritableStream<Uint8Array<ArrayBufferLike>>({ write: (bytes) => void take(bytes) });
  Object.defineProperty(stream, "writable", { value: writable });
  // Node's streams write through Deno's, except to a terminal, where Node would open its own handle.
  stream.isTerminal = () => false;
  return flush;
}
