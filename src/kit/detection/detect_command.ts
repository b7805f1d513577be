/** `deno task livecue SLUG detect`: runs a detector over stored readings without acting, and prints what it finds. */
import { parseArgs } from "node:util";
import { msg, t, translated } from "../../language.ts";
import { UserError } from "../../user_error.ts";
import type { Detector } from "../detector.ts";
import type { ReadingAccess } from "./access.ts";
import { type Definition, definitionOf } from "./definition.ts";
import { rehearse } from "./rehearsal.ts";
import type { Found } from "./track.ts";

export interface DetectCommand {
  args: string[];
  readings: ReadingAccess;
  signal: AbortSignal;
  /** Makes the detector with these options changed. Throws if they do not fit. */
  makeDetector(changes: Record<string, unknown>): Promise<Detector<unknown>>;
  print(text: string): void;
  warn(text: string): void;
}

interface Side {
  changes: string[];
  found: Found[];
  definition: Definition;
}

const defaultSpanMs = 86_400_000;
const unitsMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Throws a `UserError` about the arguments. */
export async function runDetect(command: DetectCommand): Promise<void> {
  const { from, to, set, compare } = parsed(command.args);
  const times = await timesOf(command.readings);
  const newest = Math.max(...Object.values(times));
  if (newest === -Infinity) throw new UserError(t`There are no stored readings yet.`);
  const end = to === undefined ? newest : timeOf("--to", to, newest);
  const start = from === undefined ? end - defaultSpanMs : timeOf("--from", from, newest);
  if (start >= end) {
    throw new UserError(
      to === undefined
        ? t`--from (${shown(start)}) is not before the newest reading (${shown(end)}).`
        : t`--from (${shown(start)}) is not before --to (${shown(end)}).`,
    );
  }
  const span = { times, start, end };
  const one = await runSide(command, set, span);
  const other = compare.length === 0 ? null : await runSide(command, [...set, ...compare], span);
  if (command.signal.aborted) return;
  for (const line of other === null ? plainTable(one) : comparison(one, other)) command.print(line);
  command.print(t`From ${shown(start)} to ${shown(end)}: ${summary(one)}`);
  for (const { definition } of other === null ? [one] : [one, other]) {
    const lack = await lackOf(command.readings, definition, span);
    if (lack !== null) command.warn(lack);
  }
}

/** A sentence if a detector has nothing to judge; otherwise null. */
async function lackOf(
  readings: ReadingAccess,
  { patterns, windowMs }: Definition,
  { start, end }: { start: number; end: number },
): Promise<string | null> {
  const names = patterns.map(({ text }) => `"${text}"`).join(", ");
  const channels = (await readings.query({ kind: "channels" }))
    .filter((channel) => patterns.some((pattern) => pattern.matches(channel)));
  if (channels.length === 0) {
    return t`No stored channel is called ${names}. "deno task livecue readings" lists the channels.`;
  }
  const [from, to] = [start - windowMs, end];
  let hasSummaries = false;
  for (const channel of channels) {
    const { at } = await readings.query({ kind: "window", channel, from, to, limit: 1 });
    if (at.length > 0) return null;
    const summaries = await readings.query({ kind: "series", channel, from, to, points: 1 });
    hasSummaries ||= summaries.length > 0;
  }
  return hasSummaries
    ? t`There are no readings of ${names} in this span. Only their summaries are left, and a detector needs the readings.`
    : t`There are no readings of ${names} in this span.`;
}

function parsed(args: string[]) {
  const options = {
    from: { type: "string" },
    to: { type: "string" },
    set: { type: "string", multiple: true, default: [] as string[] },
    compare: { type: "string", multiple: true, default: [] as string[] },
  } as const;
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UserError(t`${(error as Error).message}. The options are --from, --to, --set and --compare.`);
  }
}

async function runSide(
  { makeDetector, readings, signal, warn }: DetectCommand,
  changes: string[],
  { times, start, end }: { times: Record<string, number>; start: number; end: number },
): Promise<Side> {
  const detector = await makeDetector(Object.fromEntries(changes.map(changeOf)));
  const found = await rehearse({
    detector,
    readings,
    times,
    from: start,
    to: end,
    stopping: signal,
    onTrouble: warn,
  });
  return { changes, found, definition: definitionOf(detector) };
}

async function timesOf(readings: ReadingAccess): Promise<Record<string, number>> {
  const times = await readings.query({ kind: "times" });
  return Object.fromEntries(times.map(({ source, at }) => [source, at]));
}

/** A date and time, or a time before the newest reading as "-90m". */
function timeOf(option: string, text: string, newest: number): number {
  const ago = /^-(\d+(?:\.\d+)?)(s|m|h|d)$/.exec(text);
  const at = ago === null
    ? Date.parse(text)
    : newest - Number(ago[1]) * unitsMs[ago[2] as keyof typeof unitsMs];
  if (Number.isFinite(at)) return at;
  throw new UserError(
    t`${option} ${text} is no time. Write a date and time, as 2026-11-27T12:00:00Z, or a time before the newest reading, as ${option}=-90m or ${option}=-7d.`,
  );
}

function changeOf(text: string): [option: string, value: unknown] {
  const [option = "", ...rest] = text.split("=");
  if (option === "" || rest.length === 0) {
    throw new UserError(t`"${text}" is not OPTION=VALUE. Write it as for_seconds=60.`);
  }
  const value = rest.join("=");
  try {
    return [option, JSON.parse(value)];
  } catch {
    return [option, value];
  }
}

type Detected = Extract<Found, { type: "DetectionEvent" }>;

function detections({ found }: Side): Detected[] {
  return found.filter((each) => each.type === "DetectionEvent");
}

const headings = [msg("time"), msg("source"), msg("channel"), msg("name"), msg("confidence"), msg("text")];

function cells({ tick, data: { source, channel, name, confidence, text } }: Detected): string[] {
  return [shown(tick), source, channel, name, confidence.toFixed(2), text];
}

function plainTable(side: Side): string[] {
  const rows = detections(side).map(cells);
  return rows.length === 0 ? [t`Nothing was detected.`] : aligned([headings.map(translated), ...rows]);
}

/** Two detections of a channel are the same if they are less than a window apart. */
function comparison(one: Side, other: Side): string[] {
  const distanceMs = Math.max(one.definition.windowMs, other.definition.windowMs);
  const left = detections(other);
  const rows: { tick: number; line: string[] }[] = [];
  let bothCount = 0;
  for (const each of detections(one)) {
    const index = left.findIndex(({ tick, data: { source, channel } }) =>
      source === each.data.source && channel === each.data.channel && Math.abs(tick - each.tick) < distanceMs
    );
    if (index !== -1) {
      left.splice(index, 1);
      bothCount++;
    }
    rows.push({ tick: each.tick, line: [index === -1 ? t`only A` : t`both`, ...cells(each)] });
  }
  rows.push(...left.map((each) => ({ tick: each.tick, line: [t`only B`, ...cells(each)] })));
  rows.sort((a, b) => a.tick - b.tick);
  const onlyInOne = detections(one).length - bothCount;
  const counts = t`${bothCount} in both, ${onlyInOne} only in A, ${left.length} only in B.`;
  return [
    `A: ${one.changes.join(", ") || t`the options of the config`}`,
    `B: ${other.changes.join(", ")}`,
    ...(rows.length === 0
      ? []
      : aligned([[t`with`, ...headings.map(translated)], ...rows.map(({ line }) => line)])),
    counts,
  ];
}

function summary(side: Side): string {
  const lost = side.found.filter((each) => each.type === "SignalEvent" && each.data.state === "lost").length;
  const count = detections(side).length;
  const found = count === 1 ? t`one detection` : t`${count} detections`;
  if (lost === 0) return `${found}.`;
  return lost === 1 ? t`${found}, and one loss of signal.` : t`${found}, and ${lost} losses of signal.`;
}

/** The lines of a table. The last column may have any width. */
function aligned(rows: string[][]): string[] {
  const widths = (rows[0] as string[]).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] as string).length))
  );
  return rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] as number)).join("  ").trimEnd()
  );
}

function shown(at: number): string {
  return new Date(at).toISOString().replace(/\.000Z$/, "Z");
}
