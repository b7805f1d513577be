/**
 * The draw of a raffle, which anybody can repeat: the ticket follows from the seed and the number of the draw alone.
 * The seed's hash is shown before the entries close, and the seed after the draw. docs/services/overlays_show.md has
 * the recipe.
 */
import { createHash } from "node:crypto";

/** Shown before the draw, so that the seed cannot be chosen after it. */
export function hashOf(seed: string): string {
  return createHash("sha256").update(seed).digest("hex");
}

/** The index of the entrant who has the drawn ticket; -1 if nobody has any. */
export function drawnFrom(
  entrants: readonly { tickets: number }[],
  { seed, draw }: { seed: string; draw: number },
): number {
  const total = entrants.reduce((sum, { tickets }) => sum + tickets, 0);
  if (total === 0) return -1;
  // Of 256 bits, so that no ticket is more likely than another by more than one in 2^200.
  let ticket = BigInt(`0x${hashOf(`${seed} ${draw}`)}`) % BigInt(total);
  return entrants.findIndex(({ tickets }) => (ticket -= BigInt(tickets)) < 0n);
}
