import { basename, dirname, resolve } from "node:path";
import type { Clock } from "../clock.ts";
import { UserError } from "../user_error.ts";
import type { Config } from "./config.ts";
import { type ConfigEnvironment, loadConfig, readConfigText } from "./load.ts";

/** A changed config file, read again. */
export type ConfigChange = { config: Config } | { error: UserError };

/** How long the file must be left alone before it is read: editors write it in several steps. */
const quietMs = 200;

/**
 * Calls `onChange` whenever the file holds something else than before: its config, or what is wrong with it
 * (a ConfigError, or that it is gone). Watching begins before the call returns; what the file holds by then is
 * not reported. The promise resolves when `signal` aborts.
 */
export function watchConfig(
  path: string,
  { signal, clock, onChange, env }: {
    signal: AbortSignal;
    clock: Clock;
    onChange: (change: ConfigChange) => void;
    env?: ConfigEnvironment;
  },
): Promise<void> {
  const file = resolve(path);
  // The folder, not the file: most editors save by putting a new file in the old one's place.
  const watcher = Deno.watchFs(dirname(file), { recursive: false });
  let known = read(file);
  let cancel = () => {};

  function check() {
    const found = read(file);
    if (found.text === known.text) return;
    known = found;
    onChange(found.text === null ? { error: found.error } : load(file, found.text, env));
  }

  const stop = () => watcher.close();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();

  return (async () => {
    for await (const { kind, paths } of watcher) {
      // Reading the file is an event of its folder too, and would be answered by reading it again.
      if (kind === "access" || !paths.some((one) => basename(one) === basename(file))) continue;
      cancel();
      cancel = clock.after(quietMs, check);
    }
    cancel();
    signal.removeEventListener("abort", stop);
  })();
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
