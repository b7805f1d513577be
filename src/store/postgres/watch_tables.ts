/**
 * The tables through which rooms are watched. The owner of the database decides by grants who may watch, and a machine
 * asks the database for them: see docs/agencies.md. Their rows last for seconds, and a crash of the server may take them.
 */

/** The privilege to change items is that of somebody who has the database anyway. */
const hasAll = "has_table_privilege('event_queue'::regclass, 'UPDATE')";

export const watchTables: readonly string[] = [
  // What each machine says of its rooms.
  `CREATE UNLOGGED TABLE room_status (
    streamer TEXT PRIMARY KEY,
    run BIGINT NOT NULL,
    title TEXT NOT NULL,
    phase TEXT,
    viewers BIGINT,
    rate DOUBLE PRECISION NOT NULL,
    pending BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    trouble TEXT
  ) WITH (fillfactor = 50)`,
  // Calls to a run. Whoever may write `action` may act; nobody may be allowed to write `asked_by`.
  `CREATE UNLOGGED TABLE watch_call (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run BIGINT NOT NULL,
    watcher TEXT NOT NULL CHECK (length(watcher) BETWEEN 1 AND 64),
    body TEXT CHECK (octet_length(body) <= 65536),
    action TEXT CHECK (octet_length(action) <= 65536),
    asked_by TEXT NOT NULL DEFAULT session_user,
    asked_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    CHECK ((body IS NULL) <> (action IS NULL))
  )`,
  "CREATE INDEX watch_call_run ON watch_call (run, id)",
  `CREATE UNLOGGED TABLE watch_answer (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asked_by TEXT NOT NULL,
    watcher TEXT NOT NULL,
    is_snapshot BIGINT NOT NULL CHECK (is_snapshot IN (0, 1)),
    body TEXT NOT NULL,
    made_at TIMESTAMPTZ NOT NULL DEFAULT now()
  )`,
  "CREATE INDEX watch_answer_watcher ON watch_answer (watcher, id)",
  "ALTER TABLE watch_answer ENABLE ROW LEVEL SECURITY",
  `CREATE POLICY own_answers ON watch_answer USING (asked_by = session_user)`,
  `CREATE POLICY all_answers ON watch_answer USING (${hasAll}) WITH CHECK (${hasAll})`,
];
