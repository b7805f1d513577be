/**
 * What to do about a server's certificate that was refused, in the words of Deno's TLS. The texts continue a sentence
 * after a colon.
 */
import { msg, t, translated } from "./language.ts";

/** Each reason with what to do; `authority` says where to name the file of an authority of one's own. */
const reasons: [pattern: RegExp, advise: (authority: string) => string][] = [
  [
    /CaUsedAsEndEntity/i,
    () =>
      t`it is the certificate of an authority, which no server may use: make the server a certificate of its own (basicConstraints CA:FALSE)`,
  ],
  [/not valid for name|NotValidForName/i, () => t`it is for another name: use that name in the address`],
  [/not valid yet|NotValidYet/i, () => t`it is not valid yet: check this computer's clock`],
  [/expired/i, () => t`it has expired: renew it on the server, or check this computer's clock`],
  [
    /UnknownIssuer|self.signed|unable to (verify|get)/i,
    (authority) => t`no known authority vouches for it: ${authority}`,
  ],
];

const deno = msg("name the file of your own authority in the environment variable DENO_CERT");

/** Null if the message of an error is not about a certificate. */
export function certificateAdvice(message: string, authority = translated(deno)): string | null {
  const known = reasons.find(([pattern]) => pattern.test(message));
  if (known !== undefined) return known[1](authority);
  return /certificate/i.test(message) ? t`it is not trusted: ${authority}` : null;
}
