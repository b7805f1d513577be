/** The options that `start`, `capture` and `demo` share. */
import type { Command } from "commander";
import { collect, positiveNumber, replaySpeed, wholeNumber } from "./options.ts";

export interface CaptureOptions {
  username?: string;
  sessionName?: string;
  source?: string[];
  once?: boolean;
  plain?: boolean;
  for?: number;
  record?: string;
  speed?: number | "max";
  exactGaps?: boolean;
  rate?: number;
  seed?: number;
  batchSize?: number;
}

/** The options of a run that captures. `plain` describes that one where it is another thing than usual. */
export function addRunOptions(
  command: Command,
  { plain = "a plain log instead of the screen; ends when the live ends" } = {},
): Command {
  return command
    .option("--session-name <name>", "a name for the session, to find it again")
    .option("--plain", plain)
    .option("--for <seconds>", "end the capture after so long, then process what is left", positiveNumber)
    .option("--record <file>", "write every message to a recording, which replay: reads")
    .option("--batch-size <n>", "events in one transaction at most (default: 500)", wholeNumber(1));
}

/** The options that choose a source, and those of each. */
export function addSourceOptions(command: Command): Command {
  command
    .option("--username <name>", "the TikTok user whose live to capture, instead of the config's")
    .option(
      "--source <source>",
      "tiktok, demo or replay:FILE, or one of the config's sources by its name (repeatable; default: all of these)",
      collect,
    )
    .option("--once", "end when the live ends, instead of waiting for the next one")
    .option(
      "--speed <n>",
      "of a replay: 1 is as it happened, 10 ten times as fast, max without waiting",
      replaySpeed,
    )
    .option("--exact-gaps", "of a replay: keep gaps of more than 10 s as they were");
  return addDemoOptions(command);
}

/** Of a made-up live. */
export function addDemoOptions(command: Command): Command {
  return command
    .option("--rate <n>", "of a made-up live: events a second (default: 5)", positiveNumber)
    .option("--seed <n>", "of a made-up live: the same number makes the same one again", wholeNumber(0));
}

/** Whether the full-screen app is shown: in a terminal, unless the plain log is asked for. */
export function showsScreen({ plain }: CaptureOptions): boolean {
  return !plain && Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
}
