/** Starts listening, and retries while another program uses the port. */
import { msg, t } from "livecue/language";
import { setTimeout as wait } from "node:timers/promises";
import { type BaseQueueService, type ServiceCommand, UserError } from "livecue/service";
import { baseUrl, ownTokenOf } from "./access.ts";
import type { Options } from "./options.ts";

const retryMs = 2000;

/** Calls `listen` until it does not throw. Returns after the first try. Logs the error once. */
export function retryListening(
  listen: () => void,
  { options, log, signal }: Pick<BaseQueueService<Options>, "options" | "log" | "signal">,
): void {
  try {
    listen();
  } catch (error) {
    log.error(t`${explain(error, options)} Until then no program receives events. Livecue retries every 2 s`);
    void keepTrying();
  }

  async function keepTrying(): Promise<void> {
    while (!signal.aborted) {
      try {
        await wait(retryMs, undefined, { signal });
        return listen();
      } catch {
        // Logged above, or the service is stopping.
      }
    }
  }
}

/** The feed's `check`: whether programs will be able to connect. */
export const check: ServiceCommand<Options> = {
  description: msg("checks whether programs can connect"),
  async run({ options, configFolder, isLivecueRunning, print }) {
    await ownTokenOf(options, configFolder);
    const url = baseUrl(options);
    try {
      Deno.listen({ hostname: options.host, port: options.port }).close();
    } catch (error) {
      const why = explain(error, options);
      if (!isLivecueRunning) throw new UserError(why);
      return print(t`The port of ${url} is in use, as expected, because Livecue is running.`);
    }
    print(t`Programs will be able to connect to ${url}.`);
  },
};

/** Returns why the port is in use. Throws errors that a retry cannot fix. */
function explain(error: unknown, { host, port }: Options): string {
  const address = `${host}:${port}`;
  if (error instanceof Deno.errors.AddrInUse) {
    return port === 21_213
      ? t`TikFinity or another program uses port ${port}. Close it, or change "port" in the service's options (also in "net" of its permissions and in the programs that connect).`
      : t`Another program uses port ${port}. Close it, or change "port" in the service's options (also in "net" of its permissions and in the programs that connect).`;
  }
  if (error instanceof Deno.errors.NotCapable) {
    throw new UserError(
      t`It is not allowed to listen on ${address}: add "net": ["${address}"] to its "permissions"`,
    );
  }
  throw new UserError(t`It cannot listen on ${address}: check "host" and "port" in its options`, {
    cause: error,
  });
}
