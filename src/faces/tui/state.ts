/** All that the screen remembers between two frames, and what is read off it in more than one place. */
import type { EventDetail, LogLine, ServiceDetail, ServiceView, Snapshot, TestEvent } from "../../control.ts";
import type { Action, ActionResult, Answer, Query } from "../../control.ts";
import { simplified } from "../../words.ts";
import { emptyEventList, type EventFilter, type EventList, keyOfEvent } from "./event_list.ts";
import { isTooSmall, type Layout, layOut, type Pane, type Size } from "./layout.ts";
import { type Cursor, following } from "./list.ts";
import type { ActionName } from "./keys.ts";

/** What fills the screen's body; only main shows panes. `scroll` counts lines from the top. */
export type View =
  | { kind: "main" }
  | { kind: "help"; scroll: number }
  | { kind: "service"; slug: string; detail: ServiceDetail | null; scroll: number; askedAt: number }
  | { kind: "event"; id: number; detail: EventDetail | null; scroll: number; askedAt: number }
  | { kind: "log_line"; line: LogLine; scroll: number };

/** The fields of the form for a test event, in order. */
export const formFields = ["type", "amount", "text"] as const;

/** What is asked in front of the view. A form's amount is text while it is typed, "" for one. */
export type Dialog =
  | { kind: "username"; text: string }
  | { kind: "filter"; pane: "events" | "log"; text: string; before: string }
  | { kind: "form"; field: typeof formFields[number]; type: TestEvent["type"]; amount: string; text: string }
  | { kind: "confirm"; question: string; action: Action };

export const logLevels = ["info", "warn", "error"] as const;

export interface ScreenState {
  size: Size;
  snapshot: Snapshot;
  focus: Pane;
  isZoomed: boolean;
  /** The last is on top; Esc goes back by one. Never empty: main is always the first. */
  views: View[];
  dialog: Dialog | null;
  events: EventList;
  eventFilter: EventFilter;
  eventCursor: Cursor;
  /** The selected service, in the services and the workers pane alike; null: the first. */
  serviceSlug: string | null;
  logFilter: { level: typeof logLevels[number]; text: string };
  logCursor: Cursor;
  /** A note only says why a key did nothing. */
  status: { text: string; tone: "done" | "error" | "note" } | null;
  /** Counts up with each status, so that an old one's end does not take a new one away. */
  statusNumber: number;
  /** Counts up with each question for the events pane: answers to earlier ones are let go. */
  eventsAsked: number;
  isQuitting: boolean;
}

export type Message =
  | { kind: "snapshot"; snapshot: Snapshot }
  | { kind: "key"; action: ActionName }
  /** A key that works elsewhere, or not now. */
  | { kind: "key_off"; reason: string }
  | { kind: "typed"; text: string }
  | { kind: "resized"; size: Size }
  /** `asked` is the number that its question had; only the events pane's are counted. */
  | { kind: "answered"; query: Query; answer: Answer; asked: number }
  | { kind: "query_failed"; query: Query; asked: number; why: string }
  | { kind: "status"; result: ActionResult }
  | { kind: "status_expired"; number: number };

/** What the reducer wants done; the screen does it. */
export type Effect =
  | { kind: "dispatch"; action: Action }
  | { kind: "query"; query: Query; asked: number }
  | { kind: "edit_config" }
  | { kind: "repaint" }
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
    isZoomed: false,
    views: [{ kind: "main" }],
    dialog: null,
    events: emptyEventList,
    eventFilter: { type: null, text: "" },
    eventCursor: following,
    serviceSlug: null,
    logFilter: { level: "info", text: "" },
    logCursor: following,
    status: null,
    statusNumber: 0,
    eventsAsked: 0,
    isQuitting: false,
  };
}

export function topView(state: ScreenState): View {
  return state.views.at(-1) as View;
}

/** The service that a key acts on: the one that is open, else the selected one. */
export function selectedService(state: ScreenState): ServiceView | null {
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

/** No user yet, and nothing was captured: the screen says how to begin. */
export function isFirstRun({ snapshot }: ScreenState): boolean {
  const { connection, hasSource, session, eventCount } = snapshot;
  return connection.phase === "idle" && !hasSource && session === null && eventCount === 0;
}

/** A live is captured, or will be by itself. */
export function isCapturing({ snapshot }: ScreenState): boolean {
  return snapshot.connection.phase !== "idle" && snapshot.connection.phase !== "ended";
}

const maxStoppingRows = 4;

/** What stands below the header: what a stop waits for, and a config's mistake. */
export function bannerLines(state: ScreenState): { text: string; isError: boolean }[] {
  const { stopping, configError } = state.snapshot;
  const lines: { text: string; isError: boolean }[] = [];
  if (stopping !== null || state.isQuitting) {
    lines.push({ text: "Stopping in order. Press q again to quit now.", isError: false });
    const waits = stopping ?? [];
    const shown = waits.length > maxStoppingRows ? waits.slice(0, maxStoppingRows - 1) : waits;
    lines.push(...shown.map((wait) => ({ text: `  waiting: ${wait}`, isError: false })));
    const rest = waits.length - shown.length;
    if (rest > 0) lines.push({ text: `  and for ${rest} more`, isError: false });
  }
  if (configError !== null) {
    const text = `The config has a mistake; the old settings stay in force: ${configError}`;
    lines.push({ text: text.replace(/\s+/g, " "), isError: true });
  }
  return lines;
}

export function layoutOf(state: ScreenState): Layout {
  return layOut({
    size: state.size,
    focus: state.focus,
    isZoomed: state.isZoomed,
    serviceCount: state.snapshot.services.length,
    bannerRows: isTooSmall(state.size) ? 0 : bannerLines(state).length,
  });
}

/** The keys of a pane's lines, in order. */
export function keysOf(state: ScreenState, pane: Pane): string[] {
  switch (pane) {
    case "events":
      return state.events.lines.map(keyOfEvent);
    case "services":
    case "workers":
      return state.snapshot.services.map(({ slug }) => slug);
    case "log":
      return shownLog(state).map(({ id }) => String(id));
  }
}

/** Lines of a pane below its title (and the names of its columns). */
export function linesOf(state: ScreenState, pane: Pane): number {
  const head = pane === "services" || pane === "workers" ? 2 : 1;
  return Math.max(0, layoutOf(state).panes[pane].rows - head);
}

/** A state, and what is to be done for it. */
export function only(state: ScreenState, ...effects: Effect[]): Step {
  return { state, effects };
}

export function dispatch(action: Action): Effect {
  return { kind: "dispatch", action };
}
