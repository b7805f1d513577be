/** The webhook service in a real worker, with no more permissions than its targets need. */
import { fileURLToPath } from "node:url";
import type { Permissions, ServiceConfig } from "../../src/service.ts";
import { noPermissions, type RunnerUnderTest, startRunner } from "./runner_under_test.ts";

export const webhookClass = fileURLToPath(new URL("../../services/webhook/main.ts", import.meta.url));

/** Waits so short that a test can let them pass. */
export const quick = { backoff_ms: 2, max_attempts: 4 };

interface WebhookGiven extends Partial<ServiceConfig> {
  targets: Record<string, Record<string, unknown>>;
  rules?: unknown[];
  permissions?: Permissions;
}

/** Grants the hosts of all `url`s, unless told otherwise. */
export function startWebhook({ targets, rules = [], ...given }: WebhookGiven): Promise<RunnerUnderTest> {
  const hosts = Object.values(targets).map(({ url }) => String(url)).filter((url) => URL.canParse(url))
    .map((url) => new URL(url).host);
  return startRunner(webhookClass, {
    permissions: { ...noPermissions, net: hosts },
    options: { targets, rules },
    ...given,
  });
}
