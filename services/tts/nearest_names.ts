/** Suggests known names for a name with a typo. */
import { distance } from "fastest-levenshtein";

const mostNames = 3;

/** Known names that are similar to `wanted`, the most similar first. Ignores upper and lower case. */
export function nearestNames(wanted: string, known: readonly string[]): string[] {
  const bare = wanted.toLowerCase();
  return known
    .map((name) => ({ name, changes: changesBetween(bare, name.toLowerCase()) }))
    .filter(({ name, changes }) => changes <= Math.max(bare.length, name.length) / 3)
    .sort((one, other) => one.changes - other.changes)
    .slice(0, mostNames)
    .map(({ name }) => name);
}

/** A name that begins with `wanted` is near, however long it is. */
function changesBetween(wanted: string, name: string): number {
  return name.startsWith(wanted) ? 1 : distance(wanted, name);
}
