/** The scrolling views that fill the body: one event, one service, one log line, and all keys. */
import { failureText } from "../../../failure.ts";
import { counted, formatNumber, msg, noun, t, translated } from "../../../language.ts";
import type {
  EventDetail,
  ItemLine,
  ReceivedItem,
  ServiceDetail,
  ServiceView,
  StreakDetail,
  SubscriptionLine,
} from "../../../control.ts";
import type { LiveEvent } from "../../../event.ts";
import {
  formatCount,
  formatDuration,
  formatMilliseconds,
  formatPart,
  formatRate,
  formatTime,
} from "../format.ts";
import { agedChannel } from "../channels_pane.ts";
import { layoutOf } from "../room.ts";
import { keyTo, type ScreenState, topView, type View } from "../state.ts";
import { troubleOf } from "../troubles.ts";
import { type Line, phaseSigns, type Style } from "../theme.ts";
import { fit, steady, textWidth, wrap } from "../width.ts";
import type { Pane } from "../../../pane.ts";
import { channelLines } from "./channels.ts";
import { helpLines } from "./help.ts";
import { viewerLines } from "./viewer.ts";
import { logLine } from "./log.ts";
import { formatPercentiles } from "./services.ts";
import { labelWidthOf, paneLine } from "./shown.ts";
import { stepLines } from "./steps.ts";

const labelWidth = 14;
const statusWidth = 14;

/** The number of visible lines below the title. */
export function detailRows(state: ScreenState): number {
  const { headerRows, footerRows } = layoutOf(state);
  return Math.max(1, state.size.rows - headerRows - footerRows - 1);
}

/** The title and the visible part. */
export function detailView(state: ScreenState): Line[] {
  const view = topView(state);
  const lines = detailLines(state);
  const rows = detailRows(state);
  const first = view.kind === "main" ? 0 : Math.max(0, Math.min(view.scroll, lines.length - rows));
  const below = lines.length - first - rows;
  const more = below > 0 ? `━ ${t`${below} more below`} ↓ ` : "";
  const title = `━ ${titleOf(view)} `;
  const rest = state.size.columns - textWidth(steady(title)) - textWidth(more);
  const heading: Line = [
    { text: title, style: "strong" },
    { text: "━".repeat(Math.max(0, rest)) + more, style: "accent" },
  ];
  return [heading, ...lines.slice(first, first + rows)];
}

function titleOf(view: View): string {
  switch (view.kind) {
    case "service":
      return t`Service ${view.slug}`;
    case "event":
      return t`Event ${view.id}`;
    case "channel":
      return t`Channel ${view.line.name}`;
    case "log_line":
      return t`Log`;
    case "help":
      return t`Keys`;
    case "viewer":
      return t`Viewer`;
    case "main":
      return "";
  }
}

/** All lines of the top view, visible or not. */
export function detailLines(state: ScreenState): Line[] {
  const view = topView(state);
  const width = state.size.columns;
  switch (view.kind) {
    case "main":
      return [];
    case "viewer":
      return viewerLines(view.detail, width);
    case "help":
      return helpLines(state, view.text);
    case "log_line":
      return [
        field(t`time`, formatTime(view.line.at)),
        field(t`from`, view.line.from),
        field(t`level`, view.line.level),
        [],
        ...wrapped(view.line.text, width),
      ];
    case "channel":
      return channelLines(agedChannel(state, view), { columns: width, rows: detailRows(state) });
    case "event":
      return view.detail === null ? [[{ text: ` ${t`Loading …`}` }]] : eventLines(view.detail, width);
    case "service": {
      const service = state.snapshot.services.find(({ slug }) => slug === view.slug);
      const facts = service === undefined
        ? [[{ text: ` ${t`The service is no longer in the config.`}`, style: "warning" as const }]]
        : [...factLines(service, state), ...service.panes.flatMap(paneLines)];
      return [
        ...facts,
        ...(view.detail === null ? [[{ text: ` ${t`Loading …`}` }]] : serviceLines(view.detail, width)),
      ];
    }
  }
}

function field(label: string, text: string, style: Style = "plain"): Line {
  return [{ text: ` ${fit(label, labelWidth)} `, style: "accent" }, {
    text: text.replace(/\s+/g, " "),
    style,
  }];
}

function section(title: string): Line[] {
  return [[], [{ text: ` ${title}`, style: "strong" }]];
}

function wrapped(text: string, width: number, style: Style = "plain", indent = 1): Line[] {
  return wrap(text, width - indent - 1).map((line) => [{ text: " ".repeat(indent) + line, style }]);
}

function eventLines({ event, items, streak: whole }: EventDetail, width: number): Line[] {
  if (event === null) return [[{ text: ` ${t`The event is no longer in the database.`}`, style: "warning" }]];
  const { user, streak } = event;
  const roles = user.roles.length > 0 ? ` (${user.roles.join(", ")})` : "";
  return [
    field(t`type`, event.type, "strong"),
    field(t`user`, user.nickname === "" ? t`nobody` : `${user.nickname}  @${user.uniqueId}${roles}`),
    field(t`happened`, formatTime(event.createdAt)),
    field(
      t`received`,
      t`${formatTime(event.receivedAt)}, ${
        formatMilliseconds(Math.max(0, event.receivedAt - event.createdAt))
      } later`,
    ),
    ...(streak === null ? [] : [
      field(
        t`streak`,
        streak.hasEnded
          ? t`${streak.count} so far, ${streak.delta} by this event, ended`
          : t`${streak.count} so far, ${streak.delta} by this event`,
      ),
    ]),
    field(t`source`, t`${event.source}, session ${event.sessionId}, room ${event.roomId || "-"}`),
    ...notesOf(event),
    ...dataLines(event, width),
    ...(whole === null ? receivedLines(items, width) : streakLines(whole, width)),
  ];
}

function receivedLines(items: ReceivedItem[], width: number): Line[] {
  return [
    ...section(items.length === 0 ? t`No service received it` : t`Services that received it`),
    ...items.flatMap((item) => [...itemLines(item, width, item.serviceSlug), ...stepLines(item, width)]),
  ];
}

/** Each event of a streak, with what each service did with it. */
function streakLines({ count, events }: StreakDetail, width: number): Line[] {
  const left = count - events.length;
  const before = left === 0 ? "" : t`, of which the last ${formatNumber(events.length)} are shown`;
  return [
    ...section(t`Its streak: ${counted(count, noun("event"))}${before}`),
    ...events.flatMap(({ id, at, total, added, hasEnded, items }): Line[] => [
      [
        { text: ` ${formatTime(at)} `, style: "accent" },
        { text: ` ×${formatNumber(total)} (+${formatNumber(added)})`, style: "strong" },
        { text: `  ${t`event ${id}`}${hasEnded ? t`, the end` : ""}` },
        { text: items.length === 0 ? `  ${t`no service received it`}` : "" },
      ],
      ...items.flatMap((item) => [...itemLines(item, width, item.serviceSlug), ...stepLines(item, width)]),
    ]),
  ];
}

/** Notes about an unusual event. */
function notesOf(event: LiveEvent): Line[] {
  const notes: [boolean, string, string][] = [
    [event.isTest, t`test`, t`a test event, which does not count in any total`],
    [event.isForeign, t`foreign`, t`from another room within the live; it does not count in any total`],
    [event.isHistory, t`history`, t`it happened before Livecue connected, so no service receives it`],
    [event.causedBy !== null, t`caused by`, t`event ${event.causedBy}`],
  ];
  return notes.filter(([isSo]) => isSo).map(([, label, text]) => field(label, text));
}

function dataLines(event: LiveEvent, width: number): Line[] {
  const json = JSON.stringify(event.data, null, 2);
  return [...section(t`Data`), ...(json === "{}" ? [] : wrapped(json, width))];
}

const statusStyles: Record<ItemLine["status"], { sign: string; word: string; style: Style }> = {
  pending: { sign: "◌", word: msg("pending"), style: "accent" },
  processing: { sign: "●", word: msg("processing"), style: "accent" },
  completed: { sign: "✓", word: msg("completed"), style: "good" },
  failed: { sign: "✗", word: msg("failed"), style: "bad" },
  discarded: { sign: "▽", word: msg("discarded"), style: "warning" },
};

function itemLines(item: ItemLine, width: number, what: string): Line[] {
  const { sign, style, word } = statusStyles[item.status];
  const times = item.startedAt === null
    ? t`queued ${formatTime(item.queuedAt)}`
    : t`waited ${formatMilliseconds(item.startedAt - item.queuedAt)}` +
      (item.finishedAt === null ? "" : t`, took ${formatMilliseconds(item.finishedAt - item.startedAt)}`);
  const tries = item.attempts > 1 ? t`, ${item.attempts} attempts` : "";
  const number = width >= 120 ? t`, item ${item.id}` : "";
  const facts = t`priority ${item.priority}, ${times}${tries}${number}`;
  const room = Math.max(20, width - statusWidth - (width >= 120 ? 56 : 38));
  return [
    [
      { text: ` ${sign} ${fit(translated(word), statusWidth - 4)} `, style },
      { text: `${fit(what, room)}  ${facts}` },
    ],
    ...(item.why === "" ? [] : wrapped(item.why, width, style, 4)),
  ];
}

/** A service's own pane, under its title. */
function paneLines({ title, lines }: Pane): Line[] {
  const width = labelWidthOf(lines);
  return [...section(title), ...lines.map((line): Line => [{ text: "   " }, ...paneLine(line, width)])];
}

function factLines(service: ServiceView, { size: { columns: width }, snapshot }: ScreenState): Line[] {
  const { sign, style, word } = phaseSigns[service.phase];
  const why = service.failure === null ? "" : `: ${failureText(service.failure)}`;
  const trouble = service.failure === null ? troubleOf(service, keyTo("restart", snapshot)) : null;
  return [
    field(t`name`, service.name, "strong"),
    field(t`state`, `${sign} ${translated(word)}${why}`, style),
    ...(trouble === null ? [] : wrapped(`! ${trouble}`, width, "bad", labelWidth + 2)),
    field(
      t`queue`,
      t`${formatCount(service.pending)} pending of at most ${formatCount(service.maxQueueSize)}, ${
        formatCount(service.inFlight)
      } in progress, ${formatRate(service.rate)}`,
    ),
    field(
      t`this run`,
      t`${formatCount(service.completed)} done, ${formatCount(service.failed)} failed, ${
        formatCount(service.discarded)
      } discarded`,
    ),
    field(
      t`times`,
      t`waited ${formatPercentiles(service.wait)}, ran ${formatPercentiles(service.run)} (p50/p95)`,
    ),
    field(
      t`worker`,
      service.upMs === null
        ? t`none`
        : t`up ${formatDuration(service.upMs)}, ${service.restarts} restarts, busy ${
          formatPart(service.busy)
        }`,
    ),
    ...(service.runsOn === null ? [] : [field(t`runs on`, service.runsOn)]),
    ...(service.page === null ? [] : [field(t`help`, service.page)]),
  ];
}

function serviceLines(detail: ServiceDetail, width: number): Line[] {
  const { subscriptions, running, pending, failures, log } = detail;
  return [
    ...section(subscriptions.length === 0 ? t`No subscriptions` : t`Subscriptions`),
    ...subscriptions.map(subscriptionLine),
    ...(running.length === 0 ? [] : section(t`In progress`)),
    ...running.flatMap((item) => [...itemLines(item, width, item.text), ...stepLines(item, width)]),
    ...section(pending.length === 0 ? t`No pending items` : t`Pending items, the next first`),
    ...pending.flatMap((item) => itemLines(item, width, item.text)),
    ...section(
      failures.length === 0 ? t`No failed items in the database` : t`Failed items, the latest first`,
    ),
    ...failures.flatMap((item) => itemLines(item, width, item.text)),
    ...section(log.length === 0 ? t`No log lines` : t`Log`),
    ...log.map((line): Line => [{ text: " " }, ...logLine(line)]),
  ];
}

function subscriptionLine(subscription: SubscriptionLine): Line {
  const { type, isEnabled, priority, isAsync, isDiscardable, streaks, sources } = subscription;
  return [
    { text: ` ${isEnabled ? "●" : "○"} ${fit(type, 20)}`, style: isEnabled ? "good" : "plain" },
    {
      text: ` ${isEnabled ? "" : `${t`off`}, `}${t`priority ${priority}`}, ${isAsync ? t`async` : t`sync`}, `,
    },
    { text: isDiscardable ? t`may be discarded` : t`kept` },
    { text: comesInStreaks(type) ? `, ${translated(streakWords[streaks])}` : "" },
    { text: sources === null ? "" : `, ${t`of ${sources.join(", ")}`}` },
  ];
}

const streakWords = { each: msg("each event of a streak"), final: msg("only the end of a streak") } as const;

/** Only gifts and likes are sent in streaks. "*" may stand for them. */
function comesInStreaks(type: string): boolean {
  return type === "GiftEvent" || type === "LikeEvent" || type === "*";
}
