/** A connection to TikFinity or a compatible server, checked with pings. */
import { msg, t } from "../../language.ts";
import { type Closed, listen as listenTo, type SocketOptions } from "../socket.ts";

/** The interval of pings. */
const pingMs = 20_000;
/** TikFinity's largest message, with its own settings, has a few hundred kB. */
export const maxMessageBytes = 2 * 1024 * 1024;

const sentences: SocketOptions["sentences"] = {
  unanswered: (address) =>
    t`Nothing answers at ${address}. Check the address, and whether TikFinity is stuck.`,
  absent: (address) =>
    t`Nothing answers at ${address}: TikFinity is not running, or its WebSocket is off. Start TikFinity.`,
  foreign: (address, reason) =>
    t`The server at ${address} is not TikFinity's WebSocket (${reason}). Check the source's "url".`,
  silent: msg("TikFinity no longer answers. Perhaps it is stuck, or its computer is off."),
  closed: msg("TikFinity closed the connection."),
};

type TikfinityOptions = Omit<SocketOptions, "sentences" | "maxMessageBytes" | "proof">;

/** Connects and returns when the connection ends or `signal` aborts. */
export function listen(options: TikfinityOptions): Promise<Closed> {
  return listenTo({ ...options, sentences, maxMessageBytes, proof: { by: "pings", everyMs: pingMs } });
}
