/**
 * Looks at the file once in a while. Being told by the system (`Deno.watchFs`) is no way: it opens and closes
 * every file that changes in the folder, and on Linux and macOS closing a file gives up all locks that the
 * process has on it, SQLite's on the database beside the config among them.
 */
import { resolve } from "node:path";
import { type Clock, every } from "../clock.ts";
import { UserError } from "../user_error.ts";
import type { Config } from "./config.ts";
import { type ConfigEnvironment, loadConfig, readConfigText } from "./load.ts";

/** A changed config file, read again. */
export type ConfigChange = { config: Config } | { error: UserError };

/** Between two looks. A change counts once two of them have found the same: editors write in several steps. */
const lookEveryMs = 500;

/**
 * Calls `onChange` whenever the file holds something else than before: its config, or what is wrong with it
 * (a ConfigError, or that it is gone). What the file holds when the call returns is not reported. The returned
 * function ends it.
 */
export function watchConfig(
  path: string,
  { clock, onChange, env }: {
    clock: Clock;
    onChange: (change: ConfigChange) => void;
    env?: ConfigEnvironment;
  },
): () => void {
  const file = resolve(path);
  let reported = read(file);
  let last = reported;
  return every(clock, lookEveryMs, () => {
    const found = read(file);
    const isSettled = found.text === last.text;
    last = found;
    if (!isSettled || found.text === reported.text) return;
    reported = found;
    onChange(found.text === null ? { error: found.error } : load(file, found.text, env));
  });
}

function read(file: string): { text: string } | { text: null; error: UserError } {
  try {
    return { text: readConfigText(file) };
  } catch (error) {
    if (error instanceof UserError) return { text: null, error };
    throw error;
  }
}

function load(file: string, text: string, env: ConfigEnvironment | undefined): ConfigChange {
  try {
    return { config: loadConfig(file, { text, env }) };
  } catch (error) {
    if (error instanceof UserError) return { error };
    throw error;
  }
}
