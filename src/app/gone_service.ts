/** The sentence about a service that a changed config no longer has. */
import type { Config } from "../config/config.ts";
import type { ServiceUnit } from "./service_unit.ts";

export function describeGone({ slug, queue: { pendingCount: count } }: ServiceUnit, config: Config): string {
  const isOff = config.services.some((service) => service.slug === slug);
  const waiting = count === 0
    ? "Nothing waits for it."
    : `${count === 1 ? "1 item waits" : `${count} items wait`} in the database until it is back.`;
  return `${isOff ? "it was switched off in the config" : "it was removed from the config"}. ${waiting}`;
}
