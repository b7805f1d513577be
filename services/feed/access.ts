/**
 * Who may connect: programs of this computer, and pages of the sites that the streamer has named. Any site that is
 * open in a browser could try, so a page must say that it is one of those, and whoever asks must call this server by a
 * name of its own (another name that leads here is how a site gets round the rule of same origin).
 */
import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { readSecret, type SecretOptions } from "livecue/secret";
import { UserError } from "livecue/service";

export interface Access {
  /** As in the options: what is listened on. */
  host: string;
  port: number;
  /** "" where none is needed. */
  token: string;
  origins: readonly string[];
}

const loopback = ["127.0.0.1", "localhost", "[::1]"];
const everything = ["0.0.0.0", "[::]"];
const address = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:.]+\])$/i;
const shortestToken = 8;

/** Whether others than this computer can connect to it. */
export function isOpenToOthers(host: string): boolean {
  return !loopback.includes(inAddress(host));
}

/** Where this computer's own programs reach it. */
export function baseUrl({ host, port }: Pick<Access, "host" | "port">): string {
  const own = inAddress(host);
  return `ws://${everything.includes(own) ? "127.0.0.1" : own}:${port}/`;
}

/** The site whose page asks, where it may not; null where it may, or where no page asks. */
export function foreignOrigin({ headers }: Request, { origins }: Access): string | null {
  const origin = headers.get("origin")?.toLowerCase() ?? null;
  if (origin === null || origin === `http://${headers.get("host")?.toLowerCase()}`) return null;
  return origins.includes(origin) ? null : origin;
}

/** Whether the server is called by a name of its own. An address needs no name server, so it cannot be made to lead here. */
export function isOwnName({ headers }: Request, access: Access): boolean {
  const host = headers.get("host")?.toLowerCase() ?? "";
  const end = `:${access.port}`;
  if (!host.endsWith(end)) return false;
  const name = host.slice(0, -end.length);
  if (loopback.includes(name)) return true;
  return isOpenToOthers(access.host) && (name === inAddress(access.host) || address.test(name));
}

/** Whether this is the token, where one is needed. */
export function isToken(given: string | null, { token }: Access): boolean {
  if (token === "") return true;
  const [expected, found] = [Buffer.from(token), Buffer.from(given ?? "")];
  return expected.length === found.length && timingSafeEqual(expected, found);
}

/** The streamer's own; undefined where there is none. Throws a `UserError` where it cannot be used. */
export async function ownTokenOf(
  options: SecretOptions<"token">,
  configFolder: string,
): Promise<string | undefined> {
  const token = await readSecret("token", options, configFolder);
  const problem = token === undefined ? null : tokenProblem(token);
  if (problem !== null) throw new UserError(problem);
  return token;
}

/** What is wrong with it; null where nothing is. */
function tokenProblem(token: string): string | null {
  if (token.length < shortestToken) {
    return `the token is shorter than ${shortestToken} characters: others could guess it`;
  }
  return /^[\w-]+$/.test(token)
    ? null
    : 'the token may have letters, digits, "-" and "_" only, since it stands in addresses';
}

/** As it stands in an address: IPv6 in brackets. */
function inAddress(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host.toLowerCase();
}
