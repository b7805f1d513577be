/** The service's pane on the screen. */
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

export const paneTitle = "Keys";

/** What the keys of the pane do. */
export const rehearseKey = "h";
export const pauseKey = "e";

export function paneOf(state: PaneState): Pane {
  return {
    title: paneTitle,
    lines: linesOf(state),
    keys: [
      { key: rehearseKey, does: state.isRehearsal ? "press for real" : "rehearse" },
      { key: pauseKey, does: state.isPaused ? "continue" : "pause" },
    ],
  };
}

function linesOf({ target, isRehearsal, isPaused, window, last, waitingCount }: PaneState): PaneLine[] {
  const mode = isRehearsal ? "rehearsal: nothing is pressed" : "presses for real";
  return [
    { label: "mode", value: isPaused ? `paused (${mode})` : mode },
    { label: "window", value: windowText(target, window) },
    { label: "last", value: last ?? "nothing yet" },
    ...(waitingCount === 0 ? [] : [{ label: "waiting", value: String(waitingCount) }]),
  ];
}

function windowText({ title }: Target, window: PaneState["window"]): string {
  if (title === "") return "none is named";
  if (window === null) return quote(title);
  if (typeof window === "object") return `${quote(title)}: ${window.trouble}`;
  return `${quote(title)}: ${window === "behind" ? "open, but another window is in front" : window}`;
}
