/** The values that services keep, by key. */
import type { StateOwner } from "../operation.ts";
import { boundedText, jsonIn } from "./columns.ts";
import type { Query } from "./query.ts";

const ofOwner = "service_id = ? AND coalesce(session_id, 0) = ? AND coalesce(live_id, 0) = ?";

export class KeptValues {
  readonly #query: Query;

  constructor(query: Query) {
    this.#query = query;
  }

  /** undefined if there is no value, or if it cannot be read. */
  value(serviceId: number, owner: StateOwner, key: string): unknown {
    const row = this.#query.first<{ value: string }>(
      `SELECT ${boundedText("value")} AS value FROM service_state WHERE ${ofOwner} AND key = ?`,
      ...idsOf(serviceId, owner),
      key,
    );
    return jsonIn(row?.value);
  }

  has(serviceId: number, owner: StateOwner, key: string): boolean {
    const sql = `SELECT 1 FROM service_state WHERE ${ofOwner} AND key = ?`;
    return this.#query.first(sql, ...idsOf(serviceId, owner), key) !== null;
  }

  /** How many values there are, counted up to `bound`. */
  count(serviceId: number, owner: StateOwner, bound: number): number {
    const row = this.#query.first<{ count: number }>(
      `SELECT count(*) AS count FROM (SELECT 1 FROM service_state WHERE ${ofOwner} LIMIT ?) AS found`,
      ...idsOf(serviceId, owner),
      bound,
    );
    return row?.count ?? 0;
  }
}

function idsOf(serviceId: number, { sessionId, liveId }: StateOwner): number[] {
  return [serviceId, sessionId ?? 0, liveId ?? 0];
}
