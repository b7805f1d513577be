/**
 * Polls the config file. `Deno.watchFs` cannot be used: it opens and closes every changed file in the folder, and on
 * Linux and macOS closing a file releases all locks that the process holds on it, including SQLite's locks on a
 * database next to the config.
 */
import { resolve } from "node:path";
import { type Clock, every } from "../clock.ts";
import { t } from "../language.ts";
import type { Lifecycle } from "../lifecycle.ts";
import { UserError } from "../user_error.ts";
import type { Config } from "./config.ts";
import { type ConfigEnvironment, loadConfig, readConfigText } from "./load.ts";

/** A changed config file, read again. `isAsBefore`: it could not be read for a while, and has its old content again. */
export type ConfigChange = { config: Config } | { error: UserError } | { isAsBefore: true };

/** The polling interval. A change counts when two polls find the same text, because editors write in several steps. */
const pollIntervalMs = 500;

export interface ConfigWatchOptions {
  clock: Clock;
  onChange: (change: ConfigChange) => void;
  env?: ConfigEnvironment;
}

type Found = { text: string } | { text: null; error: UserError };

/**
 * Calls `onChange` when the file's content has changed, with its config, or with an error (a ConfigError, or that the
 * file is missing). The content at the start is not reported.
 */
export class ConfigWatch implements Lifecycle {
  readonly #file: string;
  readonly #options: ConfigWatchOptions;
  #stopPolling: (() => void) | null = null;
  #hasStopped = false;

  constructor(path: string, options: ConfigWatchOptions) {
    this.#file = resolve(path);
    this.#options = options;
  }

  start(): void {
    if (this.#stopPolling !== null || this.#hasStopped) return;
    const { clock, onChange, env } = this.#options;
    let reported = read(this.#file);
    let last = reported;
    let valid = reported.text;
    this.#stopPolling = every(clock, pollIntervalMs, () => {
      const found = read(this.#file);
      const isSettled = isSame(found, last);
      last = found;
      if (!isSettled || isSame(found, reported)) return;
      reported = found;
      if (found.text === null) return onChange({ error: found.error });
      if (found.text === valid) return onChange({ isAsBefore: true });
      const change = load(this.#file, found.text, env);
      if ("config" in change) valid = found.text;
      onChange(change);
    });
  }

  stop(): void {
    this.#hasStopped = true;
    this.#stopPolling?.();
  }
}

/** The same text, or unreadable for the same reason. */
function isSame(one: Found, other: Found): boolean {
  if (one.text === null && other.text === null) return one.error.message === other.error.message;
  return one.text === other.text;
}

function read(file: string): Found {
  if (isPipe(file)) {
    return {
      text: null,
      error: new UserError(t`${file} is a pipe, so a change takes effect at the next start.`),
    };
  }
  try {
    return { text: readConfigText(file) };
  } catch (error) {
    if (error instanceof UserError) return { text: null, error };
    throw error;
  }
}

/** Opening a pipe that nobody writes to blocks the thread. */
function isPipe(file: string): boolean {
  try {
    return Deno.statSync(file).isFifo ?? false;
  } catch {
    return false;
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
