/**
 * Ko-fi posts a form with JSON in its field "data". Ko-fi asks to hide messages whose `is_public` is false; Livecue
 * does not even store them. It never reads e-mail, shipping and Discord data.
 */
import { z } from "zod";
import { t } from "../../language.ts";
import { isCurrency, minorUnits } from "../../money.ts";
import type { CapturedEvent } from "../../source.ts";
import { keptId, keptName, keptText, payer } from "./kept.ts";
import { isSame } from "./proof.ts";
import { type Delivery, parseJson, type Payload, paymentEvent, type Provider, Refusal } from "./provider.ts";

/** The transaction id of Ko-fi's test buttons and examples. */
const testTransaction = "00000000-1111-2222-3333-444444444444";

const text = z.string().nullish().transform((given) => given ?? "");
const flag = z.boolean().nullish().transform((given) => given ?? false);
const amount = z.union([z.string(), z.object({ source: z.string() }).transform(({ source }) => source)]);

const paymentSchema = z.object({
  message_id: z.string().min(1),
  type: z.string(),
  is_public: flag,
  from_name: text,
  message: text,
  amount,
  currency: z.string(),
  is_first_subscription_payment: flag,
  kofi_transaction_id: text,
  tier_name: text,
  shop_items: z.array(z.object({
    direct_link_code: text,
    variation_name: text,
    quantity: z.object({ source: z.string() }).transform(({ source }) => Number(source))
      .pipe(z.int().positive()).nullish().transform((given) => given ?? 1),
  })).max(100).nullish().transform((given) => given ?? []),
});
type KofiPayment = z.output<typeof paymentSchema>;

export class Kofi implements Provider {
  readonly name: string;
  readonly #token: string;

  constructor(name: string, token: string) {
    this.name = name;
    this.#token = token;
  }

  read({ body }: Delivery): CapturedEvent | null {
    const data = new URLSearchParams(new TextDecoder().decode(body)).get("data");
    if (data === null) throw new Refusal(400, t`This is not from Ko-fi: the form field "data" is missing.`);
    const posted = parseJson(data);
    const { verification_token: token } = z.object({ verification_token: text }).catch({
      verification_token: "",
    })
      .parse(posted);
    if (!isSame(token, this.#token)) {
      throw new Refusal(
        401,
        t`The verification token differs from the one in the config. Copy it from Ko-fi again.`,
      );
    }
    const payment = paymentSchema.safeParse(posted);
    if (!payment.success) {
      const field = payment.error.issues[0]?.path.join(".") ?? "";
      throw new Refusal(422, t`Ko-fi's payment has no valid "${field}".`);
    }
    return this.#toEvent(payment.data);
  }

  #toEvent(payment: KofiPayment): CapturedEvent {
    return paymentEvent(this.#payload(payment), {
      user: payer(this.name, { name: payment.from_name }),
      messageId: keptId(this.name, payment.message_id),
      isTest: payment.kofi_transaction_id === testTransaction,
    });
  }

  #payload(payment: KofiPayment): Payload {
    const currency = payment.currency.toUpperCase();
    const amount = isCurrency(currency) ? minorUnits(payment.amount, currency) : null;
    if (amount === null) throw new Refusal(422, t`Ko-fi's payment has no valid "amount" and "currency".`);
    const paid = { amount, currency, provider: this.name };
    const { is_public: isPublic } = payment;
    const message = isPublic ? keptText(payment.message) : "";
    switch (payment.type) {
      case "Donation":
      case "Tip":
        return { type: "DonationEvent", data: { ...paid, message, isPublic } };
      case "Subscription": {
        const isFirst = payment.is_first_subscription_payment;
        const [months, action] = isFirst ? [1, "started" as const] : [0, "renewed" as const];
        const tier = keptName(payment.tier_name);
        return { type: "MembershipEvent", data: { ...paid, tier, months, action } };
      }
      case "Commission":
        return { type: "OrderEvent", data: { ...paid, items: [{ name: "Commission", count: 1 }], message } };
      case "Shop Order":
        return { type: "OrderEvent", data: { ...paid, items: payment.shop_items.map(toItem), message } };
      default:
        throw new Refusal(
          422,
          t`Ko-fi's payment has a type that this Livecue does not know. Update Livecue.`,
        );
    }
  }
}

/** Ko-fi sends no item name, but the code of its link: "1a2b3c4d5e (Blue)". */
function toItem(item: KofiPayment["shop_items"][number]): { name: string; count: number } {
  const variation = item.variation_name === "" ? "" : ` (${item.variation_name})`;
  return { name: keptName(item.direct_link_code + variation), count: item.quantity };
}
