/** A service that may run programs can do anything, so the log names it: nobody should grant this permission unknowingly. */
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";
import type { ServiceUnit } from "./service_unit.ts";

/** Logs a line for each service that this process runs and that may run programs. */
export function announcePrograms(units: readonly ServiceUnit[], log: Log): void {
  for (const { runner, config: { slug, runsOn, permissions: { run } } } of units) {
    // A host has permissions of its own.
    if (runner === null || runsOn !== null || run === false || (run !== true && run.length === 0)) continue;
    log.info(
      run === true
        ? t`${slug} may run any program. Its permissions do not limit the programs that it runs.`
        : t`${slug} may run ${shortList(run)}. Its permissions do not limit the programs that it runs.`,
    );
  }
}

/** "a, b and 10 more". */
function shortList(names: readonly string[], maxNames = 3): string {
  if (names.length <= maxNames) return names.join(", ");
  const shown = names.slice(0, maxNames - 1);
  return t`${shown.join(", ")} and ${names.length - shown.length} more`;
}
