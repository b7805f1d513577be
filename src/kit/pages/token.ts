/** The token for pages, required if other computers can connect, or if the streamer sets one. */
import { t } from "../../language.ts";
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

/** The parts of a service that its token depends on. */
interface TokenHost {
  options: SecretOptions<"token"> & { host: string };
  configFolder: string;
  state: KeptState;
}

/** Throws a `UserError` if the streamer's own token cannot be read or is easy to guess. */
export async function tokenOf({ options, configFolder, state }: TokenHost): Promise<Token> {
  const own = await ownTokenOf({ options, configFolder });
  if (own !== undefined) return { value: own, shown: "YOUR_TOKEN" };
  const value = isOpenToOthers(options.host) ? await generatedToken(state) : "";
  return { value, shown: value };
}

/** A token in any case: for what pages need none for. Throws as `tokenOf` does. */
export async function programTokenOf({ options, configFolder, state }: TokenHost): Promise<string> {
  return await ownTokenOf({ options, configFolder }) ?? await generatedToken(state);
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
    return t`the token is shorter than ${shortestToken} characters, so others could guess it`;
  }
  return /^[\w-]+$/.test(token)
    ? null
    : t`the token may only have letters, digits, "-" and "_", because it is part of addresses`;
}
