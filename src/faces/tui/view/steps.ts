/** The durable steps of an item, one line each, below the item's line. */
import { sentenceOf } from "../../../failure.ts";
import type { StepLine } from "../../../control.ts";
import { formatMilliseconds, formatUntil } from "../format.ts";
import { bar, type Line, type Span, type Style } from "../theme.ts";
import { fit, steady, textWidth, wrap } from "../width.ts";

const indent = 4;
const barWidth = 8;

const statusStyles: Record<StepLine["status"], { sign: string; style: Style }> = {
  running: { sign: "●", style: "accent" },
  waiting: { sign: "◌", style: "accent" },
  completed: { sign: "✓", style: "good" },
  failed: { sign: "✗", style: "bad" },
};

export function stepLines(steps: readonly StepLine[], width: number): Line[] {
  const longest = Math.max(0, ...steps.map(({ name }) => textWidth(steady(name))));
  const nameWidth = Math.min(longest, Math.max(12, Math.floor(width * 0.35)));
  return steps.flatMap((step) => linesOf(step, nameWidth, width));
}

function linesOf(step: StepLine, nameWidth: number, width: number): Line[] {
  const { name, status, attempts, durationMs, why } = step;
  const { sign, style } = statusStyles[status];
  const tries = attempts === 1 ? "" : `${attempts} tries`;
  const took = durationMs === null ? "" : formatMilliseconds(durationMs);
  return [
    [
      { text: `${" ".repeat(indent)}${sign} `, style },
      { text: `${fit(name, nameWidth)}  ${fit(took, 6, "right")}  ${fit(tries, 8)}  ` },
      goesOn(step),
    ],
    ...wrap(sentenceOf(why), width - indent - 3).filter((line) => line !== "")
      .map((line): Line => [{ text: " ".repeat(indent + 2) + line, style: errorStyles[status] }]),
  ];
}

/** An error of a step that goes on is not the end. */
const errorStyles: Record<StepLine["status"], Style> = {
  running: "warning",
  waiting: "warning",
  completed: "plain",
  failed: "bad",
};

function goesOn({ status, progress, inMs }: StepLine): Span {
  if (progress !== null) {
    const percent = `${Math.floor(progress.fraction * 100)}%`.padStart(4);
    return { text: `${bar(progress.fraction, barWidth)} ${percent} ${progress.text}`, style: "accent" };
  }
  if (status !== "waiting") return { text: status, style: statusStyles[status].style };
  return { text: inMs === null ? "waits" : `waits, goes on ${formatUntil(inMs)}`, style: "accent" };
}
