/** The last lines: the status or the dialog, and the keys that work here and now. */
import { hintOf, keyBindings, placeOf, shownKey } from "../keys.ts";
import { type Dialog, formRows, type ScreenState, selectedPane } from "../state.ts";
import type { Line, Span, Style } from "../theme.ts";
import { steady, textWidth, truncate } from "../width.ts";

const tones: Record<NonNullable<ScreenState["status"]>["tone"], { sign: string; style: Style }> = {
  done: { sign: "✓", style: "good" },
  error: { sign: "✗", style: "bad" },
  note: { sign: "·", style: "warning" },
};

export function footerLines(state: ScreenState): Line[] {
  const form = formLines(state);
  return [...(form.length > 0 ? form : [upperLine(state)]), keysLine(state)];
}

function upperLine(state: ScreenState): Line {
  const { dialog, status, size } = state;
  if (dialog !== null) return dialogLine(dialog, state);
  const rule = (used: number): Span => ({ text: "─".repeat(Math.max(0, size.columns - used)) });
  if (status === null) return [rule(0)];
  const { sign, style } = tones[status.tone];
  const text = ` ${sign} ${status.text.replace(/\s+/g, " ")} `;
  return [{ text, style }, rule(textWidth(steady(text)))];
}

function dialogLine(dialog: Dialog, state: ScreenState): Line {
  const { columns } = state.size;
  switch (dialog.kind) {
    case "username": {
      const isOneOfSeveral = state.snapshot.switchable.length > 1;
      const where = isOneOfSeveral
        ? `In ‹ ${truncate(steady(dialog.source ?? ""), 24)} › capture`
        : "Capture";
      return promptLine(`${where} the live of @`, dialog.text, columns);
    }
    case "filter":
      return promptLine(
        `Show only ${dialog.pane === "log" ? "log lines" : dialog.pane} with: `,
        dialog.text,
        columns,
      );
    case "confirm":
      return [{ text: " ? ", style: "bad" }, { text: dialog.question, style: "strong" }, { text: " y/n" }];
    case "form":
      return [];
  }
}

/** Keeps the end of the text visible, where the next character appears. */
function promptLine(label: string, typed: string, columns: number): Line {
  let shown = steady(typed);
  const room = columns - textWidth(label) - 3;
  while (shown !== "" && textWidth(shown) > room) shown = [...shown].slice(1).join("");
  return [{ text: ` ${label}`, style: "strong" }, { text: `${shown}▏`, style: "accent" }];
}

function formLines(state: ScreenState): Line[] {
  const { dialog } = state;
  if (dialog?.kind !== "form") return [];
  return formRows(state).map((fields, index): Line => [
    { text: index === 0 ? " Test event" : " ".repeat(11), style: "strong" },
    ...fields.flatMap(({ field, before, value }): Line => {
      const isHere = dialog.form.field === field;
      return [{ text: before }, { text: value, style: isHere ? "accent" : "plain" }];
    }),
  ]);
}

/** As many keys as fit. Help and quit are always at the end. */
function keysLine(state: ScreenState): Line {
  const place = placeOf(state);
  const here = keyBindings.filter((binding) =>
    binding.places.includes(place) && hintOf(binding, state) !== "" && !binding.whyOff?.(state)
  );
  const last = here.filter(({ action }) => action === "help" || action === "quit");
  const width = (spans: Line) => spans.reduce((sum, { text }) => sum + textWidth(text), 0);
  const hint = (
    key: string,
    does: string,
  ): Line => [{ text: ` ${key}`, style: "strong" }, { text: ` ${does} ` }];
  const shown = (binding: typeof here[number]) => hint(shownKey(binding.keys[0]), hintOf(binding, state));
  const end = last.flatMap(shown);
  const spans = (selectedPane(state)?.pane.keys ?? []).flatMap(({ key, does }) => hint(key, does));
  for (const binding of here) {
    if (last.includes(binding)) continue;
    if (width(spans) + width(shown(binding)) + width(end) > state.size.columns) break;
    spans.push(...shown(binding));
  }
  const blanks = " ".repeat(Math.max(0, state.size.columns - width(spans) - width(end)));
  return [...spans, { text: blanks }, ...end];
}
