/** The options that `start`, `capture` and `demo` share. */
import type { Command } from "commander";
import { t } from "../language.ts";
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

/** Adds the options of a run that captures. `plain` replaces the usual description of `--plain`. */
export function addRunOptions(
  command: Command,
  { plain = t`a plain log instead of the screen; ends when the live ends` } = {},
): Command {
  return command
    .option("--session-name <name>", t`a name for the session, to find it again`)
    .option("--plain", plain)
    .option(
      "--for <seconds>",
      t`stop capturing after this time, then process the remaining items`,
      positiveNumber,
    )
    .option("--record <file>", t`write every message to a recording, for replay:`)
    .option("--batch-size <n>", t`the most events in one transaction (default: 500)`, wholeNumber(1));
}

/** Adds the options that choose a source, and those of each source. */
export function addSourceOptions(command: Command): Command {
  command
    .option("--username <name>", t`the TikTok user whose live to capture, instead of the config's`)
    .option(
      "--source <source>",
      t`tiktok, demo, replay:FILE, or the name of a source in the config (repeatable; default: all in the config)`,
      collect,
    )
    .option("--once", t`end when the live ends, instead of waiting for the next one`)
    .option(
      "--speed <n>",
      t`for a replay: 1 is the original speed, 10 is ten times as fast, max does not wait`,
      replaySpeed,
    )
    .option("--exact-gaps", t`for a replay: keep gaps of more than 10 s`);
  return addDemoOptions(command);
}

/** Adds the options of a demo. */
export function addDemoOptions(command: Command): Command {
  return command
    .option("--rate <n>", t`for a demo: events per second (default: 5)`, positiveNumber)
    .option("--seed <n>", t`for a demo: the same number makes the same live again`, wholeNumber(0));
}

/** Whether to show the full-screen app: in a terminal, unless the user asked for the plain log. */
export function showsScreen({ plain }: CaptureOptions): boolean {
  return !plain && Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
}
