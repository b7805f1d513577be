/** How a service gets at stored readings. */
import type { ReadingAnswer, ReadingQuery } from "../../reading_query.ts";

export interface ReadingAccess {
  /** Of a long window, only the first part is returned: see `nextFrom`. */
  query<Query extends ReadingQuery>(query: Query): Promise<ReadingAnswer<Query>>;
}
