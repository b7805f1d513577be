/** Writes the tables of viewers. Sums stop at the highest exact number. */
import type { SQLInputValue } from "node:sqlite";
import type { Operation } from "../operation.ts";

type ViewerOperation = Extract<Operation, { kind: `add_viewer${string}` | "mark_viewer" }>;

const most = Number.MAX_SAFE_INTEGER;

/** Adds what was seen of a viewer to a row that exists. */
const addUp =
  `first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen, excluded.last_seen),
    gifts = min(gifts + excluded.gifts, ${most}), diamonds = min(diamonds + excluded.diamonds, ${most}),
    comments = min(comments + excluded.comments, ${most})`;

export const viewerSql = {
  addViewer:
    `INSERT INTO viewer (platform, user_id, first_seen, last_seen, gifts, diamonds, comments, unique_id,
      nickname, lives)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
    ON CONFLICT (platform, user_id) DO UPDATE SET
      unique_id = coalesce(nullif(excluded.unique_id, ''), unique_id),
      nickname = coalesce(nullif(excluded.nickname, ''), nickname),
      lives = lives + NOT EXISTS (SELECT 1 FROM viewer_live WHERE viewer_id = viewer.id AND live_id = ?), ${addUp}`,
  addViewerLive:
    `INSERT INTO viewer_live (viewer_id, live_id, first_seen, last_seen, gifts, diamonds, comments)
    SELECT id, ?, ?, ?, ?, ?, ? FROM viewer WHERE platform = ? AND user_id = ?
    ON CONFLICT (live_id, viewer_id) DO UPDATE SET ${addUp}`,
  // A field that is left out stays as it is.
  markViewer:
    `INSERT INTO viewer_mark (platform, user_id, note, is_blocked) VALUES (?1, ?2, ?3, coalesce(?4, 0))
    ON CONFLICT (platform, user_id) DO UPDATE SET note = CASE WHEN ?5 THEN ?3 ELSE note END,
      is_blocked = coalesce(?4, is_blocked)`,
} as const;

export function boundViewer(operation: ViewerOperation): [keyof typeof viewerSql, SQLInputValue[]] {
  if (operation.kind === "mark_viewer") {
    const { platform, userId, note, isBlocked } = operation.mark;
    const blocked = isBlocked === undefined ? null : Number(isBlocked);
    return ["markViewer", [platform, userId, note ?? null, blocked, note === undefined ? 0 : 1]];
  }
  const { platform, userId, liveId, firstSeen, lastSeen, uniqueId, nickname } = operation.change;
  const { gifts, diamonds, comments } = operation.change;
  const sums = [gifts, diamonds, comments].map(sumFor);
  switch (operation.kind) {
    case "add_viewer":
      return ["addViewer", [platform, userId, firstSeen, lastSeen, ...sums, uniqueId, nickname, liveId]];
    case "add_viewer_live":
      return ["addViewerLive", [liveId, firstSeen, lastSeen, ...sums, platform, userId]];
  }
}

/** A row that a person or a failing disk changed may have any price. */
function sumFor(amount: number): number {
  return amount > 0 ? Math.min(Math.trunc(amount), most) : 0;
}
