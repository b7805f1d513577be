/** What the protocol's error codes mean, as sentences that say what to do. */
import { cleanText } from "../../clean_text.ts";
import { msg, t, translated } from "../../language.ts";

const sessionCodes: Readonly<Record<number, string>> = {
  1: msg("The server refuses the login. It has to allow anonymous clients."),
  2: msg('The server has no such adapter set. Correct "adapter_set".'),
  3: msg("The session was opened with another version of the protocol."),
  4: msg("The server no longer has the updates that were missed."),
  5: msg("The server is overloaded."),
  6: msg("The server cannot check logins at the moment."),
  7: msg("The server has reached the number of sessions that its license allows."),
  8: msg("The server has reached its number of sessions."),
  9: msg("The server has reached its load."),
  10: msg("The server accepts no new sessions at the moment."),
  11: msg("The server's license does not include streaming."),
  20: msg("The server no longer knows the session."),
  21: msg("Another server has the session."),
  31: msg("The session was closed by a request."),
  32: msg("The server closed the session."),
  33: msg("The server closed the session because of an error of its own."),
  34: msg("The server closed the session because of an error of its own."),
  35: msg("The server closed the session because the same user opened another."),
  40: msg("Another client took the session over."),
  48: msg("The session reached the longest time that the server allows."),
  60: msg("The server does not support this version of the protocol."),
  64: msg("The server refuses the request for the items."),
  65: msg("The server refuses a value in the request for a session."),
  66: msg("The server's adapter failed on the request for a session."),
  67: msg("The server could not read the request for a session."),
  68: msg("The server failed on the request for a session."),
  69: msg("The server says that this connection already has a session."),
  70: msg('The server opens no sessions at this port. Correct "url".'),
  71: msg("The server does not support this kind of client."),
};

const requestCodes: Readonly<Record<number, string>> = {
  3: msg("The session was opened with another version of the protocol."),
  11: msg("Another server has the session."),
  17: msg("The adapter set has no default data adapter."),
  19: msg("The server does not know the subscription."),
  20: msg("The server no longer knows the session."),
  21: msg('The server does not know one of the items. Correct "items".'),
  22: msg('The server does not offer these fields for these items. Correct "items" and "fields".'),
  23: msg('The server does not know one of the fields. Correct "fields".'),
  24: msg('The server does not allow this mode for one of the items. Correct "mode".'),
  26: msg("The server limits how often an item is updated."),
  27: msg("The server drops some updates of an item before it sends them."),
  28: msg("The server's license does not include updates without a filter."),
  29: msg('The server\'s license does not include the mode RAW. Correct "mode".'),
  30: msg("The server's license does not include subscriptions."),
  65: msg("The server refuses a value in the request for the items."),
  66: msg("The server's adapter failed on the request for the items."),
  67: msg("The server could not read the request for the items."),
  68: msg("The server failed on the request for the items."),
};

/** The codes with which a server refuses to send every update. It may still send the latest ones. */
export const filteredOnlyCodes: readonly number[] = [26, 27, 28];

/** For CONERR and END. `said` is the server's own message. */
export function sessionSentence(code: number, said: string): string {
  return sentence(sessionCodes[code] ?? msg("The server refuses the session."), code, said);
}

/** For REQERR and ERROR. */
export function requestSentence(code: number, said: string): string {
  return sentence(requestCodes[code] ?? msg("The server refuses the request for the items."), code, said);
}

function sentence(known: string, code: number, said: string): string {
  const words = cleanText(said, 120).replace(/[.\s]+$/, "");
  const told = words === "" ? code : `${code}, ${words}`;
  return t`${translated(known)} It says: ${told}.`;
}
