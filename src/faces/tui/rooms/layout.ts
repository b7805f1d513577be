/** The rows that each part of the list of rooms takes. */
import { t } from "../../../language.ts";
import type { Size } from "../layout.ts";
import { wrap } from "../width.ts";
import { keyTo, type RoomsState } from "./state.ts";
import { messageLines } from "./view/message.ts";

/** In a smaller terminal the list only says that it is too small. */
export const smallestList: Size = { columns: 40, rows: 12 };

export function isTooSmall({ columns, rows }: Size): boolean {
  return columns < smallestList.columns || rows < smallestList.rows;
}

export interface RoomsLayout {
  header: number;
  /** The table with its title and its column headings, or the view in its place. */
  body: number;
  /** What troubles the selected room. */
  trouble: number;
  /** With its title. */
  log: number;
  footer: number;
}

const countRows = 2;
const maxBannerRows = 3;
/** The title and the column headings. */
export const tableHead = 2;

export interface Banner {
  text: string;
  isError: boolean;
  /** Whether it continues the row above. */
  isMore: boolean;
}

/** Why the list may be old, and what a stop waits for. */
export function banners(state: RoomsState): Banner[] {
  const { snapshot: { trouble, stopping = null }, isQuitting, size: { columns } } = state;
  const lines: Omit<Banner, "isMore">[] = [];
  if (trouble !== null) lines.push({ text: trouble, isError: true });
  if (isQuitting || stopping !== null) {
    const text = t`Stopping in order. Press ${keyTo("quit", state)} again to quit at once.`;
    lines.push({ text: stopping === null ? text : `${text} ${stopping}`, isError: false });
  }
  return lines.flatMap(({ text, isError }) =>
    wrap(text.replace(/\s+/g, " "), columns - 4, maxBannerRows).map((row, index) => ({
      text: row,
      isError,
      isMore: index > 0,
    }))
  );
}

/** Rows for the hosts: one for all of them, and in a tall window one for each. */
export function hostRows({ snapshot: { hosts }, size: { rows } }: RoomsState): number {
  if (hosts.length === 0) return 0;
  return rows < 32 ? 1 : Math.min(hosts.length, rows < 50 ? 4 : 8);
}

export function layOut(state: RoomsState): RoomsLayout {
  const { size: { rows }, snapshot, lines, view } = state;
  const header = countRows + banners(state).length + hostRows(state);
  const footer = messageLines(state).length + 1;
  const rest = Math.max(0, rows - header - footer);
  if (view.kind !== "list") return { header, footer, body: rest, trouble: 0, log: 0 };
  const log = snapshot.log === undefined || rest < 12 ? 0 : Math.max(4, Math.floor(rest * 0.2));
  const isTroubled = lines.some((room) => room.trouble !== null);
  const trouble = !isTroubled || rest < 8 ? 0 : rest < 30 || hasNotes(state.size) ? 1 : 2;
  return { header, footer, trouble, log, body: rest - log - trouble };
}

/** Whether each row has room for what troubles the room. */
export function hasNotes({ columns }: Size): boolean {
  return columns >= 110;
}

/** The number of rooms in the window. */
export function roomRows(state: RoomsState): number {
  return Math.max(1, layOut(state).body - tableHead);
}
