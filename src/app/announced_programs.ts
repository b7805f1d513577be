/** A service that may run programs can do anything, so the log names it: nobody should grant this permission unknowingly. */
import type { Log } from "../log/log.ts";
import type { ServiceUnit } from "./service_unit.ts";

/** Logs a line for each service that this process runs and that may run programs. */
export function announcePrograms(units: readonly ServiceUnit[], log: Log): void {
  for (const { runner, config: { slug, permissions: { run } } } of units) {
    if (runner === null || run === false || (run !== true && run.length === 0)) continue;
    const programs = run === true ? "any program" : shortList(run);
    log.info(`${slug} may run ${programs}. Its permissions do not limit the programs that it runs.`);
  }
}

/** "a, b and 10 more". */
function shortList(names: readonly string[], maxNames = 3): string {
  if (names.length <= maxNames) return names.join(", ");
  const shown = names.slice(0, maxNames - 1);
  return `${shown.join(", ")} and ${names.length - shown.length} more`;
}
