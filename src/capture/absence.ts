/** What is told of the time in which this program was not there: stopped, or asleep with its computer. */

/** A shorter one is no news, and no connection's end. */
const leastMs = 2_500;

/** A connection's trouble, where an absence of `ms` is behind it. */
export function afterAbsence(ms: number, why: string): string {
  return ms < leastMs
    ? why
    : `Livecue stood still for ${secondsOf(ms)}, as while the computer sleeps. ${why}`;
}

export function secondsOf(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
