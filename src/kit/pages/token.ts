/** The token for pages, required if other computers can connect, or if the streamer sets one. */
import { UserError } from "../../user_error.ts";
import { readSecret, type SecretOptions } from "../secret.ts";
import type { KeptState } from "../service.ts";
import { isOpenToOthers } from "./access.ts";

const shortestToken = 8;
const stateKey = "token";

export interface Token {
  /** "" if none is required. */
  value: string;
  /** The form for the log: a generated token appears only there; the streamer knows their own token. */
  shown: string;
}

/** Throws a `UserError` if the streamer's own token cannot be read or is easy to guess. */
export async function tokenOf(
  { options, configFolder, state }: {
    options: SecretOptions<"token"> & { host: string };
    configFolder: string;
    state: KeptState;
  },
): Promise<Token> {
  const own = await ownTokenOf({ options, configFolder });
  if (own !== undefined) return { value: own, shown: "YOUR_TOKEN" };
  const value = isOpenToOthers(options.host) ? await generatedToken(state) : "";
  return { value, shown: value };
}

/** The streamer's own token; undefined if there is none. Throws as `tokenOf` does. */
export async function ownTokenOf(
  { options, configFolder }: { options: SecretOptions<"token">; configFolder: string },
): Promise<string | undefined> {
  const own = await readSecret("token", options, configFolder);
  const problem = own === undefined ? null : problemOf(own);
  if (problem !== null) throw new UserError(problem);
  return own;
}

/** Generated once, and kept. */
async function generatedToken(state: KeptState): Promise<string> {
  const kept = await state.get<string>(stateKey);
  if (kept !== undefined) return kept;
  const made = crypto.randomUUID().replaceAll("-", "");
  await state.set(stateKey, made);
  return made;
}

function problemOf(token: string): string | null {
  if (token.length < shortestToken) {
    return `the token is shorter than ${shortestToken} characters, so others could guess it`;
  }
  return /^[\w-]+$/.test(token)
    ? null
    : 'the token may only have letters, digits, "-" and "_", because it is part of addresses';
}
