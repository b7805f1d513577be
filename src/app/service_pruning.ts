/** Has services delete what is old in their own databases. A service that can exports a command named `prune`. */
import type { Config } from "../config/config.ts";
import { describeOptionMistakes, placeOfOption } from "../config/option_mistakes.ts";
import { failureText } from "../failure.ts";
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";
import { runServiceCommand } from "../runner/service_commands.ts";

export interface ServicePruning {
  config: Config;
  /** Unix milliseconds. */
  before: number;
  /** The services only say what they would delete. */
  isDryRun: boolean;
  isLivecueRunning: boolean;
  signal: AbortSignal;
  log: Log;
  /** Gets each line that a service prints. */
  print(slug: string, text: string): void;
}

/** Runs the commands one after the other. Logs why one failed, and goes on. */
export async function pruneServices(options: ServicePruning): Promise<void> {
  const { config, before, isDryRun, isLivecueRunning, signal, log, print } = options;
  for (const service of config.services.filter(({ isActive }) => isActive)) {
    if (signal.aborted) return;
    const { slug } = service;
    const end = await runServiceCommand({
      service,
      command: "prune",
      args: [new Date(before).toISOString(), ...(isDryRun ? ["--dry-run"] : [])],
      log: log.named(slug),
      print: (text) => print(slug, text),
      isLivecueRunning,
      signal,
      givenUp: signal,
      describeOptionMistakes: (mistakes) => describeOptionMistakes(config, slug, mistakes),
      placeOfOption: (path) => placeOfOption(config, slug, path),
    });
    if (end.kind === "failed" && !signal.aborted) {
      log.warn(t`${slug} could not delete old data: ${failureText(end.failure)}`);
    }
  }
}
