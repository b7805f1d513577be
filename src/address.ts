import { t } from "./language.ts";

/** An address for a message, without user name, password and query, which may be secret. */
export function shownAddress(address: string): string {
  if (!URL.canParse(address)) return t`the address`;
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname === "/" && !/[^/]\/$/.test(address) ? "" : pathname}`;
}
