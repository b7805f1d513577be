/** Statements that add to rows, or insert them. Sums stop at the highest exact number. */

/** Adds to the row of the gift's id, name and price. */
export const addGift =
  `INSERT INTO gift (gift_id, name, diamonds, image_url, count, first_seen_at, last_seen_at)
  VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (gift_id, name, diamonds) DO UPDATE SET
    image_url = CASE excluded.image_url WHEN '' THEN image_url ELSE excluded.image_url END,
    count = min(count + excluded.count, ${Number.MAX_SAFE_INTEGER}),
    first_seen_at = min(first_seen_at, excluded.first_seen_at),
    last_seen_at = max(last_seen_at, excluded.last_seen_at)`;

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
