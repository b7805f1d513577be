/** A room that was opened from the list of many: which keys work in it, and how it is left. */
import type { ActionName } from "../../screen_keys.ts";
import { t } from "../../language.ts";
import { isFiltered } from "./events_pane.ts";
import { dispatch, only, type ScreenState, type Step } from "./state.ts";

/** Stops the run; in a room of many, goes back to the list. */
export function quit(state: ScreenState): Step {
  if (state.room !== null) return only(state, { kind: "leave_room" });
  return state.isQuitting || state.snapshot.stopping !== null
    ? only(state, { kind: "quit_now" })
    : only({ ...state, isQuitting: true, dialog: null }, dispatch({ kind: "quit" }));
}

/** Whether there is nothing left to go back from but the room itself. */
export function isAtRest(state: ScreenState): boolean {
  const { views, isZoomed, past, focus, logFilter, logCursor, eventCursor } = state;
  if (views.length > 1 || isZoomed || past !== null) return false;
  switch (focus) {
    case "log":
      return logFilter.level === "info" && logFilter.text === "" && logCursor.key === null;
    case "channels":
    case "gifts":
      return state[focus].text === "";
    case "sessions":
      return false;
    case "events":
    case "services":
    case "workers":
    case "shown":
      return eventCursor.key === null && !isFiltered(state);
  }
}

const ofConfig: ReadonlySet<ActionName> = new Set<ActionName>(["edit_config", "rule_desk"]);
const ofStreamer: ReadonlySet<ActionName> = new Set<ActionName>(["change_user", "forget_user", "demo"]);
/** With the right to moderate. */
const moderating: ReadonlySet<ActionName> = new Set<ActionName>([
  ...["pause", "pause_all", "retry_failed", "retry_discarded", "retry_event"] as const,
]);
const changing: ReadonlySet<ActionName> = new Set<ActionName>([
  ...moderating,
  ...["restart", "empty", "test_event", "note_viewer", "block_viewer"] as const,
  ...["replay_pause", "replay_step", "replay_faster", "replay_slower"] as const,
]);

/** Why an action does nothing in a room of many; null if it works. The room itself checks the rights again. */
export function whyNotInRoom({ room }: ScreenState, action: ActionName): string | null {
  if (room === null) return null;
  if (ofConfig.has(action)) return t`All rooms share one config, so it cannot be changed in a room.`;
  if (ofStreamer.has(action)) {
    return t`A room keeps its streamer. The commands "streamers add" and "streamers remove" change the list.`;
  }
  if (room.rights === "all" || !changing.has(action)) return null;
  if (room.rights === "look") return t`You may only look at this room.`;
  return moderating.has(action)
    ? null
    : t`In this room you may only look, pause services and put items back.`;
}
