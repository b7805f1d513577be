/** The last lines: the status or the dialog, and the keys that work here and now. */
import { shownKey } from "../../../key.ts";
import { bindingsOf, hintOf, keysIn, placeOf } from "../keys.ts";
import { type ScreenState, selectedPane } from "../state.ts";
import type { Line } from "../theme.ts";
import { textWidth } from "../width.ts";
import { messageLines } from "./message.ts";

export function footerLines(state: ScreenState): Line[] {
  return [...messageLines(state), keysLine(state)];
}

export interface Hint {
  /** As in `src/key.ts`. */
  key: string;
  does: string;
}

const shownHint = ({ key, does }: Hint): Line => [
  { text: ` ${shownKey(key)}`, style: "strong" },
  { text: ` ${does} ` },
];
const widthOf = (line: Line) => line.reduce((sum, { text }) => sum + textWidth(text), 0);

/** The key whose hint is in this column of the last row; null if there is none. */
export function hintAt(state: ScreenState, column: number): string | null {
  return keyAt(footerHints(state), column);
}

export function keyAt(hints: readonly ShownHint[], column: number): string | null {
  let from = 0;
  for (const { hint, line } of hints) {
    const to = from + widthOf(line);
    if (hint !== null && column >= from && column < to) return hint.key;
    from = to;
  }
  return null;
}

function keysLine(state: ScreenState): Line {
  return footerHints(state).flatMap(({ line }) => line);
}

export interface ShownHint {
  /** null: blanks. */
  hint: Hint | null;
  line: Line;
}

/** As many keys as fit. Help and quit are always at the end, after blanks. */
function footerHints(state: ScreenState): ShownHint[] {
  const place = placeOf(state);
  const here = bindingsOf(state).filter((binding) =>
    keysIn(binding, place).length > 0 && hintOf(binding, state) !== "" && !binding.whyOff?.(state)
  );
  const hints = (isLast: boolean): Hint[] =>
    here.filter(({ action }) => isLast === (action === "help" || action === "quit"))
      .map((binding) => ({ key: keysIn(binding, place)[0] as string, does: hintOf(binding, state) }));
  const first = [...selectedPane(state)?.pane.keys ?? [], ...hints(false)];
  return fittedHints({ first, last: hints(true) }, state.size.columns);
}

/** As many of the first as fit, blanks, and the last. */
export function fittedHints(hints: { first: Hint[]; last: Hint[] }, columns: number): ShownHint[] {
  const shown = (hint: Hint) => ({ hint, line: shownHint(hint) });
  const last = hints.last.map(shown);
  let left = columns - last.reduce((sum, { line }) => sum + widthOf(line), 0);
  const first = hints.first.map(shown).filter(({ line }) => {
    left -= widthOf(line);
    return left >= 0;
  });
  const used = [...first, ...last].reduce((sum, { line }) => sum + widthOf(line), 0);
  const blanks = " ".repeat(Math.max(0, columns - used));
  return [...first, { hint: null, line: [{ text: blanks }] }, ...last];
}
