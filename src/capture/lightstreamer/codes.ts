/** What the protocol's error codes mean, as sentences that say what to do. */
import { cleanText } from "../../clean_text.ts";

const sessionCodes: Readonly<Record<number, string>> = {
  1: "The server refuses the login. It has to allow anonymous clients.",
  2: 'The server has no such adapter set. Correct "adapter_set".',
  3: "The session was opened with another version of the protocol.",
  4: "The server no longer has the updates that were missed.",
  5: "The server is overloaded.",
  6: "The server cannot check logins at the moment.",
  7: "The server has reached the number of sessions that its license allows.",
  8: "The server has reached its number of sessions.",
  9: "The server has reached its load.",
  10: "The server accepts no new sessions at the moment.",
  11: "The server's license does not include streaming.",
  20: "The server no longer knows the session.",
  21: "Another server has the session.",
  31: "The session was closed by a request.",
  32: "The server closed the session.",
  33: "The server closed the session because of an error of its own.",
  34: "The server closed the session because of an error of its own.",
  35: "The server closed the session because the same user opened another.",
  40: "Another client took the session over.",
  48: "The session reached the longest time that the server allows.",
  60: "The server does not support this version of the protocol.",
  64: "The server refuses the request for the items.",
  65: "The server refuses a value in the request for a session.",
  66: "The server's adapter failed on the request for a session.",
  67: "The server could not read the request for a session.",
  68: "The server failed on the request for a session.",
  69: "The server says that this connection already has a session.",
  70: 'The server opens no sessions at this port. Correct "url".',
  71: "The server does not support this kind of client.",
};

const requestCodes: Readonly<Record<number, string>> = {
  3: "The session was opened with another version of the protocol.",
  11: "Another server has the session.",
  17: "The adapter set has no default data adapter.",
  19: "The server does not know the subscription.",
  20: "The server no longer knows the session.",
  21: 'The server does not know one of the items. Correct "items".',
  22: 'The server does not offer these fields for these items. Correct "items" and "fields".',
  23: 'The server does not know one of the fields. Correct "fields".',
  24: 'The server does not allow this mode for one of the items. Correct "mode".',
  26: "The server limits how often an item is updated.",
  27: "The server drops some updates of an item before it sends them.",
  28: "The server's license does not include updates without a filter.",
  29: 'The server\'s license does not include the mode RAW. Correct "mode".',
  30: "The server's license does not include subscriptions.",
  65: "The server refuses a value in the request for the items.",
  66: "The server's adapter failed on the request for the items.",
  67: "The server could not read the request for the items.",
  68: "The server failed on the request for the items.",
};

/** The codes with which a server refuses to send every update. It may still send the latest ones. */
export const filteredOnlyCodes: readonly number[] = [26, 27, 28];

/** For CONERR and END. `said` is the server's own message. */
export function sessionSentence(code: number, said: string): string {
  return sentence(sessionCodes[code] ?? "The server refuses the session.", code, said);
}

/** For REQERR and ERROR. */
export function requestSentence(code: number, said: string): string {
  return sentence(requestCodes[code] ?? "The server refuses the request for the items.", code, said);
}

function sentence(known: string, code: number, said: string): string {
  const words = cleanText(said, 120).replace(/[.\s]+$/, "");
  return `${known} It says: ${code}${words === "" ? "" : `, ${words}`}.`;
}
