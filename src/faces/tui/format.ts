/** Formats numbers and times as short texts. */
import { counted, formatNumber, noun, t } from "../../language.ts";

/** "1,234"; from 100,000 on "123k", "1.2M". */
export function formatCount(count: number): string {
  if (count < 100_000) return formatNumber(Math.round(count));
  for (const [size, unit] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]] as const) {
    // Rounding may reach the next unit: 999,950 is "1.0M".
    if (count >= size * 0.99995) {
      const scaled = count / size;
      return (scaled < 99.95 ? scaled.toFixed(1) : String(Math.round(scaled))) + unit;
    }
  }
  return String(count);
}

/** "12.3/s"; whole numbers from 100 on. */
export function formatRate(rate: number): string {
  return `${rate < 99.95 ? rate.toFixed(1) : formatCount(rate)}/s`;
}

/** "45 ms", "1.2 s", "3 m", "2 h", "12 d"; "-" for null. */
export function formatMilliseconds(ms: number | null): string {
  if (ms === null) return "-";
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 99_500) return `${Math.round(ms / 1_000)} s`;
  if (ms < 5_970_000) return `${Math.round(ms / 60_000)} m`;
  if (ms < 358_200_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}

/** "1:12:03", "4:05". */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(seconds / 3_600);
  return hours > 0 ? [hours, ...parts].join(":") : parts.join(":").replace(/^0/, "");
}

/** "in 8 s", or "now" when the time has come. */
export function formatUntil(inMs: number): string {
  const seconds = Math.ceil(inMs / 1_000);
  if (seconds <= 0) return t`now`;
  return t`in ${seconds < 100 ? `${seconds} s` : formatDuration(seconds * 1_000)}`;
}

/** A part as "37%". Only nothing is "0%", and only all of it is "100%". */
export function formatPart(part: number): string {
  if (part <= 0) return "0%";
  if (part < 0.01) return "<1%";
  return part >= 1 ? "100%" : `${Math.min(99, Math.round(part * 100))}%`;
}

/** The local time of day, "21:04:59". */
export function formatTime(moment: number): string {
  const date = new Date(moment);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, "0")).join(":");
}

/** "1 item", "3 items". */
export function formatItems(count: number): string {
  return counted(count, noun("item"), formatCount(count));
}

/** "2026-11-27 14:03", local time; "-" for null. */
export function formatMoment(at: number | null): string {
  if (at === null) return "-";
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return Number.isNaN(local.getTime()) ? "-" : local.toISOString().slice(0, 16).replace("T", " ");
}
