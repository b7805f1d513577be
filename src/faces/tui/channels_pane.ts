/**
 * The channels pane and the open channel: a part of the reducer, and pure as well. The screen only has the lines that
 * the pane shows, and asks for others as the user scrolls, so that thousands of channels cost no more than a few.
 */
import type { ChannelLine, ChartSpan } from "../../channel_view.ts";
import type { ChannelDetail, ChannelsPage, Query, Snapshot } from "../../control.ts";
import type { Move } from "./list.ts";
import { agedLine, type ChannelView, emptyChannelList } from "./channel_list.ts";
import { linesOf } from "./room.ts";
import { hasLines, moved, selectedLine, withPage } from "./windowed_list.ts";
import { only, type ScreenState, type Step, topView } from "./state.ts";

/** How old values may become while readings come. */
const flowingAgeMs = 1_000;
/** How old they may become otherwise. */
const quietAgeMs = 10_000;
/** Readings are stored within this time. */
const storedWithinMs = 3_000;

/** How old the chart of a span may become. */
const chartAgeMs: Record<ChartSpan, number> = { hour: 1_000, day: 15_000, week: 60_000 };

/** The width of a chart without its labels, in dots; a chart need not have more points. */
const dotsPerColumn = 2;

export function selectedChannel({ channels }: ScreenState): ChannelLine | null {
  return selectedLine(channels);
}

export function channelRows(state: ScreenState): number {
  return Math.max(1, linesOf(state, "channels"));
}

export function moveInChannels(state: ScreenState, move: Move): Step {
  const rows = channelRows(state);
  const next = { ...state, channels: moved(state.channels, move, rows) };
  return hasLines(next.channels, rows) ? only(next) : askChannels(next);
}

export function filterChannels(state: ScreenState, text: string): Step {
  if (text === state.channels.text) return only(state);
  return askChannels({ ...state, channels: { ...emptyChannelList, text } });
}

function askChannels(state: ScreenState): Step {
  const { text, first } = state.channels;
  const query: Query = { kind: "channels", text, first, limit: channelRows(state) };
  const channels = { ...state.channels, askedMs: state.snapshot.takenMs };
  return only({ ...state, channels }, { kind: "query", query, asked: 0 });
}

export function withChannels(
  state: ScreenState,
  query: Query & { kind: "channels" },
  page: ChannelsPage,
): Step {
  const { channels } = state;
  if (query.text !== channels.text) return only(state);
  const next = withPage(channels, { from: query.first, count: page.count, lines: page.lines });
  return only({ ...state, channels: next });
}

/** Reads what the pane or the chart shows again, if it is visible and old. */
export function refreshChannels(state: ScreenState): Step {
  const { snapshot, channels } = state;
  const view = topView(state);
  if (!snapshot.hasChannels) return only(state);
  if (view.kind === "channel") {
    const isOld = view.detail !== null &&
      snapshot.takenMs - view.askedMs >= ageLimit(snapshot, chartAgeMs[view.span]);
    return isOld ? askChannel(state, view) : only(state);
  }
  if (view.kind !== "main" || linesOf(state, "channels") === 0) return only(state);
  const isOld = snapshot.takenMs - channels.askedMs >= ageLimit(snapshot, flowingAgeMs);
  return isOld || (channels.count !== null && !hasLines(channels, channelRows(state)) && !isAsked(state))
    ? askChannels(state)
    : only(state);
}

/** A moment ago, so that the answer is on its way. */
function isAsked({ snapshot, channels }: ScreenState): boolean {
  return snapshot.takenMs - channels.askedMs < flowingAgeMs;
}

function ageLimit({ sources }: Snapshot, whileFlowing: number): number {
  const flows = sources.some(({ readings }) => readings !== null && readings.sinceMs < storedWithinMs);
  return flows ? whileFlowing : quietAgeMs;
}

export function agedChannel({ snapshot }: ScreenState, view: ChannelView): ChannelView {
  return { ...view, line: agedLine(view.line, snapshot.takenMs - view.askedMs) };
}

export function openChannel(state: ScreenState): Step {
  const line = selectedChannel(state);
  if (line === null) return only(state);
  const view: ChannelView = { kind: "channel", line, span: "hour", detail: null, scroll: 0, askedMs: 0 };
  return askChannel({ ...state, views: [...state.views, view] }, view);
}

export function showSpan(state: ScreenState, span: ChartSpan): Step {
  const view = topView(state);
  if (view.kind !== "channel" || view.span === span) return only(state);
  return askChannel(state, { ...view, span, detail: null });
}

function askChannel(state: ScreenState, view: ChannelView): Step {
  const { source, item } = view.line;
  const points = state.size.columns * dotsPerColumn;
  const query: Query = { kind: "channel", source, item, span: view.span, points };
  const asked = { ...view, askedMs: state.snapshot.takenMs };
  return only({ ...state, views: [...state.views.slice(0, -1), asked] }, { kind: "query", query, asked: 0 });
}

export function withChannel(
  state: ScreenState,
  query: Query & { kind: "channel" },
  detail: ChannelDetail,
): Step {
  const views = state.views.map((view) => {
    const isOfIt = view.kind === "channel" && view.span === query.span && view.line.source === query.source &&
      view.line.item === query.item;
    return isOfIt ? { ...view, detail, line: detail.line ?? view.line } : view;
  });
  return only({ ...state, views });
}
