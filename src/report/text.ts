/** A report for the terminal. */
import { cleanText } from "../clean_text.ts";
import { t } from "../language.ts";
import type { ReportMinute, SessionReport } from "../session_report.ts";
import { dayText, timeOfDay } from "./durations.ts";
import {
  busiestSentence,
  diamondsSentence,
  discardedText,
  followersSentence,
  lengthSentence,
  nameOf,
  number,
  otherTotals,
  paymentSentence,
  shedSentence,
  viewersSentence,
  whoseText,
} from "./sentences.ts";

/** Rows of each table, and names in a line. */
const shownRows = 15;
const shownNames = 10;
const curveColumns = 60;
const blocks = "▁▂▃▄▅▆▇█";

export interface ReportTable {
  headings: string[];
  rows: string[][];
}

/** The lines above the tables. */
export function reportLines(report: SessionReport): string[] {
  const { session, events, minutes, payments } = report;
  const facts: [label: string, text: string | null][] = [
    [t`Length`, lengthSentence(report)],
    [t`Events`, number(events)],
    [t`Viewers`, viewersSentence(report)],
    ["", report.viewers && curve(minutes, ({ viewers }) => viewers)],
    [t`Diamonds`, diamondsSentence(report)],
    ["", report.totals.diamonds > 0 ? curve(minutes, ({ diamonds }) => diamonds) : null],
    [t`Busiest`, busiestSentence(report)],
    [t`Followers`, followersSentence(report, shownNames)],
    [t`Also`, otherTotals(report)],
    ...payments.map((sum, at): [string, string] => [at === 0 ? t`Payments` : "", paymentSentence(sum)]),
    [t`Not stored`, shedSentence(report)],
    [t`Ended`, session.isActive ? t`not yet` : session.endReason && cleanText(session.endReason, 300)],
  ];
  const width = Math.max(...facts.map(([label]) => label.length)) + 2;
  const lines = facts.flatMap(([label, text]) => text === null ? [] : [`${label.padEnd(width)}${text}`]);
  return [titleLine(report), "", ...lines];
}

function titleLine(report: SessionReport): string {
  const { id, name, startedAt } = report.session;
  const whose = whoseText(report);
  const [day, time] = [dayText(startedAt), timeOfDay(startedAt)];
  const title = whose === null
    ? t`Session ${id}, ${day}, ${time}`
    : t`Session ${id} of ${whose}, ${day}, ${time}`;
  return name === null ? title : `${title}: ${cleanText(name, 100)}`;
}

/** Gifts, givers and services; an empty one is left out. */
export function reportTables({ gifts, givers, services }: SessionReport): ReportTable[] {
  const tables: ReportTable[] = [
    {
      headings: [t`GIFT`, t`COUNT`, t`DIAMONDS`],
      rows: gifts.first.slice(0, shownRows).map(({ id, name, count, diamonds }) => [
        cleanText(name, 64) || t`gift ${id}`,
        number(count),
        number(diamonds),
      ]),
    },
    {
      headings: [t`GIVER`, t`GIFTS`, t`DIAMONDS`],
      rows: givers.first.slice(0, shownRows).map((giver) => [
        nameOf(giver),
        number(giver.gifts),
        number(giver.diamonds),
      ]),
    },
    {
      headings: [t`SERVICE`, t`DONE`, t`FAILED`, t`WAITING`, t`DISCARDED`],
      rows: services.map((work) => [
        work.slug,
        number(work.completed),
        number(work.failed),
        number(work.open),
        discardedText(work),
      ]),
    },
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

/** A column for each minute or more; a space where there is no value. */
function curve(minutes: readonly ReportMinute[], valueOf: (minute: ReportMinute) => number | null): string {
  const last = minutes.at(-1)?.minute ?? 0;
  const perColumn = Math.ceil((last + 1) / curveColumns);
  const highest: (number | null)[] = Array(Math.ceil((last + 1) / perColumn)).fill(null);
  for (const minute of minutes) {
    const column = Math.floor(minute.minute / perColumn);
    const value = valueOf(minute);
    if (value !== null) highest[column] = Math.max(highest[column] ?? 0, value);
  }
  const top = Math.max(1, ...highest.map((value) => value ?? 0));
  const blockOf = (value: number | null) =>
    value === null ? " " : blocks[Math.ceil(value / top * (blocks.length - 1))];
  return highest.map(blockOf).join("");
}
