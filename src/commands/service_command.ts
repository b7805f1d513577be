/**
 * `SLUG COMMAND [ARGS…]`: runs a service's own command. SLUG is the service's key in the config. The command does not
 * use Livecue's database, so it can run while Livecue is running.
 */
import { Command } from "commander";
import { cleanText } from "../clean_text.ts";
import { limit, systemClock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { serviceBlocks } from "../config/service_blocks.ts";
import { describeOptionMistakes, placeOfOption } from "../config/option_mistakes.ts";
import { t } from "../language.ts";
import { nearestName } from "../nearest_names.ts";
import { failureText } from "../failure.ts";
import type { CommandLine } from "../runner/protocol.ts";
import { type CommandEnd, runServiceCommand } from "../runner/service_commands.ts";
import { hostsOf, type ServiceConfig } from "../service.ts";
import { StoredReadings } from "../app/stored_readings.ts";
import { Deadline } from "../deadline.ts";
import { isInUse } from "../store/usage.ts";
import { UserError } from "../user_error.ts";
import { openLog } from "./command_log.ts";
import type { CommandContext } from "./context.ts";
import { type GlobalOptions, projectFolder, readSettings } from "./settings.ts";
import { onStopSignals } from "./signals.ts";
import { print, printList } from "./table.ts";

/** A command line that calls a service's command. */
export interface ServiceCall {
  slug: string;
  command: string | null;
  args: string[];
  options: GlobalOptions;
}

/** How long a command may take to stop, because there may be nobody to press Ctrl-C again. */
const stopLimitMs = 5_000;

/** Characters of a line in a terminal. */
const maxLineLength = 10_000;

/**
 * Parses a command line whose first word is not a command of Livecue; null for others. Livecue's options come before
 * the service. Everything after the service belongs to the command.
 */
export function serviceCallOf(args: string[], builtIns: readonly string[]): ServiceCall | null {
  const words = new Command().option("--config <file>").option("--database <file>").option("--verbose")
    .helpOption(false).argument("[words...]").allowUnknownOption().passThroughOptions().exitOverride()
    .configureOutput({ outputError: () => {} });
  try {
    words.parse(args, { from: "user" });
  } catch {
    // The program's parser reports the mistake.
    return null;
  }
  const [slug, command = null, ...rest] = words.args;
  if (slug === undefined || slug.startsWith("-") || builtIns.includes(slug)) return null;
  return { slug, command, args: rest, options: words.opts() };
}

/**
 * Runs the call. Returns false if the config has no such service and none with a similar name. Throws a `UserError`,
 * including when only a similar name exists.
 */
export async function runServiceCall(
  { slug, command, args, options }: ServiceCall,
  { builtIns, exitNow, setExitCode }: CommandContext & { builtIns: readonly string[] },
): Promise<boolean> {
  const { config } = await readSettings(options);
  const service = config.services.find((service) => service.slug === slug);
  if (service === undefined) return await throwIfKnown(slug, config, builtIns);
  const hosts = hostsOf(service);
  if (hosts !== null) throw new UserError(t`${slug} runs on ${hosts}: run its commands there.`);
  const { log, stop } = openLog({ isVerbose: options.verbose ?? false });
  const controller = new AbortController();
  const giveUp = new AbortController();
  let cancelLimit = () => {};
  const removeSignals = onStopSignals({
    first: () => {
      print(t`The command has ${stopLimitMs / 1000} s to stop. Press Ctrl-C again to stop it at once.`);
      controller.abort();
      const why = new Error(t`did not stop within ${stopLimitMs / 1000} s`);
      cancelLimit = limit(systemClock, stopLimitMs, () => giveUp.abort(why));
    },
    second: () => exitNow(130),
    isTerminalLent: () => false,
    clock: systemClock,
  });
  const stored = StoredReadings.of(config, { clock: systemClock, log: log.named("readings") });
  try {
    const asked = command === "--help" || command === "-h" ? null : command;
    const end = await runServiceCommand({
      service,
      command: asked,
      args,
      log: log.named(slug),
      print: printLines,
      readings: { readings: (query) => stored.query(query) },
      isLivecueRunning: await isInUse(config.database),
      signal: controller.signal,
      givenUp: giveUp.signal,
      describeOptionMistakes: (mistakes) => describeOptionMistakes(config, slug, mistakes),
      placeOfOption: (path) => placeOfOption(config, slug, path),
    });
    await reportEnd(end, { service, command: asked, setExitCode });
  } finally {
    cancelLimit();
    removeSignals();
    await stored.stop(new Deadline(systemClock));
    await stop();
  }
  return true;
}

/**
 * Reports a service that is not in the config yet, or whose name is more similar than any command's. The program's
 * parser reports everything else.
 */
async function throwIfKnown(slug: string, { services }: Config, builtIns: readonly string[]): Promise<false> {
  if ((await serviceBlocks(projectFolder)).has(slug)) {
    throw new UserError(t`The service "${slug}" is not in the config. Add it: deno task livecue add ${slug}`);
  }
  const slugs = services.map(({ slug }) => slug);
  const near = nearestName(slug, [...builtIns, ...slugs]);
  if (near === null || !slugs.includes(near)) return false;
  throw new UserError(`${t`There is no command and no service "${slug}".`} ${t`Did you mean "${near}"?`}`);
}

async function reportEnd(
  end: CommandEnd,
  { service: { slug }, command, setExitCode }: Pick<CommandContext, "setExitCode"> & {
    service: ServiceConfig;
    command: string | null;
  },
): Promise<void> {
  switch (end.kind) {
    case "completed":
      return;
    case "listed":
      if (command !== null) throw new UserError(unknownCommand(slug, command, end.commands));
      return printCommands(slug, end.commands);
    case "failed": {
      const text = `${slug}${command === null ? "" : ` ${command}`}: ${failureText(end.failure)}`;
      if (end.failure.isUserError || end.isMistake) throw new UserError(text);
      const { log, stop } = openLog({ isVerbose: false });
      log.error(text);
      await stop();
      setExitCode(1);
    }
  }
}

function unknownCommand(slug: string, command: string, commands: CommandLine[]): string {
  const names = commands.map(({ name }) => name);
  if (names.length === 0) return t`The service "${slug}" has no commands.`;
  const near = nearestName(command, names);
  const hint = near === null ? "" : ` ${t`Did you mean "${near}"?`}`;
  return t`The service "${slug}" has no command "${command}".` +
    `${hint} ${t`Its commands are: ${names.join(", ")}.`}`;
}

function printCommands(slug: string, commands: CommandLine[]): void {
  if (commands.length === 0) return print(t`The service "${slug}" has no commands.`);
  printList(commands, {
    json: false,
    headings: [t`command`, t`does`],
    columns: (
      { name, usage, description },
    ) => [cleanText(`${name} ${usage}`.trim(), 60), cleanText(description, 200)],
  });
}

/** Prints the text unchanged for a program, and without control characters for a terminal. */
function printLines(text: string): void {
  if (!Deno.stdout.isTerminal()) return print(text);
  print(text.split("\n").map((line) => cleanText(line, maxLineLength)).join("\n"));
}
