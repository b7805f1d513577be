/** The last two lines: what was said or is asked, and the keys that work here and now. */
import { formUses } from "../dialog.ts";
import { hintOf, keyBindings, placeOf, shownKey } from "../keys.ts";
import type { Dialog, ScreenState } from "../state.ts";
import type { Line, Span, Style } from "../theme.ts";
import { steady, textWidth } from "../width.ts";

const tones: Record<NonNullable<ScreenState["status"]>["tone"], { sign: string; style: Style }> = {
  done: { sign: "✓", style: "good" },
  error: { sign: "✗", style: "bad" },
  note: { sign: "·", style: "warning" },
};

export function footerLines(state: ScreenState): Line[] {
  return [upperLine(state), keysLine(state)];
}

function upperLine({ dialog, status, size }: ScreenState): Line {
  if (dialog !== null) return dialogLine(dialog, size.columns);
  const rule = (used: number): Span => ({ text: "─".repeat(Math.max(0, size.columns - used)) });
  if (status === null) return [rule(0)];
  const { sign, style } = tones[status.tone];
  const text = ` ${sign} ${status.text.replace(/\s+/g, " ")} `;
  return [{ text, style }, rule(textWidth(steady(text)))];
}

function dialogLine(dialog: Dialog, columns: number): Line {
  switch (dialog.kind) {
    case "username":
      return promptLine("Capture the live of @", dialog.text, columns);
    case "filter":
      return promptLine(
        `Show only ${dialog.pane === "log" ? "log lines" : "events"} with: `,
        dialog.text,
        columns,
      );
    case "confirm":
      return [{ text: " ? ", style: "bad" }, { text: dialog.question, style: "strong" }, { text: " y/n" }];
    case "form":
      return formLine(dialog);
  }
}

/** The end of the text stays in sight, where the next letter comes. */
function promptLine(label: string, typed: string, columns: number): Line {
  let shown = steady(typed);
  const room = columns - textWidth(label) - 3;
  while (textWidth(shown) > room) shown = [...shown].slice(1).join("");
  return [{ text: ` ${label}`, style: "strong" }, { text: `${shown}▏`, style: "accent" }];
}

function formLine(form: Dialog & { kind: "form" }): Line {
  const uses = formUses(form.type);
  const field = (name: typeof form.field, label: string, value: string): Line => {
    const isHere = form.field === name;
    return [
      { text: `  ${isHere ? "▸" : " "}${label} ` },
      { text: isHere && name !== "type" ? `${value}▏` : value || "-", style: isHere ? "accent" : "plain" },
    ];
  };
  return [
    { text: " Test event", style: "strong" },
    ...field("type", "type", `‹ ${form.type} ›`),
    ...field("amount", uses.amount || "amount", form.amount || (form.field === "amount" ? "" : "1")),
    ...field("text", uses.text || "text", form.text.slice(-30)),
  ];
}

/** As many as fit; the way to the rest stands at the end, always. */
function keysLine(state: ScreenState): Line {
  const place = placeOf(state);
  const here = keyBindings.filter((binding) =>
    binding.places.includes(place) && hintOf(binding, state) !== "" && !binding.whyOff?.(state)
  );
  const last = here.filter(({ action }) => action === "help" || action === "quit");
  const width = (spans: Line) => spans.reduce((sum, { text }) => sum + textWidth(text), 0);
  const shown = (binding: typeof here[number]): Line => [
    { text: ` ${shownKey(binding.keys[0])}`, style: "strong" },
    { text: ` ${hintOf(binding, state)} ` },
  ];
  const end = last.flatMap(shown);
  const spans: Line = [];
  for (const binding of here) {
    if (last.includes(binding)) continue;
    if (width(spans) + width(shown(binding)) + width(end) > state.size.columns) break;
    spans.push(...shown(binding));
  }
  const blanks = " ".repeat(Math.max(0, state.size.columns - width(spans) - width(end)));
  return [...spans, { text: blanks }, ...end];
}
