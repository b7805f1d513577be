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
      throw new Error(`it may not read its password_file: add "${path}" to "read" in its "permissions"`);
    }
    throw new Error(
      `its password_file ${path} cannot be read: ${error instanceof Error ? error.message : error}`,
    );
  }
  // Editors end a file with a line break.
  const password = text.replace(/\r?\n$/, "");
  if (password === "") throw new Error(`its password_file ${path} is empty: write the password into it`);
  return password;
}

function readVariable(name: string): string {
  let password: string | undefined;
  try {
    password = Deno.env.get(name);
  } catch {
    throw new Error(`it may not read its password_env: add "${name}" to "env" in its "permissions"`);
  }
  if (!password) {
    throw new Error(`the environment variable ${name} (password_env) is not set: set it to the password`);
  }
  return password;
}
