/** The settings that a command runs with: the config file's, or the example's where there is none, and the options over it. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "../config/config.ts";
import { loadConfig, parseConfig } from "../config/load.ts";

/** The options that every command takes. */
export interface GlobalOptions {
  config?: string;
  database?: string;
  verbose?: boolean;
}

/** The project's folder, where the example config lies. */
export const projectFolder = fileURLToPath(new URL("../../", import.meta.url));

export const defaultConfigName = "config.jsonc";

export function readExample(): Promise<string> {
  return Deno.readTextFile(resolve(projectFolder, "config.example.jsonc"));
}

/** `isExample`: there is no config file, and these are the example's settings. Throws a `UserError`. */
export async function readSettings(
  options: GlobalOptions,
): Promise<{ config: Config; isExample: boolean }> {
  const path = resolve(options.config ?? defaultConfigName);
  const isExample = options.config === undefined && !(await exists(path));
  const config = isExample
    ? parseConfig(await readExample(), {
      path: resolve(projectFolder, defaultConfigName),
      env: Deno.env.toObject(),
    })
    : await loadConfig(path);
  if (options.database !== undefined) config.database = resolve(options.database);
  return { config, isExample };
}

export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
