/**
 * The tables of PostgreSQL, with the names of those of SQLite. Texts are compared by their bytes, as in SQLite. JSON is
 * text, because what comes from outside may have characters that PostgreSQL's own JSON cannot hold. An entry of an index
 * may have 2,700 bytes, so every name and id that comes from outside is cut before, to 1,536 at most. Where an update
 * leaves the indexed columns as they are, a page with free space saves it the writes to the indexes.
 */

const text = `TEXT COLLATE "C"`;
const flag = (name: string, rest = "") => `${name} BIGINT NOT NULL ${rest} CHECK (${name} IN (0, 1))`;

/** The tables of lives, and their events. */
const lives: readonly string[] = [
  `CREATE TABLE live (
    id BIGINT PRIMARY KEY,
    source_type ${text} NOT NULL,
    room_id ${text} NOT NULL,
    username ${text} NOT NULL,
    title ${text} NOT NULL,
    started_at BIGINT NOT NULL,
    totals ${text},
    totals_up_to BIGINT NOT NULL DEFAULT 0,
    streamer ${text} NOT NULL DEFAULT ''
  ) WITH (fillfactor = 50)`,
  "CREATE INDEX live_room ON live (source_type, room_id)",
  `CREATE TABLE live_session (
    id BIGINT PRIMARY KEY,
    username ${text} NOT NULL,
    name ${text},
    room_id ${text} NOT NULL,
    source ${text} NOT NULL,
    status ${text} NOT NULL CHECK (status = 'active' OR status = 'completed' OR status = 'aborted'),
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    end_reason ${text},
    shed ${text},
    live_id BIGINT REFERENCES live (id),
    streaks_from BIGINT,
    events_from BIGINT,
    events_to BIGINT,
    streamer ${text} NOT NULL DEFAULT '',
    CHECK ((status = 'active') = (ended_at IS NULL))
  ) WITH (fillfactor = 50)`,
  "CREATE INDEX live_session_live ON live_session (live_id)",
  "CREATE INDEX live_session_streamer ON live_session (streamer, id)",
  "CREATE INDEX live_session_active ON live_session (id) WHERE status = 'active'",
  `CREATE TABLE live_event (
    id BIGINT PRIMARY KEY,
    session_id BIGINT NOT NULL REFERENCES live_session (id),
    room_id ${text} NOT NULL,
    event_type ${text} NOT NULL,
    message_id ${text},
    ${flag("is_history")},
    created_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    user_id ${text},
    user_unique_id ${text},
    user_nickname ${text},
    user_avatar_url ${text},
    user_roles ${text},
    ${flag("is_first_of_user")},
    event_data ${text} NOT NULL,
    streak_id ${text},
    streak_count BIGINT,
    streak_delta BIGINT CHECK (streak_delta >= 0),
    streak_ended BIGINT CHECK (streak_ended IN (0, 1)),
    ${flag("is_test", "DEFAULT 0")},
    ${flag("is_foreign", "DEFAULT 0")},
    caused_by BIGINT REFERENCES live_event (id),
    depth BIGINT NOT NULL DEFAULT 0,
    CHECK ((streak_id IS NULL) = (streak_delta IS NULL) AND (streak_id IS NULL) = (streak_ended IS NULL))
  )`,
  // Sessions of several rooms overlap, so the events of one are not next to each other.
  "CREATE INDEX live_event_session ON live_event (session_id, id)",
  "CREATE INDEX live_event_first ON live_event (user_id, event_type, session_id) WHERE is_first_of_user = 1",
  "CREATE INDEX live_event_detection ON live_event (id) WHERE event_type = 'DetectionEvent'",
  "CREATE INDEX live_event_cause ON live_event (caused_by) WHERE caused_by IS NOT NULL",
  `CREATE TABLE live_giver (
    live_id BIGINT NOT NULL REFERENCES live (id),
    user_id ${text} NOT NULL,
    unique_id ${text} NOT NULL,
    nickname ${text} NOT NULL,
    diamonds BIGINT NOT NULL,
    gifts BIGINT NOT NULL,
    PRIMARY KEY (live_id, user_id)
  ) WITH (fillfactor = 80)`,
  "CREATE INDEX live_giver_diamonds ON live_giver (live_id, diamonds DESC, user_id)",
  `CREATE TABLE known_id (
    owner ${text} NOT NULL,
    id ${text} NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (owner, id)
  )`,
  "CREATE INDEX known_id_at ON known_id (at)",
  `CREATE TABLE gift (
    gift_id BIGINT NOT NULL,
    name ${text} NOT NULL,
    diamonds BIGINT NOT NULL,
    image_url ${text} NOT NULL,
    count BIGINT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    PRIMARY KEY (gift_id, name, diamonds)
  ) WITH (fillfactor = 50)`,
];

/** The tables of services, and their work. */
const services: readonly string[] = [
  `CREATE TABLE service (
    id BIGINT PRIMARY KEY,
    slug ${text} NOT NULL,
    name ${text} NOT NULL,
    service_class ${text} NOT NULL,
    max_queue_size BIGINT NOT NULL,
    ${flag("is_active")},
    streamer ${text} NOT NULL DEFAULT '',
    UNIQUE (streamer, slug)
  )`,
  `CREATE TABLE service_event_config (
    id BIGINT PRIMARY KEY,
    service_id BIGINT NOT NULL REFERENCES service (id),
    event_type ${text} NOT NULL,
    ${flag("is_enabled")},
    priority BIGINT NOT NULL CHECK (priority BETWEEN 1 AND 10),
    ${flag("is_async")},
    ${flag("is_discardable")},
    streaks ${text} NOT NULL CHECK (streaks IN ('each', 'final')),
    UNIQUE (service_id, event_type)
  )`,
  // Without references: services are never deleted, and an event is written and deleted in one transaction with its
  // items. The server would lock the row of the service and of the event for each item, half of the insert's time.
  `CREATE TABLE event_queue (
    id BIGINT PRIMARY KEY,
    service_id BIGINT NOT NULL,
    live_event_id BIGINT NOT NULL,
    priority BIGINT NOT NULL CHECK (priority BETWEEN 1 AND 10),
    ${flag("is_async")},
    ${flag("is_discardable")},
    status ${text} NOT NULL CHECK (
      status = 'pending' OR status = 'processing' OR status = 'completed' OR status = 'failed' OR
      status = 'discarded'
    ),
    attempts BIGINT NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    failures BIGINT NOT NULL DEFAULT 0 CHECK (failures >= 0),
    crashes BIGINT NOT NULL DEFAULT 0 CHECK (crashes >= 0),
    created_at BIGINT NOT NULL,
    not_before BIGINT,
    started_at BIGINT,
    finished_at BIGINT,
    error ${text},
    discard_reason ${text} CHECK (
      discard_reason = 'evicted' OR discard_reason = 'queue_full' OR discard_reason = 'emptied' OR
      discard_reason = 'stale'
    ),
    count BIGINT NOT NULL DEFAULT 1 CHECK (count >= 0),
    CHECK ((status = 'discarded') = (discard_reason IS NOT NULL)),
    CHECK ((status IN ('pending', 'processing')) = (finished_at IS NULL))
  ) WITH (fillfactor = 50)`,
  // Without the status, so that an item that is taken or released writes no index.
  `CREATE INDEX event_queue_live ON event_queue (service_id, priority, is_discardable, id)
    WHERE finished_at IS NULL`,
  "CREATE INDEX event_queue_live_event ON event_queue (live_event_id)",
  `CREATE TABLE item_step (
    item_id BIGINT NOT NULL REFERENCES event_queue (id) ON DELETE CASCADE,
    name ${text} NOT NULL,
    seq BIGINT NOT NULL CHECK (seq >= 1),
    status ${text} NOT NULL CHECK (
      status = 'running' OR status = 'waiting' OR status = 'completed' OR status = 'failed'
    ),
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    failures BIGINT NOT NULL CHECK (failures >= 0),
    result ${text},
    error ${text},
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    not_before BIGINT,
    progress ${text},
    CHECK ((status = 'completed' OR status = 'failed') = (finished_at IS NOT NULL))
  ) WITH (fillfactor = 70)`,
  "CREATE UNIQUE INDEX item_step_name ON item_step (item_id, name)",
  `CREATE TABLE service_state (
    service_id BIGINT NOT NULL REFERENCES service (id),
    session_id BIGINT REFERENCES live_session (id),
    key ${text} NOT NULL,
    value ${text} NOT NULL,
    live_id BIGINT REFERENCES live (id)
  ) WITH (fillfactor = 70)`,
  `CREATE UNIQUE INDEX service_state_key
    ON service_state (service_id, coalesce(session_id, 0), coalesce(live_id, 0), key)`,
  // PostgreSQL does not look for a session's or a live's values in the index above when their row is deleted.
  "CREATE INDEX service_state_session ON service_state (session_id) WHERE session_id IS NOT NULL",
  "CREATE INDEX service_state_live ON service_state (live_id) WHERE live_id IS NOT NULL",
  `CREATE TABLE config (
    meta_key ${text} PRIMARY KEY,
    meta_value ${text} NOT NULL
  ) WITH (fillfactor = 50)`,
  // Distinguishes the items of this database from those of others, which have the same ids.
  "INSERT INTO config (meta_key, meta_value) VALUES ('database_id', replace(gen_random_uuid()::text, '-', ''))",
];

/** A viewer may rename with each event, so fifty names are kept. */
const keepName = `CREATE FUNCTION viewer_name_keep () RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF (SELECT count(*) FROM viewer_name WHERE viewer_id = NEW.id) < 50 THEN
        INSERT INTO viewer_name (viewer_id, unique_id, nickname, first_seen)
          VALUES (NEW.id, NEW.unique_id, NEW.nickname, NEW.last_seen) ON CONFLICT DO NOTHING;
      END IF;
      RETURN NULL;
    END $$`;

const viewers: readonly string[] = [
  `CREATE TABLE viewer (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    platform ${text} NOT NULL,
    user_id ${text} NOT NULL,
    unique_id ${text} NOT NULL,
    nickname ${text} NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    lives BIGINT NOT NULL,
    gifts BIGINT NOT NULL,
    diamonds BIGINT NOT NULL,
    comments BIGINT NOT NULL,
    UNIQUE (platform, user_id)
  ) WITH (fillfactor = 80)`,
  // A person asks for viewers by an id without its platform.
  "CREATE INDEX viewer_user ON viewer (user_id)",
  `CREATE TABLE viewer_live (
    viewer_id BIGINT NOT NULL REFERENCES viewer (id) ON DELETE CASCADE,
    live_id BIGINT NOT NULL REFERENCES live (id) ON DELETE CASCADE,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    gifts BIGINT NOT NULL,
    diamonds BIGINT NOT NULL,
    comments BIGINT NOT NULL,
    PRIMARY KEY (live_id, viewer_id)
  ) WITH (fillfactor = 80)`,
  // Deleting a viewer deletes these rows.
  "CREATE INDEX viewer_live_viewer ON viewer_live (viewer_id)",
  `CREATE TABLE viewer_name (
    viewer_id BIGINT NOT NULL REFERENCES viewer (id) ON DELETE CASCADE,
    unique_id ${text} NOT NULL,
    nickname ${text} NOT NULL,
    first_seen BIGINT NOT NULL,
    PRIMARY KEY (viewer_id, unique_id, nickname)
  )`,
  keepName,
  `CREATE TRIGGER viewer_name_insert AFTER INSERT ON viewer
    FOR EACH ROW EXECUTE FUNCTION viewer_name_keep ()`,
  `CREATE TRIGGER viewer_name_update AFTER UPDATE OF unique_id, nickname ON viewer FOR EACH ROW
    WHEN (OLD.unique_id <> NEW.unique_id OR OLD.nickname <> NEW.nickname)
    EXECUTE FUNCTION viewer_name_keep ()`,
  // What a person wrote about a viewer, who may not be counted yet.
  `CREATE TABLE viewer_mark (
    platform ${text} NOT NULL,
    user_id ${text} NOT NULL,
    note ${text},
    ${flag("is_blocked", "DEFAULT 0")},
    PRIMARY KEY (platform, user_id)
  )`,
];

export const tables: readonly string[] = [...lives, ...services, ...viewers];

/** By which a database of Livecue, or of another program, is known. */
export const tableNames: readonly string[] = tables.flatMap((statement) =>
  /^CREATE TABLE (\w+)/.exec(statement)?.[1] ?? []
);
