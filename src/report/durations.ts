/** Times of a report, in words. All are local times. */
import { spoken } from "../language.ts";

/** "1 h 31 min", "12 min", "40 s". */
export function lengthText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(ms / 60_000);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "21:04". */
export function timeOfDay(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
}

/** "27 November 2026". */
export function dayText(at: number): string {
  const locale = spoken().tag === "en" ? "en-GB" : spoken().tag;
  return new Date(at).toLocaleDateString(locale, { day: "numeric", month: "long", year: "numeric" });
}
