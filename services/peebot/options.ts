/** The service's options, as in the config. */
import { z } from "zod";

const percent = z.number().min(0).max(100);
const seconds = z.int().min(1).max(3600);

/** What counts as a fill. The defaults are measured in bench/peebot.ts. */
export const detectionSchema = z.strictObject({
  /** Percent. A smaller rise is no fill: whole percents that jump by one cannot show it. */
  min_rise: percent.default(1.5),
  /** Percent. A larger rise is no visit, but a transfer from another tank. */
  max_rise: percent.default(50),
  /** By how many times its standard error a rise exceeds zero. A higher one finds fewer fills, and fewer wrong ones. */
  certainty: z.number().min(1).max(20).default(5),
  /** How long the level holds before and after a fill, at least. */
  hold_seconds: seconds.default(60),
  /** How many readings the level holds, at least. With rare readings this takes longer than `hold_seconds`. */
  hold_readings: z.int().min(2).max(100).default(8),
  /** Percent. By how much the two halves of a hold may differ. */
  hold_within: percent.default(0.3),
  /** How much longer than a hold the level holds between two fills. Otherwise they are one. */
  apart_seconds: seconds.default(30),
  /** The longest fill. */
  max_fill_seconds: seconds.default(400),
  /** Without a reading of any channel for this long, the signal was lost. */
  gap_seconds: seconds.default(120),
  /** States of the processor in which no rise is a fill. 8 is maintenance. */
  ignored_states: z.array(z.number()).default([8]),
  /** States of the processor in which it empties the tank. 16 is normal. */
  processing_states: z.array(z.number()).default([16]),
  /** Percent. How much runs back into the tank when the processor stops; a rise then is a fill only above that. */
  rebound: percent.default(1),
  /** For how long after the processor has stopped it may run back. */
  rebound_seconds: seconds.default(180),
});

export type DetectionOptions = z.output<typeof detectionSchema>;
