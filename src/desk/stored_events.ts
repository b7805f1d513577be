/** Reads from the database what helps to write a rule. Without a database, there is nothing to show. */
import { withCatalog } from "../app/gift_catalog.ts";
import type { LiveEvent } from "../event.ts";
import { openReader } from "../store/open_reader.ts";
import type { OpenReader, Reader } from "../store/reader.ts";
import { UserError } from "../user_error.ts";
import type { ViewerNumbers } from "../viewer.ts";

const shownCount = 50;
/** More than the gifts that a live offers. */
const maxGifts = 1000;

/** An event, and what its viewer's numbers are now. */
export interface SeenEvent {
  event: LiveEvent;
  viewer: ViewerNumbers;
}

export class StoredEvents {
  readonly #database: string;

  constructor(database: string) {
    this.#database = database;
  }

  /** The latest events of these types, the latest first. */
  async latest(types: readonly string[]): Promise<SeenEvent[]> {
    return await this.#read(
      [],
      (reader) =>
        types.flatMap((type) => reader.events({ type, limit: shownCount }))
          .sort((a, b) => b.id - a.id).slice(0, shownCount)
          .map((event) => ({ event, viewer: reader.viewers.numbersIn(event.liveId, event.user.id) })),
    );
  }

  /** The gifts that were seen, the latest first, and then those of the catalog. */
  async gifts(): Promise<{ name: string; diamonds: number }[]> {
    const seen = await this.#read([], (reader) => reader.gifts().slice(0, maxGifts));
    return withCatalog(seen).map(({ name, diamonds }) => ({ name, diamonds }));
  }

  async #read<Result>(nothing: Result, read: (reader: Reader) => Result): Promise<Result> {
    let opened: OpenReader;
    try {
      opened = await openReader(this.#database);
    } catch (error) {
      // There is no database before the first live.
      if (error instanceof UserError) return nothing;
      throw error;
    }
    try {
      return read(opened.reader);
    } finally {
      opened.close();
    }
  }
}
