/** The whole program, started as a person starts it. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../main.ts", import.meta.url));
const config = fileURLToPath(new URL("../../deno.json", import.meta.url));

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command in the folder to its end. */
export async function livecue(folder: string, ...args: string[]): Promise<Ended> {
  const run = startLivecue(folder, ...args);
  return await run.ended;
}

export interface Running {
  pid: number;
  /**
   * Resolves when standard output or standard error contains a matching line; rejects if the program ends without one.
   */
  line(pattern: RegExp): Promise<string>;
  kill(signal: Deno.Signal): void;
  /** Stops reading its standard output, as a closed pipe does. */
  leaveOutput(): void;
  ended: Promise<Ended>;
}

/** A demo and a replay use `livecue.db` too, unless `args` name another file, because tests look there. */
export function startLivecue(folder: string, ...args: string[]): Running {
  const isRehearsal = args.some((arg) => arg === "demo" || arg.startsWith("replay:"));
  const database = isRehearsal && !args.includes("--database") ? ["--database", "livecue.db"] : [];
  return startProgram(folder, ...args, ...database);
}

/** Starts it as a person types it. */
export function startProgram(folder: string, ...args: string[]): Running {
  return startProgramWith({}, folder, ...args);
}

/** With these variables besides the test's own. */
export function startProgramWith(env: Record<string, string>, folder: string, ...args: string[]): Running {
  return startCommand(folder, (program, given) => [program, given], args, env);
}

/** Starts it by the command that `by` makes of the program and its arguments, as in a network of its own. */
export function startCommand(
  folder: string,
  by: (program: string, args: string[]) => [string, string[]],
  given: readonly string[],
  env: Record<string, string> = {},
): Running {
  const deno = ["run", "-A", "--no-prompt", "--no-check", "--quiet", "--config", config];
  const [program, args] = by(Deno.execPath(), [...deno, main, ...given]);
  const child = new Deno.Command(program, {
    args,
    cwd: folder,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", LC_ALL: "C.UTF-8", ...env },
  }).spawn();
  const waiting: { pattern: RegExp; resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  const said = { stdout: "", stderr: "" };
  const leaving = new AbortController();

  async function listen(name: "stdout" | "stderr", piping: StreamPipeOptions = {}): Promise<void> {
    // Where its last line begins: a program that says much is read in linear time.
    let lineStart = 0;
    const texts = child[name].pipeThrough(new TextDecoderStream(), piping);
    for await (const text of texts) {
      said[name] += text;
      const lines = said[name].slice(lineStart).split("\n");
      lineStart = said[name].length - (lines.at(-1)?.length ?? 0);
      for (const waiter of [...waiting]) {
        const line = lines.find((line) => waiter.pattern.test(line));
        if (line === undefined) continue;
        waiting.splice(waiting.indexOf(waiter), 1);
        waiter.resolve(line);
      }
    }
  }

  async function listenUntilLeft(): Promise<void> {
    try {
      await listen("stdout", { signal: leaving.signal });
    } catch (error) {
      if (!leaving.signal.aborted) throw error;
    }
  }

  const ended = (async () => {
    const [status] = await Promise.all([child.status, listenUntilLeft(), listen("stderr")]);
    for (const { pattern, reject } of waiting) {
      reject(new Error(`It ended without ${pattern}:\n${said.stdout}\n${said.stderr}`));
    }
    return { code: status.code, ...said };
  })();
  return {
    pid: child.pid,
    kill: (signal) => child.kill(signal),
    leaveOutput: () => leaving.abort(),
    ended,
    line(pattern) {
      const line = `${said.stdout}\n${said.stderr}`.split("\n").find((line) => pattern.test(line));
      if (line !== undefined) return Promise.resolve(line);
      return new Promise((resolve, reject) => waiting.push({ pattern, resolve, reject }));
    },
  };
}

/** Reads a database's rows, as a person would with any SQLite program. */
export function query<Row = Record<string, unknown>>(
  folder: string,
  sql: string,
  ...values: (string | number)[]
): Row[] {
  const database = new DatabaseSync(join(folder, "livecue.db"), { readOnly: true });
  try {
    return database.prepare(sql).all(...values) as Row[];
  } finally {
    database.close();
  }
}

/** A config in the folder, with these services. */
export function writeConfig(
  folder: string,
  { services = {}, tiktok = {}, ...rest }: {
    services?: Record<string, unknown>;
    tiktok?: Record<string, unknown>;
    [key: string]: unknown;
  },
): void {
  Deno.writeTextFileSync(join(folder, "config.jsonc"), JSON.stringify({ tiktok, services, ...rest }));
}
