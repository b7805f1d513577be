/**
 * Who may connect: programs on this computer, and pages of the sites in `origins`. Any site that is open in a browser
 * could try to connect. Therefore a page's origin must be allowed, and the request must use a name of this server
 * (otherwise a site could bypass the same-origin policy by pointing its own name at this server).
 */
import { t } from "livecue/language";
import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { readSecret, type SecretOptions } from "livecue/secret";
import { UserError } from "livecue/service";

export interface Access {
  /** The address to listen on, as in the options. */
  host: string;
  port: number;
  /** "" if none is required. */
  token: string;
  origins: readonly string[];
}

const loopback = ["127.0.0.1", "localhost", "[::1]"];
const everything = ["0.0.0.0", "[::]"];
const address = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:.]+\])$/i;
const shortestToken = 8;

/** Whether other computers can connect to it. */
export function isOpenToOthers(host: string): boolean {
  return !loopback.includes(inAddress(host));
}

/** The URL for programs on this computer. */
export function baseUrl({ host, port }: Pick<Access, "host" | "port">): string {
  const own = inAddress(host);
  return `ws://${everything.includes(own) ? "127.0.0.1" : own}:${port}/`;
}

/** The site of the page that sent the request, if that site is not allowed; else null. */
export function foreignOrigin({ headers }: Request, { origins }: Access): string | null {
  const origin = headers.get("origin")?.toLowerCase() ?? null;
  if (origin === null || origin === `http://${headers.get("host")?.toLowerCase()}`) return null;
  return origins.includes(origin) ? null : origin;
}

/** Whether the request uses a name of this server. An IP address is safe, because no name server is involved. */
export function isOwnName({ headers }: Request, access: Access): boolean {
  const host = headers.get("host")?.toLowerCase() ?? "";
  const end = `:${access.port}`;
  if (!host.endsWith(end)) return false;
  const name = host.slice(0, -end.length);
  if (loopback.includes(name)) return true;
  return isOpenToOthers(access.host) && (name === inAddress(access.host) || address.test(name));
}

/** Whether this is the token, or none is required. */
export function isToken(given: string | null, { token }: Access): boolean {
  if (token === "") return true;
  const [expected, found] = [Buffer.from(token), Buffer.from(given ?? "")];
  return expected.length === found.length && timingSafeEqual(expected, found);
}

/** The token from the options; undefined if there is none. Throws a `UserError` if it cannot be used. */
export async function ownTokenOf(
  options: SecretOptions<"token">,
  configFolder: string,
): Promise<string | undefined> {
  const token = await readSecret("token", options, configFolder);
  const problem = token === undefined ? null : tokenProblem(token);
  if (problem !== null) throw new UserError(problem);
  return token;
}

/** What is wrong with the token; null if it is fine. */
function tokenProblem(token: string): string | null {
  if (token.length < shortestToken) {
    return t`the token is shorter than ${shortestToken} characters, so others could guess it`;
  }
  return /^[\w-]+$/.test(token)
    ? null
    : t`the token may contain only letters, digits, "-" and "_", because it is part of a URL`;
}

/** The host as written in a URL: IPv6 in brackets. */
function inAddress(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host.toLowerCase();
}
