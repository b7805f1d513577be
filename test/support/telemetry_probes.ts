/** Blocks of the config for the services of `services/telemetry_probe.ts`. */
import { fileURLToPath } from "node:url";

const serviceClass = fileURLToPath(new URL("./services/telemetry_probe.ts", import.meta.url));

export function probe(
  does: string,
  subscriptions: Record<string, unknown>,
  { address = "", ...settings }: { address?: string; [key: string]: unknown } = {},
): Record<string, unknown> {
  return {
    service_class: serviceClass,
    permissions: { net: ["127.0.0.1"] },
    options: { does, address },
    subscriptions,
    ...settings,
  };
}
