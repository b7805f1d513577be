/** A choice among the types of events, as a person types it: "like,gift", or "!like" for all but one. */
import { eventTypes } from "./event.ts";
import { t } from "./language.ts";
import { nearestName } from "./nearest_names.ts";
import { UserError } from "./user_error.ts";

export interface TypeChoice {
  types: readonly string[];
  /** Whether all other types are meant. */
  isAllBut: boolean;
}

export function isChosen(choice: TypeChoice | null, type: string): boolean {
  return choice === null || choice.types.includes(type) !== choice.isAllBut;
}

/**
 * The choice that a person typed; null for all types. A name is known in any case, with or without "Event" and a plural
 * "s". `others`: types that services emit. Throws a `UserError` if a name is unknown.
 */
export function parseTypes(text: string, others: readonly string[] = []): TypeChoice | null {
  const words = text.split(/[\s,]+/).filter((word) => word !== "" && word !== "!");
  const isAllBut = text.trimStart().startsWith("!");
  if (!isAllBut && words.some((word) => word.startsWith("!"))) {
    throw new UserError(
      t`"${text.trim()}" mixes two ways: name the types to show, as gift,like, or after a ! those to leave out, as !like,join.`,
    );
  }
  const known = [...eventTypes, ...others];
  const types = words.map((word) => knownType(word.replace(/^!/, ""), known));
  return types.length === 0 ? null : { types: [...new Set(types)], isAllBut };
}

function knownType(given: string, known: readonly string[]): string {
  const wanted = bareType(given);
  const found = known.find((type) => type === given) ?? known.find((type) => bareType(type) === wanted);
  if (found !== undefined) return found;
  const hint = nearestName(given, known);
  const all = known.join(", ");
  throw new UserError(
    hint === null
      ? t`There is no event type "${given}". The types are: ${all}.`
      : t`There is no event type "${given}". Did you mean ${hint}? The types are: ${all}.`,
  );
}

function bareType(name: string): string {
  return name.toLowerCase().replace(/(event)?s?$/, "");
}
