/** The screen's state, and values derived from it in more than one place. */
import type {
  EventDetail,
  LogLine,
  ServiceDetail,
  ServiceView,
  Snapshot,
  SourceView,
} from "../../control.ts";
import type { Action, ActionResult, Answer, Query } from "../../control.ts";
import type { EventLine, EventPlace } from "../../event_view.ts";
import type { RoomRights } from "../../rooms_control.ts";
import type { ViewerDetail } from "../../viewer_view.ts";
import type { ThemeName } from "../../screen_settings.ts";
import { simplified } from "../../words.ts";
import type { Pane as ShownPane, PaneLine } from "../../pane.ts";
import { type ActionName, keyFor } from "../../screen_keys.ts";
import { emptyEventList, type EventFilter, type EventList, keyOfEvent, noFilter } from "./event_list.ts";
import type { ServiceWork } from "../../session_report.ts";
import type { PastSession, SessionSums } from "../../session_view.ts";
import { emptySessionList, type SessionList } from "./session_list.ts";
import { emptyGiftList, type GiftList } from "./gift_list.ts";
import { type ChannelList, type ChannelView, emptyChannelList } from "./channel_list.ts";
import { isLowPane, type LowPane, type Pane, panes, type Size } from "./layout.ts";
import { type Cursor, following, type Move, windowOf } from "./list.ts";
import type { MouseInput } from "./terminal_input.ts";
import type { TestForm } from "./test_form.ts";

/** The content of the screen's body. Only main shows panes. `scroll` counts lines from the top; `askedMs` is a `takenMs`. */
export type View =
  | { kind: "main" }
  /** `text`: what is searched. */
  | { kind: "help"; scroll: number; text: string }
  | { kind: "service"; slug: string; detail: ServiceDetail | null; scroll: number; askedMs: number }
  | { kind: "event"; id: number; detail: EventDetail | null; scroll: number; askedMs: number }
  | ChannelView
  | { kind: "viewer"; eventId: number; detail: ViewerDetail | null; scroll: number; askedMs: number }
  | { kind: "log_line"; line: LogLine; scroll: number };

/** A dialog in front of the view. */
export type Dialog =
  /** `source` is null if there is none yet. */
  /** `why`: why the text was refused, or "". */
  | { kind: "username"; source: string | null; text: string; why: string }
  | { kind: "filter"; pane: "events" | "log" | "channels" | "gifts"; text: string; before: string }
  | { kind: "form"; form: TestForm }
  | LineDialog
  | { kind: "confirm"; question: string; action: Action };

/** Asks for one line of text: types of events, a text to search, or a time to jump to. */
export interface LineDialog {
  kind: "line";
  asks: "types" | "search" | "time" | "replay" | "note";
  text: string;
  /** Why what was typed cannot be done, as a sentence; "" if nothing is wrong. */
  why: string;
}

export const logLevels = ["info", "warn", "error"] as const;

/** A past session that is shown. What is null is not read yet. */
export interface ShownSession {
  session: PastSession;
  sums: SessionSums | null;
  work: ServiceWork[] | null;
  /** The filter of the live's events, which comes back with the live. */
  liveFilter: EventFilter;
}

export interface ScreenState {
  size: Size;
  snapshot: Snapshot;
  focus: Pane;
  /** The pane that the user chose for the lowest place; null before. */
  lowest: LowPane | null;
  isZoomed: boolean;
  /** The last view is on top, and Esc closes it. The first one is always main. */
  views: View[];
  dialog: Dialog | null;
  events: EventList;
  eventFilter: EventFilter;
  eventCursor: Cursor;
  /** Where the selected line is among all events that are shown; `of` says of which line and choice. */
  eventPlace: {
    of: string;
    found: EventPlace | null;
    /** Of which line and choice the place is being asked for; null if it is not. */
    asked: string | null;
    askedMs: number;
    eventCount: number;
  };
  /** The text that is searched in the events; null if none is. */
  search: string | null;
  /** The selected service, in both the services and the workers pane; null means the first. */
  serviceSlug: string | null;
  logFilter: { level: typeof logLevels[number]; text: string };
  logCursor: Cursor;
  channels: ChannelList;
  gifts: GiftList;
  sessions: SessionList;
  /** The past session that is shown in place of the live. */
  past: ShownSession | null;
  /** The selected line of the services' own panes; null means the first. */
  shownKey: string | null;
  /** The tone "note" only says why a key did nothing. */
  status: { text: string; tone: "done" | "error" | "note" } | null;
  /** Increases with each status, so that the expiry of an old status does not remove a new one. */
  statusNumber: number;
  /** Increases with each query of the events pane. Answers to earlier queries are ignored. */
  eventsAsked: number;
  isQuitting: boolean;
  /** Of a room that was opened from the list of many; null if this run has only one. */
  room: { rights: RoomRights } | null;
  /** The theme that a key chose; null: that of the config. */
  theme: ThemeName | null;
}

export type Message =
  | { kind: "snapshot"; snapshot: Snapshot }
  /** The screen begins in the middle of a live. */
  | { kind: "opened" }
  | { kind: "key"; action: ActionName }
  /** A key that does not work now. */
  | { kind: "key_off"; reason: string }
  | { kind: "typed"; text: string }
  | { kind: "mouse"; event: MouseInput }
  /** `pane` null: the open view. */
  | { kind: "scroll"; pane: Pane | null; move: Move }
  | { kind: "resized"; size: Size }
  /** `asked` is the number of the query. Only queries of the events pane are numbered. */
  | { kind: "answered"; query: Query; answer: Answer; asked: number }
  | { kind: "query_failed"; query: Query; asked: number; why: string }
  /** `action`: the action that has this result; null if something else has it, such as the editor. */
  | { kind: "status"; result: ActionResult; action?: Action | null }
  | { kind: "status_expired"; number: number };

/** A side effect that the reducer requests and the screen executes. */
export type Effect =
  | { kind: "dispatch"; action: Action }
  | { kind: "query"; query: Query; asked: number }
  | { kind: "edit_config" }
  | { kind: "repaint" }
  | { kind: "leave_room" }
  | { kind: "quit_now" };

export interface Step {
  state: ScreenState;
  effects: Effect[];
}

export function initialState(snapshot: Snapshot, size: Size): ScreenState {
  return {
    size,
    snapshot,
    focus: "events",
    lowest: null,
    isZoomed: false,
    views: [{ kind: "main" }],
    dialog: null,
    events: emptyEventList,
    eventFilter: noFilter,
    eventCursor: following,
    eventPlace: { of: "", found: null, asked: null, askedMs: 0, eventCount: 0 },
    search: null,
    serviceSlug: null,
    logFilter: { level: "info", text: "" },
    logCursor: following,
    channels: emptyChannelList,
    gifts: emptyGiftList,
    sessions: emptySessionList,
    past: null,
    shownKey: null,
    status: null,
    statusNumber: 0,
    eventsAsked: 0,
    isQuitting: false,
    room: null,
    theme: null,
  };
}

export function topView(state: ScreenState): View {
  return state.views.at(-1) as View;
}

/** The selected line of the events pane; null if it has none. */
export function selectedEvent({ events: { lines }, eventCursor }: ScreenState): EventLine | null {
  if (eventCursor.key === null) return lines.at(-1) ?? null;
  const { selected } = windowOf(lines.map(keyOfEvent), eventCursor, 1);
  return lines[selected] ?? null;
}

export function withTopView(state: ScreenState, view: View): ScreenState {
  return { ...state, views: [...state.views.slice(0, -1), view] };
}

/** The service that a key acts on: the open one, or else the selected one. */
export function selectedService(state: ScreenState): ServiceView | null {
  if (state.past !== null) return null;
  const view = topView(state);
  const slug = view.kind === "service" ? view.slug : state.serviceSlug;
  const { services } = state.snapshot;
  return services.find((service) => service.slug === slug) ?? services[0] ?? null;
}

/** The log's lines that pass its filter. */
export function shownLog(state: ScreenState): LogLine[] {
  const least = logLevels.indexOf(state.logFilter.level);
  const text = simplified(state.logFilter.text);
  return state.snapshot.log.filter((line) =>
    logLevels.indexOf(line.level) >= least &&
    (text === "" || simplified(`${line.from} ${line.text}`).includes(text))
  );
}

export function withStatus(
  state: ScreenState,
  text: string,
  tone: NonNullable<ScreenState["status"]>["tone"],
): ScreenState {
  return { ...state, status: { text, tone }, statusNumber: state.statusNumber + 1 };
}

/** Whether the source waits for the user to name a TikTok user. */
export function lacksUser({ switchable }: Snapshot, { name, connection, user }: SourceView): boolean {
  return connection.phase === "idle" && user === null && switchable.includes(name);
}

/** No user is set and nothing has happened, so the screen says how to start. */
export function isFirstRun({ snapshot }: ScreenState): boolean {
  const { sources, events } = snapshot;
  return events.length === 0 &&
    sources.every((source) => lacksUser(snapshot, source) && source.liveId === null);
}

/** Whether a live is being captured, or will be without any action. */
export function isCapturing({ snapshot }: ScreenState): boolean {
  return snapshot.sources.some(({ connection: { phase } }) => phase !== "idle" && phase !== "ended");
}

/** The source that plays a recording; null if none does. */
export function playedSource({ snapshot }: ScreenState): SourceView | null {
  return snapshot.sources.find(({ playback }) => playback !== null) ?? null;
}

export function sourceNames({ snapshot }: ScreenState): string[] {
  return snapshot.sources.map(({ name }) => name);
}

/** The lives that the events pane shows. */
export function livesOf({ sources }: Snapshot, { source }: EventFilter): number[] {
  return sources.filter(({ name }) => source === null || name === source)
    .flatMap(({ liveId }) => liveId ?? []);
}

/** The latest events of the snapshot, without those of a live that its source has left. */
export function presentEvents({ events, sources }: Snapshot): EventLine[] {
  const lives = new Map(sources.map(({ name, liveId }) => [name, liveId]));
  return events.filter(({ source, liveId }) => liveId === (lives.get(source) ?? liveId));
}

/** A line of a service's own pane. The first line of a pane is its title. */
export interface ShownRow {
  key: string;
  slug: string;
  title: string;
  line: PaneLine | null;
}

export function shownRows({ snapshot }: ScreenState): ShownRow[] {
  return snapshot.services.flatMap(({ slug, panes }) =>
    panes.flatMap(({ title, lines }) =>
      [null, ...lines].map((line, index) => ({ key: `${slug} ${title} ${index}`, slug, title, line }))
    )
  );
}

/** The service's pane at the cursor; null if there is none. */
export function selectedPane(state: ScreenState): { slug: string; pane: ShownPane } | null {
  if (topView(state).kind !== "main" || state.focus !== "shown") return null;
  const { key } = shownCursor(state);
  const row = shownRows(state).find((row) => row.key === key);
  const service = state.snapshot.services.find(({ slug }) => slug === row?.slug);
  const pane = service?.panes.find(({ title }) => title === row?.title);
  return row === undefined || pane === undefined ? null : { slug: row.slug, pane };
}

/** Whether any service has a pane of its own. */
export function hasShown({ snapshot }: ScreenState): boolean {
  return snapshot.services.some(({ panes }) => panes.length > 0);
}

/** The panes in the order in which Tab visits them. */
export function paneOrder(state: ScreenState): Pane[] {
  if (state.past !== null) return ["events", "services", lowestOf(state)];
  return panes.filter((pane) =>
    pane === state.focus ||
    (pane !== "shown" || hasShown(state)) && (pane !== "channels" || state.snapshot.hasChannels) &&
      (pane !== "gifts" && pane !== "sessions" || lowestOf(state) === pane)
  );
}

/** The pane in the lowest place. A run of nothing but readings starts with the channels. */
export function lowestOf({ lowest, past, snapshot: { sources, hasChannels } }: ScreenState): LowPane {
  if (past !== null) return lowest === "sessions" ? lowest : "gifts";
  const isTelemetry = hasChannels && sources.every(({ user }) => user === null) &&
    sources.some(({ readings }) => readings !== null);
  return lowest ?? (isTelemetry ? "channels" : "log");
}

export function shownCursor(state: ScreenState): Cursor {
  return { key: state.shownKey ?? shownRows(state)[0]?.key ?? null, row: 0 };
}

/** The keys of a pane's lines, in order. */
export function keysOf(state: ScreenState, pane: Pane): string[] {
  switch (pane) {
    case "events":
      return state.events.lines.map(keyOfEvent);
    case "services":
    case "workers":
      return (state.past === null ? state.snapshot.services : state.past.work ?? []).map(({ slug }) => slug);
    case "log":
      return shownLog(state).map(({ id }) => String(id));
    case "shown":
      return shownRows(state).map(({ key }) => key);
    case "channels":
      return state.channels.lines.map(({ source, item }) => `${source}/${item}`);
    case "gifts":
      return state.gifts.lines.map(({ id, name }) => `${id} ${name}`);
    case "sessions":
      return state.sessions.lines.map(({ id }) => String(id));
  }
}

export function themeOf({ theme, snapshot }: ScreenState): ThemeName {
  return theme ?? snapshot.settings.theme;
}

export function withFocus(state: ScreenState, focus: Pane): ScreenState {
  return { ...state, focus, lowest: isLowPane(focus) ? focus : state.lowest };
}

/** The key to press for an action, as it is bound now. */
export function keyTo(action: ActionName, { settings }: Snapshot): string {
  return keyFor(settings.keys, action);
}

/** The one of the last users who is in the field; null if it is none of them. */
export function chosenUser({ dialog, snapshot }: ScreenState): string | null {
  return dialog?.kind === "username" && snapshot.recentUsers.includes(dialog.text) ? dialog.text : null;
}

/** A step with this state and these effects. */
export function only(state: ScreenState, ...effects: Effect[]): Step {
  return { state, effects };
}

export function dispatch(action: Action): Effect {
  return { kind: "dispatch", action };
}
