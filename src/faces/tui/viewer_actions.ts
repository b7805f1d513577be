/** The view of a viewer, and its keys to note and block: a part of the reducer, and pure as well. */
import { t } from "../../language.ts";
import type { Viewer } from "../../viewer.ts";
import type { ViewerDetail } from "../../viewer_view.ts";
import {
  dispatch,
  type Effect,
  only,
  type ScreenState,
  selectedEvent,
  type Step,
  topView,
  type View,
  withTopView,
} from "./state.ts";

type ViewerView = View & { kind: "viewer" };

/** The event whose viewer is meant: the open one, or the selected one; null if there is none. */
function meantEvent(state: ScreenState): number | null {
  const view = topView(state);
  if (view.kind === "event") return view.id;
  return view.kind === "main" ? selectedEvent(state)?.id ?? null : null;
}

export function whyNoViewer(state: ScreenState): string | null {
  return meantEvent(state) === null ? t`There is no event whose viewer could be shown.` : null;
}

/** The viewer of the open view; null while it is read, or if there is none. */
export function shownViewer(state: ScreenState): Viewer | null {
  const view = topView(state);
  return view.kind === "viewer" ? view.detail?.viewer ?? null : null;
}

export function whyNotMarked(state: ScreenState): string | null {
  return shownViewer(state) === null ? t`There is no viewer to note or block.` : null;
}

export function openViewer(state: ScreenState): Step {
  const eventId = meantEvent(state);
  if (eventId === null) return only(state);
  const view: ViewerView = {
    kind: "viewer",
    eventId,
    detail: null,
    scroll: 0,
    askedMs: state.snapshot.takenMs,
  };
  return only({ ...state, views: [...state.views, view] }, askViewer(view));
}

export function askViewer({ eventId }: ViewerView): Effect {
  return { kind: "query", query: { kind: "viewer", eventId }, asked: 0 };
}

export function withViewer(state: ScreenState, eventId: number, detail: ViewerDetail): Step {
  const views = state.views.map((view) =>
    view.kind === "viewer" && view.eventId === eventId ? { ...view, detail } : view
  );
  return only({ ...state, views });
}

export function askNote(state: ScreenState): Step {
  const viewer = shownViewer(state);
  if (viewer === null) return only(state);
  return only({ ...state, dialog: { kind: "line", asks: "note", text: viewer.note ?? "", why: "" } });
}

/** Stores the note of the open viewer; "" removes it. */
export function acceptNote(state: ScreenState, text: string): Step {
  return marked(state, { note: text === "" ? null : text });
}

export function blockViewer(state: ScreenState): Step {
  const viewer = shownViewer(state);
  return viewer === null ? only(state) : marked(state, { isBlocked: !viewer.isBlocked });
}

function marked(state: ScreenState, change: { note: string | null } | { isBlocked: boolean }): Step {
  const view = topView(state);
  if (view.kind !== "viewer" || view.detail?.viewer == null) return only(state);
  const { platform, userId } = view.detail.viewer;
  const viewer = { ...view.detail.viewer, ...change };
  return only(
    withTopView(state, { ...view, detail: { ...view.detail, viewer } }),
    dispatch({ kind: "mark_viewer", mark: { platform, userId, ...change } }),
  );
}
