/** Any sender that posts JSON signed by Standard Webhooks, as a shop. A map in the config says where its values are. */
import type { Clock } from "../../clock.ts";
import { type MembershipAction, type PaymentEventType, paymentEventTypes } from "../../event.ts";
import { t } from "../../language.ts";
import type { CapturedEvent } from "../../source.ts";
import { keptId, keptName, keptText, payer } from "./kept.ts";
import { MappedValues, type PaymentMap } from "./mapping.ts";
import { checkSignature } from "./proof.ts";
import { type Delivery, parseJson, type Payload, paymentEvent, type Provider, Refusal } from "./provider.ts";

const actions: readonly string[] = ["started", "renewed", "changed", "ended"] satisfies MembershipAction[];

export interface MappedOptions {
  key: Uint8Array;
  map: PaymentMap;
  clock: Clock;
}

export class MappedProvider implements Provider {
  readonly name: string;
  readonly #options: MappedOptions;

  constructor(name: string, options: MappedOptions) {
    this.name = name;
    this.#options = options;
  }

  read(delivery: Delivery): CapturedEvent | null {
    const { key, map, clock } = this.#options;
    checkSignature(delivery, key, clock.now());
    const values = new MappedValues(parseJson(new TextDecoder().decode(delivery.body)));
    const type = typeOf(map, values);
    if (type === null) return null;
    return paymentEvent(this.#payload(type, values), {
      user: payer(this.name, {
        name: values.text("user", map.user),
        id: values.text("user_id", map.user_id),
      }),
      messageId: keptId(this.name, values.text("id", map.id) || delivery.header("webhook-id")),
      isTest: values.flag("test", map.test, false),
    });
  }

  #payload(type: PaymentEventType, values: MappedValues): Payload {
    const { map } = this.#options;
    const currency = values.currency(map.currency);
    const amount = values.amount(map.amount, currency, map.amount_unit);
    const paid = { amount, currency, provider: this.name };
    const isPublic = values.flag("public", map.public, true);
    const message = isPublic ? keptText(values.text("message", map.message)) : "";
    switch (type) {
      case "DonationEvent":
        return { type, data: { ...paid, message, isPublic } };
      case "MembershipEvent": {
        const tier = keptName(values.text("tier", map.tier));
        const months = values.count("months", map.months);
        return { type, data: { ...paid, tier, months, action: actionOf(map, values) } };
      }
      case "OrderEvent": {
        const items = map.items === undefined ? [] : values.items(map.items);
        return {
          type,
          data: {
            ...paid,
            items: items.map(({ name, count }) => ({ name: keptName(name), count })),
            message,
          },
        };
      }
    }
  }
}

/** null if the map does not have the sender's word for the type. */
function typeOf({ type }: PaymentMap, values: MappedValues): PaymentEventType | null {
  if (typeof type === "object") return values.word("type", type);
  const given = type.startsWith("/") ? values.text("type", type) : type;
  const known = paymentEventTypes.find((each) => each === given);
  if (known !== undefined) return known;
  throw new Refusal(
    422,
    t`The value at ${type}, which the map uses as "type", must be one of ${paymentEventTypes.join(", ")}.`,
  );
}

function actionOf({ action }: PaymentMap, values: MappedValues): MembershipAction {
  if (action === undefined) return "started";
  const given = typeof action === "object" && "values" in action
    ? values.word("action", action)
    : values.text("action", action);
  if (given !== null && actions.includes(given)) return given as MembershipAction;
  throw new Refusal(422, t`The value that the map uses as "action" must be one of ${actions.join(", ")}.`);
}
