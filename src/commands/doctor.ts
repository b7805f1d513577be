import type { Command } from "commander";
import { resolve } from "node:path";
import { cleanText } from "../clean_text.ts";
import { systemClock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { editor, permissions, terminal } from "../doctor/computer.ts";
import { type Examination, examine, type Finding, odd, type Verdict, well } from "../doctor/finding.ts";
import { networkOf } from "../doctor/network.ts";
import { serviceCheck } from "../doctor/services.ts";
import { database, logFile } from "../doctor/storage.ts";
import { counted, noun, t } from "../language.ts";
import { isInUse } from "../store/usage.ts";
import { UserError } from "../user_error.ts";
import { isColored } from "./command_log.ts";
import type { CommandContext } from "./context.ts";
import { editorCommand, isProgram } from "./editor.ts";
import { giftsIn, giftWarnings } from "./gift_warnings.ts";
import { defaultConfigName, type GlobalOptions, readSettings } from "./settings.ts";
import { print } from "./table.ts";
import { versionLine } from "./version.ts";

/** The time limit of each check. */
const limitMs = 5_000;
/** A browser takes long to start for the first time. */
export const serviceLimitMs = 15_000;
/** Characters of one line. */
const maxLineLength = 2_000;

const signs: Record<Verdict, string> = { well: "✓", odd: "!", wrong: "✗" };

/** `doctor`: checks everything that a live needs. The exit code is 1 if a problem would keep a live from working. */
export function addDoctor(program: Command, { setExitCode }: CommandContext): void {
  const command = program.command("doctor")
    .description(t`check everything that a live needs, and say what to do`)
    .action(async () => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const settings = await settingsOf(options);
      const config = settings instanceof UserError ? null : settings.config;
      // All checks run at once, and are printed in order.
      const looks = examinations(settings, options).map(({ limit, ...look }) => ({
        name: look.name,
        found: examine(look, { clock: systemClock, limitMs: limit }),
      }));
      const all: Finding[] = [];
      for (const { name, found } of looks) {
        const findings = await found;
        printFindings(name, findings);
        all.push(...findings);
      }
      const [wrong, odd] = [count(all, "wrong"), count(all, "odd")];
      print(`\n${summaryOf(wrong, odd, config !== null)}`);
      if (wrong > 0) setExitCode(1);
    });
}

/** Prints a line for each finding. */
export function printFindings(name: string, findings: readonly Finding[]): void {
  for (const { verdict, text } of findings) print(`${signs[verdict]} ${name}: ${clean(text)}`);
}

type Settings = Awaited<ReturnType<typeof readSettings>>;

/** The settings, or the mistake in the config. */
async function settingsOf(options: GlobalOptions): Promise<Settings | UserError> {
  try {
    return await readSettings(options);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

type Limited = Examination & { limit: number };

function examinations(settings: Settings | UserError, options: GlobalOptions): Limited[] {
  const path = resolve(options.config ?? defaultConfigName);
  const [visual, chosen] = [Deno.env.get("VISUAL"), Deno.env.get("EDITOR")];
  const [named = null] = (visual?.trim() || chosen?.trim() || "").split(/\s+/).filter((word) => word !== "");
  const found = editorCommand({ os: Deno.build.os, visual, editor: chosen, exists: isProgram }, path);
  const size = Deno.stdout.isTerminal() ? Deno.consoleSize() : null;
  const looks = [
    { name: t`Versions`, look: () => [well(t`${versionLine()}, system ${Deno.osRelease()}.`)] },
    permissions(),
    terminal(size, isColored()),
    editor(named, found?.program ?? null, path),
    { name: t`Config`, look: () => judgeConfig(settings, path) },
  ];
  const limited = looks.map((look) => ({ ...look, limit: limitMs }));
  return settings instanceof UserError ? limited : [...limited, ...ofConfig(settings.config)];
}

function ofConfig(config: Config): Limited[] {
  const looks = [database(config), logFile(config), ...networkOf(config, systemClock)];
  const active = config.services.filter(({ isActive }) => isActive);
  const isLivecueRunning = isInUse(config.database);
  const checks = active.map((service) => serviceCheck(service, { config, isLivecueRunning, clean }));
  return [
    ...looks.map((look) => ({ ...look, limit: limitMs })),
    ...checks.map((look) => ({ ...look, limit: serviceLimitMs })),
  ];
}

async function judgeConfig(settings: Settings | UserError, path: string): Promise<Finding[]> {
  if (settings instanceof UserError) throw settings;
  const { config, isExample } = settings;
  const { services } = config;
  const gifts = await giftWarnings(config, () => giftsIn(config.database));
  const active = services.filter(({ isActive }) => isActive).length;
  const found = isExample
    ? odd(
      t`There is no ${path}, so Livecue uses the example's settings. To create one: deno task livecue init`,
    )
    : well(t`${path} is valid. ${active} of ${counted(services.length, noun("service"))} active.`);
  return [found, ...[...config.warnings, ...gifts].map(odd)];
}

function count(findings: readonly Finding[], verdict: Verdict): number {
  return findings.filter((finding) => finding.verdict === verdict).length;
}

function summaryOf(wrong: number, odd: number, hasConfig: boolean): string {
  const rest = hasConfig ? "" : ` ${t`Fix the config first, then run doctor again to check the rest.`}`;
  const looks = odd === 0 ? "" : ` ${t`${counted(odd, noun("line"))} with ! may need attention.`}`;
  if (wrong === 0) return t`No problem keeps a live from working.` + looks;
  return t`${counted(wrong, noun("line"))} with ✗ would keep a live, or a part of it, from working.` + rest +
    looks;
}

function clean(line: string): string {
  return cleanText(line, maxLineLength);
}
