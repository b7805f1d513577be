/** Takes in the answers to queries: a part of the reducer, and pure as well. */
import { t } from "../../language.ts";
import { withViewer } from "./viewer_actions.ts";
import type { Answer, Query } from "../../control.ts";
import { withChannel, withChannels } from "./channels_pane.ts";
import { withFound } from "./event_search.ts";
import { withEventsPage, withPlace } from "./events_pane.ts";
import { withGifts } from "./gifts_pane.ts";
import { withSessions, withSessionSums, withSessionWork } from "./sessions_pane.ts";
import { actOnCounted } from "./service_actions.ts";
import { only, type ScreenState, type Step, type View, withStatus } from "./state.ts";
import { withMatches } from "./test_form.ts";

export function withAnswer(state: ScreenState, { query, answer, asked }: {
  query: Query;
  answer: Answer;
  asked: number;
}): Step {
  switch (answer.kind) {
    case "events":
      if (query.kind !== "events" || asked !== state.eventsAsked) return only(state);
      return withEventsPage(state, query, answer);
    case "event_place":
      return only(withPlace(state, answer));
    case "event_search":
    case "event_time":
      return withFound(state, { query, answer, asked });
    case "sessions":
      return query.kind === "sessions" ? withSessions(state, query, answer) : only(state);
    case "session_sums":
      return query.kind === "session_sums" ? withSessionSums(state, answer.sums) : only(state);
    case "session_work":
      return query.kind === "session_work" ? withSessionWork(state, query.id, answer) : only(state);
    case "gifts": {
      if (query.kind !== "gifts") return only(state);
      if (query.order !== null) return withGifts(state, query, answer);
      const { dialog } = state;
      if (dialog?.kind !== "form") return only(state);
      return only({
        ...state,
        dialog: { ...dialog, form: withMatches(dialog.form, query.text, answer.lines) },
      });
    }
    case "items":
      return query.kind === "items" ? actOnCounted(state, query, answer) : only(state);
    case "event":
      return withViews(state, (view) => {
        const isOfIt = view.kind === "event" && query.kind === "event" && view.id === query.id;
        return isOfIt ? { ...view, detail: answer } : view;
      });
    case "service":
      return withViews(state, (view) => {
        const isOfIt = view.kind === "service" && query.kind === "service" && view.slug === query.slug;
        return isOfIt ? { ...view, detail: answer } : view;
      });
    case "viewer":
      return query.kind === "viewer" ? withViewer(state, query.eventId, answer) : only(state);
    case "channels":
      return query.kind === "channels" ? withChannels(state, query, answer) : only(state);
    case "channel":
      return query.kind === "channel" ? withChannel(state, query, answer) : only(state);
  }
}

export function withFailedQuery(state: ScreenState, { query, asked, why }: {
  query: Query;
  asked: number;
  why: string;
}): ScreenState {
  const failed = withStatus(state, t`The database could not be read: ${why}`, "error");
  if (query.kind === "session_sums") {
    return { ...failed, sessions: { ...failed.sessions, isSumming: false } };
  }
  if (query.kind === "event_place") {
    return withPlace(failed, null);
  }
  if (query.kind !== "events" || asked !== state.eventsAsked) return failed;
  // No automatic retry: the page is requested again when the user scrolls up.
  return { ...failed, events: { ...failed.events, isLoading: false, goal: null } };
}

function withViews(state: ScreenState, change: (view: View) => View): Step {
  return only({ ...state, views: state.views.map(change) });
}
