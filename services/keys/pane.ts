/** The service's pane on the screen. */
import { msg, t, translated } from "livecue/language";
import type { Pane, PaneLine } from "livecue/service";
import type { Target } from "./backends/backend.ts";
import { quote, type WindowState } from "./window.ts";

export interface PaneState {
  target: Target;
  isRehearsal: boolean;
  isPaused: boolean;
  /** The window, or the sentence that says why it cannot be looked for; null before the first look. */
  window: WindowState | { trouble: string } | null;
  /** What was pressed last, and for whom. */
  last: string | null;
  waitingCount: number;
}

export const paneTitle = msg("Keys");

/** What the keys of the pane do. */
export const rehearseKey = "h";
export const pauseKey = "e";

export function paneOf(state: PaneState): Pane {
  return {
    title: translated(paneTitle),
    lines: linesOf(state),
    keys: [
      { key: rehearseKey, does: state.isRehearsal ? t`press for real` : t`rehearse` },
      { key: pauseKey, does: state.isPaused ? t`continue` : t`pause` },
    ],
  };
}

function linesOf({ target, isRehearsal, isPaused, window, last, waitingCount }: PaneState): PaneLine[] {
  const mode = isRehearsal ? t`rehearsal: nothing is pressed` : t`presses for real`;
  return [
    { label: t`mode`, value: isPaused ? t`paused (${mode})` : mode },
    { label: t`window`, value: windowText(target, window) },
    { label: t`last`, value: last ?? t`nothing yet` },
    ...(waitingCount === 0 ? [] : [{ label: t`waiting`, value: String(waitingCount) }]),
  ];
}

function windowText({ title }: Target, window: PaneState["window"]): string {
  if (title === "") return t`none is named`;
  if (window === null) return quote(title);
  if (typeof window === "object") return `${quote(title)}: ${window.trouble}`;
  return `${quote(title)}: ${stateTexts()[window]}`;
}

function stateTexts(): Record<Exclude<PaneState["window"], object | null>, string> {
  return {
    "in front": t`in front`,
    behind: t`open, but another window is in front`,
    "not found": t`not found`,
  };
}
