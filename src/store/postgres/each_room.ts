/** Opens the rooms of a PostgreSQL database one after the other, for a command. */
import { databaseShown } from "../../database_address.ts";
import { Store, type StoreOptions } from "../store.ts";
import { heldError, PostgresRooms } from "./rooms.ts";
import { explained } from "./trouble.ts";

/** A room that was left out, because a machine has it. */
export interface HeldRoom {
  /** The streamer. */
  name: string;
  /** The machine; "" if its name is not known. */
  heldBy: string;
}

export type EachRoomOptions = Pick<StoreOptions, "address" | "durability" | "clock" | "log">;

/** As `eachRoom`. */
export async function eachRoomOnServer(
  { address, durability, clock, log }: EachRoomOptions,
  use: (store: Store, room: { isOnly: boolean }) => Promise<void>,
): Promise<HeldRoom[]> {
  const name = databaseShown(address);
  const rooms = await PostgresRooms.open({ address, durability, clock, log, machine: Deno.hostname() });
  try {
    const streamers = rooms.streamers.list().map((streamer) => streamer.name);
    const isOnly = streamers.length === 0;
    const held: HeldRoom[] = [];
    // A show that had the database alone may have left events of its own.
    for (const streamer of [...streamers, ""]) {
      const taken = await rooms.take(streamer, { clock, log });
      if (taken instanceof Store) await used(taken, (store) => use(store, { isOnly }));
      else if (isOnly) throw heldError(name, taken);
      else held.push({ name: streamer, ...taken });
    }
    return held;
  } catch (error) {
    throw explained(name, error);
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
