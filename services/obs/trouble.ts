/** Explains why OBS cannot be reached, and what to do. */
import { t } from "livecue/language";
import { UserError } from "livecue/service";

export interface Trouble {
  /**
   * "away" lasts until OBS is started, "refused" until a person changes something. "kicked": a person has
   * disconnected Livecue in OBS, so it must not reconnect by itself.
   */
  kind: "away" | "refused" | "kicked";
  /** The reason with which each event fails meanwhile. */
  what: string;
  /** What to do; "" if `what` already says it. */
  advice: string;
}

/** OBS is not connected, or the connection was lost before it answered. */
export class Away extends UserError {}

/** The streamer opened another scene collection while Livecue changed something. */
export class Moved extends Error {}

/** OBS is connected but refused the request. */
export class Refusal extends UserError {}

/** The message of the error if a server accepts the connection and does not begin as OBS does. */
export const noHello = "no Hello from OBS";

/** Close codes of obs-websocket. */
const authenticationFailed = 4009;
const unsupportedRpcVersion = 4010;
const sessionInvalidated = 4011;

const settings = () => t`Tools → WebSocket Server Settings`;

/** `thrown` is the error that ended a connection or an attempt to connect. */
export function troubleOf(thrown: unknown, address: string): Trouble {
  const message = (thrown instanceof Error ? thrown.message : String(thrown)).replace(/\.$/, "");
  // Livecue's own settings are wrong, for example a password file that does not exist.
  if (thrown instanceof UserError && !(thrown instanceof Away)) {
    return { kind: "refused", what: message, advice: "" };
  }
  return troubleOfCode(codeOf(thrown), message, address) ?? troubleOfMessage(message, address);
}

/** The code of obs-websocket's error or close. */
export function codeOf(thrown: unknown): number | undefined {
  const code: unknown = Reflect.get(Object(thrown), "code");
  return typeof code === "number" ? code : undefined;
}

function troubleOfCode(code: number | undefined, message: string, address: string): Trouble | null {
  switch (code) {
    case authenticationFailed: {
      // If no password was sent, OBS complains about a missing field of the message.
      const isMissing = message.includes("missing");
      return {
        kind: "refused",
        what: isMissing
          ? t`OBS at ${address} requires a password`
          : t`OBS at ${address} refuses the password`,
        advice:
          t`copy it from ${settings()} → Show Connect Info in OBS, and set it as "password" in the options`,
      };
    }
    case unsupportedRpcVersion:
      return {
        kind: "refused",
        what: t`OBS at ${address} does not support version 5 of obs-websocket, which Livecue requires`,
        advice: t`update OBS (to 28 or newer) or Livecue`,
      };
    case sessionInvalidated:
      return {
        kind: "kicked",
        what: t`OBS closed the connection ("Kick" in ${settings()})`,
        advice: t`restart this service to connect again`,
      };
    default:
      return null;
  }
}

/** Handles errors without a code of obs-websocket: those of the network and of other servers. */
function troubleOfMessage(message: string, address: string): Trouble {
  if (message.includes(noHello)) {
    return {
      kind: "away",
      what: t`The server at ${address} accepts the connection but says nothing`,
      advice: t`if OBS hangs, restart it; if it does not, take the port from ${settings()} (usually 4455)`,
    };
  }
  if (message.includes("subprotocol")) {
    return {
      kind: "refused",
      what: t`The server at ${address} is obs-websocket 4 or not OBS at all`,
      advice: t`update OBS to 28 or newer, and take the port from ${settings()} (usually 4455)`,
    };
  }
  if (/Unexpected server response|Parse Error/.test(message)) {
    return {
      kind: "refused",
      what: t`The server at ${address} is not OBS (${message})`,
      advice: t`take the port from ${settings()}`,
    };
  }
  return {
    kind: "away",
    what: message === ""
      ? t`OBS does not answer at ${address}`
      : t`OBS does not answer at ${address} (${message})`,
    advice: t`start OBS, and check that ${settings()} → Enable WebSocket server is ticked`,
  };
}
