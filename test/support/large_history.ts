/** A database of years of lives: many viewers over many sessions, whose sums fit one another. */
import { openStore } from "../../src/store/open.ts";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../src/clock.ts";
import { silentLog } from "./silent_log.ts";

export interface History {
  path: string;
  viewers: number;
  /** Each is a live of its own, a day after the one before. */
  sessions: number;
  /** In each session; the last one has ten times as many. */
  events: number;
}

const firstAt = Date.UTC(2024, 0, 1);
const dayMs = 86_400_000;

/** Whole numbers below a bound, that look random and are the same each time. */
const spread = (value: string, bound: string) => `(abs((${value}) * 2654435761 + 40503) / 1024 % (${bound}))`;

/** Every second viewer has a name outside of ASCII, every fifth had another name before. */
const fillViewers = `
  INSERT INTO viewer (id, platform, user_id, unique_id, nickname, first_seen, last_seen, lives, gifts, diamonds, comments)
    SELECT i, 'tiktok', 6800000000000000000 + i, 'viewer' || i,
      CASE i % 2 WHEN 0 THEN 'Ánä 🦄 ' ELSE 'Viewer ' END || i, 1, 1, 1, 0, 0, 0
    FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :viewers) SELECT i FROM n);
  UPDATE viewer SET nickname = 'New ' || nickname WHERE id % 5 = 0`;

const sums = `live.started_at, live.started_at + 3600000, ${spread("viewer.id + live.id", "3")},
  ${spread("viewer.id * 7 + live.id", "50")}, ${spread("viewer.id * 13 + live.id", "8")}`;

/** Most viewers are in up to three lives, every hundredth in two thirds of them. */
const fillViewerLives = `
  INSERT OR IGNORE INTO viewer_live SELECT viewer.id, live.id, ${sums}
    FROM viewer CROSS JOIN (VALUES (1), (2), (3)) AS time
    CROSS JOIN live ON live.id = 1 + ${spread("viewer.id * 31 + time.column1", ":sessions")};
  INSERT OR IGNORE INTO viewer_live SELECT viewer.id, live.id, ${sums}
    FROM live CROSS JOIN viewer WHERE viewer.id % 100 = 0 AND live.id % 3 <> 0;
  UPDATE viewer SET (first_seen, last_seen, lives, gifts, diamonds, comments) =
      (seen.a, seen.b, seen.c, seen.d, seen.e, seen.f)
    FROM (SELECT viewer_id, min(first_seen) AS a, max(last_seen) AS b, count(*) AS c, sum(gifts) AS d,
        sum(diamonds) AS e, sum(comments) AS f FROM viewer_live GROUP BY viewer_id) AS seen
    WHERE viewer.id = seen.viewer_id`;

const fillEvents = `
  INSERT INTO live_event (id, session_id, room_id, event_type, message_id, is_history, created_at, received_at, user_id,
      user_unique_id, user_nickname, is_first_of_user, event_data, streak_id, streak_count, streak_delta, streak_ended)
    SELECT i, session, '7' || session, type, i, 0, at, at, viewer.user_id, viewer.unique_id, viewer.nickname,
      number % 10 = 0 AND type = 'CommentEvent',
      CASE type WHEN 'CommentEvent' THEN '{"comment":"hola, ¿qué tal? ' || i || '","language":"es","emotes":[]}'
        WHEN 'GiftEvent' THEN '{"gift":{"id":5655,"name":"Rose","diamondCount":1,"isStreakable":true,"imageUrl":""},"repeatCount":1}'
        WHEN 'LikeEvent' THEN '{"total":' || i || '}' ELSE '{"memberCount":' || number % 900 || '}' END,
      CASE WHEN has_streak THEN 's' || i END, CASE WHEN has_streak THEN 1 END, CASE WHEN has_streak THEN 1 END,
      CASE WHEN has_streak THEN 1 END
    FROM (SELECT i, min(1 + (i - 1) / :events, :sessions) AS session, (i - 1) % :events AS number,
        :firstAt + min((i - 1) / :events, :sessions - 1) * ${dayMs} + i % :events * 1000 AS at,
        1 + ${
  spread("i", ":viewers")
} AS viewer_id, CASE i % 10 WHEN 0 THEN 'GiftEvent' WHEN 1 THEN 'CommentEvent'
          WHEN 2 THEN 'CommentEvent' WHEN 3 THEN 'JoinEvent' ELSE 'LikeEvent' END AS type, i % 10 NOT IN (1, 2, 3) AS has_streak
      FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :events * (:sessions + 9))
        SELECT i FROM n))
    JOIN viewer ON viewer.id = viewer_id;
  UPDATE live_session SET
    events_from = (SELECT min(id) FROM live_event WHERE session_id = live_session.id AND id >= (live_session.id - 1) * :events),
    events_to = CASE WHEN id < :sessions THEN id * :events ELSE :events * (:sessions + 9) END`;

/** Takes some seconds for a hundred thousand viewers. */
export async function makeLargeHistory({ path, viewers, sessions, events }: History): Promise<void> {
  await (await openStore({ address: path, durability: "normal", clock: systemClock, log: silentLog() }))
    .stop();
  using database = new DatabaseSync(path);
  const run = (sql: string) => {
    const given = { viewers, sessions, events, firstAt };
    for (const statement of sql.split(";\n")) {
      const written = statement.replaceAll(
        /:(\w+)\b/g,
        (whole, name) => String(given[name as keyof typeof given] ?? whole),
      );
      database.exec(written);
    }
  };
  run("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; BEGIN");
  run(`INSERT INTO live (id, source_type, room_id, username, title, started_at)
    SELECT i, 'tiktok', '7' || i, 'ana.live', 'A live', :firstAt + (i - 1) * ${dayMs}
    FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :sessions) SELECT i FROM n)`);
  run(`INSERT INTO live_session (id, username, room_id, source, status, started_at, ended_at, live_id)
    SELECT id, username, room_id, 'main', 'completed', started_at, started_at + 3600000, id FROM live`);
  run(fillViewers);
  run(fillViewerLives);
  run(fillEvents);
  run(`INSERT OR REPLACE INTO config VALUES ('viewers_counted_up_to', (SELECT max(id) FROM live_event))`);
  run("COMMIT");
}
