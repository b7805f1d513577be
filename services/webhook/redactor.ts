/** Keeps secrets out of messages, because a server's answer may repeat the address of the request. */

/** Redacting shorter secrets would remove ordinary words. */
const shortestSecret = 4;

/** Returns a function that removes the secrets from a text. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const hidden = [...new Set(secrets.flatMap(spellings))]
    .filter((secret) => secret.length >= shortestSecret)
    .sort((one, other) => other.length - one.length);
  return (text) => hidden.reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
}

/** The parts of an address that may be secret: all except the host. */
export function secretsOf(url: URL): string[] {
  const segments = url.pathname.split("/").filter((segment) => segment.length >= 8);
  const whole = `${url.pathname}${url.search}`;
  return [...(url.pathname === "/" ? [] : [whole, url.pathname]), ...segments, ...url.searchParams.values()];
}

/** The spellings of a secret that may appear in a server's answer. PHP's JSON, for example, escapes each slash. */
function spellings(secret: string): string[] {
  return [secret, secret.replace(/^whsec_/, ""), encodeURIComponent(secret), safelyDecoded(secret)]
    .flatMap((spelling) => [spelling, spelling.replaceAll("/", "\\/")]);
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
