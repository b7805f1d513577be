/** The durable steps of an item, one line each, below the item's line. */
import { counted, msg, noun, t, translated } from "../../../language.ts";
import { sentenceOf } from "../../../failure.ts";
import type { ReceivedItem, StepLine } from "../../../control.ts";
import { formatMilliseconds, formatUntil } from "../format.ts";
import { bar, type Line, type Span, type Style } from "../theme.ts";
import { fit, steady, textWidth, wrap } from "../width.ts";

const indent = 4;
const barWidth = 8;

const statusStyles: Record<StepLine["status"], { sign: string; word: string; style: Style }> = {
  running: { sign: "●", word: msg("running"), style: "accent" },
  waiting: { sign: "◌", word: msg("waiting"), style: "accent" },
  completed: { sign: "✓", word: msg("completed"), style: "good" },
  failed: { sign: "✗", word: msg("failed"), style: "bad" },
};

export function stepLines({ steps, status }: ReceivedItem, width: number): Line[] {
  const longest = Math.max(0, ...steps.map(({ name }) => textWidth(steady(name))));
  const nameWidth = Math.min(longest, Math.max(12, Math.floor(width * 0.35)));
  const isOpen = status === "pending" || status === "processing";
  return steps.flatMap((step) => linesOf(step, { nameWidth, width, isOpen }));
}

interface Place {
  nameWidth: number;
  width: number;
  /** Its item has not ended. */
  isOpen: boolean;
}

function linesOf(step: StepLine, { nameWidth, width, isOpen }: Place): Line[] {
  const { name, status, attempts, durationMs, progress, why } = step;
  const { sign, style } = statusStyles[status];
  const tries = counted(attempts, noun("try", "tries"));
  const took = durationMs === null ? "" : formatMilliseconds(durationMs);
  const head: Line = [
    { text: `${" ".repeat(indent)}${sign} `, style },
    { text: `${fit(name, nameWidth)}  ${fit(took, 6, "right")}  ${fit(tries, 8)}  ` },
    goesOn(step, isOpen),
  ];
  const text = steady(progress?.text ?? "");
  const used = head.reduce((sum, span) => sum + textWidth(steady(span.text)), 1);
  const fits = used + textWidth(text) < width;
  if (fits && text !== "") head.push({ text: ` ${text}`, style: "accent" });
  return [
    head,
    ...(fits ? [] : below(text, "accent", width)),
    ...below(sentenceOf(why), errorStyles[status], width),
  ];
}

function below(text: string, style: Style, width: number): Line[] {
  return wrap(text, width - indent - 3).filter((line) => line !== "")
    .map((line): Line => [{ text: " ".repeat(indent + 2) + line, style }]);
}

/** An error of a step that goes on is not the end. */
const errorStyles: Record<StepLine["status"], Style> = {
  running: "warning",
  waiting: "warning",
  completed: "plain",
  failed: "bad",
};

function goesOn({ status, progress, inMs }: StepLine, isOpen: boolean): Span {
  if (progress !== null) {
    const percent = `${Math.floor(progress.fraction * 100)}%`.padStart(4);
    return { text: `${bar(progress.fraction, barWidth)} ${percent}`, style: "accent" };
  }
  if (!isOpen && status === "waiting") return { text: t`did not end`, style: "warning" };
  if (status !== "waiting") {
    return { text: translated(statusStyles[status].word), style: statusStyles[status].style };
  }
  return { text: inMs === null ? t`waits` : t`waits, goes on ${formatUntil(inMs)}`, style: "accent" };
}
