/**
 * Mistakes in the variables of OpenTelemetry. Deno reports some of them itself and does not start. Others it ignores
 * without a word, and these are checked here.
 */
import { t } from "../language.ts";

/** The value of an environment variable. */
export type Variable = (name: string) => string | undefined;

/** What holds for a variable: a sentence about a wrong value, or null. */
type Check = (name: string, value: string) => string | null;

const checks: Record<string, Check> = {
  OTEL_DENO: isSwitch,
  OTEL_SDK_DISABLED: isSwitch,
  OTEL_DENO_METRICS: isSwitch,
  OTEL_DENO_TRACING: isSwitch,
  OTEL_EXPORTER_OTLP_ENDPOINT: isAddress,
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: isAddress,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: isAddress,
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: isAddress,
  OTEL_EXPORTER_OTLP_TIMEOUT: isPositive,
  OTEL_METRIC_EXPORT_INTERVAL: isPositive,
  OTEL_BSP_SCHEDULE_DELAY: isPositive,
  OTEL_BSP_MAX_QUEUE_SIZE: isPositive,
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: isPositive,
  OTEL_TRACES_SAMPLER_ARG: isShare,
};

const defaultEndpoint = "http://localhost:4318";

/** A sentence for each mistake, if somebody wants telemetry. */
export function telemetryMistakes(variable: Variable): string[] {
  if (!isWanted(variable)) return [];
  const mistakes = Object.entries(checks).flatMap(([name, check]) => {
    const value = variable(name);
    return value === undefined || value === "" ? [] : check(name, value) ?? [];
  });
  if (variable("OTEL_SDK_DISABLED")?.toLowerCase() === "true") {
    mistakes.push(t`OTEL_SDK_DISABLED is "true", so there is no telemetry, whatever OTEL_DENO says.`);
  }
  return mistakes;
}

/** Where the telemetry goes, without the secrets that an address may have; null if that is not a single place. */
export function endpointOf(variable: Variable): string | null {
  if (variable("OTEL_EXPORTER_OTLP_PROTOCOL") === "console") return null;
  if (variable("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT") || variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")) {
    return null;
  }
  const endpoint = variable("OTEL_EXPORTER_OTLP_ENDPOINT") || defaultEndpoint;
  return isAddress("", endpoint) === null ? new URL(endpoint).origin : null;
}

function isWanted(variable: Variable): boolean {
  return !["", "false"].includes(variable("OTEL_DENO")?.toLowerCase() ?? "");
}

function isSwitch(name: string, value: string): string | null {
  if (/^(true|false)$/i.test(value)) return null;
  return t`${name} is "${value}", which Deno ignores. Set it to "true" or "false".`;
}

function isAddress(name: string, value: string): string | null {
  const address = URL.parse(value);
  if (address !== null && /^https?:$/.test(address.protocol)) return null;
  return t`${name} is no web address, so Deno sends nothing to it. It must start with http:// or https://, as ${defaultEndpoint}.`;
}

function isPositive(name: string, value: string): string | null {
  if (/^[0-9]*[1-9][0-9]*$/.test(value)) return null;
  return t`${name} is "${value}", which Deno ignores. Set it to a whole number above 0.`;
}

function isShare(name: string, value: string): string | null {
  const share = Number(value);
  if (share >= 0 && share <= 1) return null;
  return t`${name} is "${value}", which is no number from 0 to 1. Set it to the share of the traces that you want.`;
}
