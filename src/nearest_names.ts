/** "Did you mean": finds the known names that a person most likely meant. */

const longestWanted = 64;

/** The known name that is nearest to `wanted`; null if none is near. Ignores case, spaces and signs. */
export function nearestName(wanted: string, known: readonly string[]): string | null {
  return nearestNames(wanted, known, 1)[0] ?? null;
}

/** At most `most` of the known names that are near to `wanted`, the nearest first. */
export function nearestNames(wanted: string, known: readonly string[], most = 3): string[] {
  const bare = bareLetters(wanted);
  if (bare === "" || bare.length > longestWanted) return [];
  return known
    .map((name) => ({ name, cost: costWithin(bare, bareLetters(name)) }))
    .filter(({ cost }) => cost !== null)
    .sort((one, other) => (one.cost as number) - (other.cost as number))
    .slice(0, most)
    .map(({ name }) => name);
}

/** The cost; null if so much differs that nobody meant this name. */
function costWithin(wanted: string, candidate: string): number | null {
  const cost = costOf(wanted, candidate);
  return cost <= Math.floor(Math.max(wanted.length, candidate.length) / 3) ? cost : null;
}

function bareLetters(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

// Higher than the cost of one typing error, so that "inEvent" suggests PinEvent and not JoinEvent.
const partCost = 1.5;

/**
 * The number of typing errors between the two. A part of a name ("Gift", "size"), or its misspelt start, costs more
 * than one.
 */
function costOf(wanted: string, candidate: string): number {
  const whole = distance(wanted, candidate);
  const isPart = wanted.length >= 3 ? candidate.includes(wanted) : candidate.startsWith(wanted);
  if (isPart) return Math.min(whole, partCost);
  const beginning = distance(wanted, candidate.slice(0, wanted.length));
  const isBeginning = wanted.length >= 4 && beginning <= Math.floor(wanted.length / 3);
  return isBeginning ? Math.min(whole, beginning + partCost) : whole;
}

/** The number of letters that were added, omitted, changed, or swapped with their neighbor. */
function distance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const isSame = left[row - 1] === right[column - 1];
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (isSame ? 0 : 1));
      const isSwap = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (row > 1 && column > 1 && isSwap) cost = Math.min(cost, beforeLast[column - 2]! + 1);
      current.push(cost);
    }
    [beforeLast, last] = [last, current];
  }
  return last[right.length]!;
}
