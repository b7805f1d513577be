/** The screen's reducer, which is pure: returns the next state and the effects for each message. */
import type { Query, Snapshot } from "../../control.ts";
import {
  acceptDialog,
  askUsername,
  cancelDialog,
  eraseTyped,
  forgetUser,
  giftQuery,
  stepChoice,
  stepField,
  stepUser,
  withRefusedUser,
  withTyped,
} from "./dialog.ts";
import type { ActionName } from "../../screen_keys.ts";
import { withAnswer, withFailedQuery } from "./answers.ts";
import { emptyEventList, noFilter, pageSize, withLatest } from "./event_list.ts";
import { filterChannels, moveInChannels, openChannel, refreshChannels, showSpan } from "./channels_pane.ts";
import { moveInGifts, nextGiftOrder, refreshGifts, showGifts, tryGift } from "./gifts_pane.ts";
import {
  askOlder,
  askPlace,
  isFiltered,
  moveInEvents,
  setEventFilter,
  startOver,
  stepSource,
  stepType,
  toLatest,
} from "./events_pane.ts";
import { detailLines, detailRows } from "./view/detail.ts";
import { following, type Move, moveCursor, steps, stepThrough, windowOf } from "./list.ts";
import { leaveSession, moveInSessions, openSession, refreshSessions, showSessions } from "./sessions_pane.ts";
import { act, pressPaneKey, withPresentCount } from "./service_actions.ts";
import { nextTheme } from "./theme_choice.ts";
import { play } from "./played.ts";
import { askJump, askSearch, askTypes, nextHit } from "./event_search.ts";
import { emptyForm } from "./test_form.ts";
import { isAtRest, quit } from "./one_of_many.ts";
import { pointed } from "./pointer.ts";
import { askNote, askViewer, blockViewer, openViewer } from "./viewer_actions.ts";
import { linesOf } from "./room.ts";
import {
  dispatch,
  type Effect,
  keysOf,
  livesOf,
  logLevels,
  type Message,
  only,
  paneOrder,
  presentEvents,
  type ScreenState,
  selectedEvent,
  selectedService,
  shownCursor,
  shownLog,
  shownRows,
  type Step,
  topView,
  type View,
  withFocus,
  withStatus,
  withTopView,
} from "./state.ts";

/** How old the details of an open event or service may become. */
const detailAgeMs = 1_000;

export function update(state: ScreenState, message: Message): Step {
  const changed = changedBy(state, message);
  const placed = askPlace(changed.state);
  return { state: placed.state, effects: [...changed.effects, ...placed.effects] };
}

function changedBy(state: ScreenState, message: Message): Step {
  switch (message.kind) {
    case "snapshot":
      return withSnapshot(state, message.snapshot);
    case "opened":
      return startOver(state);
    case "key":
      return presses[message.action](state);
    case "key_off":
      return only(withStatus(state, message.reason, "note"));
    case "typed":
      return topView(state).kind === "main" && state.dialog === null
        ? pressPaneKey(state, message.text)
        : filterLive(state, withTyped(state, message.text));
    case "mouse": {
      const { state: next, then } = pointed(state, message.event);
      return then === null ? refreshLists(next) : changedBy(next, then);
    }
    case "scroll":
      return move(state, message.move, message.pane ?? state.focus);
    case "resized":
      return refreshLists({ ...state, size: message.size });
    case "answered":
      return withAnswer(state, message);
    case "query_failed":
      return only(withFailedQuery(state, message));
    case "status":
      return only(
        withRefusedUser(state, message) ??
          withStatus(state, message.result.text, message.result.isError ? "error" : "done"),
      );
    case "status_expired":
      return only(message.number === state.statusNumber ? { ...state, status: null } : state);
  }
}

function withSnapshot(state: ScreenState, snapshot: Snapshot): Step {
  const dialog = withPresentCount(state.dialog, snapshot);
  // A theme in the config takes the place of the one that a key chose.
  const theme = snapshot.settings.theme === state.snapshot.settings.theme ? state.theme : null;
  const next = { ...state, snapshot, dialog, theme };
  const listed = state.past === null ? withLiveEvents(state, next) : only(next);
  const refreshed = refreshDetail(listed.state, snapshot.takenMs);
  const lists = refreshLists(refreshed.state);
  return only(lists.state, ...listed.effects, ...refreshed.effects, ...lists.effects);
}

/** Adds the latest events of the new snapshot. Another live starts anew. */
function withLiveEvents(state: ScreenState, changed: ScreenState): Step {
  const { snapshot } = changed;
  const before = livesOf(state.snapshot, state.eventFilter);
  const lives = livesOf(snapshot, state.eventFilter);
  const isNewLive = lives.some((id) => !before.includes(id));
  // If one of several lives has changed, the list stays where the user scrolled to.
  const staysBack = state.eventCursor.key !== null && lives.some((id) => before.includes(id));
  const startsOver = isNewLive && !staysBack;
  const list = startsOver ? emptyEventList : isNewLive ? { ...state.events, isCutOff: true } : state.events;
  const eventCursor = startsOver ? following : state.eventCursor;
  const events = withLatest(list, presentEvents(snapshot), {
    filter: state.eventFilter,
    isFollowing: eventCursor.key === null,
  });
  const next = { ...changed, events, eventCursor };
  if (startsOver) next.eventsAsked++;
  const needsOlder = startsOver || (events !== state.events && events.lines.length < pageSize);
  return needsOlder ? askOlder(next) : only(next);
}

/** Reads the visible lists again that the screen has only in parts. */
function refreshLists(state: ScreenState): Step {
  const channels = refreshChannels(state);
  const gifts = refreshGifts(channels.state);
  const sessions = refreshSessions(gifts.state);
  return only(sessions.state, ...channels.effects, ...gifts.effects, ...sessions.effects);
}

/** Reads an open event, service or viewer again from time to time, because it changes. */
function refreshDetail(state: ScreenState, takenMs: number): Step {
  const view = topView(state);
  if (view.kind !== "service" && view.kind !== "event" && view.kind !== "viewer") return only(state);
  if (view.detail === null || takenMs - view.askedMs < detailAgeMs) return only(state);
  return only(withTopView(state, { ...view, askedMs: takenMs }), askDetail(view));
}

function askDetail(view: View & { kind: "service" | "event" | "viewer" }): Effect {
  if (view.kind === "viewer") return askViewer(view);
  const query: Query = view.kind === "service"
    ? { kind: "service", slug: view.slug }
    : { kind: "event", id: view.id };
  return { kind: "query", query, asked: 0 };
}

/** What each action does. */
const presses: Record<ActionName, (state: ScreenState) => Step> = {
  quit,
  interrupt: quit,
  help: (state) => only({ ...state, views: [...state.views, { kind: "help", scroll: 0, text: "" }] }),
  back: goBack,
  open,
  zoom: (state) => refreshLists({ ...state, isZoomed: !state.isZoomed }),
  next_pane: (state) => refreshLists(withFocus(state, stepThrough(paneOrder(state), state.focus, 1))),
  previous_pane: (state) => refreshLists(withFocus(state, stepThrough(paneOrder(state), state.focus, -1))),
  focus_events: (state) => only(withFocus(state, "events")),
  focus_services: (state) => only(withFocus(state, "services")),
  focus_workers: (state) => only(withFocus(state, "workers")),
  focus_log: (state) => only(withFocus(state, "log")),
  focus_shown: (state) => only(withFocus(state, "shown")),
  focus_channels: (state) => refreshLists(withFocus(state, "channels")),
  focus_sessions: (state) => showSessions(withFocus(state, "sessions")),
  focus_gifts: (state) => refreshLists(withFocus(state, "gifts")),
  gift_order: nextGiftOrder,
  all_gifts: (state) => showGifts(state, { isAll: !state.gifts.isAll }),
  up: (state) => move(state, "up"),
  down: (state) => move(state, "down"),
  page_up: (state) => move(state, "page_up"),
  page_down: (state) => move(state, "page_down"),
  top: (state) => move(state, "top"),
  bottom: (state) => move(state, "bottom"),
  next_filter: (state) => stepFilter(state, 1),
  previous_filter: (state) => stepFilter(state, -1),
  chart_hour: (state) => showSpan(state, "hour"),
  chart_day: (state) => showSpan(state, "day"),
  chart_week: (state) => showSpan(state, "week"),
  next_source: (state) => stepSource(state, 1),
  previous_source: (state) => stepSource(state, -1),
  filter_text: askFilter,
  // Only in the list of rooms.
  room_order: only,
  filter_events: askFilter,
  choose_types: askTypes,
  search: askSearch,
  next_hit: (state) => nextHit(state, true),
  previous_hit: (state) => nextHit(state, false),
  test_event: (state) => {
    const form = { ...emptyForm, source: state.eventFilter.source };
    const opened: ScreenState = { ...state, dialog: { kind: "form", form } };
    return only(opened, ...giftQuery(null, opened));
  },
  change_user: (state) => only(askUsername(state)),
  demo: (state) => only(state, dispatch({ kind: "start_demo" })),
  rule_desk: (state) => only(state, dispatch({ kind: "open_desk" })),
  replay_pause: (state) => play(state, { kind: "pause" }),
  replay_step: (state) => play(state, { kind: "step" }),
  replay_faster: (state) => play(state, { kind: "faster" }),
  replay_slower: (state) => play(state, { kind: "slower" }),
  jump: askJump,
  edit_config: (state) => only(state, { kind: "edit_config" }),
  view_viewer: openViewer,
  note_viewer: askNote,
  block_viewer: blockViewer,
  next_theme: nextTheme,
  redraw: (state) => only(state, { kind: "repaint" }),
  pause: (state) => act(state, "pause"),
  pause_all: (state) => act(state, "pause_all"),
  restart: (state) => act(state, "restart"),
  empty: (state) => act(state, "empty"),
  retry_failed: (state) => act(state, "retry_failed"),
  retry_discarded: (state) => act(state, "retry_discarded"),
  retry_event: (state) => act(state, "retry_event"),
  accept: acceptDialog,
  cancel: (state) => state.dialog === null ? leaveHelp(state) : filterLive(state, cancelDialog(state)),
  yes: ({ dialog, ...state }) =>
    only({ ...state, dialog: null }, ...(dialog?.kind === "confirm" ? [dispatch(dialog.action)] : [])),
  no: (state) => only({ ...state, dialog: null }),
  erase: (state) => filterLive(state, eraseTyped(state, "character")),
  erase_all: (state) => filterLive(state, eraseTyped(state, "all")),
  next_field: (state) => only(stepField(state, 1)),
  previous_field: (state) => only(stepField(state, -1)),
  next_choice: (state) => only(stepChoice(state, 1)),
  next_user: (state) => only(stepUser(state, 1)),
  previous_user: (state) => only(stepUser(state, -1)),
  forget_user: forgetUser,
  previous_choice: (state) => only(stepChoice(state, -1)),
};

/** Removes the text that is searched, or closes the help. */
function leaveHelp(state: ScreenState): Step {
  const view = topView(state);
  return view.kind === "help" && view.text !== ""
    ? only(withTopView(state, { ...view, text: "", scroll: 0 }))
    : goBack(state);
}

function askFilter(state: ScreenState): Step {
  const filters = {
    log: state.logFilter,
    events: state.eventFilter,
    channels: state.channels,
    gifts: state.gifts,
  };
  const pane = state.focus in filters ? state.focus as keyof typeof filters : "events";
  const { text } = filters[pane];
  return only({ ...state, dialog: { kind: "filter", pane, text, before: text } });
}

/** Applies a filter while it is being typed. */
function filterLive(before: ScreenState, state: ScreenState): Step {
  const changed = state.dialog ?? before.dialog;
  if (changed?.kind !== "filter") return only(state, ...giftQuery(before.dialog, state));
  const text = state.dialog === null ? changed.before : changed.text;
  if (changed.pane === "log") {
    return only({ ...state, logFilter: { ...state.logFilter, text }, logCursor: following });
  }
  if (changed.pane === "channels") return filterChannels(state, text);
  if (changed.pane === "gifts") return showGifts(state, { text });
  return setEventFilter(state, { ...state.eventFilter, text });
}

function stepFilter(state: ScreenState, by: 1 | -1): Step {
  if (state.focus === "log") {
    const level = stepThrough(logLevels, state.logFilter.level, by);
    return only({ ...state, logFilter: { ...state.logFilter, level }, logCursor: following });
  }
  return stepType(state, by);
}

/** Goes one step back: closes the top view, or in the main view restores all panes, removes the filter, or follows again. */
function goBack(state: ScreenState): Step {
  if (state.room !== null && isAtRest(state)) return only(state, { kind: "leave_room" });
  if (state.views.length > 1) {
    return only({ ...state, views: state.views.slice(0, -1) });
  }
  if (state.isZoomed) return only({ ...state, isZoomed: false });
  if (state.focus === "log") {
    return only({ ...state, logFilter: { level: "info", text: "" }, logCursor: following });
  }
  if (state.focus === "channels") return filterChannels(state, "");
  if (state.focus === "gifts" && (state.past === null || state.gifts.text !== "")) {
    return showGifts(state, { text: "" });
  }
  if (state.past === null && state.focus === "sessions") {
    return only({ ...withFocus(state, "log"), focus: "events" });
  }
  if (state.past !== null && isFiltered(state)) return setEventFilter(state, noFilter);
  if (state.past !== null) return leaveSession(state);
  if (state.eventCursor.key !== null) return toLatest({ ...state, focus: "events" });
  return setEventFilter(state, noFilter);
}

function move(state: ScreenState, direction: Move, pane = state.focus): Step {
  const view = topView(state);
  if (view.kind !== "main") {
    return only(withTopView(state, { ...view, scroll: scrolled(state, view, direction) }));
  }
  const keys = keysOf(state, pane);
  const rows = Math.max(1, linesOf(state, pane));
  switch (pane) {
    case "services":
    case "workers": {
      const slug = keys.find((key) => key === state.serviceSlug) ?? keys[0] ?? null;
      const cursor = { key: slug, row: 0 };
      const { key } = moveCursor(keys, cursor, { move: direction, rows, follows: false });
      return only({ ...state, serviceSlug: key });
    }
    case "log":
      return only({
        ...state,
        logCursor: moveCursor(keys, state.logCursor, { move: direction, rows, follows: true }),
      });
    case "shown": {
      const { key } = moveCursor(keys, shownCursor(state), { move: direction, rows, follows: false });
      return only({ ...state, shownKey: key });
    }
    case "channels":
      return moveInChannels(state, direction);
    case "gifts":
      return moveInGifts(state, direction);
    case "sessions":
      return moveInSessions(state, direction);
    case "events":
      return moveInEvents(state, keys, { move: direction, rows });
  }
}

function scrolled(state: ScreenState, view: View & { scroll: number }, direction: Move): number {
  const rows = detailRows(state);
  const last = Math.max(0, detailLines(state).length - rows);
  const page = Math.max(1, rows - 1);
  const distances = { ...steps, page_up: -page, page_down: page, top: -last, bottom: last };
  // The content may have become shorter.
  const scroll = Math.min(view.scroll, last) + distances[direction];
  return Math.min(last, Math.max(0, direction === "top" ? 0 : scroll));
}

function open(state: ScreenState): Step {
  const askedMs = state.snapshot.takenMs;
  switch (state.focus) {
    case "services":
    case "workers": {
      const service = selectedService(state);
      if (service === null) return only(state);
      return openDetail(state, { kind: "service", slug: service.slug, detail: null, scroll: 0, askedMs });
    }
    case "events": {
      const line = selectedEvent(state);
      if (line === null) return only(state);
      return openDetail(state, { kind: "event", id: line.id, detail: null, scroll: 0, askedMs });
    }
    case "log": {
      const { selected } = windowOf(keysOf(state, "log"), state.logCursor, 1);
      const line = shownLog(state)[selected];
      if (line === undefined) return only(state);
      return only({ ...state, views: [...state.views, { kind: "log_line", line, scroll: 0 }] });
    }
    case "shown": {
      const { key } = shownCursor(state);
      const row = shownRows(state).find((row) => row.key === key);
      if (row === undefined) return only(state);
      return openDetail(state, { kind: "service", slug: row.slug, detail: null, scroll: 0, askedMs });
    }
    case "channels":
      return openChannel(state);
    case "gifts":
      return tryGift(state);
    case "sessions":
      return openSession(state);
  }
}

function openDetail(state: ScreenState, view: View & { kind: "service" | "event" }): Step {
  return only({ ...state, views: [...state.views, view] }, askDetail(view));
}
