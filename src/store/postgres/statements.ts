/**
 * Translates batches of operations to PostgreSQL's statements. Many new rows, or many changes of items, become one
 * statement whose values are arrays: from eight rows on that is faster than a statement for each, and it takes a third
 * of this thread's time.
 */
import { eventInsertColumns } from "../event_row.ts";
import {
  type BoundValues,
  type InsertName,
  insertNames,
  isInsert,
  isItemChange,
  type ItemChangeName,
  itemChangeNames,
  type OtherName,
} from "../statements.ts";
import type { SqlValue } from "../query.ts";
import { sentValue, storable } from "./connection.ts";
import { arrays, type Column, columnsOf, type Forms, placesOf } from "./forms.ts";
import type { Piece } from "./pipeline.ts";
import { otherSql } from "./upserts.ts";
import {
  isViewerUpsert,
  ViewerGroup,
  type ViewerUpsertName,
  viewerUpsertNames,
  viewerUpserts,
} from "./viewer_upserts.ts";

/** The statements of a batch, in order. */
export interface BatchPieces {
  pieces: Piece[];
  /** For each piece, the index of the first operation that it writes. */
  firstOf: number[];
}

interface Row {
  values: readonly SqlValue[];
  index: number;
}

/** The fewest rows for a statement with arrays. */
const fewest = 8;
/** The most rows, and the most characters, of a statement: the server needs several times their memory. */
const mostRows = 2000;
const mostCharacters = 4_000_000;

const textColumns = new Set([
  "room_id",
  "event_type",
  "message_id",
  "user_id",
  "user_unique_id",
  "user_nickname",
  "user_avatar_url",
  "user_roles",
  "event_data",
  "streak_id",
]);

const eventForms = (names: readonly string[]) =>
  insertForms({ table: "live_event", names, textNames: textColumns, constants: {} });

const itemNames = [
  "id",
  "service_id",
  "live_event_id",
  "priority",
  "is_async",
  "is_discardable",
  "count",
  "created_at",
];

const itemForms = (names: readonly string[], constants: Record<string, string>) =>
  insertForms({
    table: "event_queue",
    names: [...itemNames, ...names],
    textNames: textColumns,
    constants,
  });

const inserts: Readonly<Record<InsertName, Forms>> = {
  insertEvent: eventForms(eventInsertColumns.insertEvent),
  insertStreakEvent: eventForms(eventInsertColumns.insertStreakEvent),
  insertWholeEvent: eventForms(eventInsertColumns.insertWholeEvent),
  insertItem: itemForms([], { status: "'pending'" }),
  insertClaimedItem: itemForms(["started_at"], { status: "'processing'", attempts: "1" }),
  insertDiscardedItem: itemForms(["finished_at"], {
    status: "'discarded'",
    discard_reason: "'queue_full'",
  }),
};

/** `set` and `fence` name the values as columns of `change`. The item's id is the last one. */
const itemChanges: Readonly<Record<ItemChangeName, Forms>> = {
  discardItem: changeForms({
    columns: "reason text, at bigint",
    set: "status = 'discarded', discard_reason = change.reason, finished_at = change.at, not_before = NULL",
    fence: "item.status = 'pending'",
  }),
  setAsideItem: changeForms({
    columns: "error text, at bigint",
    set: "status = 'failed', error = change.error, finished_at = change.at, not_before = NULL",
    fence: "item.status = 'pending'",
  }),
  claimItem: changeForms({
    columns: "attempts bigint, started_at bigint",
    set:
      "status = 'processing', attempts = change.attempts, started_at = change.started_at, not_before = NULL",
    fence: "item.status = 'pending'",
  }),
  finishItem: changeForms({
    columns: "status text, failures bigint, crashes bigint, finished_at bigint, error text, attempts bigint",
    set: `status = change.status, failures = change.failures, crashes = change.crashes,
      finished_at = change.finished_at, error = change.error`,
    fence: "item.status = 'processing' AND item.attempts = change.attempts",
  }),
  releaseItem: changeForms({
    columns: "failures bigint, crashes bigint, not_before bigint, error text, attempts bigint",
    set: `status = 'pending', failures = change.failures, crashes = change.crashes,
      not_before = change.not_before, error = change.error, started_at = NULL`,
    fence: "item.status = 'processing' AND item.attempts = change.attempts",
  }),
  keepItem: changeForms({
    columns: "crashes bigint, attempts bigint",
    set: "is_discardable = 0, crashes = change.crashes",
    fence: "item.status = 'processing' AND item.attempts = change.attempts",
  }),
  retryItem: changeForms({
    columns: "",
    set: `status = 'pending', failures = 0, crashes = 0, not_before = NULL, started_at = NULL,
      finished_at = NULL, error = NULL, discard_reason = NULL`,
    fence: "(item.status = 'failed' OR item.status = 'discarded')",
  }),
};

interface InsertParts {
  table: string;
  names: readonly string[];
  textNames: ReadonlySet<string>;
  /** Values that are the same in all rows, by column. */
  constants: Readonly<Record<string, string>>;
}

function insertForms({ table, names, textNames, constants }: InsertParts): Forms {
  const columns = names.map((name): Column => ({ name, type: textNames.has(name) ? "text" : "bigint" }));
  const into = `INSERT INTO ${table} (${[...names, ...Object.keys(constants)].join(", ")})`;
  const rest = Object.values(constants).map((value) => `, ${value}`).join("");
  return {
    one: `${into} VALUES (${names.map((_, index) => `$${index + 1}`).join(", ")}${rest})`,
    many: `${into} SELECT *${rest} FROM unnest(${arrays(columns)})`,
    columns,
  };
}

interface ChangeParts {
  columns: string;
  set: string;
  fence: string;
}

function changeForms({ columns: declared, set, fence }: ChangeParts): Forms {
  const columns = columnsOf(declared === "" ? "id bigint" : `${declared}, id bigint`);
  const names = columns.map(({ name }) => name).join(", ");
  const update = (rows: string) =>
    `UPDATE event_queue AS item SET ${set} FROM ${rows} AS change (${names})
      WHERE item.id = change.id AND ${fence}`;
  return {
    one: update(`(VALUES (${placesOf(columns)}))`),
    many: update(`unnest(${arrays(columns)})`),
    columns,
  };
}

/**
 * The operations take effect as if they were written one by one. New rows and changes of items that stand together are
 * sorted by their statements: new rows first, because the changes may be of them, and events before items. Changes of
 * different items do not depend on one another; at a second change of an item, or of a viewer, the sorting begins again.
 * `isSingly`: no statement writes several of them.
 */
export function piecesOf(batch: readonly BoundValues[], isSingly = false): BatchPieces {
  const pieces = new Pieces(isSingly ? Infinity : fewest);
  for (const [index, { name, values }] of batch.entries()) {
    if (isInsert(name)) pieces.insert(name, { values, index });
    else if (isItemChange(name)) pieces.change(name, { values, index });
    else if (isViewerUpsert(name)) pieces.upsert(name, { values, index });
    else pieces.add(name, { values, index });
  }
  return pieces.end();
}

class Pieces {
  readonly #fewest: number;
  readonly #pieces: Piece[] = [];
  readonly #firstOf: number[] = [];
  readonly #inserts = new Map<InsertName, Row[]>();
  readonly #changes = new Map<ItemChangeName, Row[]>();
  readonly #changed = new Set<SqlValue | undefined>();
  readonly #upserts = new Map<ViewerUpsertName, Row[]>();
  readonly #viewers = new ViewerGroup();

  /** `fewestRows`: for a statement with arrays. */
  constructor(fewestRows: number) {
    this.#fewest = fewestRows;
  }

  insert(name: InsertName, row: Row): void {
    // A change that came before its item changes nothing.
    if (!(name in eventInsertColumns) && this.#changed.has(row.values[0])) this.#flush();
    addTo(this.#inserts, name, row);
  }

  change(name: ItemChangeName, row: Row): void {
    const id = row.values.at(-1);
    if (this.#changed.has(id)) this.#flush();
    this.#changed.add(id);
    addTo(this.#changes, name, row);
  }

  /** Nothing else that may be written together with it reads or writes viewers. */
  upsert(name: ViewerUpsertName, row: Row): void {
    if (!this.#viewers.add(name, row.values)) {
      this.#flush();
      this.#viewers.add(name, row.values);
    }
    addTo(this.#upserts, name, row);
  }

  add(name: Exclude<OtherName, ViewerUpsertName>, { values, index }: Row): void {
    this.#flush();
    this.#push(otherSql[name], values.map(sentValue), index);
  }

  end(): BatchPieces {
    this.#flush();
    return { pieces: this.#pieces, firstOf: this.#firstOf };
  }

  #flush(): void {
    for (const name of insertNames) this.#pushRows(inserts[name], this.#inserts.get(name) ?? []);
    for (const name of itemChangeNames) this.#pushRows(itemChanges[name], this.#changes.get(name) ?? []);
    for (const name of viewerUpsertNames) this.#pushRows(viewerUpserts[name], this.#upserts.get(name) ?? []);
    this.#inserts.clear();
    this.#changes.clear();
    this.#upserts.clear();
    this.#viewers.clear();
    this.#changed.clear();
  }

  #pushRows({ one, many, columns }: Forms, rows: readonly Row[]): void {
    if (rows.length < this.#fewest) {
      for (const { values, index } of rows) this.#push(one, values.map(sentValue), index);
      return;
    }
    for (const part of partsOf(rows)) {
      const values = columns.map((_, column) => arrayOf(part, column));
      this.#push(many, values, (part[0] as Row).index);
    }
  }

  #push(text: string, values: readonly (string | null)[], index: number): void {
    this.#pieces.push({ text, values });
    this.#firstOf.push(index);
  }
}

function addTo<Name>(rows: Map<Name, Row[]>, name: Name, row: Row): void {
  const known = rows.get(name);
  if (known === undefined) rows.set(name, [row]);
  else known.push(row);
}

function* partsOf(rows: readonly Row[]): Generator<readonly Row[]> {
  let start = 0;
  let characters = 0;
  for (const [index, { values }] of rows.entries()) {
    for (const value of values) if (typeof value === "string") characters += value.length;
    if (characters <= mostCharacters && index - start < mostRows - 1) continue;
    yield rows.slice(start, index + 1);
    start = index + 1;
    characters = 0;
  }
  if (start < rows.length) yield rows.slice(start);
}

/** A column of the rows, as PostgreSQL writes an array. */
function arrayOf(rows: readonly Row[], column: number): string {
  let text = "{";
  for (const { values } of rows) {
    if (text.length > 1) text += ",";
    const value = storable(values[column] ?? null);
    if (value === null) text += "NULL";
    else if (typeof value === "number") text += value;
    else text += `"${/["\\]/.test(value) ? value.replace(/["\\]/g, "\\$&") : value}"`;
  }
  return text + "}";
}
