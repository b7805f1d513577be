/** The block of a webhook source. */
import { z } from "zod";
import type { PaymentMap } from "../capture/webhook/mapping.ts";
import type { ProviderSettings } from "../capture/webhook/providers.ts";
import { paymentEventTypes } from "../event.ts";
import type { SecretOptions } from "../kit/secret.ts";
import { t } from "../language.ts";
import { isCurrency } from "../money.ts";
import { mapMistakes } from "./payment_map.ts";
import { silenceSeconds } from "./telemetry_schema.ts";
import { secretKeys, withSecret } from "./secret_keys.ts";

const kofiBlock = z.strictObject(secretKeys("token", "Ko-fi's verification token"))
  .superRefine(withSecret("token")).describe("Ko-fi.");

const currency = z.string().refine(isCurrency, { error: () => t`a currency code, as "EUR"` });

const patreonBlock = z.strictObject({
  ...secretKeys("secret", "The webhook's secret, from Patreon"),
  currency: currency.default("USD")
    .describe("The campaign's currency, for messages without one."),
}).superRefine(withSecret("secret")).describe("Patreon.");

// `mapMistakes` checks the values, because its messages are better than those of a union.
const mapped = (description: string) => z.unknown().optional().meta({ description });

const map = z.strictObject({
  type: mapped(
    `One of ${
      paymentEventTypes.join(", ")
    }; or a pointer to it; or { "pointer": …, "values": { THEIRS: OURS } }.`,
  ),
  amount: mapped("The amount. Whole numbers are cents; texts and numbers with a decimal point are not."),
  amount_unit: mapped('"minor": amounts are in cents and the like; "major": they are not.'),
  currency: mapped('The currency code. For a fixed one: { "const": "EUR" }.'),
  user: mapped("The name to show."),
  user_id: mapped("The sender's own id for the person. Never an e-mail address."),
  id: mapped("Identifies the payment if it comes twice. Default: the header webhook-id."),
  test: mapped("true for test payments."),
  message: mapped("The giver's message."),
  public: mapped("false if the message must not be shown; then it is not stored."),
  tier: mapped("The membership's tier."),
  months: mapped("The current month of the membership."),
  action: mapped('started, renewed, changed or ended. Default: "started".'),
  items: mapped('{ "list": POINTER, "name": POINTER in an item, "count": POINTER in an item }'),
}).superRefine((given, context) => {
  for (const { path, message } of mapMistakes(given)) context.addIssue({ code: "custom", path, message });
}).describe("Where the values are in the posted JSON: JSON pointers, as /data/amount.");

const signedBlock = z.strictObject({
  ...secretKeys("secret", "The secret with which the sender signs, by Standard Webhooks"),
  map,
}).superRefine(withSecret("secret")).describe("A sender that signs by Standard Webhooks, as a shop.");

const readingsBlock = z.strictObject({
  ...secretKeys("token", "What senders send as Authorization: Bearer"),
  silence_seconds: silenceSeconds.optional(),
}).superRefine(withSecret("token")).describe("Readings: { channel, at, value } or a list of such.");

type ReadingsBlock = SecretOptions<"token"> & { silence_seconds?: number | undefined };

/** The blocks were checked above: their secrets are texts, and their maps have no mistakes. */
function toSettings(
  { kofi, patreon, readings, ...others }: {
    kofi?: z.output<typeof kofiBlock> | undefined;
    readings?: z.output<typeof readingsBlock> | undefined;
    patreon?: z.output<typeof patreonBlock> | undefined;
    [name: string]: unknown;
  },
): ProviderSettings[] {
  return [
    ...(kofi === undefined
      ? []
      : [{ ...kofi as SecretOptions<"token">, kind: "kofi" as const, name: "kofi" }]),
    ...(readings === undefined
      ? []
      : [{ ...readings as ReadingsBlock, kind: "readings" as const, name: "readings" }]),
    ...(patreon === undefined ? [] : [{
      ...patreon as SecretOptions<"secret"> & { currency: string },
      kind: "patreon" as const,
      name: "patreon",
    }]),
    ...Object.entries(others).map(([name, block]) => ({
      ...block as SecretOptions<"secret"> & { map: PaymentMap },
      kind: "mapped" as const,
      name,
    })),
  ];
}

const providerName = /^[a-z][a-z0-9_-]{0,23}$/;

const providers = z.object({
  kofi: kofiBlock.optional(),
  patreon: patreonBlock.optional(),
  readings: readingsBlock.optional(),
}).catchall(
  signedBlock,
)
  .superRefine((given, context) => {
    const names = Object.keys(given);
    if (names.length === 0) {
      context.addIssue({ code: "custom", message: t`a block with at least one provider, as kofi` });
    }
    for (const name of names.filter((each) => !providerName.test(each))) {
      const message = t`a name of at most 24 lower-case letters, digits, "_" and "-", starting with a letter`;
      context.addIssue({ code: "custom", path: [name], message });
    }
  })
  .transform(toSettings)
  .describe(
    "The senders, by path: kofi, patreon, readings, or a name of your choice for a shop.",
  );

export const webhookSource = z.strictObject({
  type: z.literal("webhook").describe("Payments and readings that others post."),
  for: z.string().min(1).optional()
    .describe(
      "The source to whose live the payments belong, as main. Default: their own live, one per run.",
    ),
  host: z.string().min(1).default("127.0.0.1")
    .describe("Where to listen. 127.0.0.1: only for this computer, which is right with a tunnel."),
  port: z.int().min(1).max(65_535).default(7423).describe("The port to listen on."),
  providers,
});
