/** A detector's settings, checked, with times in milliseconds. */
import type { Channel } from "../../reading.ts";
import { UserError } from "../../user_error.ts";
import type { Detector } from "../detector.ts";

export interface Definition {
  name: string;
  everyMs: number;
  windowMs: number;
  cooldownMs: number;
  maxGapMs: number;
  catchUpMs: number;
  /** Without these, nothing is judged. */
  needed: Pattern[];
  patterns: Pattern[];
  held: Pattern[];
}

/** A channel's name, or several names by a `*`, of one source or of any. */
export interface Pattern {
  text: string;
  hasStar: boolean;
  matches(channel: Pick<Channel, "source" | "item">): boolean;
}

/** The most channels of a detector, so that their readings fit into the memory. */
export const maxChannels = 500;

const shortestEveryMs = 100;
const longestMs = 366 * 86_400_000;

/** Throws a `UserError` about a setting that makes no sense. */
export function definitionOf(detector: Detector<unknown>): Definition {
  const { name, channels, heldChannels } = detector;
  const patterns = patternsOf("channels", channels);
  if (patterns.length === 0) {
    throw new UserError(`The detector ${name} has no "channels". Name at least one.`);
  }
  return {
    name,
    everyMs: msOf(detector, "everySeconds", shortestEveryMs),
    windowMs: msOf(detector, "windowSeconds", 1),
    cooldownMs: msOf(detector, "cooldownSeconds", 0),
    maxGapMs: detector.maxGapSeconds === Infinity ? Infinity : msOf(detector, "maxGapSeconds", 1),
    catchUpMs: detector.catchUpSeconds === Infinity ? Infinity : msOf(detector, "catchUpSeconds", 0),
    needed: patterns.filter(({ hasStar }) => !hasStar),
    patterns,
    held: patternsOf("heldChannels", heldChannels),
  };
}

type Setting = "everySeconds" | "windowSeconds" | "cooldownSeconds" | "maxGapSeconds" | "catchUpSeconds";

function msOf(detector: Detector<unknown>, setting: Setting, leastMs: number): number {
  const ms = Math.round(Number(detector[setting]) * 1000);
  if (ms >= leastMs && ms <= longestMs) return ms;
  throw new UserError(
    `The detector ${detector.name} has ${detector[setting]} as "${setting}". ` +
      `Choose a number of seconds from ${leastMs / 1000} to ${longestMs / 1000}.`,
  );
}

function patternsOf(setting: string, texts: readonly string[]): Pattern[] {
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === "string" && text !== "")) {
    throw new UserError(`"${setting}" of a detector is a list of names of channels, as ["tank", "pump/*"].`);
  }
  return texts.map(patternOf);
}

function patternOf(text: string): Pattern {
  const parts = text.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const regExp = new RegExp(`^${parts.join(".*")}$`, "su");
  return {
    text,
    hasStar: parts.length > 1,
    matches: ({ source, item }) => regExp.test(item) || regExp.test(`${source}:${item}`),
  };
}
