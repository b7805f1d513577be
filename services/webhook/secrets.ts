/** What a target needs to know that does not stand in the config: from the environment, or from files. */
import { isAbsolute } from "node:path";
import { Unusable } from "./failure.ts";
import { problemOf, type TargetOptions } from "./options.ts";
import { keyOf } from "./signature.ts";

export interface Access {
  url: URL;
  /** To sign with; null where there is no secret. */
  key: Uint8Array | null;
  headers: Headers;
  /** Must never be told. */
  secrets: string[];
}

/** Throws `Unusable` where something is missing, or not granted. */
export async function readAccess(options: TargetOptions): Promise<Access> {
  const url = await readUrl(options);
  await checkNet(url);
  const secret = await readSecret(options);
  const key = secret === null ? null : keyOf(secret);
  if (secret !== null && key === null) {
    throw new Unusable('its secret begins with "whsec_", and what follows is not base64: copy it again');
  }
  const headers = new Headers(options.headers);
  const secrets = [...(secret === null ? [] : [secret]), ...Object.values(options.headers)];
  for (const [name, variable] of Object.entries(options.headers_env)) {
    const value = await readVariable(variable);
    if (!/^[\t\x20-\x7e]*$/.test(value)) {
      throw new Unusable(`the environment variable ${variable} holds what no header may: use plain ASCII`);
    }
    headers.set(name, value);
    secrets.push(value, ...value.split(" "));
  }
  return { url, key, headers, secrets };
}

async function readUrl({ url, url_env, url_file }: TargetOptions): Promise<URL> {
  if (url !== undefined) return new URL(url);
  const [text, source] = url_env === undefined
    ? [await readSecretFile(url_file as string), `the file ${url_file}`]
    : [await readVariable(url_env), `the environment variable ${url_env}`];
  const problem = problemOf(text);
  if (problem !== null) throw new Unusable(`what ${source} holds ${problem}`);
  return new URL(text);
}

async function readSecret({ secret_env, secret_file }: TargetOptions): Promise<string | null> {
  if (secret_env !== undefined) return await readVariable(secret_env);
  if (secret_file !== undefined) return await readSecretFile(secret_file);
  return null;
}

async function readVariable(name: string): Promise<string> {
  const { state } = await Deno.permissions.query({ name: "env", variable: name });
  if (state !== "granted") throw new Unusable(lacking("env", name, `read the environment variable ${name}`));
  const value = Deno.env.get(name)?.trim() ?? "";
  if (value === "") {
    throw new Unusable(`the environment variable ${name} is not set: set it, and start Livecue again`);
  }
  return value;
}

async function readSecretFile(path: string): Promise<string> {
  const { state } = await Deno.permissions.query({ name: "read", path });
  if (state !== "granted") {
    const orWhole = isAbsolute(path) ? "" : ", or give its whole path in both places";
    throw new Unusable(`${lacking("read", path, `read the file ${path}`)}${orWhole}`);
  }
  try {
    const text = (await Deno.readTextFile(path)).trim();
    if (text !== "") return text;
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound ? "there is none" : String(error);
    throw new Unusable(`the file ${path} could not be read: ${why}`);
  }
  throw new Unusable(`the file ${path} is empty`);
}

async function checkNet(url: URL): Promise<void> {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const { state } = await Deno.permissions.query({ name: "net", host: `${url.hostname}:${port}` });
  if (state !== "granted") throw new Unusable(lacking("net", url.host, `talk to ${url.host}`));
}

function lacking(kind: "net" | "env" | "read", what: string, why: string): string {
  return `this service may not ${why}: add ${
    JSON.stringify(what)
  } to the list "${kind}" in its "permissions"`;
}
