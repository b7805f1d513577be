/** Binds operations to statements: which statement writes an operation, and with which values. */
import { boundEvent, eventInsertColumns } from "./event_row.ts";
import type { Operation } from "../operation.ts";
import type { SqlValue } from "./query.ts";
import { boundViewer } from "./viewer_rows.ts";

/** Statements that insert rows, in the order in which their tables are written. */
export const insertNames = [
  ...Object.keys(eventInsertColumns) as (keyof typeof eventInsertColumns)[],
  "insertItem",
  "insertClaimedItem",
  "insertDiscardedItem",
] as const;

/** Changes of items. The item's id is the last value of each. */
export const itemChangeNames = [
  "discardItem",
  "setAsideItem",
  "claimItem",
  "finishItem",
  "releaseItem",
  "keepItem",
  "retryItem",
] as const;

const otherNames = [
  "openLive",
  "openSession",
  "closeSession",
  "extendSession",
  "updateShed",
  "saveTotals",
  "saveStreaksFrom",
  "addGiver",
  "addGift",
  "addViewer",
  "addViewerLive",
  "markViewer",
  "forgetKnownIds",
  "addKnownId",
  "endStreak",
  "setState",
  "deleteState",
  "saveStep",
  "renewSteps",
  "deleteSteps",
  "setConfig",
] as const;

export type InsertName = typeof insertNames[number];
export type ItemChangeName = typeof itemChangeNames[number];
export type OtherName = typeof otherNames[number];
export type StatementName = InsertName | ItemChangeName | OtherName;

/** A statement and its values. */
export interface BoundValues {
  name: StatementName;
  values: SqlValue[];
}

/** An operation with the values that it had when it was bound. */
export interface BoundOperation extends BoundValues {
  operation: Operation;
}

type Bound = [name: StatementName, values: SqlValue[]];

const inserting: ReadonlySet<unknown> = new Set(insertNames);
const changingItems: ReadonlySet<unknown> = new Set(itemChangeNames);
const others: ReadonlySet<unknown> = new Set(otherNames);

/** Throws a `TypeError` if a value cannot be written as JSON. Writes nothing yet. */
export function bind(operation: Operation): BoundOperation {
  const [name, values] = statementFor(operation);
  return { operation, name, values };
}

/** Whether there is a statement of this name. */
export function isStatement(name: unknown): name is StatementName {
  return inserting.has(name) || changingItems.has(name) || others.has(name);
}

export function isInsert(name: StatementName): name is InsertName {
  return inserting.has(name);
}

export function isItemChange(name: StatementName): name is ItemChangeName {
  return changingItems.has(name);
}

/** The end of the run of operations that differ from the one at `start` only in their last value, an item's id. */
export function endOfRun(operations: readonly BoundValues[], start: number): number {
  const { name, values } = operations[start] as BoundValues;
  const last = values.length - 1;
  let end = start + 1;
  for (; end < operations.length; end++) {
    const other = operations[end] as BoundValues;
    if (other.name !== name) break;
    let index = 0;
    while (index < last && other.values[index] === values[index]) index++;
    if (index < last) break;
  }
  return end;
}

function statementFor(operation: Operation): Bound {
  switch (operation.kind) {
    case "open_live": {
      const { id, sourceType, roomId, username, title, startedAt } = operation.live;
      return ["openLive", [id, sourceType, roomId, username, title, startedAt, operation.streamer]];
    }
    case "open_session":
    case "close_session":
    case "extend_session":
    case "update_shed":
      return sessionStatement(operation);
    case "save_totals":
      return ["saveTotals", [JSON.stringify(operation.totals), operation.upTo, operation.liveId]];
    case "save_streaks_from":
      return ["saveStreaksFrom", [operation.eventId, operation.sessionId]];
    case "insert_event":
      return boundEvent(operation.event);
    case "add_giver":
      return boundGiver(operation);
    case "add_gift": {
      const { gift: { id, name, diamondCount, imageUrl }, count, at } = operation;
      return ["addGift", [exact(id), name, exact(diamondCount), imageUrl, exact(count), at, at]];
    }
    case "add_viewer":
    case "add_viewer_live":
    case "mark_viewer":
      return boundViewer(operation);
    case "add_known_id":
      return ["addKnownId", [operation.owner, operation.id, operation.at]];
    case "forget_known_ids":
      return ["forgetKnownIds", [operation.before]];
    case "end_streak":
      return ["endStreak", [operation.eventId]];
    case "set_state":
      return boundState(operation);
    case "save_step":
      return boundStep(operation);
    case "renew_steps":
      return [operation.isFromStart ? "deleteSteps" : "renewSteps", [operation.itemId]];
    case "set_config":
      return ["setConfig", [operation.key, operation.value]];
    default:
      return itemStatement(operation);
  }
}

type SessionOperation = Extract<Operation, { kind: `${string}_session` | "update_shed" }>;

function sessionStatement(operation: SessionOperation): Bound {
  switch (operation.kind) {
    case "open_session": {
      const { name, eventsFrom, streamer, session } = operation;
      const { id, liveId, username, roomId, source, startedAt } = session;
      const values = [id, liveId, username, name, roomId, source, startedAt, eventsFrom, streamer];
      return ["openSession", values];
    }
    case "close_session": {
      const { status, endedAt, reason, eventsTo, id } = operation;
      return ["closeSession", [status, endedAt, reason, eventsTo, id]];
    }
    case "extend_session":
      return ["extendSession", [operation.eventId, operation.id, operation.eventId]];
    case "update_shed":
      return ["updateShed", [JSON.stringify(operation.shed), operation.id]];
  }
}

function boundGiver({ liveId, giver }: Operation & { kind: "add_giver" }): Bound {
  const { userId, uniqueId, nickname, diamonds, gifts } = giver;
  return ["addGiver", [liveId, userId, uniqueId, nickname, exact(diamonds), exact(gifts)]];
}

/** Limits a count to what a column can hold. */
function exact(count: number): number {
  return Math.min(Math.max(0, Math.trunc(count)), Number.MAX_SAFE_INTEGER);
}

type ItemOperation = Extract<Operation, { kind: `${string}_item` }>;

function itemStatement(operation: ItemOperation): Bound {
  switch (operation.kind) {
    case "insert_item":
      return boundItem(operation);
    case "discard_item":
      return ["discardItem", [operation.reason, operation.at, operation.id]];
    case "set_aside_item":
      return ["setAsideItem", [operation.error, operation.at, operation.id]];
    case "claim_item":
      return ["claimItem", [operation.attempts, operation.startedAt, operation.id]];
    case "finish_item": {
      const { status, failures, crashes, finishedAt, error, id, attempts } = operation;
      return ["finishItem", [status, failures, crashes, finishedAt, error, attempts, id]];
    }
    case "release_item": {
      const { failures, crashes, notBefore, error, id, attempts } = operation;
      return ["releaseItem", [failures, crashes, notBefore, error, attempts, id]];
    }
    case "keep_item": {
      const { crashes, attempts, id } = operation;
      return ["keepItem", [crashes, attempts, id]];
    }
    case "retry_item":
      return ["retryItem", [operation.id]];
  }
}

function boundItem({ row, as }: Operation & { kind: "insert_item" }): Bound {
  const values: SqlValue[] = [
    row.id,
    row.serviceId,
    row.liveEventId,
    row.priority,
    row.isAsync ? 1 : 0,
    row.isDiscardable ? 1 : 0,
    row.count,
    row.createdAt,
  ];
  switch (as) {
    case "pending":
      return ["insertItem", values];
    case "processing":
      values.push(row.createdAt);
      return ["insertClaimedItem", values];
    case "discarded":
      values.push(row.createdAt);
      return ["insertDiscardedItem", values];
  }
}

function boundStep({ itemId, itemAttempts, step, result }: Operation & { kind: "save_step" }): Bound {
  const { name, seq, status, attempts, failures, error, startedAt, finishedAt, notBefore } = step;
  const json = result === undefined ? null : JSON.stringify(result);
  const progress = step.progress === null ? null : JSON.stringify(step.progress);
  const values: SqlValue[] = [
    name,
    seq,
    status,
    attempts,
    failures,
    json,
    error,
    startedAt,
    finishedAt,
    notBefore,
  ];
  return ["saveStep", [...values, progress, itemAttempts, itemId]];
}

function boundState(
  { serviceId, sessionId, liveId, key, value }: Operation & { kind: "set_state" },
): Bound {
  if (value === undefined) return ["deleteState", [serviceId, sessionId, liveId, key]];
  const json: string | undefined = JSON.stringify(value);
  if (json === undefined) {
    throw new TypeError(`The state "${key}" is a ${typeof value}, which JSON cannot hold.`);
  }
  return ["setState", [serviceId, sessionId, liveId, key, json]];
}
