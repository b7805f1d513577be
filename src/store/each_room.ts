/** Opens the rooms of a database one after the other, for a command. */
import { openRooms } from "./open.ts";
import { heldError } from "./rooms.ts";
import { Store, type StoreOptions } from "./store.ts";

/** A room that was left out, because a machine has it. */
export interface HeldRoom {
  /** The streamer; "" for the room of a show that has no streamer. */
  name: string;
  /** The machine; "" if its name is not known. */
  heldBy: string;
}

export interface EachRoomOptions extends Pick<StoreOptions, "address" | "durability" | "clock" | "log"> {
  /** Only this streamer's room; default: all rooms. */
  only?: string | undefined;
}

/**
 * Runs `use` with the store of each room that no machine has. `isOnly`: the database has no rooms of streamers, and the
 * store is that of all. Throws a `UserError` if the only room is held, or if the database cannot be used.
 */
export async function eachRoom(
  { only, ...options }: EachRoomOptions,
  use: (store: Store, room: { isOnly: boolean }) => Promise<void>,
): Promise<HeldRoom[]> {
  const { clock, log } = options;
  const rooms = await openRooms({ ...options, machine: Deno.hostname() });
  try {
    // Removed streamers have left their events.
    const streamers = new Set([...rooms.streamers.list().map(({ name }) => name), ...rooms.known()]);
    const isOnly = streamers.size === 0;
    const held: HeldRoom[] = [];
    // A show that had the database alone may have left events of its own.
    for (const streamer of only === undefined ? [...streamers, ""] : [only]) {
      const taken = await rooms.take(streamer, { clock, log });
      if (taken instanceof Store) await used(taken, (store) => use(store, { isOnly }));
      else if (isOnly) throw heldError(rooms.name, taken);
      else held.push({ name: streamer, ...taken });
    }
    return held;
  } catch (error) {
    throw rooms.explained(error);
  } finally {
    await rooms.close();
  }
}

async function used(store: Store, use: (store: Store) => Promise<void>): Promise<void> {
  try {
    await use(store);
  } finally {
    await store.stop();
  }
}
