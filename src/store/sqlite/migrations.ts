/**
 * The tables, as ordered migrations. Never change a released migration: add another. Checks of more than two words use
 * OR: for a longer IN, SQLite builds a table at each write, which costs a third of the speed.
 */

/** "LCUE" in ASCII, in the file's header. */
export const applicationId = 0x4c435545;

export type Migration = readonly string[];

const firstTables: Migration = [
  `PRAGMA application_id = ${applicationId}`,
  `CREATE TABLE live_session (
    id INTEGER PRIMARY KEY,
    username TEXT NOT NULL,
    name TEXT,
    room_id TEXT NOT NULL,
    source TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status = 'active' OR status = 'completed' OR status = 'aborted'),
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    end_reason TEXT,
    shed TEXT,
    CHECK ((status = 'active') = (ended_at IS NULL))
  ) STRICT`,
  `CREATE TABLE live_event (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES live_session (id),
    room_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    message_id TEXT,
    is_history INTEGER NOT NULL CHECK (is_history IN (0, 1)),
    created_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    user_id TEXT,
    user_unique_id TEXT,
    user_nickname TEXT,
    user_avatar_url TEXT,
    user_roles TEXT,
    is_first_of_user INTEGER NOT NULL CHECK (is_first_of_user IN (0, 1)),
    event_data TEXT NOT NULL,
    streak_id TEXT,
    streak_count INTEGER,
    streak_delta INTEGER CHECK (streak_delta >= 0),
    streak_ended INTEGER CHECK (streak_ended IN (0, 1)),
    CHECK ((streak_id IS NULL) = (streak_delta IS NULL) AND (streak_id IS NULL) = (streak_ended IS NULL))
  ) STRICT`,
  `CREATE TABLE service (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    service_class TEXT NOT NULL,
    max_queue_size INTEGER NOT NULL,
    is_active INTEGER NOT NULL CHECK (is_active IN (0, 1))
  ) STRICT`,
  `CREATE TABLE service_event_config (
    id INTEGER PRIMARY KEY,
    service_id INTEGER NOT NULL REFERENCES service (id),
    event_type TEXT NOT NULL,
    is_enabled INTEGER NOT NULL CHECK (is_enabled IN (0, 1)),
    priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 10),
    is_async INTEGER NOT NULL CHECK (is_async IN (0, 1)),
    is_discardable INTEGER NOT NULL CHECK (is_discardable IN (0, 1)),
    streaks TEXT NOT NULL CHECK (streaks IN ('each', 'final')),
    UNIQUE (service_id, event_type)
  ) STRICT`,
  `CREATE TABLE event_queue (
    id INTEGER PRIMARY KEY,
    service_id INTEGER NOT NULL REFERENCES service (id),
    live_event_id INTEGER NOT NULL REFERENCES live_event (id),
    priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 10),
    is_async INTEGER NOT NULL CHECK (is_async IN (0, 1)),
    is_discardable INTEGER NOT NULL CHECK (is_discardable IN (0, 1)),
    status TEXT NOT NULL CHECK (
      status = 'pending' OR status = 'processing' OR status = 'completed' OR status = 'failed' OR
      status = 'discarded'
    ),
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    crashes INTEGER NOT NULL DEFAULT 0 CHECK (crashes >= 0),
    created_at INTEGER NOT NULL,
    not_before INTEGER,
    started_at INTEGER,
    finished_at INTEGER,
    error TEXT,
    discard_reason TEXT CHECK (
      discard_reason = 'evicted' OR discard_reason = 'queue_full' OR discard_reason = 'emptied' OR
      discard_reason = 'stale'
    ),
    CHECK ((status = 'discarded') = (discard_reason IS NOT NULL)),
    CHECK ((status IN ('pending', 'processing')) = (finished_at IS NULL))
  ) STRICT`,
  `CREATE INDEX event_queue_live ON event_queue (service_id) WHERE status IN ('pending', 'processing')`,
  `CREATE INDEX event_queue_live_event ON event_queue (live_event_id)`,
  `CREATE TABLE service_state (
    service_id INTEGER NOT NULL REFERENCES service (id),
    session_id INTEGER REFERENCES live_session (id),
    key TEXT NOT NULL,
    value TEXT NOT NULL
  ) STRICT`,
  // An expression, because a plain unique index treats two NULLs as different; session ids start at 1.
  `CREATE UNIQUE INDEX service_state_key ON service_state (service_id, coalesce(session_id, 0), key)`,
  `CREATE TABLE config (
    meta_key TEXT PRIMARY KEY,
    meta_value TEXT NOT NULL
  ) STRICT`,
];

const countOfItems: Migration = [
  "ALTER TABLE event_queue ADD COLUMN count INTEGER NOT NULL DEFAULT 1 CHECK (count >= 0)",
];

/** Lives that span sessions, several sources, and marks that let a start read only the latest rows. */
const lives: Migration = [
  `CREATE TABLE live (
    id INTEGER PRIMARY KEY,
    source_type TEXT NOT NULL,
    room_id TEXT NOT NULL,
    username TEXT NOT NULL,
    title TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    totals TEXT,
    totals_up_to INTEGER NOT NULL DEFAULT 0
  ) STRICT`,
  "CREATE INDEX live_room ON live (source_type, room_id)",
  // For older data, each TikTok room becomes one live, and each other session its own live.
  `INSERT INTO live (id, source_type, room_id, username, title, started_at, totals_up_to)
    SELECT min(id), CASE WHEN source LIKE 'replay:%' THEN 'replay' ELSE source END, room_id, max(username), '',
      min(started_at), (SELECT coalesce(max(id), 0) FROM live_event)
    FROM live_session GROUP BY source, CASE WHEN source = 'tiktok' THEN room_id ELSE id END`,
  "ALTER TABLE live_session ADD COLUMN live_id INTEGER REFERENCES live (id)",
  `UPDATE live_session SET live_id = (
    SELECT min(other.id) FROM live_session AS other WHERE other.source = live_session.source AND
      CASE WHEN live_session.source = 'tiktok' THEN other.room_id = live_session.room_id
        ELSE other.id = live_session.id END
  )`,
  "ALTER TABLE live_session ADD COLUMN streaks_from INTEGER",
  // The session's events have ids in this range; NULL if it is not known, or not known yet.
  "ALTER TABLE live_session ADD COLUMN events_from INTEGER",
  "ALTER TABLE live_session ADD COLUMN events_to INTEGER",
  "CREATE INDEX live_session_live ON live_session (live_id)",
  "CREATE INDEX live_session_active ON live_session (id) WHERE status = 'active'",
  "ALTER TABLE live_event ADD COLUMN is_test INTEGER NOT NULL DEFAULT 0 CHECK (is_test IN (0, 1))",
  "ALTER TABLE live_event ADD COLUMN is_foreign INTEGER NOT NULL DEFAULT 0 CHECK (is_foreign IN (0, 1))",
  "ALTER TABLE live_event ADD COLUMN caused_by INTEGER REFERENCES live_event (id)",
  "ALTER TABLE live_event ADD COLUMN depth INTEGER NOT NULL DEFAULT 0",
  `CREATE TABLE live_giver (
    live_id INTEGER NOT NULL REFERENCES live (id),
    user_id TEXT NOT NULL,
    unique_id TEXT NOT NULL,
    nickname TEXT NOT NULL,
    diamonds INTEGER NOT NULL,
    gifts INTEGER NOT NULL,
    PRIMARY KEY (live_id, user_id)
  ) STRICT, WITHOUT ROWID`,
  "CREATE INDEX live_giver_diamonds ON live_giver (live_id, diamonds DESC, user_id)",
  // About one event in ten is in this index. A separate table would need a second write for each.
  `CREATE INDEX live_event_first ON live_event (user_id, event_type, session_id) WHERE is_first_of_user = 1`,
  // Ids of the last day, which detect repetitions by a service or a source.
  `CREATE TABLE known_id (
    owner TEXT NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (owner, id)
  ) STRICT, WITHOUT ROWID`,
  "CREATE INDEX known_id_at ON known_id (at)",
  "ALTER TABLE service_state ADD COLUMN live_id INTEGER REFERENCES live (id)",
  "DROP INDEX service_state_key",
  `CREATE UNIQUE INDEX service_state_key
    ON service_state (service_id, coalesce(session_id, 0), coalesce(live_id, 0), key)`,
  "DROP INDEX event_queue_live",
  // One index for pending and processing items: two would cost a sixth of the speed of single commits. With this
  // order of columns, each class of a queue (a priority, discardable or not) can be read oldest first from any id.
  // The status comes after the id, so that its change stays on the same page of the index. Otherwise each change
  // would move the entry to another page, which takes a fifth of a commit's time.
  `CREATE INDEX event_queue_live ON event_queue (service_id, priority, is_discardable, id, status)
    WHERE status = 'pending' OR status = 'processing'`,
];

const stepsOfItems: Migration = [
  `CREATE TABLE item_step (
    item_id INTEGER NOT NULL REFERENCES event_queue (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    seq INTEGER NOT NULL CHECK (seq >= 1),
    status TEXT NOT NULL CHECK (
      status = 'running' OR status = 'waiting' OR status = 'completed' OR status = 'failed'
    ),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    failures INTEGER NOT NULL CHECK (failures >= 0),
    result TEXT,
    error TEXT,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    not_before INTEGER,
    progress TEXT,
    CHECK ((status = 'completed' OR status = 'failed') = (finished_at IS NOT NULL))
  ) STRICT`,
  "CREATE UNIQUE INDEX item_step_name ON item_step (item_id, name)",
  // Distinguishes the items of this database from those of others, which have the same ids.
  "INSERT OR IGNORE INTO config (meta_key, meta_value) VALUES ('database_id', lower(hex(randomblob(16))))",
];

/** Detections are rare among the events, and each chart of readings asks for the latest ones. */
const detections: Migration = [
  `CREATE INDEX live_event_detection ON live_event (id) WHERE event_type = 'DetectionEvent'`,
];

/** The highest number that is exact in JavaScript. */
const highestNumber = Number.MAX_SAFE_INTEGER;

/** The gifts that were seen, so that nothing has to walk over the events to list them. */
const seenGifts: Migration = [
  `CREATE TABLE gift (
    gift_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    diamonds INTEGER NOT NULL,
    image_url TEXT NOT NULL,
    count INTEGER NOT NULL,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    PRIMARY KEY (gift_id, name, diamonds)
  ) STRICT, WITHOUT ROWID`,
  // CASE, because JSON functions throw at invalid JSON. An event whose gift cannot be read is left out.
  `INSERT INTO gift
    SELECT min(event_data ->> '$.gift.id', ${highestNumber}), event_data ->> '$.gift.name',
      min(event_data ->> '$.gift.diamondCount', ${highestNumber}),
      CASE json_type(event_data, '$.gift.imageUrl') WHEN 'text' THEN event_data ->> '$.gift.imageUrl' ELSE '' END,
      min(streak_delta, ${highestNumber}), max(received_at, 0), max(received_at, 0)
    FROM live_event
    WHERE event_type = 'GiftEvent' AND is_test = 0 AND is_foreign = 0 AND streak_delta > 0
      AND CASE WHEN json_valid(event_data)
        THEN json_type(event_data, '$.gift.id') = 'integer' AND event_data ->> '$.gift.id' >= 0
          AND json_type(event_data, '$.gift.name') = 'text'
          AND json_type(event_data, '$.gift.diamondCount') = 'integer'
          AND event_data ->> '$.gift.diamondCount' >= 0
        ELSE 0 END
    ORDER BY id
    ON CONFLICT (gift_id, name, diamonds) DO UPDATE SET
      image_url = CASE excluded.image_url WHEN '' THEN image_url ELSE excluded.image_url END,
      count = min(count + excluded.count, ${highestNumber}),
      first_seen_at = min(first_seen_at, excluded.first_seen_at),
      last_seen_at = max(last_seen_at, excluded.last_seen_at)`,
];

/** They are filled from the events behind `viewers_counted_up_to` of `config`: see `src/app/viewer_count.ts`. */
const viewers: Migration = [
  `CREATE TABLE viewer (
    id INTEGER PRIMARY KEY,
    platform TEXT NOT NULL,
    user_id TEXT NOT NULL,
    unique_id TEXT NOT NULL,
    nickname TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    lives INTEGER NOT NULL,
    gifts INTEGER NOT NULL,
    diamonds INTEGER NOT NULL,
    comments INTEGER NOT NULL,
    UNIQUE (platform, user_id)
  ) STRICT`,
  // The live comes first in the key, because the events of a live come together: so its new rows are on few pages.
  `CREATE TABLE viewer_live (
    viewer_id INTEGER NOT NULL REFERENCES viewer (id) ON DELETE CASCADE,
    live_id INTEGER NOT NULL REFERENCES live (id) ON DELETE CASCADE,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    gifts INTEGER NOT NULL,
    diamonds INTEGER NOT NULL,
    comments INTEGER NOT NULL,
    PRIMARY KEY (live_id, viewer_id)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE viewer_name (
    viewer_id INTEGER NOT NULL REFERENCES viewer (id) ON DELETE CASCADE,
    unique_id TEXT NOT NULL,
    nickname TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    PRIMARY KEY (viewer_id, unique_id, nickname)
  ) STRICT, WITHOUT ROWID`,
  // Most events bring the name that their viewer had before, so only a new one costs a write. A viewer may rename with
  // each event, so fifty names are kept. (OR IGNORE would not help in a trigger: the outer statement's policy holds.)
  ...["INSERT", "UPDATE OF unique_id, nickname"].map((change) =>
    `CREATE TRIGGER viewer_name_${change.slice(0, 6).toLowerCase()} AFTER ${change} ON viewer
      ${change === "INSERT" ? "" : "WHEN old.unique_id <> new.unique_id OR old.nickname <> new.nickname"}
      BEGIN
        INSERT INTO viewer_name (viewer_id, unique_id, nickname, first_seen)
          SELECT new.id, new.unique_id, new.nickname, new.last_seen
          WHERE (SELECT count(*) FROM viewer_name WHERE viewer_id = new.id) < 50 AND NOT EXISTS (
            SELECT 1 FROM viewer_name
            WHERE viewer_id = new.id AND unique_id = new.unique_id AND nickname = new.nickname
          );
      END`
  ),
  // What a person wrote about a viewer, who may not be counted yet.
  `CREATE TABLE viewer_mark (
    platform TEXT NOT NULL,
    user_id TEXT NOT NULL,
    note TEXT,
    is_blocked INTEGER NOT NULL DEFAULT 0 CHECK (is_blocked IN (0, 1)),
    PRIMARY KEY (platform, user_id)
  ) STRICT, WITHOUT ROWID`,
];

/** Before an event is deleted, those that it caused forget it. Few events have a cause. */
const causes: Migration = [
  "CREATE INDEX live_event_cause ON live_event (caused_by) WHERE caused_by IS NOT NULL",
];

/** A database of many rooms has the services of each, and says whose each live is. A database of one has "". */
const streamers: Migration = [
  `CREATE TABLE service_of_streamer (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    service_class TEXT NOT NULL,
    max_queue_size INTEGER NOT NULL,
    is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    streamer TEXT NOT NULL DEFAULT '',
    UNIQUE (streamer, slug)
  ) STRICT`,
  "INSERT INTO service_of_streamer SELECT *, '' FROM service",
  "DROP TABLE service",
  "ALTER TABLE service_of_streamer RENAME TO service",
  "ALTER TABLE live ADD COLUMN streamer TEXT NOT NULL DEFAULT ''",
  "ALTER TABLE live_session ADD COLUMN streamer TEXT NOT NULL DEFAULT ''",
  "CREATE INDEX live_session_streamer ON live_session (streamer, id)",
];

/**
 * The rooms of a database of many. `machine` is the one that has or had the room; none has it if `taken_at` is NULL. A
 * database of one has no rows here.
 */
const rooms: Migration = [
  `CREATE TABLE streamer (
    name TEXT PRIMARY KEY,
    machine TEXT,
    taken_at INTEGER,
    added_at INTEGER,
    removed_at INTEGER
  ) STRICT`,
];

export const migrations: readonly Migration[] = [
  firstTables,
  countOfItems,
  lives,
  stepsOfItems,
  detections,
  seenGifts,
  viewers,
  causes,
  streamers,
  rooms,
];
