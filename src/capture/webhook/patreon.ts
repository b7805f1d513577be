/**
 * Patreon posts JSON, signed with the hex HMAC-MD5 of the body. The header X-Patreon-Event says what happened.
 *
 * Patreon's messages have no id, and several may report the same thing: a new patron comes as members:create and as
 * members:pledge:create, and each charge as members:update. So an event is identified by its content: who, which
 * action, and the data of that action.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../../clock.ts";
import type { MembershipAction } from "../../event.ts";
import { t } from "../../language.ts";
import { isCurrency, wholeUnits } from "../../money.ts";
import type { CapturedEvent } from "../../source.ts";
import { keptId, keptName, payer } from "./kept.ts";
import { hexHmacMd5, isSame } from "./proof.ts";
import { type Delivery, parseJson, paymentEvent, type Provider, Refusal } from "./provider.ts";

/** A charge is recent for this long. Later, an update is about something else. */
const freshChargeMs = 24 * 3_600_000;
/** A charge this soon after the start of the membership is its first, which the start has reported. */
const firstChargeMs = 24 * 3_600_000;

const failedCharges = ["Declined", "Deleted", "Refunded", "Fraud"];

const text = z.string().nullish().transform((given) => given ?? "");
const cents = z.object({ source: z.string() }).transform(({ source }) => wholeUnits(source)).nullish()
  .transform((given) => given ?? null);
const reference = z.object({ id: z.string() });

const memberSchema = z.object({
  data: z.object({
    /** null in messages of Patreon's "Send test". */
    id: z.string().nullable(),
    attributes: z.object({
      full_name: text,
      campaign_currency: text,
      campaign_pledge_amount_cents: cents,
      will_pay_amount_cents: cents,
      currently_entitled_amount_cents: cents,
      last_charge_date: text,
      last_charge_status: text,
      patron_status: text,
      pledge_relationship_start: text,
    }),
    relationships: z.object({
      user: z.object({ data: reference.nullish() }).nullish(),
      currently_entitled_tiers: z.object({ data: z.array(reference).nullish() }).nullish(),
    }).default({}),
  }),
  included: z.array(z.object({
    type: text,
    id: text,
    attributes: z.object({ title: text, amount_cents: cents, currency: text }).nullish(),
  })).nullish().transform((given) => given ?? []),
});
type Member = z.output<typeof memberSchema>;
type Attributes = Member["data"]["attributes"];

export interface PatreonOptions {
  secret: string;
  /** The campaign's currency, for messages that do not have it. */
  currency: string;
  clock: Clock;
}

export class Patreon implements Provider {
  readonly name: string;
  readonly #options: PatreonOptions;

  constructor(name: string, options: PatreonOptions) {
    this.name = name;
    this.#options = options;
  }

  read({ header, body }: Delivery): CapturedEvent | null {
    const signature = header("x-patreon-signature").toLowerCase();
    if (!isSame(signature, hexHmacMd5(this.#options.secret, body))) {
      throw new Refusal(401, t`The signature does not match. Copy the webhook's secret from Patreon again.`);
    }
    const kind = header("x-patreon-event");
    if (!kind.startsWith("members:")) return null;
    const posted = memberSchema.safeParse(parseJson(new TextDecoder().decode(body)));
    if (!posted.success) {
      throw new Refusal(
        422,
        t`Patreon's message has no valid "${posted.error.issues[0]?.path.join(".") ?? ""}".`,
      );
    }
    const action = this.#actionOf(kind, posted.data.data.attributes);
    return action === null ? null : this.#toEvent(action, posted.data);
  }

  /** null if nothing has happened, as for a failed charge. */
  #actionOf(kind: string, attributes: Attributes): MembershipAction | null {
    if (kind === "members:delete" || kind === "members:pledge:delete") return "ended";
    const { last_charge_status: status, patron_status: patron } = attributes;
    if (failedCharges.includes(status) || patron === "declined_patron") return null;
    switch (kind) {
      case "members:create":
      case "members:pledge:create":
        return "started";
      case "members:pledge:update":
        return "changed";
      case "members:update":
        return this.#updateOf(attributes);
      default:
        return null;
    }
  }

  #updateOf({ last_charge_status: status, last_charge_date, pledge_relationship_start }: Attributes) {
    const chargedAt = Date.parse(last_charge_date);
    const isFresh = Math.abs(this.#options.clock.now() - chargedAt) < freshChargeMs;
    if (status !== "Paid" || !isFresh) return "changed";
    return chargedAt - Date.parse(pledge_relationship_start) < firstChargeMs ? null : "renewed";
  }

  #toEvent(action: MembershipAction, { data, included }: Member): CapturedEvent {
    const { attributes, relationships } = data;
    const tierIds = (relationships.currently_entitled_tiers?.data ?? []).map(({ id }) => id);
    const tiers = included.filter(({ type, id }) => type === "tier" && tierIds.includes(id));
    // The highest tier, because paying members are entitled to free tiers too.
    const tier =
      tiers.toSorted((a, b) => (b.attributes?.amount_cents ?? 0) - (a.attributes?.amount_cents ?? 0))[0];
    const payload = {
      type: "MembershipEvent" as const,
      data: {
        amount: amountOf(attributes),
        currency: this.#currencyOf(attributes, included),
        provider: this.name,
        tier: keptName(tier?.attributes?.title ?? ""),
        months: this.#monthsOf(attributes),
        action,
      },
    };
    return paymentEvent(payload, {
      user: payer(this.name, { name: attributes.full_name, id: relationships.user?.data?.id }),
      messageId: data.id === null ? null : this.#messageId(action, data.id, attributes, tierIds),
      isTest: data.id === null,
    });
  }

  #currencyOf({ campaign_currency }: Attributes, included: Member["included"]): string {
    const campaign = included.find(({ type }) => type === "campaign")?.attributes?.currency ?? "";
    const given = [campaign_currency, campaign].map((currency) => currency.toUpperCase()).find(isCurrency);
    return given ?? this.#options.currency;
  }

  /** The current month of the membership, from 1; 0 if it has not started. */
  #monthsOf({ pledge_relationship_start }: Attributes): number {
    const start = new Date(pledge_relationship_start);
    if (Number.isNaN(start.getTime())) return 0;
    const now = new Date(this.#options.clock.now());
    const months = (now.getUTCFullYear() - start.getUTCFullYear()) * 12 + now.getUTCMonth() -
      start.getUTCMonth();
    const isWhole = now.getUTCDate() >= start.getUTCDate();
    return Math.max(1, isWhole ? months + 1 : months);
  }

  #messageId(action: MembershipAction, memberId: string, attributes: Attributes, tierIds: string[]): string {
    const of: Record<MembershipAction, unknown[]> = {
      started: [attributes.pledge_relationship_start],
      renewed: [attributes.last_charge_date],
      changed: [amountOf(attributes), tierIds, attributes.patron_status, attributes.last_charge_date],
      ended: [attributes.pledge_relationship_start],
    };
    const said = JSON.stringify([memberId, action, ...of[action]]);
    return keptId(this.name, createHash("sha256").update(said).digest("hex").slice(0, 32));
  }
}

/** The paid amount in cents, in the campaign's currency if the message has it. */
function amountOf(attributes: Attributes): number {
  return attributes.campaign_pledge_amount_cents ?? (attributes.will_pay_amount_cents ||
    attributes.currently_entitled_amount_cents) ??
    0;
}
