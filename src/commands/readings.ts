/** `readings`: lists the channels, and exports the readings of one, even while Livecue runs. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { sentenceOf } from "../app/readings_trouble.ts";
import { cleanText } from "../clean_text.ts";
import { systemClock } from "../clock.ts";
import { localDatabase } from "../database_address.ts";
import { t } from "../language.ts";
import { nearestNames } from "../nearest_names.ts";
import type { Channel } from "../reading.ts";
import {
  type ChannelOverview,
  csvHeader,
  type CsvTimes,
  hourMs,
  type ReadingAnswer,
  type ReadingQuery,
} from "../reading_query.ts";
import { readingsDatabase } from "../readings/file.ts";
import { ReadingsReader } from "../readings/reader.ts";
import { openForReading } from "../readings/schema.ts";
import { exists } from "../store/new_file.ts";
import { UserError } from "../user_error.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { printList, write } from "./table.ts";

interface ReadingsOptions extends GlobalOptions {
  from?: number;
  to?: number;
  csv?: boolean;
  json?: boolean;
  times: CsvTimes;
}

/** Readings that are in memory at a time. */
const pageSize = 20_000;
/** Beyond all times. */
const endOfTime = 8.64e15 + 1;

export function addReadings(program: Command): void {
  const command = program.command("readings")
    .description(t`list the channels, or export the readings of one`)
    .argument("[channel]", t`the channel: its name, its item, or SOURCE/ITEM`)
    .option("--from <time>", t`from this time on, such as 2026-11-27T12:00Z, or in milliseconds`, time)
    .option("--to <time>", t`before this time`, time)
    .addOption(new Option("--csv", t`as CSV, which is the default`).conflicts("json"))
    .option("--json", t`as JSON`)
    .addOption(
      new Option("--times <form>", t`write times like this`).choices(["iso", "ms"]).default("iso"),
    )
    .action(async (name: string | undefined) => {
      const options = command.optsWithGlobals<ReadingsOptions>();
      const { config } = await readSettings(options);
      withReadings(readingsDatabase(localDatabase(config)), (ask) => {
        if (name === undefined) listChannels(ask, options);
        else exportReadings(ask, channelNamed(ask({ kind: "channels" }), name), options);
      });
    });
}

type Ask = <Query extends ReadingQuery>(query: Query) => ReadingAnswer<Query>;

/** Throws a `UserError` if the file cannot be read. */
function withReadings(file: string, use: (ask: Ask) => void): void {
  if (!exists(file)) {
    throw new UserError(
      t`There are no readings: ${file} does not exist. docs/readings.md says how to get some.`,
    );
  }
  try {
    using database = openForReading(file);
    const reader = new ReadingsReader(database);
    use(<Query extends ReadingQuery>(query: Query) => reader.answer(query) as ReadingAnswer<Query>);
  } catch (error) {
    const sentence = sentenceOf(file, error);
    throw sentence === null ? error : new UserError(sentence, { cause: error });
  }
}

function listChannels(ask: Ask, { json = false, csv, from, to }: ReadingsOptions): void {
  if (csv || from !== undefined || to !== undefined) {
    throw new UserError(t`Name the channel to export. deno task livecue readings lists the channels.`);
  }
  const now = systemClock.now();
  const { channels } = ask({ kind: "overview", text: "", first: 0, limit: Infinity });
  const rows = channels.map(({ channel, newest, minutes }) => ({
    ...channel,
    value: newest?.value ?? null,
    at: newest?.at ?? null,
    count: countOf(ask, channel),
    perMinute: perMinute(minutes),
  }));
  printList(rows, {
    json,
    headings: [t`CHANNEL`, t`SOURCE/ITEM`, t`VALUE`, t`UNIT`, t`AGE`, t`READINGS`, t`A MINUTE`],
    columns: (row) => [
      row.name,
      shownPath(row),
      String(row.value ?? ""),
      row.unit,
      row.at === null ? "" : ageText(now - row.at),
      String(row.count),
      row.perMinute.toFixed(1),
    ],
  });
}

/** How many readings a channel has had, including those that are already deleted. */
function countOf(ask: Ask, channel: Channel): number {
  const [all] = ask({ kind: "rollups", channel, from: 0, to: endOfTime, stepMs: 2_500_000 * hourMs });
  return all?.count ?? 0;
}

/** Readings per minute in the hour before the newest one. */
function perMinute(minutes: ChannelOverview["minutes"]): number {
  return minutes.reduce((sum, { count }) => sum + count, 0) / 60;
}

/** "5 s", "3 min", "7 h", "12 days". */
function ageText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 6_000) return `${Math.round(seconds / 60)} min`;
  return seconds < 48 * 3_600 ? `${Math.round(seconds / 3_600)} h` : t`${Math.round(seconds / 86_400)} days`;
}

/** The sender's name for a channel may have any characters, and 200 of them. */
function shown(text: string): string {
  return cleanText(text, 250);
}

function pathOf({ source, item }: Channel): string {
  return `${source}/${item}`;
}

function shownPath(channel: Channel): string {
  return shown(pathOf(channel));
}

/** Throws a `UserError` if no channel, or more than one, has this name. */
function channelNamed(channels: readonly Channel[], name: string): Channel {
  const exact = channels.filter((channel) => pathOf(channel) === name);
  const found = exact.length > 0
    ? exact
    : channels.filter(({ item, name: label }) => item === name || label === name);
  if (found.length > 1) {
    const paths = found.slice(0, 10).map(shownPath).join(", ");
    throw new UserError(t`More than one channel is called ${name}. Name one of them: ${paths}.`);
  }
  const [channel] = found;
  if (channel !== undefined) return channel;
  const known = channels.flatMap((each) => [...new Set([each.item, each.name, pathOf(each)])]);
  const near = nearestNames(name, known);
  const hint = near.length > 0 ? ` ${t`Did you mean ${near.map(shown).join(t` or `)}?`}` : "";
  throw new UserError(
    t`There is no channel ${name}.` + `${hint} ${t`deno task livecue readings lists the channels.`}`,
  );
}

/** Writes page after page, so that the memory does not grow with the span. */
function exportReadings(
  ask: Ask,
  channel: Channel,
  { from = 0, to = endOfTime, json, times }: ReadingsOptions,
): void {
  if (from >= to) throw new UserError(t`The span is empty. Name a later time after --to.`);
  if (!json) {
    write(csvHeader);
    for (const { text } of pages(from, (start) => ask({ kind: "csv", channel, from: start, to, times }))) {
      if (!write(text)) return;
    }
    return;
  }
  write(`{ "source": ${JSON.stringify(channel.source)}, "item": ${JSON.stringify(channel.item)}, `);
  write(`"name": ${JSON.stringify(channel.name)}, "unit": ${JSON.stringify(channel.unit)}, "readings": [`);
  let separator = "\n";
  const window = (start: number) => ask({ kind: "window", channel, from: start, to, limit: pageSize });
  for (const { at, value } of pages(from, window)) {
    const lines = Array.from(at, (moment, index) => {
      const time = times === "ms" ? moment : `"${new Date(moment).toISOString()}"`;
      return `{ "time": ${time}, "value": ${JSON.stringify(value[index])} }`;
    });
    if (lines.length > 0 && !write(separator + lines.join(",\n"))) return;
    if (lines.length > 0) separator = ",\n";
  }
  write("\n] }\n");
}

function* pages<Page extends { nextFrom: number | null }>(
  from: number,
  pageFrom: (start: number) => Page,
): Generator<Page> {
  let start: number | null = from;
  while (start !== null) {
    const page: Page = pageFrom(start);
    yield page;
    start = page.nextFrom;
  }
}

/** Parses a date with or without a time of day, or Unix milliseconds. */
function time(text: string): number {
  const at = /^\d+$/.test(text) && text.length > 4 ? Number(text) : Date.parse(text);
  if (Number.isNaN(at) || at > endOfTime) {
    throw new InvalidArgumentError(t`Use a time such as 2026-11-27T12:00Z, or milliseconds since 1970.`);
  }
  return at;
}
