/**
 * The thread of `exit_limit.ts`. While the main thread exits, only the operating system can end the process with the
 * right exit code: a second `Deno.exit` would wait for the first, and a signal sets the exit code itself.
 */
import { limit, systemClock } from "../clock.ts";

export interface ExitLimit {
  code: number;
  ms: number;
}

declare const self: {
  onmessage: ((message: MessageEvent<ExitLimit>) => void) | null;
  postMessage(message: "ready"): void;
};

self.onmessage = ({ data: { code, ms } }) => {
  const end = openEnd();
  limit(systemClock, ms, () => end(code));
  self.postMessage("ready");
};

/** Returns a function that ends the process at once. Without the permission to call the system, it kills the process. */
function openEnd(): (code: number) => void {
  try {
    return Deno.build.os === "windows" ? endOfWindows() : endOfUnix();
  } catch {
    return () => Deno.kill(Deno.pid, "SIGKILL");
  }
}

function endOfUnix(): (code: number) => void {
  const library = Deno.build.os === "darwin" ? "libSystem.dylib" : "libc.so.6";
  const { symbols } = Deno.dlopen(library, { _exit: { parameters: ["i32"], result: "void" } });
  return (code) => symbols._exit(code);
}

function endOfWindows(): (code: number) => void {
  const { symbols } = Deno.dlopen("kernel32.dll", {
    GetCurrentProcess: { parameters: [], result: "pointer" },
    TerminateProcess: { parameters: ["pointer", "u32"], result: "i32" },
  });
  return (code) => void symbols.TerminateProcess(symbols.GetCurrentProcess(), code);
}
