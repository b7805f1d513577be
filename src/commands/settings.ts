/** The settings of a command: the config file, or the example if there is none, overridden by the options. */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "../config/config.ts";
import { renderConfig } from "../config/render.ts";
import { loadConfig } from "../config/load.ts";
import { t } from "../language.ts";
import { UserError } from "../user_error.ts";
import { onDatabase } from "./rehearsal.ts";

/** The options that every command takes. */
export interface GlobalOptions {
  config?: string;
  database?: string;
  verbose?: boolean;
}

/** The project's folder, which contains the example config. */
export const projectFolder = fileURLToPath(new URL("../../", import.meta.url));

export const defaultConfigName = "config.jsonc";

/** The example as the content of a config file at this path. */
export async function exampleFor(path: string): Promise<string> {
  const text = await Deno.readTextFile(resolve(projectFolder, "config.example.jsonc"));
  return renderConfig(text, { configFolder: dirname(path), projectFolder });
}

/** `isExample`: there is no config file, and these are the settings that `init` would write. Throws a `UserError`. */
export async function readSettings(
  options: GlobalOptions,
): Promise<{ config: Config; isExample: boolean }> {
  const path = resolve(options.config ?? defaultConfigName);
  const isExample = options.config === undefined && !(await exists(path));
  const config = isExample ? loadConfig(path, { text: await exampleFor(path) }) : loadConfig(path);
  return { config: onDatabase(config, options.database), isExample };
}

/** Writes the example as a new config file. Throws a `UserError`. */
export async function writeConfig(path: string): Promise<void> {
  const text = await exampleFor(path);
  try {
    await Deno.writeTextFile(path, text, { createNew: true });
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound
      ? t`the folder does not exist`
      : (error as Error).message;
    throw new UserError(t`${path} cannot be written: ${why}. Name a file in a folder that you can write to.`);
  }
}

export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw new UserError(t`${path} cannot be accessed: ${(error as Error).message}. Name another file.`);
  }
}
