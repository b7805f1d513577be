/**
 * A time that a person types to jump to a moment of a session: "21:40" as a time of day or after the start, whichever the
 * session has; "+21:40" after the start, "@21:40" of the day.
 */
import { t } from "./language.ts";
import { UserError } from "./user_error.ts";

/** In Unix milliseconds. */
export interface SessionSpan {
  startAt: number;
  endAt: number;
}

export interface MomentFound {
  at: number;
  /** How the time was understood, as a sentence. */
  said: string;
}

const dayMs = 86_400_000;

/** Throws a `UserError` if it is not a time, or not one of the session. */
export function momentWanted(typed: string, span: SessionSpan): MomentFound {
  const [, sign = "", time = ""] = /^([+@]?)(\d{1,6}(?::\d{1,2}){0,2})$/.exec(typed.trim()) ?? [];
  if (time === "") {
    throw new UserError(
      t`"${typed.trim()}" is not a time. Type a time of day as 21:40, or a time after the start as +1:30.`,
    );
  }
  const parts = time.split(":").map(Number);
  const ofDay = sign === "+" ? null : timeOfDay(parts, span);
  const afterMs = parts.reduce((sum, part) => sum * 60 + part, 0) * 1_000;
  const isAfterStart = sign !== "@" && span.startAt + afterMs <= span.endAt;
  const after = inWords(afterMs);
  if (ofDay !== null) {
    const said = isAfterStart
      ? t`${time} is understood as the time of day. Type +${time} for ${after} after the start.`
      : t`${time} is understood as the time of day.`;
    return { at: ofDay, said };
  }
  if (isAfterStart) return { at: span.startAt + afterMs, said: t`This is ${after} after the start.` };
  throw new UserError(outside(typed.trim(), span));
}

/** The first moment of the session at this local time of day; null if it has none, or if this is no time of day. */
function timeOfDay(parts: readonly number[], span: SessionSpan): number | null {
  const [hours = 0, minutes = 0, seconds] = parts;
  if (parts.length < 2 || hours > 23 || minutes > 59 || (seconds ?? 0) > 59) return null;
  const first = new Date(span.startAt);
  // A time without seconds means its whole minute.
  const lengthMs = seconds === undefined ? 60_000 : 1_000;
  for (let days = 0; days * dayMs <= span.endAt - span.startAt + dayMs; days++) {
    const day = [first.getFullYear(), first.getMonth(), first.getDate() + days] as const;
    const at = new Date(...day, hours, minutes, seconds ?? 0).getTime();
    if (at > span.endAt) return null;
    if (at + lengthMs > span.startAt) return Math.max(at, span.startAt);
  }
  return null;
}

function outside(typed: string, { startAt, endAt }: SessionSpan): string {
  const [from, to] = [startAt, endAt].map((at) => new Date(at).toTimeString().slice(0, 8));
  return t`${typed} is outside of the session: it went from ${from} to ${to}, ${inWords(endAt - startAt)}.`;
}

/** "1 h 21 min 40 s". */
function inWords(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const parts = [[Math.floor(seconds / 3_600), "h"], [Math.floor(seconds / 60) % 60, "min"], [
    seconds % 60,
    "s",
  ]];
  const shown = parts.filter(([count]) => count !== 0).map(([count, unit]) => `${count} ${unit}`);
  return shown.length === 0 ? "0 s" : shown.join(" ");
}
