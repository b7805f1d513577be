/** Beginning to listen, which another program may prevent. */
import { setTimeout as wait } from "node:timers/promises";
import { type BaseQueueService, type ServiceCommand, UserError } from "livecue/service";
import { baseUrl, ownTokenOf } from "./access.ts";
import type { Options } from "./options.ts";

const retryMs = 2000;

/** Calls `listen` until it does not throw. Returns after the first try. What is wrong is told once. */
export function retryListening(
  listen: () => void,
  { options, log, signal }: Pick<BaseQueueService<Options>, "options" | "log" | "signal">,
): void {
  try {
    listen();
  } catch (error) {
    log.error(`${explain(error, options)} Until then nobody is sent anything; it is tried every 2 s`);
    void keepTrying();
  }

  async function keepTrying(): Promise<void> {
    while (!signal.aborted) {
      try {
        await wait(retryMs, undefined, { signal });
        return listen();
      } catch {
        // Told above, or the service is being stopped.
      }
    }
  }
}

/** The feed's `check`: whether programs will be able to connect. */
export const check: ServiceCommand<Options> = {
  description: "looks whether programs can connect",
  async run({ options, configFolder, isLivecueRunning, print }) {
    await ownTokenOf(options, configFolder);
    const url = baseUrl(options);
    try {
      Deno.listen({ hostname: options.host, port: options.port }).close();
    } catch (error) {
      const why = explain(error, options);
      if (!isLivecueRunning) throw new UserError(why);
      return print(`The port of ${url} is in use, as expected, because Livecue is running.`);
    }
    print(`Programs will be able to connect to ${url}.`);
  },
};

/** Throws what trying again cannot mend. */
function explain(error: unknown, { host, port }: Options): string {
  const address = `${host}:${port}`;
  if (error instanceof Deno.errors.AddrInUse) {
    const who = port === 21_213 ? "TikFinity or another program uses" : "Another program uses";
    return `${who} the port ${port}. Close it, or change "port" in the service's options (and in "net" of its ` +
      "permissions, and in the programs that connect).";
  }
  if (error instanceof Deno.errors.NotCapable) {
    throw new UserError(
      `It may not listen at ${address}: write "net": ["${address}"] under its "permissions"`,
    );
  }
  throw new UserError(`It cannot listen at ${address}: check "host" and "port" in its options`, {
    cause: error,
  });
}
