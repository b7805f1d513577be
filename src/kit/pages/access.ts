/**
 * Who may ask. The pages show what viewers wrote and can be driven by requests, and any site that the streamer has
 * open could send some: so a request must come from nowhere, or from a page of ours, and must call us by a name of
 * ours (another name that leads here is how a site gets round the rule of same origin).
 */
import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";

export interface Access {
  /** As in the options: what is listened on. */
  host: string;
  port: number;
  /** "" where none is needed. */
  token: string;
}

export interface Refusal {
  status: number;
  /** For a person who looks into it. */
  why: string;
}

/** Of the page that asks, as the browser says. */
const ownSites = ["same-origin", "none"];
const loopback = ["127.0.0.1", "localhost", "[::1]"];
const everything = ["0.0.0.0", "[::]"];
const address = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:.]+\])$/i;

/** Whether others than this computer can connect to it. */
export function isOpenToOthers(host: string): boolean {
  return !loopback.includes(inAddress(host));
}

/** As it stands in an address: IPv6 in brackets. */
function inAddress(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host.toLowerCase();
}

/** Under which address this computer's own programs reach it. */
export function baseUrl({ host, port }: Pick<Access, "host" | "port">): string {
  const own = inAddress(host);
  return `http://${everything.includes(own) ? "127.0.0.1" : own}:${port}`;
}

/** Null where the request may be answered. */
export function refusalOf(request: Request, access: Access): Refusal | null {
  const { headers } = request;
  const host = headers.get("host")?.toLowerCase() ?? "";
  if (!isOwnName(host, access)) return { status: 421, why: `Not a name of this server: "${host}".` };
  const origin = headers.get("origin");
  const isForeign = (origin !== null && origin !== `http://${host}`) ||
    !ownSites.includes(headers.get("sec-fetch-site") ?? "none");
  return isForeign && !isLinkToIndex(request)
    ? { status: 403, why: "Pages of other sites may not use this server." }
    : null;
}

/** A person has followed a link to the index, as from a README on the web: that page does nothing by itself. */
function isLinkToIndex({ url, method, headers }: Request): boolean {
  return isReading(method) && new URL(url).pathname === "/" && headers.get("origin") === null &&
    headers.get("sec-fetch-mode") === "navigate" && headers.get("sec-fetch-dest") === "document";
}

/** Whether the request has the token, as `?token=` or as `Authorization: Bearer`; always where none is needed. */
export function hasToken({ url, headers }: Request, token: string): boolean {
  if (token === "") return true;
  const given = new URL(url).searchParams.get("token") ??
    headers.get("authorization")?.match(/^Bearer +(\S+)$/i)?.[1] ?? "";
  const [expected, found] = [Buffer.from(token), Buffer.from(given)];
  return expected.length === found.length && timingSafeEqual(expected, found);
}

/** An address needs no name server, so it cannot be made to lead here. */
function isOwnName(host: string, access: Access): boolean {
  // A browser leaves out the port that is http's own.
  const end = `:${access.port}`;
  if (!host.endsWith(end)) return false;
  const name = host.slice(0, -end.length);
  if (loopback.includes(name)) return true;
  return isOpenToOthers(access.host) && (name === inAddress(access.host) || address.test(name));
}

/** Whether it only asks: HEAD is GET without what it gets. */
export function isReading(method: string): boolean {
  return method === "GET" || method === "HEAD";
}
