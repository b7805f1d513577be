/**
 * Values out of the fields of a message. The form is taken leniently (a number or its text, one of several names),
 * the value strictly: what is no such value is as good as left out.
 */
import { cleanName, cleanText } from "../../clean_text.ts";
import { type Fields, isFields } from "./message.ts";

const maxIdLength = 64;
const maxUrlLength = 2048;

/** The first of these that is given; undefined where none is. */
export function first(fields: Fields, ...names: string[]): unknown {
  return names.map((name) => fields[name]).find((value) => value !== undefined && value !== null);
}

/** The object under the first of these names; an empty one where there is none. */
export function inside(fields: Fields, ...names: string[]): Fields {
  return names.map((name) => fields[name]).find(isFields) ?? {};
}

/** The objects of a list, at most `max` of them. */
export function listOf(value: unknown, max: number): Fields[] {
  return Array.isArray(value) ? value.slice(0, max).filter(isFields) : [];
}

export function textOf(value: unknown, maxLength: number): string {
  return typeof value === "string" ? cleanText(value, maxLength) : "";
}

export function nameOf(value: unknown): string {
  return typeof value === "string" ? cleanName(value) : "";
}

/** A count of 0 or more; 0 for what is none, or beyond exact numbers. */
export function countOf(value: unknown): number {
  const isNumber = typeof value === "number" || (typeof value === "string" && /^\d{1,16}$/.test(value));
  const number = isNumber ? Number(value) : 0;
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

/** An id as text; "" for none, as "0" is. */
export function idOf(value: unknown): string {
  if (typeof value === "number") return Number.isSafeInteger(value) && value > 0 ? String(value) : "";
  return typeof value === "string" && value !== "0" ? cleanText(value.trim(), maxIdLength) : "";
}

export function isSet(value: unknown): boolean {
  return value === true || value === 1 || value === "true" || value === "1";
}

/** Unix milliseconds, from them or from seconds; null where it is no time. */
export function timeOf(value: unknown): number | null {
  const number = countOf(value);
  if (number >= 1e12 && number < 1e13) return number;
  return number >= 1e9 && number < 1e10 ? number * 1000 : null;
}

/** An address of a picture, or the first of several; "" for none. A cut address leads nowhere, so a long one is none. */
export function pictureOf(value: unknown): string {
  if (isFields(value)) return pictureOf(first(value, "url", "urls", "urlList", "giftPictureUrl"));
  const url = Array.isArray(value) ? value[0] : value;
  if (typeof url !== "string" || url.length > maxUrlLength) return "";
  return /^https?:\/\/[\x21-\x7e]+$/.test(url) ? url : "";
}
