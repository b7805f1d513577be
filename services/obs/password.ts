/** Where the password of OBS comes from. It is read at each connection, so that a changed one is found. */

import { SettingsError } from "./trouble.ts";

export interface PasswordOptions {
  password: string;
  password_file?: string | undefined;
  password_env?: string | undefined;
}

/** undefined where none is set. A throw says what to change, and never holds the password. */
export async function readPassword(options: PasswordOptions): Promise<string | undefined> {
  if (options.password_file !== undefined) return await fromFile(options.password_file);
  if (options.password_env !== undefined) return fromEnvironment(options.password_env);
  return options.password === "" ? undefined : options.password;
}

async function fromFile(path: string): Promise<string> {
  try {
    return (await Deno.readTextFile(path)).replace(/\r?\n$/, "");
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      throw new SettingsError(
        `The password file may not be read: put "read": [${quote(path)}] in its permissions.`,
      );
    }
    throw new SettingsError(`The password file ${quote(path)} cannot be read: ${messageOf(error)}.`);
  }
}

function fromEnvironment(name: string): string {
  const password = granted(name);
  if (password) return password;
  throw new SettingsError(
    `The environment variable ${name} is not set, in which "password_env" has the password.`,
  );
}

function granted(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    throw new SettingsError(
      `The variable ${name} may not be read: put "env": [${quote(name)}] in its permissions.`,
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const quote = (text: string) => JSON.stringify(text);
