/** Keys that are pressed together, as "ctrl+1". */
import { t } from "livecue/language";
import { nearestName } from "livecue/nearest_names";
import { inputNames, otherAllowed } from "./key_names.ts";

export interface Combination {
  /** In small letters, as the list "keys" and the log name it. */
  name: string;
  /** In the order in which they go down. */
  keys: readonly string[];
}

const mostKeys = 4;

/** `place` "list": what may stand in the list "keys". Returns what is wrong as a text. */
export function combinationIn(text: string, place: "rule" | "list" = "rule"): Combination | string {
  const keys = text.toLowerCase().split("+").map((name) => name.trim());
  const known = place === "list" ? [...inputNames, ...otherAllowed] : inputNames;
  const unknown = keys.find((name) => !known.includes(name));
  if (unknown !== undefined) return mistakeIn(text, unknown, known);
  if (keys.length > 1 && keys.some((name) => otherAllowed.includes(name))) {
    return t`${JSON.stringify(text)} is not something to press`;
  }
  if (keys.length > mostKeys) return t`${JSON.stringify(text)} has more than ${mostKeys} keys`;
  if (new Set(keys).size < keys.length) return t`${JSON.stringify(text)} has the same key twice`;
  return { name: keys.join("+"), keys };
}

function mistakeIn(text: string, unknown: string, known: readonly string[]): string {
  const near = nearestName(unknown, known);
  const written = JSON.stringify(text);
  return near === null
    ? t`${written} has no key that Livecue knows as "${unknown}": use letters, digits, f1 to f12 or names such as "space", "left" and "ctrl"; a combination is "ctrl+1"`
    : t`${written} has no key that Livecue knows as "${unknown}": did you mean "${near}"?`;
}
