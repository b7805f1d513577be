/** What the log says about telemetry when a run starts. */
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";
import { endpointOf, telemetryMistakes } from "../telemetry/settings.ts";
import { hasTelemetry } from "../telemetry/telemetry.ts";

export function logTelemetry(log: Log): void {
  const variable = (name: string) => Deno.env.get(name);
  for (const mistake of telemetryMistakes(variable)) log.warn(mistake);
  const endpoint = hasTelemetry() ? endpointOf(variable) : null;
  if (endpoint !== null) log.info(t`Metrics and traces of this run are sent to ${endpoint}.`);
}
