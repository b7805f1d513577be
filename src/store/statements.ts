/** Operations as SQL. Statements are prepared once: preparing anew costs two thirds of the speed. */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { eventValues, insertEventSql } from "./event_row.ts";
import type { Operation } from "./operation.ts";
import { inTransaction } from "./schema.ts";

/** An operation with its values bound: what is written is what they were then. */
export interface BoundOperation {
  operation: Operation;
  statement: StatementSync;
  values: SQLInputValue[];
}

const sql = {
  openSession: `INSERT INTO live_session (id, username, name, room_id, source, status, started_at)
    VALUES (?, ?, ?, ?, ?, 'active', ?)`,
  closeSession: `UPDATE live_session SET status = ?, ended_at = ?, end_reason = ? WHERE id = ?`,
  updateShed: `UPDATE live_session SET shed = ? WHERE id = ?`,
  insertEvent: insertEventSql,
  endStreak: `UPDATE live_event SET streak_ended = 1 WHERE id = ?`,
  insertItem: `INSERT INTO event_queue (id, service_id, live_event_id, priority, is_async, is_discardable,
      count, status, created_at, finished_at, discard_reason)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  discardItem: `UPDATE event_queue
    SET status = 'discarded', discard_reason = ?, finished_at = ?, not_before = NULL
    WHERE id = ? AND status = 'pending'`,
  claimItem: `UPDATE event_queue
    SET status = 'processing', attempts = ?, started_at = ?, not_before = NULL
    WHERE id = ? AND status = 'pending'`,
  finishItem: `UPDATE event_queue
    SET status = ?, failures = ?, crashes = ?, finished_at = ?, error = ?
    WHERE id = ? AND status = 'processing' AND attempts = ?`,
  releaseItem: `UPDATE event_queue
    SET status = 'pending', failures = ?, crashes = ?, not_before = ?, error = ?, started_at = NULL
    WHERE id = ? AND status = 'processing' AND attempts = ?`,
  retryItem: `UPDATE event_queue
    SET status = 'pending', failures = 0, crashes = 0, not_before = NULL,
      started_at = NULL, finished_at = NULL, error = NULL, discard_reason = NULL
    WHERE id = ? AND status IN ('failed', 'discarded')`,
  setState: `INSERT INTO service_state (service_id, session_id, key, value) VALUES (?, ?, ?, ?)
    ON CONFLICT (service_id, coalesce(session_id, 0), key) DO UPDATE SET value = excluded.value`,
  deleteState: `DELETE FROM service_state
    WHERE service_id = ? AND coalesce(session_id, 0) = coalesce(?, 0) AND key = ?`,
  setConfig: `INSERT INTO config (meta_key, meta_value) VALUES (?, ?)
    ON CONFLICT (meta_key) DO UPDATE SET meta_value = excluded.meta_value`,
} as const;

type StatementName = keyof typeof sql;

export class Statements {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<StatementName, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Throws a `TypeError` where a value cannot be written as JSON. Writes nothing yet. */
  bind(operation: Operation): BoundOperation {
    const [name, ...values] = statementFor(operation);
    return { operation, statement: this.#prepare(name), values };
  }

  /** Writes at once, in a transaction of its own. */
  execute(operations: readonly Operation[]): void {
    inTransaction(this.#database, () => {
      for (const { statement, values } of operations.map((operation) => this.bind(operation))) {
        statement.run(...values);
      }
    });
  }

  #prepare(name: StatementName): StatementSync {
    let statement = this.#prepared.get(name);
    if (statement === undefined) {
      statement = this.#database.prepare(sql[name]);
      this.#prepared.set(name, statement);
    }
    return statement;
  }
}

function statementFor(operation: Operation): [StatementName, ...SQLInputValue[]] {
  switch (operation.kind) {
    case "open_session": {
      const { id, username, name, roomId, source, startedAt } = operation;
      return ["openSession", id, username, name, roomId, source, startedAt];
    }
    case "close_session":
      return ["closeSession", operation.status, operation.endedAt, operation.reason, operation.id];
    case "update_shed":
      return ["updateShed", JSON.stringify(operation.shed), operation.id];
    case "insert_event":
      return ["insertEvent", ...eventValues(operation.event)];
    case "end_streak":
      return ["endStreak", operation.eventId];
    case "insert_item":
      return ["insertItem", ...itemValues(operation)];
    case "discard_item":
      return ["discardItem", operation.reason, operation.at, operation.id];
    case "claim_item":
      return ["claimItem", operation.attempts, operation.startedAt, operation.id];
    case "finish_item": {
      const { status, failures, crashes, finishedAt, error, id, attempts } = operation;
      return ["finishItem", status, failures, crashes, finishedAt, error, id, attempts];
    }
    case "release_item": {
      const { failures, crashes, notBefore, error, id, attempts } = operation;
      return ["releaseItem", failures, crashes, notBefore, error, id, attempts];
    }
    case "retry_item":
      return ["retryItem", operation.id];
    case "set_state":
      return stateStatement(operation);
    case "set_config":
      return ["setConfig", operation.key, operation.value];
  }
}

function itemValues({ row, discardReason }: Operation & { kind: "insert_item" }): SQLInputValue[] {
  const isDropped = discardReason !== null;
  return [
    row.id,
    row.serviceId,
    row.liveEventId,
    row.priority,
    row.isAsync ? 1 : 0,
    row.isDiscardable ? 1 : 0,
    row.count,
    isDropped ? "discarded" : "pending",
    row.createdAt,
    isDropped ? row.createdAt : null,
    discardReason,
  ];
}

function stateStatement(
  { serviceId, sessionId, key, value }: Operation & { kind: "set_state" },
): [StatementName, ...SQLInputValue[]] {
  if (value === undefined) return ["deleteState", serviceId, sessionId, key];
  const json: string | undefined = JSON.stringify(value);
  if (json === undefined) {
    throw new TypeError(`The state "${key}" is a ${typeof value}, which JSON cannot hold.`);
  }
  return ["setState", serviceId, sessionId, key, json];
}
