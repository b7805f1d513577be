/**
 * Passwords, keys and secret addresses of services: "livecue/secret".
 *
 * A secret NAME is either in the option "NAME", or better outside of the config: the option "NAME_env" names an
 * environment variable, or "NAME_file" names a file.
 */
import { resolve } from "node:path";
import { z } from "zod";
import { t } from "../language.ts";
import { UserError } from "../user_error.ts";

/** The three keys for a secret. */
export type SecretOptions<Name extends string> = {
  [Key in Name | `${Name}_env` | `${Name}_file`]?: string | undefined;
};

/** For a service's `optionsSchema`: `z.strictObject({ ...secretOptions("password") })`. */
export function secretOptions<Name extends string>(name: Name) {
  // "" means the same as a missing option.
  const text = z.string().trim().transform((given) => given === "" ? undefined : given).optional();
  return { [name]: text, [`${name}_env`]: text, [`${name}_file`]: text } as {
    [Key in Name | `${Name}_env` | `${Name}_file`]: typeof text;
  };
}

/** The mistake if a secret is set twice, for a schema's refinement; otherwise null. */
export function secretGivenTwice(name: string, options: Record<string, unknown>): string | null {
  const keys = [name, `${name}_env`, `${name}_file`];
  const given = keys.filter((key) => options[key] !== undefined);
  return given.length < 2 ? null : t`has ${given.join(t` and `)}: keep only one of ${keys.join(", ")}`;
}

/**
 * Reads the secret; undefined if none of its keys is set. A relative "NAME_file" is relative to `configFolder`.
 * Throws a `UserError` if the secret is missing, unreadable or set twice. The error says what to do, and never
 * contains the secret.
 */
export async function readSecret<Name extends string>(
  name: Name,
  options: SecretOptions<Name>,
  configFolder: string,
): Promise<string | undefined> {
  const { [name]: value, [`${name}_env`]: variable, [`${name}_file`]: file } = options as Record<
    string,
    string | undefined
  >;
  const twice = secretGivenTwice(name, options);
  if (twice !== null) throw new UserError(`"options" ${twice}`);
  if (variable !== undefined) return fromEnvironment(variable, `${name}_env`);
  if (file !== undefined) return await fromFile(file, `${name}_file`, configFolder);
  return value;
}

function fromEnvironment(variable: string, key: string): string {
  let value: string | undefined;
  try {
    value = Deno.env.get(variable);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw new UserError(
      t`the environment variable ${variable} (${key}) may not be read: add "${variable}" to the list "env" in "permissions"`,
    );
  }
  if (value?.trim()) return value.trim();
  throw new UserError(
    t`the environment variable ${variable} (${key}) is not set: set it, and restart Livecue`,
  );
}

/** No secret is this long. A device may never end. */
const maxFileBytes = 64 * 1024;

async function readStart(file: string): Promise<string> {
  using opened = await Deno.open(file);
  const bytes = new Uint8Array(maxFileBytes);
  let length = 0;
  for (let count: number | null = 0; count !== null && length < bytes.length; length += count ?? 0) {
    count = await opened.read(bytes.subarray(length));
  }
  return new TextDecoder().decode(bytes.subarray(0, length));
}

async function fromFile(file: string, key: string, configFolder: string): Promise<string> {
  let text: string;
  try {
    text = await readStart(resolve(configFolder, file));
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      throw new UserError(
        t`the file ${file} (${key}) may not be read: add ${
          JSON.stringify(file)
        } to the list "read" in "permissions"`,
      );
    }
    if (error instanceof Deno.errors.NotFound) {
      throw new UserError(t`there is no file ${file} (${key}): create it`);
    }
    throw new UserError(
      t`the file ${file} (${key}) cannot be read (${error instanceof Error ? error.message : error})`,
    );
  }
  if (text.length >= maxFileBytes) {
    throw new UserError(
      t`the file ${file} (${key}) has over ${maxFileBytes / 1024} KB: write the secret alone into it`,
    );
  }
  if (text.trim() === "") {
    throw new UserError(t`the file ${file} (${key}) is empty: write the secret into it`);
  }
  return text.trim();
}
