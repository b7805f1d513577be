/** Why keys do nothing now; null if they work. */
import type { ItemLine } from "../../control.ts";
import { t } from "../../language.ts";
import { selectedChannel } from "./channels_pane.ts";
import {
  hasShown,
  keyTo,
  playedSource,
  type ScreenState,
  selectedService,
  shownLog,
  topView,
} from "./state.ts";
import { selectedLine } from "./windowed_list.ts";

export function whyNoService(state: ScreenState): string | null {
  if (selectedService(state) !== null) return null;
  return t`There are no services. Press ${keyTo("edit_config", state.snapshot)} to add one to the config.`;
}

export function whyNotProcessed(state: ScreenState): string | null {
  return selectedService(state)?.phase === "not processed" ? t`This run does not process the service.` : null;
}

/** A service that takes no items cannot be paused. */
export function whyNotAtWork(state: ScreenState): string | null {
  const isOff = selectedService(state)?.phase === "switched off";
  return isOff
    ? t`The service is switched off. Press ${keyTo("restart", state.snapshot)} to restart it.`
    : whyNotProcessed(state);
}

export function whyNothingSelected(state: ScreenState): string | null {
  switch (state.focus) {
    case "events":
      return state.events.lines.length === 0 ? t`There is no event to open yet.` : null;
    case "services":
    case "workers":
      return state.past === null ? whyNoService(state) : null;
    case "log":
      return shownLog(state).length === 0 ? t`There is no log line to open.` : null;
    case "shown":
      return hasShown(state) ? null : t`No service has a pane of its own.`;
    case "channels":
      return selectedChannel(state) === null ? t`There is no channel to open yet.` : null;
    case "sessions":
      return selectedLine(state.sessions) === null ? t`There is no past session to open yet.` : null;
    case "gifts":
      return selectedLine(state.gifts) === null ? t`There is no gift to try yet.` : null;
  }
}

export function whyNoUser({ snapshot }: ScreenState): string | null {
  return snapshot.switchable.length > 0 ? null : t`This run has no source that captures a user's live.`;
}

/** What acts on the live, or shows it, does nothing while a past session is shown. */
export function whyPast({ past, snapshot }: ScreenState): string | null {
  if (past === null) return null;
  return t`This is a past session, which can only be looked at. ${
    keyTo("back", snapshot)
  } goes back to the live.`;
}

export function whyNoSearch({ search, snapshot }: ScreenState): string | null {
  return search === null
    ? t`Nothing is searched yet. Press ${keyTo("search", snapshot)} and type a text.`
    : null;
}

export function whyNothingToRetry(state: ScreenState): string | null {
  const view = topView(state);
  if (view.kind !== "event" || view.detail === null) return t`The event is still loading.`;
  if (endedOf(state).length > 0) return null;
  return view.detail.streak === null
    ? t`This event has no failed or discarded items.`
    : t`This streak has no failed or discarded items.`;
}

/** The failed and discarded items of the open event, or of all events of its streak. */
export function endedOf(state: ScreenState): ItemLine[] {
  const view = topView(state);
  if (view.kind !== "event" || view.detail === null) return [];
  const { items, streak } = view.detail;
  return (streak?.events.flatMap(({ items }) => items) ?? items)
    .filter(({ status }) => status === "failed" || status === "discarded");
}

export function whyNotPlaying(state: ScreenState): string | null {
  const source = playedSource(state);
  if (source === null) return t`Nothing is replayed now.`;
  return source.playback?.hasEnded ? t`The recording has ended.` : null;
}

export function areAllPaused({ snapshot }: ScreenState): boolean {
  return snapshot.services.length > 0 && snapshot.services.every(({ phase }) => phase === "paused");
}

export function isScrolledBack(state: ScreenState): boolean {
  if (topView(state).kind !== "main") return false;
  return state.focus === "events" && state.eventCursor.key !== null ||
    state.focus === "log" && state.logCursor.key !== null;
}
