/** Statements that write one operation each. Sums stop at the highest exact number. */
import type { OtherName } from "../statements.ts";
import type { ViewerUpsertName } from "./viewer_upserts.ts";

const most = Number.MAX_SAFE_INTEGER;

const isPendingItem = "(SELECT status FROM event_queue WHERE event_queue.id = item_step.item_id) = 'pending'";

const viewers = {
  // A field that is left out stays as it is.
  markViewer: `INSERT INTO viewer_mark (platform, user_id, note, is_blocked)
    VALUES ($1, $2, $3, coalesce($4::bigint, 0))
    ON CONFLICT (platform, user_id) DO UPDATE SET
      note = CASE WHEN $5::bigint = 1 THEN excluded.note ELSE viewer_mark.note END,
      is_blocked = coalesce($4::bigint, viewer_mark.is_blocked)`,
} as const;

const steps = {
  saveStep: `INSERT INTO item_step (item_id, name, seq, status, attempts, failures, result, error, started_at,
      finished_at, not_before, progress)
    SELECT id, $1::text, $2::bigint, $3::text, $4::bigint, $5::bigint, $6::text, $7::text, $8::bigint, $9::bigint,
      $10::bigint, $11::text
    FROM event_queue WHERE status = 'processing' AND attempts = $12::bigint AND id = $13::bigint
    ON CONFLICT (item_id, name) DO UPDATE SET status = excluded.status, attempts = excluded.attempts,
      failures = excluded.failures, result = excluded.result, error = excluded.error,
      started_at = excluded.started_at, finished_at = excluded.finished_at, not_before = excluded.not_before,
      progress = excluded.progress`,
  renewSteps: `UPDATE item_step SET status = 'waiting', failures = 0, finished_at = NULL, not_before = NULL
    WHERE status = 'failed' AND item_id = $1 AND ${isPendingItem}`,
  deleteSteps: `DELETE FROM item_step WHERE item_id = $1 AND ${isPendingItem}`,
} as const;

export const otherSql: Readonly<Record<Exclude<OtherName, ViewerUpsertName>, string>> = {
  openLive: `INSERT INTO live (id, source_type, room_id, username, title, started_at, streamer)
    VALUES ($1, $2, $3, $4, $5, $6, $7)`,
  openSession: `INSERT INTO live_session
      (id, live_id, username, name, room_id, source, started_at, events_from, streamer, status)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'active')`,
  closeSession: `UPDATE live_session SET status = $1, ended_at = $2, end_reason = $3, events_to = $4
    WHERE id = $5`,
  extendSession: "UPDATE live_session SET events_to = $1 WHERE id = $2 AND events_to < $3",
  updateShed: "UPDATE live_session SET shed = $1 WHERE id = $2",
  saveTotals: "UPDATE live SET totals = $1, totals_up_to = $2 WHERE id = $3",
  saveStreaksFrom: "UPDATE live_session SET streaks_from = $1 WHERE id = $2",
  addGiver: `INSERT INTO live_giver (live_id, user_id, unique_id, nickname, diamonds, gifts)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (live_id, user_id) DO UPDATE SET unique_id = excluded.unique_id, nickname = excluded.nickname,
      diamonds = least(live_giver.diamonds + excluded.diamonds, ${most}),
      gifts = least(live_giver.gifts + excluded.gifts, ${most})`,
  addGift: `INSERT INTO gift (gift_id, name, diamonds, image_url, count, first_seen_at, last_seen_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (gift_id, name, diamonds) DO UPDATE SET
      image_url = coalesce(nullif(excluded.image_url, ''), gift.image_url),
      count = least(gift.count + excluded.count, ${most}),
      first_seen_at = least(gift.first_seen_at, excluded.first_seen_at),
      last_seen_at = greatest(gift.last_seen_at, excluded.last_seen_at)`,
  ...viewers,
  forgetKnownIds: `DELETE FROM known_id WHERE (owner, id) IN
    (SELECT owner, id FROM known_id WHERE at < $1 ORDER BY at LIMIT 1000)`,
  addKnownId: `INSERT INTO known_id (owner, id, at) VALUES ($1, $2, $3)
    ON CONFLICT (owner, id) DO UPDATE SET at = excluded.at`,
  endStreak: "UPDATE live_event SET streak_ended = 1 WHERE id = $1",
  setState: `INSERT INTO service_state (service_id, session_id, live_id, key, value)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (service_id, coalesce(session_id, 0), coalesce(live_id, 0), key)
      DO UPDATE SET value = excluded.value`,
  deleteState: `DELETE FROM service_state WHERE service_id = $1
    AND coalesce(session_id, 0) = coalesce($2::bigint, 0) AND coalesce(live_id, 0) = coalesce($3::bigint, 0)
    AND key = $4`,
  ...steps,
  setConfig: `INSERT INTO config (meta_key, meta_value) VALUES ($1, $2)
    ON CONFLICT (meta_key) DO UPDATE SET meta_value = excluded.meta_value`,
};
