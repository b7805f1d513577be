/** Warns of gifts in the config that nobody has ever seen. */
import { withCatalog } from "../app/gift_catalog.ts";
import type { Config } from "../config/config.ts";
import { unknownGifts } from "../config/unknown_gifts.ts";
import type { KnownGift } from "../gift.ts";
import { openReader } from "../store/open_reader.ts";
import { UserError } from "../user_error.ts";

/** The warnings, one line each; none if the gifts that were seen cannot be read. */
export async function giftWarnings(
  config: Pick<Config, "text" | "path">,
  readSeen: () => KnownGift[] | Promise<KnownGift[]>,
): Promise<string[]> {
  try {
    return unknownGifts(config, withCatalog(await readSeen()));
  } catch {
    // Whoever needs the database says what is wrong with it.
    return [];
  }
}

/** The gifts in a database that this process does not have open; none if there is no such database yet. */
export async function giftsIn(database: string): Promise<KnownGift[]> {
  try {
    const opened = await openReader(database);
    try {
      return opened.reader.gifts();
    } finally {
      opened.close();
    }
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}
