/** Reads the secrets of a target from the environment or from files. */
import { readSecret } from "livecue/secret";
import { UserError } from "livecue/service";
import { signingKey } from "livecue/standard_webhooks";
import { problemOf, type TargetOptions } from "./options.ts";

export interface Access {
  url: URL;
  /** The signing key; null without a secret. */
  key: Uint8Array | null;
  headers: Headers;
  /** Values that must not appear in any message. */
  secrets: string[];
}

/** Throws a `UserError` if something is missing or not permitted. */
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
      throw new UserError(
        `the value of the environment variable ${variable} is not allowed in a header: use plain ASCII`,
      );
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
  if (problem !== null) throw new UserError(`the content of ${source} ${problem}`);
  return new URL(text);
}

async function checkNet({ protocol, hostname, port, host }: URL): Promise<void> {
  const { state } = await Deno.permissions.query({
    name: "net",
    host: `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`,
  });
  if (state === "granted") return;
  throw new UserError(
    `the service is not allowed to connect to ${host}: add "${host}" to "net" in its "permissions"`,
  );
}
