/** The top lines: who is live, since when, and how it goes; below them what needs attention. */
import type { Snapshot } from "../../../control.ts";
import { formatCount, formatDuration, formatRate, formatUntil } from "../format.ts";
import { bannerLines, type ScreenState } from "../state.ts";
import { type Line, type Span, sparkline } from "../theme.ts";
import { steady, textWidth } from "../width.ts";

/** Seconds over which the header's rate is taken: one alone jumps about. */
const rateSeconds = 5;

export function headerLines(state: ScreenState): Line[] {
  const { snapshot, size } = state;
  const banners = bannerLines(state).map(({ text, isError }): Line => [
    { text: isError ? " ! " : " ◌ ", style: isError ? "bad" : "warning" },
    { text, style: isError ? "bad" : "warning" },
  ]);
  const first: Line = [
    { text: " Livecue  ", style: "strong" },
    ...connectionSpans(snapshot),
  ];
  return [first, countsLine(state, size.columns), ...banners];
}

function connectionSpans({ connection, hasSource, at: now }: Snapshot): Span[] {
  if (connection.phase === "idle") {
    return [
      hasSource ? { text: "◌ starting …", style: "accent" } : { text: "○ not connected", style: "warning" },
    ];
  }
  const user: Span = { text: `@${connection.username}`, style: "strong" };
  const gap: Span = { text: "  " };
  switch (connection.phase) {
    case "looking_up":
      return [user, gap, { text: "◌ looking for the live …", style: "accent" }];
    case "connecting":
      return [user, gap, { text: "◌ connecting …", style: "accent" }];
    case "live":
      return [
        user,
        gap,
        { text: `● live ${formatDuration(now - connection.since)}`, style: "good" },
        { text: connection.title === "" ? "" : `  ${connection.title}` },
      ];
    case "waiting":
      return [
        { text: `◌ waiting for @${connection.username} to go live`, style: "accent" },
        { text: `, next look ${formatUntil(connection.nextAt, now)}. ${connection.why}` },
      ];
    case "reconnecting":
      return [
        user,
        gap,
        {
          text: `↻ reconnecting ${formatUntil(connection.nextAt, now)}, attempt ${connection.attempt}`,
          style: "warning",
        },
        { text: `. ${connection.why}` },
      ];
    case "ended":
      return [user, gap, { text: "○ ended", style: "warning" }, { text: `. ${connection.why}` }];
  }
}

function countsLine({ snapshot }: ScreenState, columns: number): Line {
  const { totals, rates, viewers } = snapshot;
  const counts: [number | null, string][] = [
    [viewers, "viewer"],
    [totals.likes, "like"],
    [totals.diamonds, "diamond"],
    [totals.follows, "new follower"],
  ];
  const spans = counts.flatMap(([count, name]): Span[] => [
    { text: ` ${count === null ? "-" : formatCount(count)}`, style: "strong" },
    { text: ` ${name}${count === 1 ? "" : "s"}  ` },
  ]);
  const latest = rates.slice(-rateSeconds);
  const rate = latest.length === 0 ? 0 : latest.reduce((sum, value) => sum + value, 0) / latest.length;
  const unit = columns >= 100 ? " events" : "";
  const text = `${formatRate(rate).replace("/s", "")}${unit}/s `;
  const used = spans.reduce((sum, span) => sum + textWidth(steady(span.text)), 0);
  const room = Math.min(90, columns - used - text.length - 2);
  const curve = sparkline(rates, Math.max(0, room));
  const blanks = " ".repeat(Math.max(1, columns - used - text.length - curve.length - 1));
  return [...spans, { text: blanks }, { text, style: "strong" }, { text: curve, style: "accent" }];
}
