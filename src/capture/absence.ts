/** What is told of the time in which this program was not there: stopped, or asleep with its computer. */

/** A connection's trouble, where an absence of `ms` is behind it. */
export function afterAbsence(ms: number, why: string): string {
  return ms === 0 ? why : `Livecue stood still for ${secondsOf(ms)}, as while the computer sleeps. ${why}`;
}

export function secondsOf(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
