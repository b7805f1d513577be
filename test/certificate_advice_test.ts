import assert from "node:assert/strict";
import { certificateAdvice } from "../src/certificate_advice.ts";

/** As Deno's fetch and npm's TLS clients say them. */
const messages: [message: string, advice: RegExp][] = [
  ["invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))", /certificate of an authority.*CA:FALSE/],
  [
    "invalid peer certificate: UnknownIssuer",
    /^no known authority vouches for it: name the file.*DENO_CERT$/,
  ],
  [
    'invalid peer certificate: certificate not valid for name "127.0.0.1"; certificate is only valid for DnsName("a.b")',
    /for another name/,
  ],
  ["invalid peer certificate: certificate expired: verification time 1795292130", /has expired/],
  ["invalid peer certificate: certificate not valid yet: verification time 1", /this computer's clock/],
  ["self-signed certificate in certificate chain", /^no known authority/],
  ["unable to verify the first certificate", /^no known authority/],
  ["invalid peer certificate: BadSignature", /^it is not trusted: /],
];

Deno.test("What is wrong with a certificate is said with what to do", () => {
  for (const [message, advice] of messages) assert.match(certificateAdvice(message) ?? "", advice, message);
  assert.match(certificateAdvice("UnknownIssuer", 'set "ca_file"') ?? "", /: set "ca_file"$/);
  assert.equal(certificateAdvice("tcp connect error: Connection refused"), null);
});
