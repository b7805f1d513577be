/** Why OBS cannot be reached, in words that say what to do. */

import { UserError } from "livecue/service";

export interface Trouble {
  /**
   * "away" ends when OBS is started, "refused" when a person has changed something; with "kicked" a person has
   * said in OBS that Livecue must not come back by itself.
   */
  kind: "away" | "refused" | "kicked";
  /** A sentence or two, for the streamer. */
  text: string;
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
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  // Livecue's own settings are in the way, as a file with the password that is not there.
  if (thrown instanceof UserError && !(thrown instanceof Away)) return { kind: "refused", text: message };
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
      const what = message.includes("missing") ? "asks for a password" : "does not take the password";
      const text = `OBS at ${address} ${what}: copy it from ${settings} → Show Connect Info in OBS, ` +
        `and set it as "password" in the options.`;
      return { kind: "refused", text };
    }
    case unsupportedRpcVersion: {
      const text =
        `OBS at ${address} speaks another version of obs-websocket than Livecue, which speaks 5: ` +
        `update OBS (28 or newer), or Livecue.`;
      return { kind: "refused", text };
    }
    case sessionInvalidated: {
      const text =
        `OBS has ended the connection ("Kick" in ${settings}): restart this service to connect again.`;
      return { kind: "kicked", text };
    }
    default:
      return null;
  }
}

/** What obs-websocket-js gives no number of its own: what the network, and what answered, had to say. */
function troubleOfMessage(message: string, address: string): Trouble {
  if (/subprotocol|said Hello/.test(message)) {
    const text =
      `What answers at ${address} is obs-websocket 4, or no OBS at all: update OBS to 28 or newer, ` +
      `and take the port from ${settings} (4455 as a rule).`;
    return { kind: "refused", text };
  }
  if (/Unexpected server response|Parse Error/.test(message)) {
    const text = `What answers at ${address} is not OBS (${message}): take the port from ${settings}.`;
    return { kind: "refused", text };
  }
  const why = message === "" ? "" : ` (${message.replace(/\.$/, "")})`;
  const text = `OBS is not there at ${address}${why}. Livecue goes on trying: start OBS, and see that ` +
    `${settings} → Enable WebSocket server is ticked.`;
  return { kind: "away", text };
}
