/** Creates the configured providers, with their secrets. */
import type { Clock } from "../../clock.ts";
import { readSecret, type SecretOptions } from "../../kit/secret.ts";
import { signingKey } from "../../kit/standard_webhooks.ts";
import { t } from "../../language.ts";
import { UserError } from "../../user_error.ts";
import { Kofi } from "./kofi.ts";
import { MappedProvider } from "./mapped_provider.ts";
import type { PaymentMap } from "./mapping.ts";
import { Patreon } from "./patreon.ts";
import { PostedReadings } from "./posted_readings.ts";
import type { Provider } from "./provider.ts";

/** A provider in the config; `name` is its key there, and its path. */
export type ProviderSettings =
  | { kind: "kofi"; name: string } & SecretOptions<"token">
  | { kind: "patreon"; name: string; currency: string } & SecretOptions<"secret">
  | { kind: "readings"; name: string; silence_seconds?: number | undefined } & SecretOptions<"token">
  | { kind: "mapped"; name: string; map: PaymentMap } & SecretOptions<"secret">;

export interface ProviderContext {
  /** The name of the source. */
  sourceName: string;
  /** The base of a relative `token_file` or `secret_file`. */
  configFolder: string;
  clock: Clock;
}

/** Providers by name. Throws a `UserError` if a secret cannot be read; it never contains the secret. */
export async function readProviders(
  settings: readonly ProviderSettings[],
  context: ProviderContext,
): Promise<Map<string, Provider>> {
  const providers = new Map<string, Provider>();
  for (const each of settings) {
    try {
      providers.set(each.name, await readProvider(each, context));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(
        t`The source ${context.sourceName} cannot take payments of "${each.name}": ${error.message}.`,
      );
    }
  }
  return providers;
}

async function readProvider(
  settings: ProviderSettings,
  { configFolder, clock }: ProviderContext,
): Promise<Provider> {
  const { name } = settings;
  switch (settings.kind) {
    case "kofi":
      return new Kofi(name, needed("token", await readSecret("token", settings, configFolder)));
    case "patreon": {
      const secret = needed("secret", await readSecret("secret", settings, configFolder));
      return new Patreon(name, { secret, currency: settings.currency, clock });
    }
    case "readings":
      return new PostedReadings(name, {
        token: needed("token", await readSecret("token", settings, configFolder)),
        clock,
      });
    case "mapped": {
      const key = signingKey(needed("secret", await readSecret("secret", settings, configFolder)));
      return new MappedProvider(name, { key, map: settings.map, clock });
    }
  }
}

function needed(key: string, secret: string | undefined): string {
  if (secret) return secret;
  throw new UserError(t`it has no secret. Set "${key}", "${key}_env" or "${key}_file"`);
}
