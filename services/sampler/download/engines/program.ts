/** Runs a program and ends it with all its children. */
import { limit } from "livecue/limit";
import { FinalError, UserError } from "livecue/service";

export interface ProgramRun {
  program: string;
  args: string[];
  cwd: string;
  timeoutMs: number;
  signal: AbortSignal;
  /** Called for each line of standard output. */
  onLine?: (line: string) => void;
}

export interface ProgramEnd {
  code: number;
  output: string;
  complaint: string;
}

const maxOutputCharacters = 8_000_000;
const graceMs = 2000;
const isWindows = Deno.build.os === "windows";

/** Throws the signal's reason if it aborts, and a `UserError` if the program does not start or takes too long. */
export async function run(
  { program, args, cwd, timeoutMs, signal, onLine }: ProgramRun,
): Promise<ProgramEnd> {
  signal.throwIfAborted();
  const child = start(program, { args, cwd });
  const late = new AbortController();
  const cancelLimit = limit(timeoutMs, () => {
    late.abort(new UserError(`${program} took longer than ${timeoutMs / 1000} s. Try again later.`));
  });
  const ending = AbortSignal.any([signal, late.signal]);
  const reading = new AbortController();
  const kill = () => {
    if (killGroup(child)) return;
    // A child of the program may hold its output open.
    reading.abort();
    endAlone(child);
  };
  ending.addEventListener("abort", kill, { once: true });
  try {
    const [output, complaint, { code }] = await Promise.all([
      read(child.stdout, reading.signal, onLine),
      read(child.stderr, reading.signal),
      child.status,
    ]);
    ending.throwIfAborted();
    return { code, output, complaint };
  } finally {
    cancelLimit();
    ending.removeEventListener("abort", kill);
  }
}

function start(program: string, { args, cwd }: { args: string[]; cwd: string }): Deno.ChildProcess {
  try {
    // In a process group of its own, so that its children can be ended too.
    const detached = !isWindows;
    return new Deno.Command(program, { args, cwd, detached, stdin: "null", stdout: "piped", stderr: "piped" })
      .spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new FinalError(
        `There is no program "${program}". Install it, or write its path into the config.`,
      );
    }
    if (error instanceof Deno.errors.NotCapable) {
      throw new FinalError(
        `The sampler may not run "${program}": add "${program}" to the list "run" in its "permissions".`,
      );
    }
    throw error;
  }
}

/** Returns whether it may end a whole group: a service may so only with `"run": true`. */
function killGroup({ pid }: Deno.ChildProcess): boolean {
  if (isWindows) return false;
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch (error) {
    // Otherwise the program has already ended.
    if (error instanceof Deno.errors.NotCapable) return false;
  }
  return true;
}

/** Asks first: yt-dlp then ends its children itself. */
function endAlone(child: Deno.ChildProcess): void {
  const send = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch {
      // The program has already ended.
    }
  };
  send("SIGTERM");
  const cancel = limit(graceMs, () => send("SIGKILL"));
  child.status.finally(cancel);
}

async function read(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  onLine?: (line: string) => void,
): Promise<string> {
  const reader = stream.getReader();
  signal.addEventListener("abort", () => void reader.cancel(), { once: true });
  const decoder = new TextDecoder();
  let text = "";
  let rest = "";
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const part = decoder.decode(next.value, { stream: true });
    text = (text + part).slice(-maxOutputCharacters);
    const lines = (rest + part).split("\n");
    rest = (lines.pop() ?? "").slice(-maxOutputCharacters);
    for (const line of lines) onLine?.(line);
  }
  return text;
}
