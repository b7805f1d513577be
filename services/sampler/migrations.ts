/** The tables of the service's own database. */
import type { Migration } from "livecue/service";

export const migrations: readonly Migration[] = [[
  `CREATE TABLE sample_creator (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- The name and the id as they are searched: in small letters, without accents.
    folded_name TEXT NOT NULL,
    folded_id TEXT NOT NULL,
    fetched_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
  // AUTOINCREMENT: the names of stored files have the id, so the id of a deleted sample is not used again.
  `CREATE TABLE sample (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source_url TEXT NOT NULL,
    video_key TEXT,
    creator_id TEXT REFERENCES sample_creator,
    description TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '[]',
    views INTEGER,
    likes INTEGER,
    seconds REAL,
    bpm REAL,
    half_bpm REAL,
    double_bpm REAL,
    key TEXT,
    key_strength REAL,
    loudness_lufs REAL,
    files TEXT NOT NULL DEFAULT '{}',
    status TEXT NOT NULL DEFAULT 'requested' CHECK (status IN ('requested', 'running', 'done', 'failed')),
    step TEXT,
    progress REAL,
    error TEXT,
    requested_by TEXT NOT NULL,
    downloads INTEGER NOT NULL DEFAULT 0,
    -- How often the sample was requested: a retry of a failed one is a new request.
    requests INTEGER NOT NULL DEFAULT 1,
    -- When the request became an event.
    announced_at INTEGER,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    -- Set while the stored files are deleted.
    deleted_at INTEGER
  ) STRICT`,
  "CREATE UNIQUE INDEX sample_video ON sample (video_key) WHERE deleted_at IS NULL",
  "CREATE INDEX sample_status ON sample (status)",
  "CREATE INDEX sample_source ON sample (source_url)",
  "CREATE INDEX sample_creator_id ON sample (creator_id)",
  // The service's address, for its commands. The token is the generated one, or "" if the options have a token.
  "CREATE TABLE door (url TEXT NOT NULL, token TEXT NOT NULL) STRICT",
  // The texts are folded before they are written, so SQLite only has to divide them into words.
  `CREATE VIRTUAL TABLE sample_text USING fts5(
    description, creator, tags, tokenize = 'unicode61 remove_diacritics 0', prefix = '1 2 3'
  )`,
], [
  // A sample that gave way to another one of the same video. Its link and its id lead to that one.
  `CREATE TABLE sample_alias (
    id INTEGER PRIMARY KEY,
    source_url TEXT NOT NULL,
    sample_id INTEGER NOT NULL REFERENCES sample ON DELETE CASCADE
  ) STRICT`,
  "CREATE INDEX sample_alias_url ON sample_alias (source_url)",
  "CREATE INDEX sample_alias_sample ON sample_alias (sample_id)",
]];
