/**
 * The pane of past sessions, and the past session that the screen shows: a part of the reducer, and pure as well. Only
 * what the screen shows changes. The live goes on.
 */
import type { Query } from "../../control.ts";
import type { PastSession, SessionsPage, SessionSumsFound, SessionWork } from "../../session_view.ts";
import { noFilter } from "./event_list.ts";
import { startOver } from "./events_pane.ts";
import { showGifts } from "./gifts_pane.ts";
import type { Move } from "./list.ts";
import { linesOf } from "./room.ts";
import { emptySessionList } from "./session_list.ts";
import { type Effect, only, type ScreenState, type Step, topView } from "./state.ts";
import { hasLines, moved, selectedLine, withPage } from "./windowed_list.ts";

/** How old the list may become. */
const ageLimitMs = 5_000;
/** An answer comes within this time. */
const answeredWithinMs = 1_000;
/** The numbers of so many sessions are kept. */
const maxSums = 1_000;

export function sessionRows(state: ScreenState): number {
  return Math.max(1, linesOf(state, "sessions"));
}

/** Shows the pane. The numbers are read anew. */
export function showSessions(state: ScreenState): Step {
  return askSessions({ ...state, sessions: { ...state.sessions, summed: emptySessionList.summed } });
}

export function moveInSessions(state: ScreenState, move: Move): Step {
  const rows = sessionRows(state);
  const next = { ...state, sessions: moved(state.sessions, move, rows) };
  return hasLines(next.sessions, rows) ? askSums(next) : askSessions(next);
}

function askSessions(state: ScreenState): Step {
  const query: Query = { kind: "sessions", first: state.sessions.first, limit: sessionRows(state) };
  const sessions = { ...state.sessions, askedMs: state.snapshot.takenMs };
  return only({ ...state, sessions }, { kind: "query", query, asked: 0 });
}

export function withSessions(
  state: ScreenState,
  { first }: Query & { kind: "sessions" },
  { count, lines }: SessionsPage,
): Step {
  return askSums({ ...state, sessions: withPage(state.sessions, { from: first, count, lines }) });
}

/** Asks for the numbers of the sessions in the window that were not read yet. */
function askSums(state: ScreenState): Step {
  const { lines, summed, isSumming, first, linesFrom } = state.sessions;
  const shown = lines.slice(Math.max(0, first - linesFrom)).slice(0, sessionRows(state));
  const ids = shown.map(({ id }) => id).filter((id) => !summed.has(id));
  if (isSumming || ids.length === 0) return only(state);
  const sessions = { ...state.sessions, isSumming: true };
  return only({ ...state, sessions }, { kind: "query", query: { kind: "session_sums", ids }, asked: 0 });
}

/** Takes the numbers for the list, and for the session that is shown. */
export function withSessionSums(state: ScreenState, found: SessionSumsFound["sums"]): Step {
  const { sessions, past } = state;
  const sums = new Map([...sessions.sums, ...found.map((each) => [each.id, each] as const)].slice(-maxSums));
  const summed = new Set([...sessions.summed, ...found.map(({ id }) => id)]);
  const ofPast = past === null ? undefined : sums.get(past.session.id);
  return askSums({
    ...state,
    past: past === null ? null : { ...past, sums: ofPast ?? past.sums },
    sessions: { ...sessions, sums, summed, isSumming: false },
  });
}

/** Reads what the pane shows again, if it is visible and old. */
export function refreshSessions(state: ScreenState): Step {
  if (topView(state).kind !== "main" || linesOf(state, "sessions") === 0) return only(state);
  const ageMs = state.snapshot.takenMs - state.sessions.askedMs;
  const isIncomplete = !hasLines(state.sessions, sessionRows(state)) && ageMs >= answeredWithinMs;
  return ageMs >= ageLimitMs || isIncomplete ? askSessions(state) : only(state);
}

/** Shows the selected session in place of the live. */
export function openSession(state: ScreenState): Step {
  const session = selectedLine(state.sessions);
  if (session === null) return only(state);
  const liveFilter = state.past?.liveFilter ?? state.eventFilter;
  const past = { session, work: null, sums: state.sessions.sums.get(session.id) ?? null, liveFilter };
  const opened = showAnew({ ...state, past, eventFilter: noFilter, lowest: "gifts" });
  return only(opened.state, ...opened.effects, ...questionsAbout(session));
}

/** Shows the live again. */
export function leaveSession(state: ScreenState): Step {
  if (state.past === null) return only(state);
  return showAnew({ ...state, past: null, eventFilter: state.past.liveFilter, lowest: "sessions" });
}

/** Other events and gifts are shown from now on. */
function showAnew(state: ScreenState): Step {
  const started = startOver({ ...state, search: null, isZoomed: false, focus: "events" });
  const gifts = showGifts(started.state, { text: "", isAll: false });
  return only(gifts.state, ...started.effects, ...gifts.effects);
}

function questionsAbout({ id }: PastSession): Effect[] {
  return [
    { kind: "query", query: { kind: "session_work", id }, asked: 0 },
    { kind: "query", query: { kind: "session_sums", ids: [id] }, asked: 0 },
  ];
}

export function withSessionWork(state: ScreenState, id: number, { services }: SessionWork): Step {
  if (state.past?.session.id !== id) return only(state);
  return only({ ...state, past: { ...state.past, work: services } });
}
