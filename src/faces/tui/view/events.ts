/** The events pane: the latest lines, or the part that the user scrolled back to. */
import { sourceLabel } from "../../../describe.ts";
import type { TypeChoice } from "../../../event_types.ts";
import type { EventLine, EventPlace } from "../../../event_view.ts";
import { formatNumber, t } from "../../../language.ts";
import { isFiltered, presentPlace } from "../events_pane.ts";
import { formatCount, formatTime } from "../format.ts";
import type { ActionName } from "../../../screen_keys.ts";
import { windowOf } from "../list.ts";
import { layoutOf, linesOf } from "../room.ts";
import { isFirstRun, keysOf, keyTo, type ScreenState, sourceNames } from "../state.ts";
import type { Line, Span, Style } from "../theme.ts";
import { fit, steady, textWidth } from "../width.ts";
import { selectable, titleLine, withScrollBar } from "./pane.ts";

const widestSource = 18;

export function eventsLines(state: ScreenState): Line[] {
  const { columns } = layoutOf(state).panes.events;
  const isFocused = state.focus === "events";
  const title = titleLine({ number: 1, name: t`Events`, notes: eventNotes(state), isFocused }, columns);
  if (state.past === null && isFirstRun(state)) return [title, ...welcomeLines(state)];
  if (state.events.lines.length === 0) return [title, [{ text: `  ${whyEmpty(state)}` }]];
  const rows = linesOf(state, "events");
  const { first, selected } = windowOf(keysOf(state, "events"), state.eventCursor, rows);
  const names = sourceNames(state);
  const width = Math.min(
    widestSource,
    Math.max(0, ...names.map((name) => textWidth(steady(sourceLabel(name))))),
  );
  const lines = state.events.lines.slice(first, first + rows).map((line, index) =>
    selectable([
      { text: `${formatTime(line.at)} `, style: "accent" },
      { text: names.length > 1 ? `${fit(sourceLabel(line.source), width)}  ` : "", style: "strong" },
      { text: line.text, style: styleOf(line) },
      { text: line.diamonds > 0 ? `  💎 ${formatCount(line.diamonds)}` : "", style: "accent" },
    ], { isSelected: first + index === selected, isFocused })
  );
  const place = presentPlace(state) ?? state.eventPlace.found;
  if (place === null) return [title, ...lines];
  return [title, ...withScrollBar(lines, { place: partOf(place), count: place.count })];
}

/** Where the cursor is, from 0 to 1. */
function partOf({ first, last, count }: EventPlace): number {
  return last === count || count < 2 ? 1 : (first - 1) / (count - 1);
}

/** What somebody paid for stands out, and who stays: gifts, subscriptions and payments, and then followers. */
const stylesByType: Record<string, Style> = {
  GiftEvent: "strong",
  SubscribeEvent: "good",
  DonationEvent: "good",
  MembershipEvent: "good",
  OrderEvent: "good",
  FollowEvent: "accent",
};

function styleOf({ isTest, type }: EventLine): Style {
  return isTest ? "warning" : stylesByType[type] ?? "plain";
}

function eventNotes(state: ScreenState): Span[] {
  const { source, types, text } = state.eventFilter;
  const notes: Span[] = [];
  const place = presentPlace(state);
  if (place !== null) notes.push({ text: placeText(place) });
  if (source !== null) notes.push({ text: t`only from ${sourceLabel(source)}`, style: "warning" });
  else if (sourceNames(state).length > 1) notes.push({ text: t`from all sources` });
  if (types !== null) {
    notes.push({ text: typesNote(types), style: "warning" });
  }
  if (text !== "") notes.push({ text: t`with “${text}”`, style: "warning" });
  if (state.past !== null) return notes;
  if (state.eventCursor.key !== null) {
    const loading = state.events.isLoading ? `, ${t`loading …`}` : "";
    notes.push({
      text: t`scrolled back, ${keyTo("bottom", state.snapshot)} to follow` + loading,
      style: "warning",
    });
  } else if (state.events.lines.length > 0) notes.push({ text: t`following`, style: "good" });
  return notes;
}

function typesNote({ types, isAllBut }: TypeChoice): string {
  const names = types.join(", ");
  return isAllBut ? t`all but ${names}` : t`only ${names}`;
}

/** "event 312 of 26,004", and both ends of a streak. */
function placeText({ first, last, count }: EventPlace): string {
  const [from, to, all] = [first, last, count].map(formatNumber);
  return first === last ? t`event ${from} of ${all}` : t`events ${from}–${to} of ${all}`;
}

function whyEmpty(state: ScreenState): string {
  if (state.events.isLoading) return t`Loading …`;
  if (isFiltered(state)) {
    return state.past !== null
      ? t`No event of this session matches the filter. Press ${keyTo("back", state.snapshot)} to show all.`
      : t`No event of this live matches the filter. Press ${keyTo("back", state.snapshot)} to show all.`;
  }
  return state.snapshot.sources.some(({ connection }) => connection.phase === "live")
    ? t`Nothing has happened yet.`
    : t`No events yet.`;
}

function welcomeLines(state: ScreenState): Line[] {
  const key = (action: ActionName) => keyTo(action, state.snapshot);
  const lines: Line[] = [
    [{ text: `  ${t`Welcome to Livecue.`}`, style: "strong" }],
    [{ text: `  ${t`It captures a TikTok live and passes its events to your services.`}` }],
    [],
    [{
      text: `  ${t`Press ${key("change_user")} and enter the TikTok user whose live you want to capture.`}`,
    }],
    [{ text: `  ${t`Press ${key("demo")} to try it with a demo first.`}` }],
    [{ text: `  ${t`Press ${key("help")} for all keys, ${key("quit")} to quit.`}` }],
  ];
  const rows = linesOf(state, "events");
  return rows > 10 ? [[], ...lines] : lines;
}
