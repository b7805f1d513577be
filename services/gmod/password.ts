import { PlainFailure } from "./trouble.ts";

/** The password as it stands, from a file, or from an environment variable. */
export interface PasswordSource {
  password?: string | undefined;
  password_file?: string | undefined;
  password_env?: string | undefined;
}

/** Throws an error that says what to do, and never shows what it has read. */
export async function readPassword(source: PasswordSource): Promise<string> {
  const { password, password_file: path, password_env: name } = source;
  if (password !== undefined) return password;
  if (path !== undefined) return await readFile(path);
  return readVariable(name ?? "");
}

async function readFile(path: string): Promise<string> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      throw missing(`the service may not read password_file: add "${path}" to "read" in its "permissions"`);
    }
    throw missing(`password_file ${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  // Editors end a file with a line break.
  const password = text.replace(/\r?\n$/, "");
  if (password === "") throw missing(`password_file ${path} is empty: write the password into it`);
  return password;
}

function readVariable(name: string): string {
  let password: string | undefined;
  try {
    password = Deno.env.get(name);
  } catch {
    throw missing(`the service may not read password_env: add "${name}" to "env" in its "permissions"`);
  }
  if (password) return password;
  throw missing(`the environment variable ${name} (password_env) is not set: set it to the password`);
}

function missing(why: string): PlainFailure {
  return new PlainFailure("There is no password", why);
}
