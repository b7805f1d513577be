/** The rows above the keys: the status, or the dialog. Their number decides how much room the panes have. */
import { t } from "../../../language.ts";
import { chosenUser, type Dialog, keyTo, type LineDialog, type ScreenState, sourceNames } from "../state.ts";
import { fieldsOf, type FormField, shownField } from "../test_form.ts";
import type { Line, Span, Style } from "../theme.ts";
import { steady, textWidth, truncate, wrap } from "../width.ts";

const tones: Record<NonNullable<ScreenState["status"]>["tone"], { sign: string; style: Style }> = {
  done: { sign: "✓", style: "good" },
  error: { sign: "✗", style: "bad" },
  note: { sign: "·", style: "warning" },
};

/** A sentence that is longer is cut: it is in the log, or in a file. */
const maxRows = 3;

export function messageLines(state: ScreenState): Line[] {
  const { dialog, status, size } = state;
  if (dialog !== null) return dialogLines(dialog, state);
  return statusLines(status, size.columns);
}

/** The status on a rule, or the rule alone. */
export function statusLines(status: ScreenState["status"], columns: number): Line[] {
  const rule = (used: number): Span => ({ text: "─".repeat(Math.max(0, columns - used)) });
  if (status === null) return [[rule(0)]];
  const { sign, style } = tones[status.tone];
  const lines = sentenceLines(sign, { text: status.text, style }, columns);
  const last: Line = [...lines.at(-1) as Line, { text: " " }];
  return [...lines.slice(0, -1), [...last, rule(last.reduce((sum, { text }) => sum + textWidth(text), 0))]];
}

/** A sentence after a sign, on as many rows as it needs. */
function sentenceLines(sign: string, { text, style = "plain" }: Span, columns: number): Line[] {
  const rows = wrap(text.replace(/\s+/g, " "), columns - 5, maxRows + 1);
  const shown = rows.slice(0, maxRows);
  if (rows.length > maxRows) shown[maxRows - 1] = truncate(`${shown[maxRows - 1]} …`, columns - 5);
  return shown.map((row, index) => [{ text: ` ${index === 0 ? sign : " "} ${row}`, style }]);
}

function dialogLines(dialog: Dialog, state: ScreenState): Line[] {
  const { columns } = state.size;
  switch (dialog.kind) {
    case "username": {
      const isOneOfSeveral = state.snapshot.switchable.length > 1;
      const prompt = isOneOfSeveral
        ? t`In ‹ ${truncate(steady(dialog.source ?? ""), 24)} › capture the live of @`
        : t`Capture the live of @`;
      return [
        ...(dialog.why === "" ? [] : sentenceLines("✗", { text: dialog.why, style: "bad" }, columns)),
        ...lastUsers(state),
        promptLine(prompt, dialog.text, columns),
      ];
    }
    case "filter":
      return [
        promptLine(filterPrompts[dialog.pane](), dialog.text, columns),
      ];
    case "line":
      return [
        ...(dialog.why === "" ? [] : sentenceLines("✗", { text: dialog.why, style: "bad" }, columns)),
        promptLine(linePrompts[dialog.asks](), dialog.text, columns),
      ];
    case "confirm":
      return sentenceLines("?", {
        text: `${dialog.question} ${keyTo("yes", state.snapshot)}/${keyTo("no", state.snapshot)}`,
        style: "strong",
      }, columns);
    case "form":
      return formLines(state);
  }
}

/** "Last: ana.live  ben". The one in the field stands out. */
function lastUsers(state: ScreenState): Line[] {
  const { recentUsers } = state.snapshot;
  if (recentUsers.length === 0) return [];
  const chosen = chosenUser(state);
  return [[
    { text: ` ${t`Last:`}`, style: "strong" },
    ...recentUsers.map((name): Span => ({
      text: name === chosen ? ` ▸${name}` : `  ${name}`,
      style: name === chosen ? "accent" : "plain",
    })),
  ]];
}

const filterPrompts: Record<(Dialog & { kind: "filter" })["pane"], () => string> = {
  events: () => t`Show only events with: `,
  log: () => t`Show only log lines with: `,
  channels: () => t`Show only channels with: `,
  gifts: () => t`Show only gifts with: `,
};

const linePrompts: Record<LineDialog["asks"], () => string> = {
  types: () => t`Show only the types (as like,gift, or all but !join): `,
  search: () => t`Search for: `,
  time: () => t`Jump to the time (of day as 21:40, or after the start as +1:30): `,
  note: () => t`Note about the viewer: `,
  replay: () => t`Jump to the time (as 21:40, or +60 or -60 from here): `,
};

/** Keeps the end of the text visible, where the next character appears. */
export function promptLine(label: string, typed: string, columns: number): Line {
  let shown = steady(typed);
  const room = columns - textWidth(label) - 3;
  while (shown !== "" && textWidth(shown) > room) shown = [...shown].slice(1).join("");
  return [{ text: ` ${label}`, style: "strong" }, { text: `${shown}▏`, style: "accent" }];
}

function formLines(state: ScreenState): Line[] {
  const { dialog } = state;
  if (dialog?.kind !== "form") return [];
  const title = ` ${formTitle()}`;
  return formRows(state).map((fields, index): Line => [
    { text: index === 0 ? title : " ".repeat(textWidth(title)), style: "strong" },
    ...fields.flatMap(({ field, before, value }): Line => {
      const isHere = dialog.form.field === field;
      return [{ text: before }, { text: value, style: isHere ? "accent" : "plain" }];
    }),
  ]);
}

export interface ShownField {
  field: FormField;
  /** The marker and label, such as "▸gift". */
  before: string;
  value: string;
}

const formTitle = () => t`Test event`;

/** The fields of the test event form, in rows that fit; empty if the form is closed. */
export function formRows(state: ScreenState): ShownField[][] {
  const { dialog, size } = state;
  if (dialog?.kind !== "form") return [];
  const names = sourceNames(state);
  const rows: ShownField[][] = [[]];
  const titleWidth = textWidth(formTitle()) + 1;
  let used = titleWidth;
  for (const field of fieldsOf(dialog.form, names)) {
    const isHere = dialog.form.field === field;
    const { label, value, isChoice, suggestion = "" } = shownField(dialog.form, field, names);
    const before = `  ${isHere ? "▸" : " "}${label} `;
    const shown = isChoice ? `‹ ${value} ›` : isHere ? `${value}▏${suggestion}` : value;
    const width = textWidth(steady(before + shown));
    if (used + width > size.columns && rows.at(-1)?.length !== 0) {
      rows.push([]);
      used = titleWidth;
    }
    used += width;
    rows.at(-1)?.push({ field, before, value: shown });
  }
  return rows;
}
