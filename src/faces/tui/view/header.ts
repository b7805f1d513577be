/** The top lines: who is live, for how long, and the counts; below them, banners for what needs attention. */
import type { PlaybackView } from "../../../playback.ts";
import type { ConnectionView, ReadingsView, Snapshot, SourceView } from "../../../control.ts";
import { sourceLabel } from "../../../describe.ts";
import { counted as countedAs, msg, noun, t, translated } from "../../../language.ts";
import { noTotals } from "../../../live.ts";
import { formatCount, formatDuration, formatMilliseconds, formatRate, formatUntil } from "../format.ts";
import { sourceRows } from "../layout.ts";
import { bannerLines } from "../room.ts";
import { keyTo, lacksUser, type ScreenState } from "../state.ts";
import { pastHeader } from "./past_session.ts";
import { troubleCount } from "../troubles.ts";
import { bar, type Line, type Span, sparkline, type Style } from "../theme.ts";
import { fit, steady, textWidth } from "../width.ts";

/** The seconds over which the header's rate is averaged, because single values vary too much. */
const rateSeconds = 5;
const widestName = 18;

export function headerLines(state: ScreenState): Line[] {
  const { snapshot, size } = state;
  const { sources } = snapshot;
  const banners = bannerLines(state).map(({ text, isError, isMore }): Line => [
    { text: isMore ? "   " : isError ? " ! " : " ◌ ", style: isError ? "bad" : "warning" },
    { text, style: isError ? "bad" : "warning" },
  ]);
  if (state.past !== null) return [...pastHeader(state, state.past, liveSpans(snapshot)), ...banners];
  const name: Span = { text: " Livecue  ", style: "strong" };
  const troubles = troubleSpans(snapshot, size.columns);
  if (sources.length < 2) {
    return [[name, ...connectionSpans(snapshot)], countsLine(snapshot, size.columns, troubles), ...banners];
  }
  const first = [name, ...troubles, ...phaseSpans(snapshot, sources)];
  const rows = sourceRows(sources.length, size);
  return [
    [...first, ...rateSpans(snapshot, widthOf(first), size.columns)],
    ...sourceLines(state, rows),
    ...banners,
  ];
}

/** What the live does while a past session is shown. */
function liveSpans(snapshot: Snapshot): Line {
  const rate = snapshot.rates.slice(-rateSeconds);
  const perSecond = rate.reduce((sum, value) => sum + value, 0) / Math.max(1, rate.length);
  return [
    { text: t`now: ` },
    ...phaseSpans(snapshot, snapshot.sources),
    { text: t`${formatRate(perSecond)} events  ` },
    ...troubleSpans(snapshot, 80),
  ];
}

/** How much is wrong now: the rows below say what. */
function troubleSpans(snapshot: Snapshot, columns: number): Span[] {
  const count = troubleCount(snapshot);
  return count === 0
    ? []
    : [{ text: ` ! ${count}${columns < 100 ? "" : ` ${t`in trouble`}`} `, style: "bad" }];
}

function connectionSpans(snapshot: Snapshot): Span[] {
  const [source] = snapshot.sources;
  if (source === undefined || lacksUser(snapshot, source)) {
    return [{ text: `○ ${t`not connected`}`, style: "warning" }];
  }
  const { connection, name, playback } = source;
  const who = "username" in connection && connection.username !== ""
    ? `@${connection.username}`
    : sourceLabel(name);
  const user: Span = { text: who, style: "strong" };
  const gap: Span = { text: "  " };
  if (playback !== null) return [...playbackSpans(playback, connection, keyTo("quit", snapshot)), gap, user];
  switch (connection.phase) {
    case "idle":
      return [{ text: `◌ ${t`starting …`}`, style: "accent" }];
    case "looking_up":
      return [user, gap, { text: `◌ ${t`looking for the live …`}`, style: "accent" }];
    case "connecting":
      return [user, gap, { text: `◌ ${t`connecting …`}`, style: "accent" }];
    case "listening":
      return [user, gap, { text: `● ${t`listening`}`, style: "good" }, { text: `  ${connection.title}` }];
    case "live":
      return [
        user,
        gap,
        { text: `● ${t`live ${formatDuration(connection.forMs)}`}`, style: "good" },
        { text: connection.title === "" ? "" : `  ${connection.title}` },
      ];
    case "waiting":
      return [
        { text: `◌ ${t`waiting for ${who} to go live`}`, style: "accent" },
        { text: `, ${t`next check ${formatUntil(connection.inMs)}`}. ${connection.why}` },
      ];
    case "reconnecting":
      return [
        user,
        gap,
        {
          text: `↻ ${t`reconnecting ${formatUntil(connection.inMs)}, attempt ${connection.attempt}`}`,
          style: "warning",
        },
        { text: `. ${connection.why}` },
      ];
    case "ended":
      return [user, gap, { text: `○ ${t`ended`}`, style: "warning" }, { text: `. ${connection.why}` }];
  }
}

const playbackBar = 12;

/** "▶ replay live.jsonl ×4  1:02 of 21:40 █░░░  ends in 5:10"; at the end, what was. */
function playbackSpans(playback: PlaybackView, connection: ConnectionView, quitKey: string): Span[] {
  const { file, speed, isPaused, hasEnded, positionMs, lengthMs } = playback;
  const name: Span = { text: file.split(/[/\\]/).at(-1) ?? file, style: "strong" };
  if (hasEnded || connection.phase === "ended") {
    const why = "why" in connection ? connection.why : t`The recording ended.`;
    return [{ text: `■ ${t`replay of`} `, style: "warning" }, name, {
      text: `  ${t`ended after ${formatDuration(positionMs)}.`} ${why} ${t`${quitKey} quits.`}`,
    }];
  }
  const position = formatDuration(positionMs);
  const length = lengthMs === null ? position : t`${position} of ${formatDuration(lengthMs)}`;
  const part = lengthMs === null || lengthMs === 0 ? null : positionMs / lengthMs;
  const left = lengthMs === null || speed === "max" || isPaused ? null : (lengthMs - positionMs) / speed;
  return [
    isPaused
      ? { text: `= ${t`replay paused`}  `, style: "warning" }
      : { text: `▶ ${t`replay`}  `, style: "accent" },
    name,
    { text: `  ${speed === "max" ? t`full speed` : `×${speed}`}  `, style: "strong" },
    { text: `${length} ` },
    { text: part === null ? "" : `${bar(Math.min(1, part), playbackBar)} `, style: "accent" },
    { text: left === null ? "" : ` ${t`ends in ${formatDuration(Math.max(0, left))}`}` },
  ];
}

function widthOf(spans: Line): number {
  return spans.reduce((sum, { text }) => sum + textWidth(steady(text)), 0);
}

/** What the header counts: "1,204 viewers". */
const nouns = {
  viewers: noun("viewer"),
  likes: noun("like"),
  diamonds: noun("diamond"),
  follows: noun("follow"),
  events: noun("event"),
  readings: noun("reading"),
};

function counted(count: number | null, of: keyof typeof nouns): string {
  return countedAs(count ?? 0, nouns[of], count === null ? "-" : formatCount(count));
}

function countsLine(snapshot: Snapshot, columns: number, troubles: Line): Line {
  const [source] = snapshot.sources;
  if (source !== undefined && source.readings !== null) {
    const text = ` ${counted(source.readings.count, "readings")}  ${readingsOf(source.readings)}`;
    const span: Span = { text, style: "strong" };
    const line = [span, { text: " " }, ...troubles];
    return [...line, ...rateSpans(snapshot, widthOf(line), columns)];
  }
  const totals = source?.totals ?? noTotals();
  const counts: [number | null, keyof typeof nouns][] = [
    [source?.viewers ?? null, "viewers"],
    [totals.likes, "likes"],
    [totals.diamonds, "diamonds"],
    [totals.follows, "follows"],
  ];
  const spans = counts.flatMap(([count, name]): Span[] => {
    const [number = "", ...words] = counted(count, name).split(" ");
    return [{ text: ` ${number}`, style: "strong" }, { text: ` ${words.join(" ")}  ` }];
  });
  const line = [...spans, ...troubles];
  return [...line, ...rateSpans(snapshot, widthOf(line), columns)];
}

/** "70.0/s, last 0.4 s ago". */
function readingsOf({ perSecond, sinceMs }: ReadingsView): string {
  return t`${formatRate(perSecond)}, last ${formatMilliseconds(sinceMs)} ago`;
}

/** Events per second, now and recently, at the right of a line in which `used` columns are taken. */
function rateSpans({ rates }: Snapshot, used: number, columns: number): Line {
  const latest = rates.slice(-rateSeconds);
  const rate = latest.length === 0 ? 0 : latest.reduce((sum, value) => sum + value, 0) / latest.length;
  const perSecond = formatRate(rate);
  const text = `${columns < 100 ? perSecond : t`${perSecond.replace("/s", "")} events/s`} `;
  const room = Math.min(90, columns - used - text.length - 2);
  const curve = sparkline(rates, Math.max(0, room));
  const blanks = " ".repeat(Math.max(1, columns - used - text.length - curve.length - 1));
  return [{ text: blanks }, { text, style: "strong" }, { text: curve, style: "accent" }];
}

/** The sign and the word for each phase. */
export const phases: Record<ConnectionView["phase"], { sign: string; word: string; style: Style }> = {
  idle: { sign: "◌", word: msg("starting"), style: "accent" },
  looking_up: { sign: "◌", word: msg("looking"), style: "accent" },
  connecting: { sign: "◌", word: msg("connecting"), style: "accent" },
  listening: { sign: "●", word: msg("listening"), style: "good" },
  live: { sign: "●", word: msg("live"), style: "good" },
  waiting: { sign: "◌", word: msg("waiting"), style: "accent" },
  reconnecting: { sign: "↻", word: msg("reconnecting"), style: "warning" },
  ended: { sign: "○", word: msg("ended"), style: "warning" },
};
const noUser: { sign: string; word: string; style: Style } = {
  sign: "○",
  word: msg("no user"),
  style: "warning",
};

function phaseOf(snapshot: Snapshot, source: SourceView): typeof noUser {
  return lacksUser(snapshot, source) ? noUser : phases[source.connection.phase];
}

/** "● 2 live  ↻ 1 reconnecting". */
function phaseSpans(snapshot: Snapshot, sources: readonly SourceView[]): Span[] {
  const counts = new Map<typeof noUser, number>();
  for (const source of sources) {
    const phase = phaseOf(snapshot, source);
    counts.set(phase, (counts.get(phase) ?? 0) + 1);
  }
  return [...counts].map(([{ sign, word, style }, count]) => ({
    text: `${sign} ${count} ${translated(word)}  `,
    style,
  }));
}

/** A line for each source. If they do not all fit, the last line counts the rest. */
function sourceLines({ snapshot, eventFilter }: ScreenState, rows: number): Line[] {
  const { sources } = snapshot;
  const shown = sources.length > rows ? sources.slice(0, rows - 1) : sources;
  const width = Math.min(
    widestName,
    Math.max(...shown.map(({ name }) => textWidth(steady(sourceLabel(name))))),
  );
  const lines = shown.map((source, index): Line => [
    { text: eventFilter.source === source.name ? "›" : " " },
    { text: `${fit(sourceLabel(source.name), width)}  `, style: "strong" },
    stateSpan(snapshot, source),
    ...sourceSpans(source, sources.slice(0, index)),
  ]);
  const rest = sources.slice(shown.length);
  return rest.length === 0
    ? lines
    : [...lines, [{ text: ` ${t`and ${rest.length} more:`} ` }, ...phaseSpans(snapshot, rest)]];
}

const stateWidth = 15;
/** The widths of viewers, likes and diamonds. */
const countWidths = [13, 12, 16] as const;

function stateSpan(snapshot: Snapshot, source: SourceView): Span {
  const { sign, word, style } = phaseOf(snapshot, source);
  return {
    text: `${fit(`${sign} ${shortState(source.connection) ?? translated(word)}`, stateWidth)} `,
    style,
  };
}

function sourceSpans(source: SourceView, earlier: readonly SourceView[]): Span[] {
  return [
    { text: countsOf(source, earlier) },
    { text: source.user ? `  @${source.user}` : "", style: "accent" },
    { text: `  ${noteOf(source.connection)}` },
  ];
}

/** The phase with its duration; null if the phase's word is enough. */
function shortState(connection: ConnectionView): string | null {
  switch (connection.phase) {
    case "live":
      return t`live ${formatDuration(connection.forMs)}`;
    case "reconnecting":
      return t`again ${formatUntil(connection.inMs)}`;
    default:
      return null;
  }
}

/**
 * A source of readings shows their rate and the age of the last one. A source that only receives calls, or whose events
 * belong to another source's live, only shows its own event count.
 */
function countsOf(source: SourceView, earlier: readonly SourceView[]): string {
  const { connection, liveId, viewers, totals, storedCount, readings } = source;
  if (readings !== null) return readingsOf(readings);
  const [ofViewers, ofLikes, ofDiamonds] = countWidths;
  const isGuest = liveId !== null && earlier.some((other) => other.liveId === liveId);
  if (isGuest || connection.phase === "listening") {
    return fit(counted(storedCount, "events"), ofViewers, "right");
  }
  return fit(counted(viewers, "viewers"), ofViewers, "right") +
    fit(counted(totals.likes, "likes"), ofLikes, "right") +
    fit(counted(totals.diamonds, "diamonds"), ofDiamonds, "right");
}

function noteOf(connection: ConnectionView): string {
  switch (connection.phase) {
    case "live":
    case "listening":
      return connection.title;
    case "waiting":
      return `${t`next check ${formatUntil(connection.inMs)}`}. ${connection.why}`;
    case "reconnecting":
      return `${t`attempt ${connection.attempt}`}. ${connection.why}`;
    case "ended":
      return connection.why;
    case "idle":
    case "looking_up":
    case "connecting":
      return "";
  }
}
