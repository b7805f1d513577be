/** The token that pages need where others could ask, or where the streamer wants one. */
import { UserError } from "../../user_error.ts";
import { readSecret, type SecretOptions } from "../secret.ts";
import type { KeptState } from "../service.ts";
import { isOpenToOthers } from "./access.ts";

const shortestToken = 8;
const stateKey = "token";

export interface Token {
  /** "" where none is needed. */
  value: string;
  /** As it may stand in the log: one that was made is told nowhere else, one of the streamer's own is known to them. */
  told: string;
}

/** What of a service its token is made of. */
interface TokenHost {
  options: SecretOptions<"token"> & { host: string };
  configFolder: string;
  state: KeptState;
}

/** Throws a `UserError` where the streamer's own cannot be read or could be guessed. */
export async function tokenOf({ options, configFolder, state }: TokenHost): Promise<Token> {
  const own = await ownTokenOf({ options, configFolder });
  if (own !== undefined) return { value: own, told: "YOUR_TOKEN" };
  const value = isOpenToOthers(options.host) ? await madeToken(state) : "";
  return { value, told: value };
}

/** A token in any case: for what pages need none for. Throws as `tokenOf` does. */
export async function programTokenOf({ options, configFolder, state }: TokenHost): Promise<string> {
  return await ownTokenOf({ options, configFolder }) ?? await madeToken(state);
}

/** The streamer's own; undefined where there is none. Throws as `tokenOf` does. */
export async function ownTokenOf(
  { options, configFolder }: { options: SecretOptions<"token">; configFolder: string },
): Promise<string | undefined> {
  const own = await readSecret("token", options, configFolder);
  const problem = own === undefined ? null : problemOf(own);
  if (problem !== null) throw new UserError(problem);
  return own;
}

/** Made once, and kept. */
async function madeToken(state: KeptState): Promise<string> {
  const kept = await state.get<string>(stateKey);
  if (kept !== undefined) return kept;
  const made = crypto.randomUUID().replaceAll("-", "");
  await state.set(stateKey, made);
  return made;
}

function problemOf(token: string): string | null {
  if (token.length < shortestToken) {
    return `the token is shorter than ${shortestToken} characters: others could guess it`;
  }
  return /^[\w-]+$/.test(token)
    ? null
    : 'the token may have letters, digits, "-" and "_" only, since it stands in addresses';
}
