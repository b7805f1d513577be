import { CountedIds, type NextIds } from "../../src/ids.ts";

/** Ids from 1, or from these. */
export function idsFrom(next: Partial<NextIds> = {}): CountedIds {
  return new CountedIds({ live: 1, session: 1, event: 1, item: 1, ...next });
}
