/** Messages about the time in which this program did not run: it was suspended, or its computer slept. */
import { t } from "../language.ts";

/** A shorter absence is not worth reporting, and does not end a connection. */
const leastMs = 2_500;

/** Why a connection ended, after an absence of `ms`. */
export function afterAbsence(ms: number, why: string): string {
  return ms < leastMs
    ? why
    : t`Livecue did not run for ${secondsOf(ms)}, perhaps because the computer slept. ${why}`;
}

export function secondsOf(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
