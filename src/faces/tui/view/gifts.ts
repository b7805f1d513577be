/** The gifts pane, with a row per gift. */
import type { GiftOrder, KnownGift } from "../../../gift.ts";
import { msg, t, translated } from "../../../language.ts";
import { formatCount, formatMoment } from "../format.ts";
import { giftRows } from "../gifts_pane.ts";
import { layoutOf } from "../room.ts";
import { keyTo, type ScreenState } from "../state.ts";
import type { Line, Span } from "../theme.ts";
import {
  type Column,
  columnTitles,
  fitColumns,
  markerWidth,
  rowLine,
  selectable,
  titleLine,
} from "./pane.ts";

const giftColumns: readonly Column<KnownGift>[] = [
  {
    title: msg("gift"),
    width: 24,
    importance: 0,
    cell: ({ name }) => ({ text: name || "-", style: "strong" }),
  },
  {
    title: msg("diamonds"),
    width: 8,
    importance: 1,
    align: "right",
    cell: ({ diamonds }) => ({ text: formatCount(diamonds) }),
  },
  {
    title: msg("seen"),
    width: 8,
    importance: 2,
    align: "right",
    cell: ({ count }) => ({ text: count === 0 ? "-" : formatCount(count), style: "accent" }),
  },
  {
    title: msg("last seen"),
    width: 16,
    importance: 3,
    cell: ({ lastAt }) => ({ text: formatMoment(lastAt) }),
  },
  {
    title: msg("first seen"),
    width: 16,
    importance: 5,
    cell: ({ firstAt }) => ({ text: formatMoment(firstAt) }),
  },
  {
    title: msg("number"),
    width: 8,
    importance: 4,
    align: "right",
    cell: ({ id }) => ({ text: id === 0 ? "-" : String(id) }),
  },
  {
    title: msg("worth"),
    width: 9,
    importance: 5.5,
    align: "right",
    cell: ({ count, diamonds }) => ({ text: count === 0 ? "-" : formatCount(count * diamonds) }),
  },
  { title: msg("picture"), width: 20, importance: 6, cell: ({ imageUrl }) => ({ text: imageUrl || "-" }) },
];

const orderNames: Record<GiftOrder, string> = {
  count: msg("most seen first"),
  diamonds: msg("highest price first"),
  name: msg("by name"),
  first: msg("earliest seen first"),
  last: msg("latest seen first"),
};

export function giftsLines(state: ScreenState): Line[] {
  const { columns: width } = layoutOf(state).panes.gifts;
  const { text, order, isAll, count, selected, first, lines, linesFrom } = state.gifts;
  const isFocused = state.focus === "gifts";
  const notes: Span[] = [];
  if (count !== null) {
    notes.push({ text: t`${formatCount(Math.min(count, selected + 1))} of ${formatCount(count)}` });
  }
  if (state.past !== null) notes.push({ text: t`of this session` });
  notes.push({ text: translated(orderNames[order]) });
  if (isAll) notes.push({ text: t`with those not seen yet` });
  if (text !== "") notes.push({ text: t`with “${text}”`, style: "warning" });
  const title = titleLine({ number: 7, name: t`Gifts`, notes, isFocused }, width);
  if (count === 0) return [title, [{ text: `  ${whyNone(state)}` }]];
  const flexible = width < 104 ? { title: "gift", widest: 40 } : { title: "picture", widest: 120 };
  const columns = fitColumns(giftColumns, width - markerWidth + 2, flexible);
  const rows = Math.min(giftRows(state), (count ?? 0) - first);
  const shown = Array.from({ length: Math.max(0, rows) }, (_, row): Line => {
    const gift = lines[first + row - linesFrom];
    const cells = gift === undefined ? [{ text: "…" }] : rowLine(columns, gift);
    return selectable(cells, { isSelected: first + row === selected, isFocused });
  });
  return [title, columnTitles(columns), ...shown];
}

function whyNone({ past, gifts: { text, isAll }, snapshot }: ScreenState): string {
  if (text !== "") return t`No gift has this text in its name. Press ${keyTo("back", snapshot)} to show all.`;
  if (past !== null) return t`No gift was given in this session.`;
  if (isAll) return t`No gift is known.`;
  return t`No gift has been seen yet. Press ${
    keyTo("all_gifts", snapshot)
  } to show the gifts of the catalog.`;
}
