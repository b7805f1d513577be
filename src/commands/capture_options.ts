/** The options that `start`, `capture` and `demo` share, and the source that they name. */
import type { Command } from "commander";
import { createDemoSource } from "../capture/demo/demo.ts";
import { createReplaySource } from "../capture/replay/replay.ts";
import type { Source } from "../source.ts";
import { systemClock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { bareHandle, handleWords } from "../config/handle.ts";
import type { Log } from "../log/log.ts";
import { UserError } from "../user_error.ts";
import { positiveNumber, replaySpeed, wholeNumber } from "./options.ts";

export interface CaptureOptions {
  username?: string;
  sessionName?: string;
  source?: string;
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
    .option("--source <source>", "tiktok, demo or replay:FILE", "tiktok")
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

/** Opens the source that the options name; `endsWithLive`: do not wait for the next live. Throws a `UserError`. */
export async function openSource(
  options: CaptureOptions,
  { config, log, endsWithLive }: { config: Config; log: Log; endsWithLive: boolean },
): Promise<Source> {
  const name = options.source ?? "tiktok";
  const isReplay = name.startsWith("replay:");
  if (!isReplay && (options.speed !== undefined || options.exactGaps)) {
    throw new UserError("--speed and --exact-gaps are for a replay: add --source replay:FILE.");
  }
  if (name !== "demo" && (options.rate !== undefined || options.seed !== undefined)) {
    throw new UserError("--rate and --seed are for a made-up live: add --source demo.");
  }
  if (isReplay) {
    const path = name.slice("replay:".length);
    if (path === "") throw new UserError("Name a recording behind replay:, as in --source replay:FILE.");
    return createReplaySource({
      path,
      speed: options.speed ?? 1,
      keepGaps: options.exactGaps ?? false,
      clock: systemClock,
    });
  }
  switch (name) {
    case "tiktok":
      return await openTikTok(options, { config, log, endsWithLive });
    case "demo":
      return openDemo(options);
    default:
      throw new UserError(`There is no source "${name}". It is one of: tiktok, demo, replay:FILE.`);
  }
}

function openDemo({ seed = Math.floor(Math.random() * 1_000_000), rate = 5 }: CaptureOptions): Source {
  return createDemoSource({ seed, ratePerSecond: rate, clock: systemClock });
}

async function openTikTok(
  options: CaptureOptions,
  { config, log, endsWithLive }: { config: Config; log: Log; endsWithLive: boolean },
): Promise<Source> {
  const username = options.username === undefined ? config.tiktok.user : bareHandle(options.username);
  if (!username) {
    throw new UserError(
      options.username !== undefined
        ? `${JSON.stringify(options.username)} is no TikTok user. Give ${handleWords}.`
        : `No TikTok user is set. Add --username NAME, or put yours as "user" under "tiktok" into ${config.path} ` +
          "(deno task livecue init writes that file). To try Livecue without a live: deno task demo",
    );
  }
  const { createTikTokSource } = await import("../capture/tiktok/connection.ts");
  return createTikTokSource({
    username,
    signApiKey: config.tiktok.signApiKey,
    endpoints: config.tiktok.endpoints,
    silenceMs: config.tiktok.silenceSeconds * 1000,
    clock: systemClock,
    random: Math.random,
    once: endsWithLive,
    log: log.named("tiktok"),
  });
}

/** Whether the full-screen app is shown: in a terminal, unless the plain log is asked for. */
export function showsScreen({ plain }: CaptureOptions): boolean {
  return !plain && Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
}

/** Whether it is for the screen to ask whose live to capture. */
export function lacksUser({ source = "tiktok", username }: CaptureOptions, config: Config): boolean {
  return source === "tiktok" && username === undefined && config.tiktok.user === null;
}

/** Makes the sources that are chosen in the screen. */
export function chosenIn(options: CaptureOptions, config: Config) {
  return {
    openSource: (choice: { username: string } | "demo", log: Log) =>
      choice === "demo"
        ? openSource({ source: "demo" }, { config, log, endsWithLive: false })
        : openSource({ ...options, ...choice, source: "tiktok" }, {
          config,
          log,
          endsWithLive: options.once ?? false,
        }),
  };
}
