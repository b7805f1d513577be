/**
 * The values of the subscribed items, completed from updates that leave out what did not change, and the readings that
 * an update gives.
 *
 * An update gives a reading for each field that it names. It always gives one for the item's first field, because a new
 * time with the same value is a reading too. A field without a value gives none.
 */
import { readTime, sentValue, type TimeForm } from "../reading_values.ts";
import type { SentReading } from "../../source.ts";
import type { Changes, FieldValue } from "./update.ts";

export interface TableOptions {
  items: readonly string[];
  fields: readonly string[];
  timeForm: TimeForm;
  /** The field with the time; it is not a value, unless times are those of arrival. */
  timeField: string;
}

/** The station's own word on its link to the ground: this item's field has this value while there is a signal. */
const station = { item: "TIME_000001", field: "Status.Class", acquired: "24" };
/** 1 while the station has a signal, 0 while it has none. */
export const signalChannel = "signal";

export class Table {
  readonly #options: TableOptions;
  readonly #timeIndex: number;
  /** The indexes of the fields with values. */
  readonly #valueIndexes: number[];
  readonly #rows: FieldValue[][];
  /** Whether the station has a signal; null: it did not say. */
  hasSignal: boolean | null = null;

  constructor(options: TableOptions) {
    const { items, fields, timeForm, timeField } = options;
    this.#options = options;
    this.#timeIndex = timeForm === "arrival" ? -1 : fields.indexOf(timeField);
    this.#valueIndexes = fields.map((_, index) => index).filter((index) => index !== this.#timeIndex);
    this.#rows = items.map(() => emptyRow(fields.length));
  }

  /** Forgets the values of an item, or of all. */
  forget(item: number | null): void {
    const { fields } = this.#options;
    for (const index of item === null ? this.#rows.keys() : [item]) {
      this.#rows[index] = emptyRow(fields.length);
    }
  }

  /** The readings of an update of the item with this index. `now`: Unix milliseconds. */
  update(item: number, changes: Changes, now: number): SentReading[] {
    const row = (this.#rows[item] ?? []).map((value, index) =>
      changes[index] === undefined ? value : changes[index]
    );
    this.#rows[item] = row;
    const at = readTime(this.#timeIndex === -1 ? null : row[this.#timeIndex], this.#options.timeForm, now);
    const readings: SentReading[] = [];
    for (const [order, index] of this.#valueIndexes.entries()) {
      const value = row[index];
      if (value === undefined || value === null || value === "") continue;
      if (order > 0 && changes[index] === undefined) continue;
      readings.push({ channel: this.#channelOf(item, order), at, value: sentValue(value) });
    }
    return [...readings, ...this.#signal(item, changes, at)];
  }

  #channelOf(item: number, order: number): string {
    const { items, fields } = this.#options;
    const name = items[item] as string;
    return order === 0 ? name : `${name}.${fields[this.#valueIndexes[order] as number]}`;
  }

  #signal(item: number, changes: Changes, at: number | null): SentReading[] {
    const { items, fields } = this.#options;
    if (items[item] !== station.item) return [];
    const status = changes[fields.indexOf(station.field)] ?? null;
    if (status === null) return [];
    this.hasSignal = status === station.acquired;
    return [{ channel: signalChannel, at, value: this.hasSignal ? 1 : 0 }];
  }
}

function emptyRow(width: number): FieldValue[] {
  return new Array(width).fill(undefined);
}
