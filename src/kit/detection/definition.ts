/** A detector's settings, checked, with times in milliseconds. */
import { t } from "../../language.ts";
import { UserError } from "../../user_error.ts";
import { type ChannelPattern, channelPattern } from "../channel_pattern.ts";
import type { Detector } from "../detector.ts";

export interface Definition {
  name: string;
  everyMs: number;
  windowMs: number;
  cooldownMs: number;
  maxGapMs: number;
  catchUpMs: number;
  /** Without these, nothing is judged. */
  needed: ChannelPattern[];
  patterns: ChannelPattern[];
  held: ChannelPattern[];
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
    throw new UserError(t`The detector ${name} has no "channels". Name at least one.`);
  }
  const held = patternsOf("heldChannels", heldChannels);
  const both = patterns.find((pattern) => held.some((each) => covers(each, pattern)));
  if (both !== undefined) {
    throw new UserError(
      t`The detector ${name} has "${both.text}" in "channels", and "heldChannels" covers it, too. Leave it out of "heldChannels", so that its readings are judged.`,
    );
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
    held,
  };
}

/** A pattern covers another one if it matches the other's text, taken for a name. */
function covers(pattern: ChannelPattern, { text }: ChannelPattern): boolean {
  const end = text.indexOf(":");
  return pattern.matches({ source: text.slice(0, Math.max(0, end)), item: text.slice(end + 1) });
}

type Setting = "everySeconds" | "windowSeconds" | "cooldownSeconds" | "maxGapSeconds" | "catchUpSeconds";

function msOf(detector: Detector<unknown>, setting: Setting, leastMs: number): number {
  const ms = Math.round(Number(detector[setting]) * 1000);
  if (ms >= leastMs && ms <= longestMs) return ms;
  throw new UserError(
    t`The detector ${detector.name} has ${
      detector[setting]
    } as "${setting}". Choose a number of seconds from ${leastMs / 1000} to ${longestMs / 1000}.`,
  );
}

function patternsOf(setting: string, texts: readonly string[]): ChannelPattern[] {
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === "string" && text !== "")) {
    throw new UserError(t`"${setting}" of a detector is a list of names of channels, as ["tank", "pump/*"].`);
  }
  return texts.map(channelPattern);
}
