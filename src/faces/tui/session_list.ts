/** The list of past sessions, of which the screen only has the lines that the pane shows. */
import type { PastSession, SessionSums } from "../../session_view.ts";
import { emptyWindow, type WindowedList } from "./windowed_list.ts";

export interface SessionList extends WindowedList<PastSession> {
  /** Of the sessions that the pane has shown; they are read one by one. */
  sums: ReadonlyMap<number, SessionSums>;
  /** The session whose numbers are being read; null if none. */
  summing: number | null;
}

export const emptySessionList: SessionList = { ...emptyWindow, sums: new Map(), summing: null };
