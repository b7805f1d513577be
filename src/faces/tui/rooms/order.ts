/** Which rooms the list shows, and in which order. */
import { msg } from "../../../language.ts";
import type { RoomLine } from "../../../rooms_control.ts";
import { simplified } from "../../../words.ts";

export const roomOrders = ["name", "trouble", "failed", "pending", "rate", "viewers"] as const;
export type RoomOrder = typeof roomOrders[number];

/** Marked for translation. */
export const orderNames: Record<RoomOrder, string> = {
  name: msg("by name"),
  trouble: msg("those in trouble first"),
  failed: msg("most failed first"),
  pending: msg("most pending first"),
  rate: msg("most events first"),
  viewers: msg("most viewers first"),
};

const values: Record<RoomOrder, (room: RoomLine) => number> = {
  name: () => 0,
  trouble: ({ trouble }) => trouble === null ? 0 : 1,
  failed: ({ failed }) => failed,
  pending: ({ pending }) => pending,
  rate: ({ eventsPerSecond }) => eventsPerSecond,
  viewers: ({ viewers }) => viewers ?? -1,
};

/** The rooms that have the text, the highest value first. Rooms of the same value keep their order. */
export function chosenRooms(
  rooms: readonly RoomLine[],
  { text, order }: { text: string; order: RoomOrder },
): RoomLine[] {
  const wanted = simplified(text.trim().replace(/^@/, ""));
  const value = values[order];
  const chosen = wanted === "" ? [...rooms] : rooms.filter((room) => has(room, wanted));
  return order === "name" ? chosen : chosen.sort((one, other) => value(other) - value(one));
}

function has({ streamer, machine, wantedMachine, trouble }: RoomLine, wanted: string): boolean {
  return simplified([streamer, machine, wantedMachine, trouble].join(" ")).includes(wanted);
}
