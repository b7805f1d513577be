/** What a target needs to know that does not stand in the config: from the environment, or from files. */
import { readSecret } from "livecue/secret";
import { UserError } from "livecue/service";
import { signingKey } from "livecue/standard_webhooks";
import { problemOf, type TargetOptions } from "./options.ts";

export interface Access {
  url: URL;
  /** To sign with; null where there is no secret. */
  key: Uint8Array | null;
  headers: Headers;
  /** Must never be told. */
  secrets: string[];
}

/** Throws a `UserError` where something is missing, or not granted. */
export async function readAccess(options: TargetOptions, configFolder: string): Promise<Access> {
  const url = await readUrl(options, configFolder);
  await checkNet(url);
  const secret = await readSecret("secret", options, configFolder);
  const key = secret === undefined ? null : signingKey(secret);
  const headers = new Headers(options.headers);
  const secrets = [...(secret === undefined ? [] : [secret]), ...Object.values(options.headers)];
  for (const [name, variable] of Object.entries(options.headers_env)) {
    const value = await readSecret("value", { value_env: variable }, configFolder) ?? "";
    if (!/^[\t\x20-\x7e]*$/.test(value)) {
      throw new UserError(`the environment variable ${variable} holds what no header may: use plain ASCII`);
    }
    headers.set(name, value);
    secrets.push(value, ...value.split(" "));
  }
  return { url, key, headers, secrets };
}

async function readUrl(options: TargetOptions, configFolder: string): Promise<URL> {
  const text = await readSecret("url", options, configFolder) ?? "";
  if (options.url !== undefined) return new URL(text);
  const source = options.url_env === undefined
    ? `the file ${options.url_file}`
    : `the environment variable ${options.url_env}`;
  const problem = problemOf(text);
  if (problem !== null) throw new UserError(`what ${source} holds ${problem}`);
  return new URL(text);
}

async function checkNet({ protocol, hostname, port, host }: URL): Promise<void> {
  const { state } = await Deno.permissions.query({
    name: "net",
    host: `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`,
  });
  if (state === "granted") return;
  throw new UserError(`${host} may not be talked to: add "${host}" to the list "net" in "permissions"`);
}
