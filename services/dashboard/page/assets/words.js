// @ts-check
/// <reference lib="dom" />
/** Numbers and times as people read them. */
import { t } from "/livecue/language.js";

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

const numbers = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 6 });
const minutes = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const seconds = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const days = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/**
 * @param {number} value
 * @param {string} unit
 */
export function quantity(value, unit) {
  const number = numbers.format(value);
  return unit === "" ? number : `${number} ${unit}`;
}

/** @param {number} at */
export function momentText(at) {
  return moments.format(at);
}

/** @param {number} ageMs */
export function ageText(ageMs) {
  if (ageMs < minuteMs) return t`${Math.max(0, Math.floor(ageMs / secondMs))} s ago`;
  if (ageMs < hourMs) return t`${Math.floor(ageMs / minuteMs)} min ago`;
  if (ageMs < 2 * dayMs) return t`${Math.floor(ageMs / hourMs)} h ago`;
  return t`${Math.floor(ageMs / dayMs)} days ago`;
}

/**
 * The texts on an axis of time. The first text of each day has the date below it.
 * @param {number[]} splits
 * @param {number} stepMs
 */
export function axisTimes(splits, stepMs) {
  let shownDay = "";
  return splits.map((at) => {
    const day = days.format(at);
    if (stepMs >= dayMs) return day;
    const time = (stepMs < minuteMs ? seconds : minutes).format(at);
    if (day === shownDay) return time;
    shownDay = day;
    return `${time}\n${day}`;
  });
}
