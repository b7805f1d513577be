/**
 * Reads values from the fields of a message. Accepts several forms (a number or its text, one of several names), but
 * treats an invalid value as missing.
 */
import { cleanName, cleanText } from "../../clean_text.ts";
import { type Fields, isFields } from "./message.ts";

const maxIdLength = 64;
const maxUrlLength = 2048;

/** The value of the first name that is present; undefined if none is. */
export function first(fields: Fields, ...names: string[]): unknown {
  return names.map((name) => fields[name]).find((value) => value !== undefined && value !== null);
}

/** The object under the first of these names; an empty one if there is none. */
export function inside(fields: Fields, ...names: string[]): Fields {
  return names.map((name) => fields[name]).find(isFields) ?? {};
}

/** At most `max` objects of a list. */
export function listOf(value: unknown, max: number): Fields[] {
  return Array.isArray(value) ? value.slice(0, max).filter(isFields) : [];
}

export function textOf(value: unknown, maxLength: number): string {
  return typeof value === "string" ? cleanText(value, maxLength) : "";
}

export function nameOf(value: unknown): string {
  return typeof value === "string" ? cleanName(value) : "";
}

/** A handle without its "@", which is removed before the text is cleaned: a mark after it may not remain alone. */
export function handleOf(value: unknown): string {
  return typeof value === "string" ? nameOf(value.trim().replace(/^@/, "")) : "";
}

/** A count of 0 or more; 0 if it is invalid or not a safe integer. */
export function countOf(value: unknown): number {
  const isNumber = typeof value === "number" || (typeof value === "string" && /^\d{1,16}$/.test(value));
  const number = isNumber ? Number(value) : 0;
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

/** An id as text; "" if there is none. "0" means none. */
export function idOf(value: unknown): string {
  if (typeof value === "number") return Number.isSafeInteger(value) && value > 0 ? String(value) : "";
  return typeof value === "string" && value !== "0" ? cleanText(value.trim(), maxIdLength) : "";
}

export function isSet(value: unknown): boolean {
  return value === true || value === 1 || value === "true" || value === "1";
}

/** Unix milliseconds, from milliseconds or seconds; null if it is not a time. */
export function timeOf(value: unknown): number | null {
  const number = countOf(value);
  if (number >= 1e12 && number < 1e13) return number;
  return number >= 1e9 && number < 1e10 ? number * 1000 : null;
}

/**
 * The address of a picture, or the first of several; "" if there is none, or if it is too long: a cut address would
 * not work.
 */
export function pictureOf(value: unknown): string {
  if (isFields(value)) return pictureOf(first(value, "url", "urls", "urlList", "giftPictureUrl"));
  const url = Array.isArray(value) ? value[0] : value;
  if (typeof url !== "string" || url.length > maxUrlLength) return "";
  return /^https?:\/\/[\x21-\x7e]+$/.test(url) ? url : "";
}
