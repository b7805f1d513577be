/** An address for a message: without a name, a password and a query, which may be secret. */
export function shownAddress(address: string): string {
  if (!URL.canParse(address)) return "the address";
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname === "/" && !/[^/]\/$/.test(address) ? "" : pathname}`;
}
