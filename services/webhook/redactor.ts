/** Keeps secrets out of what is told: a server's answer may well repeat the address that it was asked at. */

/** Shorter ones would take ordinary words out of every text. */
const shortestSecret = 4;

/** A function that takes the secrets out of a text. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const hidden = [...new Set(secrets.flatMap(spellings))]
    .filter((secret) => secret.length >= shortestSecret)
    .sort((one, other) => other.length - one.length);
  return (text) => hidden.reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
}

/** The parts of an address that may let somebody in: all but its host. */
export function secretsOf(url: URL): string[] {
  const steps = url.pathname.split("/").filter((step) => step.length >= 8);
  const whole = `${url.pathname}${url.search}`;
  return [...(url.pathname === "/" ? [] : [whole, url.pathname]), ...steps, ...url.searchParams.values()];
}

/** As it stands, and as a server may write it in its answer: PHP's JSON has a backslash before each slash. */
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
