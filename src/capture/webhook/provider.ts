/** The interface of providers: they turn a request into an event or into readings, or refuse it. */
import type { EventDataByType, PaymentEventType, User } from "../../event.ts";
import { t } from "../../language.ts";
import type { CapturedEvent, SentReading } from "../../source.ts";

/** One complete request. */
export interface Delivery {
  /** The value of a header; "" if it is missing. `name` is in lower case. */
  header(name: string): string;
  /** The raw bytes, because signatures are computed from them. */
  body: Uint8Array;
}

export interface Provider {
  /** Its key in the config, which is also its path. */
  readonly name: string;
  /** The event or the readings; null if there is nothing to store. Throws a `Refusal`. */
  read(delivery: Delivery): CapturedEvent | { readings: SentReading[] } | null;
}

/** The request is invalid. The message is a sentence that repeats nothing of the request. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: 400 | 401 | 422;

  /** 401: not authenticated. 400: malformed. 422: well formed, but invalid. */
  constructor(status: 400 | 401 | 422, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

export type Payload = {
  [Type in PaymentEventType]: { type: Type; data: EventDataByType[Type] };
}[PaymentEventType];

/** The event of a payment. Its time is the time of receipt, because viewers see a late payment for the first time. */
export function paymentEvent(
  { type, data }: Payload,
  { user, messageId, isTest }: { user: User; messageId: string | null; isTest: boolean },
): CapturedEvent {
  // The compiler cannot see that the payload's type and data belong together.
  return { type, data, user, messageId, isTest, roomId: "", createdAt: null, streak: null } as CapturedEvent;
}

/** Parses JSON, with each number as a `JsonNumber`. Throws a `Refusal`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(
      text,
      (_key, value, context?: { source?: string }) =>
        typeof value === "number" ? new JsonNumber(context?.source ?? String(value)) : value,
    );
  } catch {
    // The parser's own message would repeat parts of the request.
    throw new Refusal(400, t`This is not JSON.`);
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
