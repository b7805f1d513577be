/**
 * Lists of hosts. A rule is a host ("tiktok.com", that host alone), all hosts below one ("*.tiktok.com"), or any host
 * ("*"). Without a port, a rule covers the ports 80 for http and 443 for https; "example.com:8080" covers that port.
 */

/** The rule in lower case and with the host in ASCII, as URLs have it; null if it is not a rule. */
export function normalRule(rule: string): string | null {
  const text = rule.trim();
  if (text === "*") return text;
  const prefix = text.startsWith("*.") ? "*." : "";
  const host = text.slice(prefix.length);
  if (/[/\\?#@*\s]/.test(host) || !URL.canParse(`http://${host}`)) return null;
  const { hostname } = new URL(`http://${host}`);
  // The URL's own `port` is "" for 80.
  const port = /:(\d+)$/.exec(host)?.[0] ?? "";
  return `${prefix}${withoutDot(hostname)}${port}`;
}

/** Whether a rule of the list covers the URL's host and port. */
export function isListed(url: URL, rules: readonly string[]): boolean {
  return rules.some((rule) => covers(rule, url));
}

/** "host:port" of a URL, with the port in any case. */
export function hostAndPort(url: URL): string {
  return `${hostOf(url)}:${url.port || (url.protocol === "https:" ? 443 : 80)}`;
}

/** The host without the dot that may follow a full name. */
export function hostOf(url: URL): string {
  return withoutDot(url.hostname);
}

function covers(rule: string, url: URL): boolean {
  const given = normalRule(rule);
  if (given === null) return false;
  const [, name = "", port] = /^(.*?)(?::(\d+))?$/.exec(given) ?? [];
  const isPort = port === undefined ? url.port === "" : hostAndPort(url).endsWith(`:${port}`);
  if (!isPort) return false;
  if (name === "*") return true;
  return name.startsWith("*.") ? hostOf(url).endsWith(name.slice(1)) : hostOf(url) === name;
}

function withoutDot(host: string): string {
  return host.replace(/\.$/, "");
}
