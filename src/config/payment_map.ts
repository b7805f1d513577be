/** Finds mistakes in the map of a webhook's provider: unknown fields and invalid values. */
import type { PaymentMap } from "../capture/webhook/mapping.ts";
import { type MembershipAction, type PaymentEventType, paymentEventTypes } from "../event.ts";
import { t } from "../language.ts";
import { isCurrency } from "../money.ts";

type Field = keyof PaymentMap;

/** `message` says what is allowed. */
export interface MapMistake {
  path: (string | number)[];
  message: string;
}

const everyFields: Field[] = ["type", "amount", "amount_unit", "currency", "user", "user_id", "id", "test"];
const ownFields: Record<PaymentEventType, Field[]> = {
  DonationEvent: ["message", "public"],
  MembershipEvent: ["tier", "months", "action"],
  OrderEvent: ["message", "public", "items"],
};

const actions = ["started", "renewed", "changed", "ended"] satisfies MembershipAction[];
const units = ["minor", "major"];

/** In RFC 6901, each "~" is a part of ~0 or ~1. */
const pointer = /^(?:\/(?:[^~]|~[01])*)+$/;
const valueWords = () =>
  t`a JSON pointer such as "/data/amount", { "pointer": …, "default": … }, or { "const": … } for a fixed value`;

export function mapMistakes(map: Record<string, unknown>): MapMistake[] {
  const types = typesOf(map.type);
  if (types === null) {
    const message = t`${
      listed(paymentEventTypes)
    }, a JSON pointer such as "/data/amount" to one of them, or { "pointer": …, "values": { "order.paid": "OrderEvent" } }`;
    return [{ path: ["type"], message }];
  }
  const given = Object.keys(map).filter((field) => map[field] !== undefined);
  return [
    ...missingFields(types, given),
    ...given.filter((field) => field !== "type").flatMap((field) => {
      const message = unknownField(types, field) ?? valueMistake(field, map[field]);
      return message === null ? [] : [{ path: [field], message }];
    }),
  ];
}

/** The types of events that the map may produce; null if it names none. */
function typesOf(type: unknown): readonly PaymentEventType[] | null {
  if (isPointer(type)) return paymentEventTypes;
  if (isOneOf(paymentEventTypes, type)) return [type];
  const words = wordsOf(type);
  if (words === null || words.length === 0) return null;
  return words.every((word) => isOneOf(paymentEventTypes, word)) ? words as PaymentEventType[] : null;
}

function missingFields(types: readonly PaymentEventType[], given: string[]): MapMistake[] {
  const isNeeded = types.some((type) => type !== "MembershipEvent") || given.includes("amount");
  return ["amount", "currency"].filter((field) => isNeeded && !given.includes(field))
    .map((field) => ({ path: [field], message: valueWords() }));
}

function unknownField(types: readonly PaymentEventType[], field: string): string | null {
  const fields: string[] = [...everyFields, ...types.flatMap((type) => ownFields[type])];
  return fields.includes(field)
    ? null
    : t`nothing: a ${listed(types)} has no "${field}", only ${[...new Set(fields)].join(", ")}`;
}

function valueMistake(field: string, value: unknown): string | null {
  switch (field) {
    case "amount_unit":
      return isOneOf(units, value) ? null : t`"minor" or "major"`;
    case "items":
      return isItems(value)
        ? null
        : t`{ "list": POINTER, "name": POINTER in an item, "count": POINTER in an item }`;
    case "action":
      if (wordsOf(value) === null) break;
      return wordsOf(value)!.every((word) => isOneOf(actions, word))
        ? null
        : t`values that are ${listed(actions)}`;
  }
  if (isPointer(value)) return null;
  if (!isBlock(value)) return valueWords();
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === "const") return constantMistake(field, value.const);
  const isWithDefault = isPointer(value.pointer) &&
    keys.every((key) => key === "pointer" || key === "default");
  if (!isWithDefault) return valueWords();
  return value.default === undefined ? null : constantMistake(field, value.default);
}

function constantMistake(field: string, value: unknown): string | null {
  switch (field) {
    case "currency":
      return typeof value === "string" && isCurrency(value)
        ? null
        : t`a currency code, as { "const": "EUR" }`;
    case "action":
      return isOneOf(actions, value) ? null : listed(actions);
    case "test":
    case "public":
      return typeof value === "boolean" ? null : t`true or false`;
    case "amount":
    case "months":
      return typeof value === "number" && value >= 0 ? null : t`a number, 0 or more`;
    default:
      return typeof value === "string" ? null : t`a text in double quotes`;
  }
}

function isItems(value: unknown): boolean {
  if (!isBlock(value) || !isPointer(value.list)) return false;
  const { list: _, name, count, ...rest } = value;
  return Object.keys(rest).length === 0 &&
    [name, count].every((each) => each === undefined || isPointer(each));
}

/** The meanings of the sender's words, if the value is a map of words; otherwise null. */
function wordsOf(value: unknown): unknown[] | null {
  if (!isBlock(value) || !isPointer(value.pointer) || !isBlock(value.values)) return null;
  return Object.keys(value).length === 2 ? Object.values(value.values) : null;
}

function isPointer(value: unknown): value is string {
  return typeof value === "string" && pointer.test(value);
}

function isBlock(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isOneOf<Word extends string>(words: readonly Word[], value: unknown): value is Word {
  return words.some((word) => word === value);
}

function listed(words: readonly string[]): string {
  return words.slice(1).reduce((all, word) => t`${all} or ${word}`, words[0] ?? "");
}
