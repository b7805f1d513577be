/** Where the values of an event stand in what a shop posts: JSON pointers (RFC 6901), or what is always the same. */
import type { MembershipAction, PaymentEventType } from "../../event.ts";
import { isCurrency, minorUnits, wholeUnits } from "../../money.ts";
import { JsonNumber, Refusal } from "./provider.ts";

/** A pointer, as "/data/amount"; or one with what holds where nothing stands there; or what is always the same. */
export type MapValue =
  | string
  | { pointer: string; default?: string | number | boolean }
  | { const: string | number | boolean };

/** A pointer to a word of the sender's, and what each word stands for. */
export interface MappedWords<Word extends string> {
  pointer: string;
  values: Record<string, Word>;
}

/** minor: cents and the like. Left out: a whole number is so, and a text or a number with a point is not. */
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

/** undefined where nothing stands there. `pointer` is well formed. */
export function valueAt(document: unknown, pointer: string): unknown {
  const keys = pointer.split("/").slice(1).map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  return keys.reduce((value: unknown, key) => {
    if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(key) ? value[Number(key)] : undefined;
    if (typeof value !== "object" || value === null || value instanceof JsonNumber) return undefined;
    return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  }, document);
}

/** Reads what a map says from one document. All methods throw a `Refusal` that names the field, never its value. */
export class MappedValues {
  readonly #document: unknown;

  constructor(document: unknown) {
    this.#document = document;
  }

  /** "" where nothing is mapped, or null stands there. */
  text(field: string, mapped: MapValue | undefined): string {
    if (mapped === undefined) return "";
    const value = this.#value(field, mapped);
    if (value === null) return "";
    const text = typeof value === "boolean" ? String(value) : written(value);
    if (text === null) throw unfit(field, mapped, "text");
    return text;
  }

  /** `otherwise` where nothing is mapped, or null stands there. */
  flag(field: string, mapped: MapValue | undefined, otherwise: boolean): boolean {
    if (mapped === undefined) return otherwise;
    const value = this.#value(field, mapped);
    if (value === null) return otherwise;
    if (typeof value !== "boolean") throw unfit(field, mapped, "true or false");
    return value;
  }

  /** 0 where nothing is mapped, or null stands there. */
  count(field: string, mapped: MapValue | undefined): number {
    if (mapped === undefined) return 0;
    const value = this.#value(field, mapped);
    const count = value === null ? 0 : wholeUnits(written(value) ?? "");
    if (count === null) throw unfit(field, mapped, "a whole number");
    return count;
  }

  /** "" where nothing is mapped. */
  currency(mapped: MapValue | undefined): string {
    if (mapped === undefined) return "";
    const currency = (written(this.#value("currency", mapped)) ?? "").toUpperCase();
    if (!isCurrency(currency)) throw unfit("currency", mapped, 'the code of a currency, as "EUR"');
    return currency;
  }

  /** In the currency's smallest unit; 0 where nothing is mapped. */
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
        `an amount of ${currency} that is not below 0 and not beyond all measure`,
      );
    }
    return amount;
  }

  /** What a word of the sender's stands for; null where its map does not have it. */
  word<Word extends string>(field: string, { pointer, values }: MappedWords<Word>): Word | null {
    const word = this.text(field, pointer);
    return Object.hasOwn(values, word) ? values[word] as Word : null;
  }

  items({ list, name, count }: NonNullable<PaymentMap["items"]>): { name: string; count: number }[] {
    const entries = this.#value("items", list);
    if (!Array.isArray(entries)) throw unfit("items", list, "a list");
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
    throw new Refusal(422, `There is nothing at ${pointer}, where the map has "${field}".`);
  }
}

/** A text or number as it was written; null for all else. */
function written(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" || value instanceof JsonNumber ? String(value) : null;
}

function unfit(field: string, mapped: MapValue, wanted: string): Refusal {
  const place = typeof mapped === "string" ? mapped : "pointer" in mapped ? mapped.pointer : "its constant";
  return new Refusal(422, `What stands at ${place}, where the map has "${field}", is not ${wanted}.`);
}
