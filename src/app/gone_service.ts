/** The sentence about a service that a changed config no longer has. */
import type { Config } from "../config/config.ts";
import { counted, noun, t } from "../language.ts";
import type { ServiceUnit } from "./service_unit.ts";

export function describeGone({ slug, queue: { pendingCount: count } }: ServiceUnit, config: Config): string {
  const isOff = config.services.some((service) => service.slug === slug);
  const waiting = count === 0
    ? t`Nothing waits for it.`
    : t`${counted(count, noun("item waits", "items wait"))} in the database until it is back.`;
  return `${isOff ? t`it was switched off in the config.` : t`it was removed from the config.`} ${waiting}`;
}
