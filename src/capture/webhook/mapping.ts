/** Maps a shop's JSON to the values of an event, by JSON pointers (RFC 6901) or constants. */
import type { MembershipAction, PaymentEventType } from "../../event.ts";
import { t } from "../../language.ts";
import { isCurrency, minorUnits, wholeUnits } from "../../money.ts";
import { valueAt } from "../json_pointer.ts";
import { JsonNumber, Refusal } from "./provider.ts";

/** A pointer, as "/data/amount"; a pointer with a default; or a constant. */
export type MapValue =
  | string
  | { pointer: string; default?: string | number | boolean }
  | { const: string | number | boolean };

/** A pointer to a word of the sender, and the meaning of each word. */
export interface MappedWords<Word extends string> {
  pointer: string;
  values: Record<string, Word>;
}

/** minor: cents and the like. Default: an integer is minor; a text, or a number with decimals, is major. */
export type AmountUnit = "minor" | "major";

export interface PaymentMap {
  type: PaymentEventType | string | MappedWords<PaymentEventType>;
  amount?: MapValue;
  amount_unit?: AmountUnit;
  currency?: MapValue;
  user?: MapValue;
  user_id?: MapValue;
  id?: MapValue;
  test?: MapValue;
  message?: MapValue;
  public?: MapValue;
  tier?: MapValue;
  months?: MapValue;
  action?: MapValue | MappedWords<MembershipAction>;
  items?: { list: string; name?: string; count?: string };
}

/** Reads mapped values from one document. All methods throw a `Refusal` that names the field, never its value. */
export class MappedValues {
  readonly #document: unknown;

  constructor(document: unknown) {
    this.#document = document;
  }

  /** "" if nothing is mapped, or if the value is null. */
  text(field: string, mapped: MapValue | undefined): string {
    if (mapped === undefined) return "";
    const value = this.#value(field, mapped);
    if (value === null) return "";
    const text = typeof value === "boolean" ? String(value) : written(value);
    if (text === null) throw unfit(field, mapped, "text");
    return text;
  }

  /** `otherwise` if nothing is mapped, or if the value is null. */
  flag(field: string, mapped: MapValue | undefined, otherwise: boolean): boolean {
    if (mapped === undefined) return otherwise;
    const value = this.#value(field, mapped);
    if (value === null) return otherwise;
    if (typeof value !== "boolean") throw unfit(field, mapped, t`true or false`);
    return value;
  }

  /** 0 if nothing is mapped, or if the value is null. */
  count(field: string, mapped: MapValue | undefined): number {
    if (mapped === undefined) return 0;
    const value = this.#value(field, mapped);
    const count = value === null ? 0 : wholeUnits(written(value) ?? "");
    if (count === null) throw unfit(field, mapped, t`a whole number`);
    return count;
  }

  /** "" if nothing is mapped. */
  currency(mapped: MapValue | undefined): string {
    if (mapped === undefined) return "";
    const currency = (written(this.#value("currency", mapped)) ?? "").toUpperCase();
    if (!isCurrency(currency)) throw unfit("currency", mapped, t`a currency code, as "EUR"`);
    return currency;
  }

  /** In the currency's smallest unit; 0 if nothing is mapped. */
  amount(mapped: MapValue | undefined, currency: string, unit: AmountUnit | undefined): number {
    if (mapped === undefined) return 0;
    const value = this.#value("amount", mapped);
    const number = written(value) ?? "";
    const isMinor = unit === undefined
      ? typeof value !== "string" && !number.includes(".")
      : unit === "minor";
    const amount = isMinor ? wholeUnits(number) : minorUnits(number, currency);
    if (amount === null) {
      throw unfit(
        "amount",
        mapped,
        t`a valid amount of ${currency}, 0 or more`,
      );
    }
    return amount;
  }

  /** The meaning of the sender's word; null if the map does not have it. */
  word<Word extends string>(field: string, { pointer, values }: MappedWords<Word>): Word | null {
    const word = this.text(field, pointer);
    return Object.hasOwn(values, word) ? values[word] as Word : null;
  }

  items({ list, name, count }: NonNullable<PaymentMap["items"]>): { name: string; count: number }[] {
    const entries = this.#value("items", list);
    if (!Array.isArray(entries)) throw unfit("items", list, t`a list`);
    return entries.slice(0, 100).map((entry) => {
      const values = new MappedValues(entry);
      return {
        name: values.text("items", name),
        count: count === undefined ? 1 : values.count("items", count),
      };
    });
  }

  #value(field: string, mapped: MapValue): unknown {
    if (typeof mapped === "object" && "const" in mapped) return mapped.const;
    const { pointer, default: otherwise } = typeof mapped === "string" ? { pointer: mapped } : mapped;
    const found = valueAt(this.#document, pointer);
    const value = found ?? otherwise ?? found;
    if (value !== undefined) return value;
    throw new Refusal(422, t`There is no value at ${pointer}, which the map uses as "${field}".`);
  }
}

/** A text or number as it was written; null for other values. */
function written(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" || value instanceof JsonNumber ? String(value) : null;
}

function unfit(field: string, mapped: MapValue, wanted: string): Refusal {
  const place = typeof mapped === "string" ? mapped : "pointer" in mapped ? mapped.pointer : t`its constant`;
  return new Refusal(422, t`The value at ${place}, which the map uses as "${field}", is not ${wanted}.`);
}
