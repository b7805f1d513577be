/** Checks each active service with the service's own `check`, and the types of those that are not Livecue's own. */
import { basename } from "node:path";
import { systemClock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { describeOptionMistakes, placeOfOption } from "../config/option_mistakes.ts";
import { pageOf } from "../config/own_services.ts";
import { failureText } from "../failure.ts";
import { t } from "../language.ts";
import { createLog, type LogSink } from "../log/log.ts";
import { runServiceCommand } from "../runner/service_commands.ts";
import { mistakeInTypes } from "../runner/type_check.ts";
import { hostsOf, type ServiceConfig } from "../service.ts";
import { type Examination, type Finding, odd, well, wrong } from "./finding.ts";

export interface ServiceCheckOptions {
  config: Config;
  isLivecueRunning: Promise<boolean>;
  /** Removes everything from a line that must not reach a terminal. */
  clean(line: string): string;
}

/** Runs the service's `check` in a worker with the service's permissions. */
export function serviceCheck(service: ServiceConfig, options: ServiceCheckOptions): Examination {
  return { name: service.name, look: (signal) => check(service, options, signal) };
}

async function check(
  service: ServiceConfig,
  { config, isLivecueRunning, clean }: ServiceCheckOptions,
  givenUp: AbortSignal,
): Promise<Finding[]> {
  const hosts = hostsOf(service);
  if (hosts !== null) return [well(t`It runs on ${hosts}: run doctor there.`)];
  const findings: Finding[] = [];
  const sink: LogSink = {
    level: "warn",
    write: ({ level, text }) => void findings.push(level === "warn" ? odd(text) : wrong(text)),
    start() {},
    stop() {},
  };
  const types = typeFindings(service, givenUp);
  const end = await runServiceCommand({
    service,
    command: "check",
    args: [],
    log: createLog({ clock: systemClock, sinks: [sink], clean }),
    print: (text) => findings.push(...text.split("\n").map((line) => well(clean(line)))),
    isLivecueRunning: await isLivecueRunning,
    signal: givenUp,
    givenUp,
    describeOptionMistakes: (mistakes) => describeOptionMistakes(config, service.slug, mistakes),
    placeOfOption: (path) => placeOfOption(config, service.slug, path),
  });
  if (end.kind !== "failed") return [...findings, ...await types];
  const lines = failureText(end.failure).split("\n").map((line) => clean(line.trim()));
  await types;
  const page = pageOf(service.serviceClass);
  const last = (lines.pop() ?? "").replace(/\.?$/, ".");
  return [
    ...findings,
    ...[...lines, page === null ? last : `${last} ${t`See ${page} for the steps.`}`].map(wrong),
  ];
}

/** Livecue runs a service without checking its types. The check of Livecue's own types is a part of its tests. */
async function typeFindings({ serviceClass }: ServiceConfig, givenUp: AbortSignal): Promise<Finding[]> {
  if (pageOf(serviceClass) !== null) return [];
  const mistake = await mistakeInTypes(serviceClass, givenUp);
  if (mistake === null) return [];
  const sentence = t`${basename(serviceClass)} has a mistake in its types: ${mistake.sentence}`;
  return [odd(mistake.place === "" ? sentence : `${sentence} (${mistake.place})`)];
}
