/** A permission to start programs is a permission to do anything: it is said, so that nobody has it unawares. */
import type { Log } from "../log/log.ts";
import type { ServiceUnit } from "./service_unit.ts";

/** A line for each service that this process works on and that may start programs. */
export function announcePrograms(units: readonly ServiceUnit[], log: Log): void {
  for (const { runner, config: { slug, permissions: { run } } } of units) {
    if (runner === null || run === false || (run !== true && run.length === 0)) continue;
    const programs = run === true ? "any program" : shortList(run);
    log.info(`What ${slug} starts is not confined by its permissions; it may start ${programs}.`);
  }
}

/** "a, b and 10 more". */
function shortList(names: readonly string[], maxNames = 3): string {
  if (names.length <= maxNames) return names.join(", ");
  const shown = names.slice(0, maxNames - 1);
  return `${shown.join(", ")} and ${names.length - shown.length} more`;
}
