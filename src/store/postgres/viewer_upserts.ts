/** Statements that count viewers. Sums stop at the highest exact number. */
import type { SqlValue } from "../query.ts";
import type { OtherName } from "../statements.ts";
import { arrays, type Column, columnsOf, type Forms, placesOf } from "./forms.ts";

export const viewerUpsertNames = ["addViewer", "addViewerLive"] as const satisfies readonly OtherName[];
export type ViewerUpsertName = typeof viewerUpsertNames[number];

const most = Number.MAX_SAFE_INTEGER;

/** Adds what was seen of a viewer to a row that exists. */
function addUp(table: string): string {
  const sums = ["gifts", "diamonds", "comments"].map((name) =>
    `${name} = least(${table}.${name} + excluded.${name}, ${most})`
  );
  return `first_seen = least(${table}.first_seen, excluded.first_seen),
    last_seen = greatest(${table}.last_seen, excluded.last_seen), ${sums.join(", ")}`;
}

const amounts = "first_seen bigint, last_seen bigint, gifts bigint, diamonds bigint, comments bigint";
const viewerColumns = columnsOf(
  `platform text, user_id text, ${amounts}, unique_id text, nickname text, live_id bigint`,
);
const viewerLiveColumns = columnsOf(`live_id bigint, ${amounts}, platform text, user_id text`);

const namesOf = (columns: readonly Column[]) => columns.map(({ name }) => name).join(", ");

/** `liveId`: the same for all rows of the statement. */
function addViewer(rows: string, liveId: string): string {
  const names = namesOf(viewerColumns.slice(0, -1));
  return `INSERT INTO viewer (${names}, lives)
    SELECT ${names}, 1 FROM ${rows} AS change (${namesOf(viewerColumns)})
    ON CONFLICT (platform, user_id) DO UPDATE SET
      unique_id = coalesce(nullif(excluded.unique_id, ''), viewer.unique_id),
      nickname = coalesce(nullif(excluded.nickname, ''), viewer.nickname),
      lives = viewer.lives + CASE WHEN EXISTS (
        SELECT 1 FROM viewer_live WHERE viewer_id = viewer.id AND live_id = ${liveId}
      ) THEN 0 ELSE 1 END, ${addUp("viewer")}`;
}

/** Each viewer is found by the key, also by a plan that was made while there were none. */
function addViewerLive(rows: string): string {
  return `INSERT INTO viewer_live (live_id, first_seen, last_seen, gifts, diamonds, comments, viewer_id)
    SELECT live_id, first_seen, last_seen, gifts, diamonds, comments, found.id
      FROM ${rows} AS change (${namesOf(viewerLiveColumns)})
      CROSS JOIN LATERAL (
        SELECT id FROM viewer WHERE platform = change.platform AND user_id = change.user_id LIMIT 1
      ) AS found
    ON CONFLICT (live_id, viewer_id) DO UPDATE SET ${addUp("viewer_live")}`;
}

export const viewerUpserts: Readonly<Record<ViewerUpsertName, Forms>> = {
  addViewer: {
    one: addViewer(`(VALUES (${placesOf(viewerColumns)}))`, `$${viewerColumns.length}::bigint`),
    many: addViewer(`unnest(${arrays(viewerColumns)})`, `($${viewerColumns.length}::bigint[])[1]`),
    columns: viewerColumns,
  },
  addViewerLive: {
    one: addViewerLive(`(VALUES (${placesOf(viewerLiveColumns)}))`),
    many: addViewerLive(`unnest(${arrays(viewerLiveColumns)})`),
    columns: viewerLiveColumns,
  },
};

export function isViewerUpsert(name: OtherName): name is ViewerUpsertName {
  return (viewerUpsertNames as readonly OtherName[]).includes(name);
}

/**
 * Which upserts of viewers may be written together: a statement cannot write a row twice, and all viewers come before
 * their lives.
 */
export class ViewerGroup {
  readonly #viewers = new Set<string>();
  readonly #inLives = new Set<string>();
  #liveId: SqlValue | undefined;

  /** Adds the upsert, or returns false if it has to come after the others. */
  add(name: ViewerUpsertName, values: readonly SqlValue[]): boolean {
    const [place, livePlace] = name === "addViewer" ? [0, 9] : [6, 0];
    const viewer = `${values[place]}\n${values[place + 1]}`;
    const liveId = values[livePlace];
    if (this.#viewers.size > 0 && liveId !== this.#liveId) return false;
    if ((name === "addViewer" ? this.#viewers : this.#inLives).has(viewer)) return false;
    this.#liveId = liveId;
    this.#viewers.add(viewer);
    if (name === "addViewerLive") this.#inLives.add(viewer);
    return true;
  }

  clear(): void {
    this.#viewers.clear();
    this.#inLives.clear();
  }
}
