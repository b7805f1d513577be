/** "Did you mean": finds the known name that a person most likely meant. */

/** The name in `allowed` that is nearest to `found`; null if none is near. Ignores case, "_" and "-". */
export function suggest(found: string, allowed: readonly string[]): string | null {
  const wanted = bareLetters(found);
  if (wanted === "" || wanted.length > 64) return null;
  let nearest: string | null = null;
  let nearestCost = Infinity;
  for (const name of allowed) {
    const candidate = bareLetters(name);
    const cost = costOf(wanted, candidate);
    const limit = Math.floor(Math.max(wanted.length, candidate.length) / 3);
    if (cost <= limit && cost < nearestCost) [nearest, nearestCost] = [name, cost];
  }
  return nearest;
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
  if (wanted.length >= 3 && candidate.includes(wanted)) return Math.min(whole, partCost);
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
