/** The form for a test event: its fields, their values, and the resulting event. */
import { t } from "../../language.ts";
import type { TestEvent } from "../../control.ts";
import { sourceLabel } from "../../describe.ts";
import { findGift, type KnownGift } from "../../gift.ts";
import { type EventType, mainEventTypes, paymentEventTypes, type UserRole } from "../../event.ts";
import { stepThrough } from "./list.ts";

/** Numbers are text while they are typed. "" means the default. */
export interface TestForm {
  field: FormField;
  type: EventType;
  amount: string;
  text: string;
  gift: string;
  /** Of the gift that was chosen from the matches; null if its name was typed. */
  giftId: number | null;
  /** The known gifts for the typed name, the likeliest first. */
  matches: readonly KnownGift[];
  diamonds: string;
  name: string;
  roles: readonly UserRole[];
  /** Null means the first. */
  source: string | null;
}

export type FormField = "type" | "amount" | "text" | "gift" | "diamonds" | "name" | "roles" | "source";
type TypedField = "amount" | "text" | "gift" | "diamonds" | "name";

const types: readonly EventType[] = [...mainEventTypes, ...paymentEventTypes];
const noRoles: readonly UserRole[] = [];
const roleChoices: readonly (readonly UserRole[])[] = [
  noRoles,
  ["follower"],
  ["subscriber"],
  ["moderator"],
  ["follower", "subscriber"],
  ["follower", "moderator"],
  ["subscriber", "moderator"],
  ["follower", "subscriber", "moderator"],
];

const maxTyped = 200;
const maxNameTyped = 64;
const maxDigits = 7;

export const emptyForm: TestForm = {
  field: "type",
  type: "GiftEvent",
  amount: "",
  text: "",
  gift: "",
  giftId: null,
  matches: [],
  diamonds: "",
  name: "",
  roles: noRoles,
  source: null,
};

/** The labels of amount and text for a type. A type without a label lacks the field. */
function usesOf(type: EventType): { amount?: string; text?: string } {
  switch (type) {
    case "GiftEvent":
    case "LikeEvent":
      return { amount: t`how many` };
    case "SubscribeEvent":
      return { amount: t`month` };
    case "CommentEvent":
      return { text: t`comment` };
    case "DonationEvent":
      return { amount: t`cents`, text: t`message` };
    case "MembershipEvent":
      return { amount: t`cents`, text: t`tier` };
    case "OrderEvent":
      return { amount: t`cents`, text: t`item` };
    default:
      return {};
  }
}

const paymentTypes: ReadonlySet<EventType> = new Set(["DonationEvent", "MembershipEvent", "OrderEvent"]);

/** The default amount; for payments, a typical one. */
function usualAmount(type: EventType): number {
  return paymentTypes.has(type) ? 500 : 1;
}

/** The fields of this type, in order. "source" is included only if there are several sources. */
export function fieldsOf({ type }: TestForm, sources: readonly string[]): FormField[] {
  const { amount, text } = usesOf(type);
  const ofType: (FormField | undefined)[] = [
    amount === undefined ? undefined : "amount",
    ...(type === "GiftEvent" ? ["gift", "diamonds"] as const : []),
    text === undefined ? undefined : "text",
  ];
  const fields: FormField[] = ["type", ...ofType.filter((field) => field !== undefined), "name", "roles"];
  return sources.length > 1 ? [...fields, "source"] : fields;
}

/** A field's label, and its value or its default. */
export function shownField(form: TestForm, field: FormField, sources: readonly string[]): {
  label: string;
  value: string;
  isChoice: boolean;
  /** The likeliest gift, while a name is typed. */
  suggestion?: string;
} {
  const { amount = t`amount`, text = t`text` } = usesOf(form.type);
  const choice = (label: string, value: string) => ({ label, value, isChoice: true });
  const typed = (label: string, field: TypedField, usual: string) => {
    const isHere = form.field === field;
    return { label, value: form[field].slice(-30) || (isHere ? "" : usual), isChoice: false };
  };
  switch (field) {
    case "type":
      return choice(t`type`, form.type);
    case "roles":
      return choice(t`role`, form.roles.join("+") || t`none`);
    case "source":
      return choice(t`source`, sourceLabel(form.source ?? sources[0] ?? ""));
    case "amount":
      return typed(amount, "amount", String(usualAmount(form.type)));
    case "diamonds":
      return typed(t`diamonds each`, "diamonds", String(priceOf(form)));
    case "gift":
      return { ...typed(t`gift`, "gift", usualGift), suggestion: suggestionOf(form) };
    case "name":
      return typed(t`viewer`, "name", t`Test viewer`);
    case "text":
      return typed(text, "text", "-");
  }
}

const usualGift = "Rose";

/** The true price of the gift; 1 if it is unknown. */
function priceOf({ gift, giftId, matches }: TestForm): number {
  const chosen = giftId === null ? undefined : matches.find(({ id }) => id === giftId);
  return (chosen ?? findGift(matches, gift || usualGift))?.diamonds ?? 1;
}

function suggestionOf({ field, gift, giftId, matches: [first] }: TestForm): string {
  const isWanted = field === "gift" && gift !== "" && giftId === null && first !== undefined;
  return isWanted && first.name !== gift ? ` → ${first.name}` : "";
}

/** What the left and right keys change in this field; null if they do nothing. */
export function choiceIn(form: TestForm, sources: readonly string[]): string | null {
  const { label, isChoice } = shownField(form, form.field, sources);
  return isChoice || (form.field === "gift" && form.matches.length > 0) ? label : null;
}

/** The form with the known gifts for a typed name. Ignores an answer for an earlier text. */
export function withMatches(form: TestForm, text: string, matches: readonly KnownGift[]): TestForm {
  return form.gift === text && form.giftId === null ? { ...form, matches } : form;
}

/** The typed text; null if the field is a choice. */
export function typedInForm(form: TestForm): string | null {
  const { field } = form;
  return field === "type" || field === "roles" || field === "source" ? null : form[field];
}

export function withFormText(form: TestForm, text: string): TestForm {
  switch (form.field) {
    case "type":
    case "roles":
    case "source":
      return form;
    case "amount":
    case "diamonds":
      return { ...form, [form.field]: text.replace(/\D/g, "").slice(0, maxDigits) };
    case "gift":
      return { ...form, gift: text.slice(0, maxNameTyped), giftId: null };
    case "name":
      return { ...form, name: text.slice(0, maxNameTyped) };
    case "text":
      return { ...form, text: text.slice(0, maxTyped) };
  }
}

export function withFormStep(form: TestForm, by: 1 | -1, sources: readonly string[]): TestForm {
  return { ...form, field: stepThrough(fieldsOf(form, sources), form.field, by) };
}

export function withFormChoice(form: TestForm, by: 1 | -1, sources: readonly string[]): TestForm {
  switch (form.field) {
    case "type":
      return { ...form, type: stepThrough(types, form.type, by) };
    case "gift":
      return withOtherGift(form, by);
    case "roles":
      return { ...form, roles: stepThrough(roleChoices, form.roles, by) };
    case "source":
      return { ...form, source: stepThrough(sources, form.source ?? sources[0] ?? "", by) };
    default:
      return form;
  }
}

/** The next of the matches, with its true price. From a typed name, the first step goes to the likeliest. */
function withOtherGift(form: TestForm, by: 1 | -1): TestForm {
  const { gift, giftId, matches } = form;
  const present = matches.findIndex(({ id, name }) => id === (giftId ?? id) && name === gift);
  const from = present === -1 && by === -1 ? 0 : present;
  const next = matches.at((from + by + matches.length) % Math.max(1, matches.length));
  return next === undefined ? form : { ...form, gift: next.name, giftId: next.id, diamonds: "" };
}

/** The event as entered. Sending it checks the values. */
export function eventOfForm(form: TestForm): TestEvent {
  const { type, amount, text, gift, giftId, diamonds, name, roles, source } = form;
  return {
    type,
    source,
    amount: amount === "" ? usualAmount(type) : Number(amount),
    text: text.trim(),
    gift: {
      name: gift.trim(),
      diamonds: diamonds === "" ? null : Number(diamonds),
      ...(giftId !== null && { id: giftId }),
    },
    user: { name: name.trim(), roles: [...roles] },
  };
}
