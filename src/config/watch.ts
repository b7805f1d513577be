/**
 * Looks at the file once in a while. Being told by the system (`Deno.watchFs`) is no way: it opens and closes
 * every file that changes in the folder, and on Linux and macOS closing a file gives up all locks that the
 * process has on it, SQLite's on the database beside the config among them.
 */
import { resolve } from "node:path";
import { type Clock, every } from "../clock.ts";
import type { Lifecycle } from "../lifecycle.ts";
import { UserError } from "../user_error.ts";
import type { Config } from "./config.ts";
import { type ConfigEnvironment, loadConfig, readConfigText } from "./load.ts";

/** A changed config file, read again. */
export type ConfigChange = { config: Config } | { error: UserError };

/** Between two looks. A change counts once two of them have found the same: editors write in several steps. */
const lookEveryMs = 500;

export interface ConfigWatchOptions {
  clock: Clock;
  onChange: (change: ConfigChange) => void;
  env?: ConfigEnvironment;
}

type Found = { text: string } | { text: null; error: UserError };

/**
 * Calls `onChange` whenever the file holds something else than before: its config, or what is wrong with it
 * (a ConfigError, or that it is gone). What the file holds at the start is not reported.
 */
export class ConfigWatch implements Lifecycle {
  readonly #file: string;
  readonly #options: ConfigWatchOptions;
  #stopLooking: (() => void) | null = null;
  #hasStopped = false;

  constructor(path: string, options: ConfigWatchOptions) {
    this.#file = resolve(path);
    this.#options = options;
  }

  start(): void {
    if (this.#stopLooking !== null || this.#hasStopped) return;
    const { clock, onChange, env } = this.#options;
    let reported = read(this.#file);
    let last = reported;
    this.#stopLooking = every(clock, lookEveryMs, () => {
      const found = read(this.#file);
      const isSettled = found.text === last.text;
      last = found;
      if (!isSettled || found.text === reported.text) return;
      reported = found;
      onChange(found.text === null ? { error: found.error } : load(this.#file, found.text, env));
    });
  }

  stop(): void {
    this.#hasStopped = true;
    this.#stopLooking?.();
  }
}

function read(file: string): Found {
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
