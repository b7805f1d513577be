/** Why OBS cannot be reached, in words that say what to do. */
import { UserError } from "livecue/service";

export interface Trouble {
  /**
   * "away" ends when OBS is started, "refused" when a person has changed something; with "kicked" a person has
   * said in OBS that Livecue must not come back by itself.
   */
  kind: "away" | "refused" | "kicked";
  /** Why each event fails meanwhile. */
  what: string;
  /** What to do, to be said once; "" where `what` says it. */
  advice: string;
}

/** OBS is not there, or went away before it answered. */
export class Away extends UserError {}

/** OBS is there, and cannot do what it was asked for. */
export class Refusal extends UserError {}

/** Close codes of obs-websocket. */
const authenticationFailed = 4009;
const unsupportedRpcVersion = 4010;
const sessionInvalidated = 4011;

const settings = "Tools → WebSocket Server Settings";

/** `thrown`: what ended an attempt to connect, or a connection. */
export function troubleOf(thrown: unknown, address: string): Trouble {
  const message = (thrown instanceof Error ? thrown.message : String(thrown)).replace(/\.$/, "");
  // Livecue's own settings are in the way, as a file with the password that is not there.
  if (thrown instanceof UserError && !(thrown instanceof Away)) {
    return { kind: "refused", what: message, advice: "" };
  }
  return troubleOfCode(codeOf(thrown), message, address) ?? troubleOfMessage(message, address);
}

/** The number that obs-websocket gave a refusal or a close. */
export function codeOf(thrown: unknown): number | undefined {
  const code: unknown = Reflect.get(Object(thrown), "code");
  return typeof code === "number" ? code : undefined;
}

function troubleOfCode(code: number | undefined, message: string, address: string): Trouble | null {
  switch (code) {
    case authenticationFailed: {
      // In OBS's words, a password that is not given is a part of the message that is missing.
      const isMissing = message.includes("missing");
      return {
        kind: "refused",
        what: `OBS at ${address} ${isMissing ? "asks for a password" : "does not take the password"}`,
        advice:
          `copy it from ${settings} → Show Connect Info in OBS, and set it as "password" in the options`,
      };
    }
    case unsupportedRpcVersion:
      return {
        kind: "refused",
        what: `OBS at ${address} speaks another version of obs-websocket than Livecue, which speaks 5`,
        advice: "update OBS (28 or newer), or Livecue",
      };
    case sessionInvalidated:
      return {
        kind: "kicked",
        what: `OBS has ended the connection ("Kick" in ${settings})`,
        advice: "restart this service to connect again",
      };
    default:
      return null;
  }
}

/** What obs-websocket-js gives no number of its own: what the network, and what answered, had to say. */
function troubleOfMessage(message: string, address: string): Trouble {
  if (/subprotocol|said Hello/.test(message)) {
    return {
      kind: "refused",
      what: `What answers at ${address} is obs-websocket 4, or no OBS at all`,
      advice: `update OBS to 28 or newer, and take the port from ${settings} (4455 as a rule)`,
    };
  }
  if (/Unexpected server response|Parse Error/.test(message)) {
    return {
      kind: "refused",
      what: `What answers at ${address} is not OBS (${message})`,
      advice: `take the port from ${settings}`,
    };
  }
  return {
    kind: "away",
    what: `OBS is not there at ${address}${message === "" ? "" : ` (${message})`}`,
    advice: `start OBS, and see that ${settings} → Enable WebSocket server is ticked`,
  };
}
