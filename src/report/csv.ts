/** A report as one table for spreadsheets. The first column says what a row is about. */
import { csvMark, csvRow } from "../csv.ts";
import type { SessionReport } from "../session_report.ts";

const headings = ["about", "name", "time", "count", "diamonds", "viewers"];

type Row = [about: string, name: string, time: number | null, ...numbers: (number | null)[]];

export function reportCsv(report: SessionReport): string {
  const rows = [...summaryRows(report), ...minuteRows(report), ...listRows(report), ...serviceRows(report)];
  const cells = rows.map(([about, name, time, count = null, diamonds = null, viewers = null]) => [
    about,
    name,
    time === null ? null : new Date(time).toISOString(),
    count,
    diamonds,
    viewers,
  ]);
  return csvMark + [headings, ...cells].map(csvRow).join("");
}

function summaryRows(
  { session, lengthMs, events, totals, viewers, followers, before }: SessionReport,
): Row[] {
  const { diamonds, gifts, ...others } = totals;
  return [
    ["session", session.username, session.startedAt, session.id],
    ["total", "seconds", session.endedAt, Math.round(lengthMs / 1_000)],
    ["total", "events", null, events],
    ["total", "gifts", null, gifts, diamonds],
    ...Object.entries(others).map(([name, count]): Row => ["total", name, null, count]),
    ["total", "new followers", null, followers.count],
    ["total", "before the session", null, before.events, before.diamonds],
    ...viewers === null ? [] : [
      ["viewers", "highest", viewers.highestAt, null, null, viewers.highest] satisfies Row,
      ["viewers", "average", null, null, null, Math.round(viewers.average * 10) / 10] satisfies Row,
    ],
  ];
}

function minuteRows({ minutes }: SessionReport): Row[] {
  return minutes.map(({ minute, at, events, diamonds, viewers }) => [
    "minute",
    String(minute),
    at,
    events,
    diamonds,
    viewers,
  ]);
}

function listRows({ gifts, givers, followers, payments }: SessionReport): Row[] {
  return [
    ...gifts.first.map(({ name, count, diamonds }): Row => ["gift", name, null, count, diamonds]),
    ...givers.first.map(({ name, gifts, diamonds }): Row => ["giver", name, null, gifts, diamonds]),
    ...followers.first.map(({ name }): Row => ["follower", name, null]),
    ...payments.map(({ type, currency, amount }): Row => ["payment", `${type} ${currency}`, null, amount]),
  ];
}

function serviceRows({ services, shed }: SessionReport): Row[] {
  return [
    ...services.flatMap(({ slug, completed, failed, open, discarded }): Row[] => [
      ["service", `${slug}: completed`, null, completed],
      ["service", `${slug}: failed`, null, failed],
      ["service", `${slug}: waiting`, null, open],
      ...Object.entries(discarded).map(([reason, count]): Row => [
        "service",
        `${slug}: discarded (${reason})`,
        null,
        count,
      ]),
    ]),
    ...Object.entries(shed).map(([type, count]): Row => ["not stored", type, null, count]),
  ];
}
