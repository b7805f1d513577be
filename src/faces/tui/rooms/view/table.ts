/** The table with a row per room, and what troubles the selected one. */
import { msg, t, translated } from "../../../../language.ts";
import type { RoomLine } from "../../../../rooms_control.ts";
import { formatCount, formatRate } from "../../format.ts";
import { windowOf } from "../../list.ts";
import type { Line, Span, Style } from "../../theme.ts";
import { phases } from "../../view/header.ts";
import {
  type Column,
  columnTitles,
  fitColumns,
  markerWidth,
  rowLine,
  selectable,
  titleLine,
} from "../../view/pane.ts";
import { steady, textWidth, truncate, wrap } from "../../width.ts";
import { hasNotes, layOut, roomRows } from "../layout.ts";
import { orderNames } from "../order.ts";
import { keysOf, keyTo, type RoomsState, selectedRoom } from "../state.ts";

const noMachine: { sign: string; word: string; style: Style } = {
  sign: "○",
  word: msg("not captured"),
  style: "warning",
};
/** By a machine that says no more of the room. */
const elsewhere: typeof noMachine = { sign: "·", word: msg("captured"), style: "plain" };

function stateSpan({ machine, phase, trouble }: RoomLine): Span {
  const { sign, word, style } = phase !== null ? phases[phase] : machine === null ? noMachine : elsewhere;
  return trouble === null
    ? { text: `${sign} ${translated(word)}`, style }
    : { text: `! ${translated(word)}`, style: "bad" };
}

const oneLine = (text: string) => text.replace(/\s+/g, " ");

function countColumn(
  title: string,
  { width, importance }: { width: number; importance: number },
  cell: (room: RoomLine) => Span,
): Column<RoomLine> {
  return { title, width, importance, align: "right", cell };
}

/** Nobody counts a room that no machine captures, or of which its machine says no more. */
const counts = ({ phase }: RoomLine) => phase !== null;

const nameColumn = msg("streamer");
const noteColumn = msg("note");

/** The columns of a narrow window; a wide one has longer names, and what troubles each room. */
function roomColumns(isWide: boolean): Column<RoomLine>[] {
  const columns: Column<RoomLine>[] = [
    {
      title: nameColumn,
      width: isWide ? 24 : 15,
      importance: 0,
      cell: ({ streamer }) => ({ text: oneLine(streamer), style: "strong" }),
    },
    { title: msg("state"), width: 14, importance: 1, cell: stateSpan },
    countColumn(msg("viewers"), { width: 7, importance: 5 }, ({ viewers }) => ({
      text: viewers === null ? "-" : formatCount(viewers),
    })),
    countColumn(msg("events/s"), { width: 8, importance: 4 }, (room) => ({
      text: counts(room) ? formatRate(room.eventsPerSecond).replace("/s", "") : "-",
    })),
    countColumn(msg("pending"), { width: 7, importance: 3 }, (room) => ({
      text: counts(room) ? formatCount(room.pending) : "-",
    })),
    countColumn(msg("failed"), { width: 6, importance: 2 }, (room) => ({
      text: counts(room) ? formatCount(room.failed) : "-",
      style: room.failed > 0 ? "bad" : "plain",
    })),
    { title: msg("machine"), width: isWide ? 20 : 9, importance: 6, cell: machineSpan },
  ];
  if (!isWide) return columns;
  const note = ({ trouble }: RoomLine): Span => ({ text: oneLine(trouble ?? ""), style: "bad" });
  return [...columns, { title: noteColumn, width: 12, importance: 7, cell: note }];
}

/** "studio-1", or "studio-1 → studio-2" while the room moves. */
function machineSpan({ machine, wantedMachine }: RoomLine, width: number): Span {
  const here = oneLine(machine ?? "-");
  if (wantedMachine === null || wantedMachine === machine) return { text: here };
  const text = `${here} → ${oneLine(wantedMachine)}`;
  return { text: textWidth(steady(text)) > width ? `→ ${oneLine(wantedMachine)}` : text, style: "accent" };
}

export function tableLines(state: RoomsState): Line[] {
  const { lines, cursor, text, order, snapshot: { rooms }, size: { columns: width } } = state;
  const { first, selected } = windowOf(keysOf(state), cursor, roomRows(state));
  const notes: Span[] = [];
  if (lines.length > 0) notes.push({ text: t`${formatCount(selected + 1)} of ${formatCount(lines.length)}` });
  notes.push({ text: translated(orderNames[order]) });
  if (text !== "") notes.push({ text: t`with “${text}”`, style: "warning" });
  const title = headingLine(t`Rooms`, notes, width);
  if (lines.length === 0) return [title, [], ...whyNone(state, rooms.length)];
  const isWide = hasNotes(state.size);
  const flexible = isWide ? { title: noteColumn, widest: 200 } : { title: nameColumn, widest: 28 };
  const columns = fitColumns(roomColumns(isWide), width - markerWidth + 2, flexible);
  const shown = lines.slice(first, first + roomRows(state)).map((room, index) =>
    selectable(rowLine(columns, room), { isSelected: first + index === selected, isFocused: true })
  );
  return [title, columnTitles(columns), ...shown];
}

/** "━ Rooms ━ 3 of 14 ━━━━". */
export function headingLine(name: string, notes: Span[], columns: number): Line {
  return titleLine({ number: null, name, notes, isFocused: true }, columns);
}

function whyNone(state: RoomsState, count: number): Line[] {
  const why = count > 0
    ? t`No room has this text. Press ${keyTo("back", state)} to show all.`
    : t`There is no streamer yet. Add one: deno task livecue streamers add NAME`;
  return wrap(why, state.size.columns - 4).map((text): Line => [{ text: `  ${text}` }]);
}

/** "! @ana  Its service greeter is switched off." */
export function troubleLines(state: RoomsState): Line[] {
  const room = selectedRoom(state);
  const { trouble: rows } = layOut(state);
  if (rows === 0 || room === null || room.trouble === null) return [];
  const width = state.size.columns - 4;
  const text = oneLine(`@${room.streamer}  ${room.trouble}`);
  const all = wrap(text, width, rows + 1);
  const shown = all.slice(0, rows);
  if (all.length > rows) shown[rows - 1] = truncate(`${shown[rows - 1]} …`, width);
  return shown.map((row, index): Line => [{ text: `  ${index === 0 ? "!" : " "} ${row}`, style: "bad" }]);
}
