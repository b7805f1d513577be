/** The service's `check`: whether each target's address, secrets and permissions are complete. It sends nothing. */
import { msg, t } from "livecue/language";
import { type ServiceCommand, UserError } from "livecue/service";
import type { WebhookOptions } from "./options.ts";
import { readAccess } from "./secrets.ts";

/** The names of the targets to which events can be sent. */
export function usedTargets({ targets, rules }: WebhookOptions): string[] {
  return [...new Set(rules.length === 0 ? Object.keys(targets) : rules.flatMap((rule) => rule.do.send))];
}

export const check: ServiceCommand<WebhookOptions> = {
  description: msg("checks each target's address, secrets and permissions without sending anything"),
  async run({ options, configFolder, print }) {
    const troubles: string[] = [];
    for (const name of usedTargets(options)) {
      const target = options.targets[name];
      if (target === undefined) continue;
      try {
        await readAccess(target, configFolder);
        print(t`${name}: its address and secrets are set, and its host is permitted.`);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        troubles.push(`${name}: ${error.message}.`);
      }
    }
    if (troubles.length > 0) throw new UserError(troubles.join(" "));
  },
};
