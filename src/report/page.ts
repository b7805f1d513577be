/**
 * A report as one page that needs no other file and no network. Everything that came from strangers is escaped, and
 * the page's policy runs no script but the page's own.
 */
import { createHash } from "node:crypto";
import uplotStyle from "uplot/uPlot.min.css" with { type: "text" };
import uplot from "uplot/uPlot.iife.min.js" with { type: "text" };
import { cleanText } from "../clean_text.ts";
import pageStyle from "../kit/pages/client/page.css" with { type: "text" };
import { counted, noun, spoken, t } from "../language.ts";
import type { ReportMinute, SessionReport } from "../session_report.ts";
import { dayText, timeOfDay } from "./durations.ts";
import reportStyle from "./page/report.css" with { type: "text" };
import reportScript from "./page/report.js" with { type: "text" };
import {
  busiestSentence,
  discardedText,
  lengthSentence,
  nameOf,
  number,
  otherTotals,
  paymentSentence,
  shedSentence,
  whoseText,
} from "./sentences.ts";

/** Rows of each table, and named followers. */
const shownRows = 20;
const shownFollowers = 60;
/** More minutes without a break are drawn in steps of several minutes. */
const maxPoints = 2_000;
const minuteMs = 60_000;

const license = "/* uPlot: Copyright (c) Leon Sorokin, MIT License */";
const scripts = [`${license}\n${uplot}`, `{\n${reportScript}\n}`];

/** The whole page. */
export function reportPage(report: SessionReport): string {
  const title = titleOf(report);
  return `<!doctype html>
<html lang="${spoken().tag}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${uplotStyle}\n${pageStyle}\n${reportStyle}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${paragraph("when", whenText(report))}
${numbersOf(report)}
${charts(report)}
${busiest(report)}
<div class="pair">${giversOf(report)}${giftsOf(report)}</div>
${followersOf(report)}
${paymentsOf(report)}
${servicesOf(report)}
<script type="application/json" id="numbers">${chartNumbers(report)}</script>
${scripts.map((script) => `<script>${script}</script>`).join("\n")}
</body>
</html>
`;
}

/** Runs the page's own scripts, which it knows by their hashes, and loads nothing. */
function policy(): string {
  const hashes = scripts.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  return `default-src 'none'; style-src 'unsafe-inline'; script-src ${
    hashes.join(" ")
  }; base-uri 'none'; form-action 'none'`;
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] as string);
}

function paragraph(className: string, text: string | null): string {
  return text === null ? "" : `<p class="${className}">${escaped(text)}</p>`;
}

function titleOf(report: SessionReport): string {
  const whose = whoseText(report);
  const day = dayText(report.session.startedAt);
  return whose === null ? t`Live of ${day}` : t`Live of ${whose}, ${day}`;
}

function whenText({ session, minutes }: SessionReport): string {
  const { startedAt, endedAt, name, isActive } = session;
  const from = timeOfDay(startedAt);
  const to = timeOfDay(endedAt ?? minutes.at(-1)?.at ?? startedAt);
  const named = name === null ? "" : `${cleanText(name, 100)} · `;
  const span = isActive ? t`${from} still on (${timeZone()})` : t`${from} to ${to} (${timeZone()})`;
  return `${named}${span} · ${t`made with Livecue`}`;
}

function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function numbersOf(report: SessionReport): string {
  const { viewers, totals, givers, followers, events } = report;
  const boxes: [label: string, value: string, note: string][] = [
    [t`Length`, lengthSentence(report), ""],
    [
      t`Diamonds`,
      number(totals.diamonds),
      t`${counted(totals.gifts, noun("gift"))} by ${counted(givers.count, noun("viewer"))}`,
    ],
    [t`New followers`, number(followers.count), ""],
    [t`Events`, number(events), ""],
  ];
  if (viewers !== null) {
    boxes.splice(1, 0, [t`Most viewers`, number(viewers.highest), t`${number(viewers.average)} on average`]);
  }
  const shown = boxes.map(([label, value, note]) =>
    `<div><dt>${escaped(label)}</dt><dd>${escaped(value)}${
      note === "" ? "" : `<small>${escaped(note)}</small>`
    }</dd></div>`
  );
  return `<dl class="numbers">${shown.join("")}</dl>`;
}

function charts({ viewers, totals, before, events }: SessionReport): string {
  const earlier = before.diamonds > 0
    ? paragraph(
      "note",
      t`${counted(before.diamonds, noun("diamond"))} from before Livecue connected are in no minute.`,
    )
    : "";
  return [
    viewers === null ? "" : chart("viewers", t`Viewers`, ""),
    totals.diamonds > 0 ? chart("diamonds", t`Diamonds by minute`, earlier) : "",
    events > 0
      ? chart("events", t`Events by minute`, "")
      : paragraph("note", t`Nothing happened in this live.`),
  ].join("\n");
}

function chart(id: string, heading: string, note: string): string {
  return `<section><h2>${
    escaped(heading)
  } <output></output></h2><div class="chart" data-chart="${id}"></div>${note}</section>`;
}

/** JSON in a script element: "<" could end the element. */
function chartNumbers({ minutes, viewers, totals }: SessionReport): string {
  const points = pointsOf(minutes);
  const values = (valueOf: (minute: ReportMinute) => number | null) => points.map(valueOf);
  const charts = [
    { id: "viewers", label: t`Viewers`, kind: "line", values: viewers && values((point) => point.viewers) },
    {
      id: "diamonds",
      label: t`Diamonds`,
      kind: "bars",
      values: totals.diamonds > 0 ? values((point) => point.diamonds) : null,
    },
    { id: "events", label: t`Events`, kind: "bars", values: values((point) => point.events) },
  ].filter(({ values }) => values !== null);
  const times = points.map(({ at }) => at / 1_000);
  return JSON.stringify({ zone: timeZone(), times, charts }).replaceAll("<", "\\u003c");
}

/** A point for each minute, also for those in which nothing happened. A very long live has a point for several. */
function pointsOf(minutes: readonly ReportMinute[]): ReportMinute[] {
  const first = minutes[0];
  if (first === undefined) return [];
  const startedAt = first.at - first.minute * minuteMs;
  const count = (minutes.at(-1)?.minute ?? 0) + 1;
  const step = Math.ceil(count / maxPoints);
  const points = Array.from({ length: Math.ceil(count / step) }, (_, index): ReportMinute => ({
    minute: index * step,
    at: startedAt + index * step * minuteMs,
    events: 0,
    diamonds: 0,
    viewers: null,
  }));
  for (const { minute, events, diamonds, viewers } of minutes) {
    const point = points[Math.floor(minute / step)] as ReportMinute;
    point.events += events;
    point.diamonds += diamonds;
    if (viewers !== null) point.viewers = Math.max(point.viewers ?? 0, viewers);
  }
  return points;
}

function busiest(report: SessionReport): string {
  const sentences = [
    [t`Busiest minute`, busiestSentence(report)],
    [t`Also`, otherTotals(report)],
    [t`Not stored`, shedSentence(report)],
  ].filter((pair): pair is [string, string] => pair[1] !== null);
  const lines = sentences.map(([label, text]) => `<p><b>${escaped(label)}:</b> ${escaped(text)}</p>`);
  return `<section>${lines.join("")}</section>`;
}

function giversOf({ givers }: SessionReport): string {
  const rows = givers.first.slice(0, shownRows).map((giver) => [
    nameOf(giver),
    number(giver.gifts),
    number(giver.diamonds),
  ]);
  return table(t`Best givers`, [t`Viewer`, t`Gifts`, t`Diamonds`], rows, givers.count - rows.length);
}

function giftsOf({ gifts }: SessionReport): string {
  const rows = gifts.first.slice(0, shownRows).map(({ id, name, count, diamonds }) => [
    cleanText(name, 64) || t`Gift ${id}`,
    number(count),
    number(diamonds),
  ]);
  return table(t`Gifts`, [t`Gift`, t`Count`, t`Diamonds`], rows, gifts.count - rows.length);
}

function followersOf({ followers: { count, first } }: SessionReport): string {
  if (count === 0) return "";
  const names = first.slice(0, shownFollowers).map((viewer) => `<bdi>${escaped(nameOf(viewer))}</bdi>`);
  const more = count - names.length;
  const shown = more > 0 ? t`${names.join(", ")} and ${number(more)} more` : names.join(", ");
  return `<section><h2>${escaped(t`New followers`)}</h2><p>${shown}</p></section>`;
}

function paymentsOf({ payments }: SessionReport): string {
  if (payments.length === 0) return "";
  const lines = payments.map((sum) => `<p>${escaped(paymentSentence(sum))}</p>`);
  return `<section><h2>${escaped(t`Payments`)}</h2>${lines.join("")}</section>`;
}

function servicesOf({ services }: SessionReport): string {
  const rows = services.map((work) => [
    work.slug,
    number(work.completed),
    number(work.failed),
    number(work.open),
    discardedText(work),
  ]);
  return table(t`What the services did`, [t`Service`, t`Done`, t`Failed`, t`Waiting`, t`Discarded`], rows, 0);
}

/** The first column is text, the others are numbers. Nothing without rows. */
function table(heading: string, headings: string[], rows: string[][], more: number): string {
  if (rows.length === 0) return "";
  const row = (tag: "th" | "td", cells: string[]) =>
    `<tr>${
      cells.map((cell, column) =>
        column === 0
          ? `<${tag}><bdi>${escaped(cell)}</bdi></${tag}>`
          : `<${tag} class="number">${escaped(cell)}</${tag}>`
      ).join("")
    }</tr>`;
  return `<section><h2>${escaped(heading)}</h2><table><thead>${row("th", headings)}</thead><tbody>${
    rows.map((cells) => row("td", cells)).join("")
  }</tbody></table>${more > 0 ? paragraph("note", t`and ${number(more)} more`) : ""}</section>`;
}
