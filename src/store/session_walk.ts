/**
 * Walks over the events of some sessions by an index of sessions, which only PostgreSQL has: there the events of many
 * rooms are among one another. In SQLite one walks over all events within a range of ids.
 */
import { type Query, walk, type WalkOptions } from "./query.ts";

/** A session's events: the range of ids in which they are, both ends included. */
export interface SessionSpan {
  sessionId: number;
  from: number;
  to: number;
}

export interface SessionWalk extends Omit<WalkOptions, "from" | "to" | "values"> {
  sessions: readonly SessionSpan[];
}

interface Walk<Row> {
  row: Row;
  rest: Iterator<Row>;
}

/** Rows of all the sessions in the order of their ids. `sql` ends with "session_id = ?". */
export function* walkSessions<Row extends { id: number }>(
  query: Query,
  sql: string,
  { sessions, ...options }: SessionWalk,
): Generator<Row> {
  const { isDescending = false } = options;
  const isBefore = (one: number, other: number) => isDescending ? one > other : one < other;
  const start = ({ from, to }: SessionSpan) => isDescending ? to : from;
  const waiting = sessions.toSorted((a, b) => isBefore(start(a), start(b)) ? -1 : 1);
  const open: Walk<Row>[] = [];
  while (true) {
    let first = firstOf(open, isBefore);
    // A session is not read before its events may be the next ones.
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (first !== null && isBefore(first.row.id, start(next))) break;
      waiting.shift();
      const { sessionId, from, to } = next;
      advance(open, walk<Row>(query, sql, { ...options, values: [sessionId], from, to }));
      first = firstOf(open, isBefore);
    }
    if (first === null) return;
    yield first.row;
    open.splice(open.indexOf(first), 1);
    advance(open, first.rest);
  }
}

function firstOf<Row extends { id: number }>(
  open: readonly Walk<Row>[],
  isBefore: (one: number, other: number) => boolean,
): Walk<Row> | null {
  return open.reduce<Walk<Row> | null>(
    (first, walk) => first === null || isBefore(walk.row.id, first.row.id) ? walk : first,
    null,
  );
}

function advance<Row>(open: Walk<Row>[], rest: Iterator<Row>): void {
  const { done, value: row } = rest.next();
  if (!done) open.push({ row, rest });
}
