/**
 * Access control. The pages show what viewers wrote, and requests can control them. Any website that is open in the
 * streamer's browser could send requests. So a request must come from one of these pages, or from no page, and it
 * must use one of the server's own names: DNS rebinding would use another name to get around the same-origin policy.
 */
import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { t } from "../../language.ts";

export interface Access {
  /** The host to listen on, as in the options. */
  host: string;
  port: number;
  /** "" if no token is required. */
  token: string;
}

export interface Refusal {
  status: number;
  /** A sentence for a person. */
  why: string;
}

/** Allowed values of the header Sec-Fetch-Site. */
const ownSites = ["same-origin", "none"];
const loopback = ["127.0.0.1", "localhost", "[::1]"];
const everything = ["0.0.0.0", "[::]"];
const address = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:.]+\])$/i;

/** Whether other computers can connect. */
export function isOpenToOthers(host: string): boolean {
  return !loopback.includes(inAddress(host));
}

/** The host in the form for a URL: IPv6 in brackets. */
function inAddress(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host.toLowerCase();
}

/** The URL for programs on this computer. */
export function baseUrl({ host, port }: Pick<Access, "host" | "port">): string {
  const own = inAddress(host);
  return `http://${everything.includes(own) ? "127.0.0.1" : own}:${port}`;
}

/** null if the request may be answered. */
export function refusalOf(request: Request, access: Access): Refusal | null {
  const { headers } = request;
  const host = headers.get("host")?.toLowerCase() ?? "";
  if (!isOwnName(host, access)) return { status: 421, why: t`"${host}" is not a name of this server.` };
  const origin = headers.get("origin");
  const isForeign = (origin !== null && origin !== `http://${host}`) ||
    !ownSites.includes(headers.get("sec-fetch-site") ?? "none");
  return isForeign && !isLinkToIndex(request)
    ? { status: 403, why: t`Other websites may not use this server.` }
    : null;
}

/** Allows following a link to the index page from a website, as from a README: that page does nothing by itself. */
function isLinkToIndex({ url, method, headers }: Request): boolean {
  return isReading(method) && new URL(url).pathname === "/" && headers.get("origin") === null &&
    headers.get("sec-fetch-mode") === "navigate" && headers.get("sec-fetch-dest") === "document";
}

/** Whether the request has the token, as `?token=` or as `Authorization: Bearer`; always true if none is required. */
export function hasToken({ url, headers }: Request, token: string): boolean {
  if (token === "") return true;
  const given = new URL(url).searchParams.get("token") ??
    headers.get("authorization")?.match(/^Bearer +(\S+)$/i)?.[1] ?? "";
  const [expected, found] = [Buffer.from(token), Buffer.from(given)];
  return expected.length === found.length && timingSafeEqual(expected, found);
}

/** An IP address needs no DNS, so rebinding is impossible. */
function isOwnName(host: string, access: Access): boolean {
  // Every name has the port, because http's default port is not allowed in the options.
  const end = `:${access.port}`;
  if (!host.endsWith(end)) return false;
  const name = host.slice(0, -end.length);
  if (loopback.includes(name)) return true;
  return isOpenToOthers(access.host) && (name === inAddress(access.host) || address.test(name));
}

/** Whether the method only reads. */
export function isReading(method: string): boolean {
  return method === "GET" || method === "HEAD";
}
