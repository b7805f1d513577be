/** What `check` says of the rows of a database of either kind. */
import { t } from "../language.ts";

export interface CheckReport {
  /** null if the rows cannot be counted. */
  events: number | null;
  sessions: number | null;
  /** One sentence per fault, up to a limit per kind; empty if nothing is wrong. */
  faults: string[];
}

/** How many faults of one kind are listed. A query asks for one more. */
export const listedPerKind = 20;

/** Runs a statement of SQL that both kinds understand. */
type Rows = (sql: string) => Record<string, unknown>[];

/** A value that Livecue cannot have written. `row`: its key, or null. `what`: of its rule. */
export function valueFault(
  { table, row, column, what }: { table: string; row: unknown; column: string; what: string },
): string {
  return `${table}, row ${row ?? "without a number"}: ${column} is not ${what}.`;
}

export function referenceFault(
  { table, row, parent }: { table: string; row: unknown; parent: unknown },
): string {
  return `${table}, row ${row ?? "without a number"}: it refers to a row of ${parent} that does not exist.`;
}

/** Sessions with events that are not between their first and their last one. */
export function eventsOutside(rows: Rows): string[] {
  return rows(
    `SELECT session.id, count(*) AS events FROM live_event AS event
      JOIN live_session AS session ON session.id = event.session_id
      WHERE event.id < session.events_from OR event.id > session.events_to
      GROUP BY session.id LIMIT ${listedPerKind + 1}`,
  ).map(({ id, events }) =>
    t`live_session, row ${id}: ${events} of its events are outside events_from to events_to.`
  );
}

/** Messages that a session has more than once. */
export function messagesTwice(rows: Rows): string[] {
  return rows(
    `SELECT session_id, CAST(message_id AS TEXT) AS message, count(*) AS events FROM live_event
      WHERE message_id IS NOT NULL AND streak_id IS NULL
      GROUP BY session_id, room_id, message_id, event_type HAVING count(*) > 1 LIMIT ${listedPerKind + 1}`,
  ).map(({ session_id, message, events }) =>
    t`live_event: session ${session_id} has the message ${message} ${events} times.`
  );
}

/** Cut to the limit. `what`: names the kind. */
export function listed(what: string, faults: string[]): string[] {
  if (faults.length <= listedPerKind) return faults;
  return [...faults.slice(0, listedPerKind), t`${what}: there are more faults of this kind.`];
}
