/** Checks the types of a service's code, which Deno does not do when it runs the code. */
import { fileURLToPath } from "node:url";

export interface CodeMistake {
  /** The first mistake, as the compiler puts it. */
  sentence: string;
  /** As "greeter.ts:5:57"; "" if it is not known. */
  place: string;
}

/** null: there is no mistake, or the compiler could not work, as when the signal aborts. */
export async function mistakeInTypes(path: string, signal: AbortSignal): Promise<CodeMistake | null> {
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  try {
    const { code, success, signal: killedBy, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", `--config=${config}`, path],
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      signal,
    }).output();
    // 1: it has found something. Other codes are of a compiler that was ended.
    if (success || killedBy !== null || code !== 1) return null;
    return firstMistake(new TextDecoder().decode(stderr));
  } catch (error) {
    // It may not be run here, or there is no memory for it.
    if (error instanceof Error) return null;
    throw error;
  }
}

/** The compiler's output begins with its first mistake, "TS2551 [ERROR]: …" or "error: …". */
function firstMistake(output: string): CodeMistake {
  const [, sentence = "its code is no valid TypeScript."] =
    /^(?:TS\d+ \[ERROR\]|error): (.+)$/m.exec(output) ?? [];
  const [, place = ""] = /at (file:\S+:\d+:\d+)/.exec(output) ?? [];
  return { sentence, place: place === "" ? "" : `at ${place}` };
}
