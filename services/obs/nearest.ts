/** The known name that was most likely meant; null if none is similar. Ignores case and spaces. */
export function nearest(wanted: string, known: readonly string[]): string | null {
  let found: string | null = null;
  let fewest = Infinity;
  for (const name of known) {
    const [left, right] = [bare(wanted), bare(name)];
    const changes = changesBetween(left, right);
    if (changes >= fewest || changes > Math.max(left.length, right.length) / 3) continue;
    [found, fewest] = [name, changes];
  }
  return found;
}

function bare(name: string): string {
  return name.toLowerCase().replace(/\s+/gu, "");
}

/** The edit distance: the number of characters added, removed or changed. */
function changesBetween(left: string, right: string): number {
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const isSame = left[row - 1] === right[column - 1];
      const changed = (last[column - 1] ?? 0) + (isSame ? 0 : 1);
      current.push(Math.min(changed, (last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    last = current;
  }
  return last[right.length] ?? 0;
}
