/** The services that `--service` chooses. */
import type { AppOptions } from "../app/run_options.ts";
import type { Config } from "../config/config.ts";
import { t } from "../language.ts";
import { nearestName } from "../nearest_names.ts";
import { UserError } from "../user_error.ts";

/** Throws a `UserError` if a slug of `--service` is not an active service. */
export function checkServices(processes: AppOptions["processes"], config: Config): void {
  if (typeof processes === "string") return;
  for (const slug of processes) checkService(slug, config);
}

/** Throws a `UserError` that lists the active services if `slug` is unknown or inactive in the config. */
function checkService(slug: string, config: Config): void {
  const service = config.services.find((service) => service.slug === slug);
  if (service?.isActive) return;
  const active = config.services.filter((service) => service.isActive).map((service) => service.slug);
  const hint = nearestName(slug, active);
  throw new UserError(
    (service
      ? t`The service "${slug}" is not active: set its "is_active" to true in ${config.path}.`
      : t`There is no service "${slug}".` + (hint ? ` ${t`Did you mean "${hint}"?`}` : "")) +
      ` ${t`Active services: ${active.join(", ") || t`none`}.`}`,
  );
}
