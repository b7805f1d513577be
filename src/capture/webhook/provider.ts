/** What a payment provider is to the server: it turns what was posted into an event, or refuses it. */
import type { EventDataByType, PaymentEventType, User } from "../../event.ts";
import type { CapturedEvent } from "../../source.ts";

/** One request, read whole. */
export interface Delivery {
  /** The value of a header, "" where it is missing; `name` in lower case. */
  header(name: string): string;
  /** As it came: signatures are of the raw bytes. */
  body: Uint8Array;
}

export interface Provider {
  /** The key in the config, which is its path too. */
  readonly name: string;
  /** The event; null where there is nothing to store. Throws a `Refusal`. */
  read(delivery: Delivery): CapturedEvent | null;
}

/** The request is not what it should be; its message is a sentence that repeats nothing of what was sent. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: 400 | 401 | 422;

  /** 401: not proven to be the provider's. 400: not in its form. 422: in its form, and lacks something. */
  constructor(status: 400 | 401 | 422, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

export type Payload = {
  [Type in PaymentEventType]: { type: Type; data: EventDataByType[Type] };
}[PaymentEventType];

/**
 * An event of a payment. Its time is the time of its receipt: viewers see a payment that comes late, because nobody
 * listened, for the first time.
 */
export function paymentEvent(
  { type, data }: Payload,
  { user, messageId, isTest }: { user: User; messageId: string | null; isTest: boolean },
): CapturedEvent {
  // The payload's type and data belong together, which the compiler cannot follow.
  return { type, data, user, messageId, isTest, roomId: "", createdAt: null, streak: null } as CapturedEvent;
}

/** What was posted as JSON, each number as a `JsonNumber`. Throws a `Refusal`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(
      text,
      (_key, value, context?: { source?: string }) =>
        typeof value === "number" ? new JsonNumber(context?.source ?? String(value)) : value,
    );
  } catch {
    // The parser's own words repeat what was sent.
    throw new Refusal(400, "This is not JSON.");
  }
}

/** A number as it was written: 3.00 is not 3, and long ids keep all their digits. */
export class JsonNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  toString(): string {
    return this.source;
  }
}
