import { createHmac } from "node:crypto";
import assert from "node:assert/strict";
import fc from "fast-check";
import { Kofi } from "../../../src/capture/webhook/kofi.ts";
import { MappedProvider } from "../../../src/capture/webhook/mapped_provider.ts";
import type { PaymentMap } from "../../../src/capture/webhook/mapping.ts";
import { Patreon } from "../../../src/capture/webhook/patreon.ts";
import { type Provider, Refusal } from "../../../src/capture/webhook/provider.ts";
import { signatureOf, signingKey } from "../../../src/kit/standard_webhooks.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { assertCaptured, assertSentence } from "../asserts.ts";
import {
  type Edit,
  editedText,
  editsOf,
  hostileJson,
  hostileNumber,
  hostileText,
  mostlyRight,
} from "../inputs.ts";
import type { Target } from "../target.ts";

interface Input {
  provider: "kofi" | "patreon" | "mapped";
  body: unknown;
  map: PaymentMap;
  edits: Edit<string>[];
  headers: Record<string, string>;
  depth: number;
}

const secret = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0";
const clock = new FakeClock();
const key = signingKey(secret);

const text = hostileText;
const number = hostileNumber.map((value) => Number.isFinite(value) ? value : 0);
const amount = fc.oneof(
  fc.constantFrom("3.00", "3", "0", "-1", "1e3", "9007199254740993", "0.001", "", "٣", "1,000.00"),
  number,
  text,
);
const currency = fc.oneof(fc.constantFrom("EUR", "usd", "JPY", "KWD", "XXX", ""), text);
const kofi = mostlyRight({
  verification_token: fc.constant("token"),
  message_id: text,
  type: fc.oneof(fc.constantFrom("Donation", "Subscription", "Commission", "Shop Order"), text),
  is_public: fc.boolean(),
  from_name: text,
  message: text,
  amount,
  currency,
  is_first_subscription_payment: fc.boolean(),
  kofi_transaction_id: text,
  tier_name: text,
  shop_items: fc.array(
    mostlyRight({ direct_link_code: text, variation_name: text, quantity: number }),
    { maxLength: 4 },
  ),
});
const attributes = mostlyRight({
  full_name: text,
  campaign_currency: currency,
  campaign_pledge_amount_cents: number,
  will_pay_amount_cents: number,
  currently_entitled_amount_cents: number,
  last_charge_date: fc.oneof(fc.constantFrom("2026-11-26T10:00:00Z", "not a date", "275761-01-01"), text),
  last_charge_status: fc.constantFrom("Paid", "Declined", "Refunded", null),
  patron_status: fc.constantFrom("active_patron", "former_patron", null),
  pledge_relationship_start: fc.constantFrom("2026-11-26T10:00:00Z", "", null),
});
const patreon = mostlyRight({
  data: mostlyRight({
    id: fc.option(text),
    attributes,
    relationships: mostlyRight({
      user: mostlyRight({ data: mostlyRight({ id: text }) }),
      currently_entitled_tiers: mostlyRight({
        data: fc.array(mostlyRight({ id: text }), { maxLength: 3 }),
      }),
    }),
  }),
  included: fc.array(
    mostlyRight({
      type: text,
      id: text,
      attributes: mostlyRight({ title: text, amount_cents: number, currency }),
    }),
    { maxLength: 3 },
  ),
});
const shop = mostlyRight({
  type: fc.constantFrom("order.paid", "donation", "membership", "other"),
  data: mostlyRight({
    id: text,
    amount,
    currency,
    name: text,
    public: fc.boolean(),
    months: number,
    list: hostileJson,
  }),
});
const pointer = fc.constantFrom(
  ...[
    "/data/id",
    "/data/amount",
    "/data/currency",
    "/data/name",
    "/data/list",
    "/data/list/0",
    "/data",
    "/type",
  ],
  ...["", "/nothing", "/data/toString", "/__proto__", "/data/list/length", "/a~1b/~0"],
);
const value = fc.oneof(
  pointer,
  fc.record({ pointer, default: fc.constantFrom<string | number | boolean>("x", 3, true, "EUR") }),
  fc.record({ const: fc.constantFrom<string | number | boolean>("EUR", 500, false, "") }),
);
const map = fc.record({
  type: fc.oneof(
    fc.constantFrom("DonationEvent", "MembershipEvent", "OrderEvent", "/type"),
    fc.constant({
      pointer: "/type",
      values: { "order.paid": "OrderEvent", donation: "DonationEvent", membership: "MembershipEvent" },
    }),
  ),
  ...{ amount: value, currency: value, user: value, user_id: value, id: value, test: value, message: value },
  ...{ public: value, tier: value, months: value, action: value },
  amount_unit: fc.constantFrom("minor", "major"),
  items: fc.record({ list: pointer, name: pointer, count: pointer }),
}, { requiredKeys: ["type"], noNullPrototype: true }) as fc.Arbitrary<PaymentMap>;

export const target: Target<Input> = {
  holds:
    "a payment becomes an event as the types say, or is refused in a sentence that repeats nothing of it",
  inputs: fc.oneof(
    ...([["kofi", kofi], ["patreon", patreon], ["mapped", shop]] as const).map(([provider, body]) =>
      fc.record({
        provider: fc.constant(provider),
        body,
        map,
        edits: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, editsOf(hostileText)),
        headers: fc.dictionary(
          fc.constantFrom("webhook-id", "webhook-timestamp", "webhook-signature", "x-patreon-event"),
          fc.oneof(fc.constantFrom("members:create", "members:update", "members:pledge:delete"), text),
        ),
        depth: fc.oneof({ weight: 40, arbitrary: fc.constant(0) }, fc.nat({ max: 120_000 })),
      }, { noNullPrototype: true })
    ),
  ) as fc.Arbitrary<Input>,
  check(input) {
    const json = "[".repeat(input.depth) + editedText(JSON.stringify(input.body), input.edits) +
      "]".repeat(input.depth);
    const form = input.provider === "kofi" ? `data=${encodeURIComponent(json.toWellFormed())}` : json;
    const body = new TextEncoder().encode(form);
    const headers = { ...signed(input.provider, body), ...input.headers };
    try {
      const event = providerOf(input).read({ body, header: (name) => headers[name] ?? "" });
      if (event !== null && !("readings" in event)) assertCaptured(event);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      assertSentence(error.message);
      assert.ok(error.message.length < 400, error.message);
    }
  },
};

function providerOf({ provider, map }: Input): Provider {
  switch (provider) {
    case "kofi":
      return new Kofi("kofi", "token");
    case "patreon":
      return new Patreon("patreon", { secret, currency: "EUR", clock });
    case "mapped":
      return new MappedProvider("shop", { key, map, clock });
  }
}

function signed(provider: Input["provider"], body: Uint8Array): Record<string, string> {
  if (provider === "patreon") {
    return {
      "x-patreon-signature": createHmac("md5", secret).update(body).digest("hex"),
      "x-patreon-event": "members:pledge:create",
    };
  }
  const [id, timestamp] = ["msg_1", String(Math.floor(clock.now() / 1_000))];
  const signature = signatureOf(key, { id, timestamp, body });
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
}
