/** The list of past sessions, of which the screen only has the lines that the pane shows. */
import type { PastSession, SessionSums } from "../../session_view.ts";
import { emptyWindow, type WindowedList } from "./windowed_list.ts";

export interface SessionList extends WindowedList<PastSession> {
  /** Of the sessions that the pane has shown; they are read a few at a time. */
  sums: ReadonlyMap<number, SessionSums>;
  /** The sessions whose numbers were read since the pane was opened. */
  summed: ReadonlySet<number>;
  isSumming: boolean;
}

export const emptySessionList: SessionList = {
  ...emptyWindow,
  sums: new Map(),
  summed: new Set(),
  isSumming: false,
};
