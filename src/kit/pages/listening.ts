/** Checks whether pages can be served at the configured address. */
import { resolve } from "node:path";
import { msg, t } from "../../language.ts";
import { UserError } from "../../user_error.ts";
import type { ServiceCommand } from "../service.ts";
import { type Access, baseUrl } from "./access.ts";
import { folderProblem } from "./files.ts";
import type { PageOptions } from "./page_options.ts";
import { ownTokenOf } from "./token.ts";

/** Why it cannot listen, if a retry may help. Throws a `UserError` if a retry cannot help. */
export function whyNotListening(error: unknown, { host, port }: Pick<Access, "host" | "port">): string {
  const address = `${host}:${port}`;
  if (error instanceof Deno.errors.AddrInUse) {
    return t`Another program uses port ${port}, perhaps a second Livecue. Close it, or change "port" in the service's options (and in "net" of its permissions, and in OBS).`;
  }
  if (error instanceof Deno.errors.NotCapable) {
    throw new UserError(
      t`It is not allowed to listen on ${address}: set "net": ["${address}"] in its "permissions"`,
    );
  }
  throw new UserError(t`It cannot listen on ${address}: check "host" and "port" in its options`, {
    cause: error,
  });
}

/** For a service's `commands`: `export const commands = { check: pagesCheck }`. */
export const pagesCheck: ServiceCommand<PageOptions> = {
  description: msg("checks whether the pages can be shown"),
  async run({ options, configFolder, isLivecueRunning, log, print }) {
    await ownTokenOf({ options, configFolder });
    if (options.theme_folder !== undefined) {
      const problem = await folderProblem(resolve(configFolder, options.theme_folder));
      if (problem !== null) log.warn(problem);
    }
    const url = baseUrl(options);
    try {
      Deno.listen({ hostname: options.host, port: options.port }).close();
    } catch (error) {
      const why = whyNotListening(error, options);
      if (!isLivecueRunning) throw new UserError(why);
      return print(t`The port of ${url} is in use, as expected, because Livecue is running.`);
    }
    print(t`The pages can be served at ${url}.`);
  },
};
