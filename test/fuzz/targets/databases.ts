import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { App } from "../../../src/app/app.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { silentLog } from "../../support/silent_log.ts";
import { configIn, serviceConfig } from "../../support/temporary_store.ts";
import { assertRefusal } from "../asserts.ts";
import { databaseFile, folder, makeDatabase, prepare, show } from "../command_line.ts";
import { type Edit, editedBytes, editsOf, hostileText } from "../inputs.ts";
import type { Target } from "../target.ts";

interface Change {
  table: string;
  column: string;
  /** Of one row, or with 0 of all. */
  id: number;
  value: string | number | bigint | null;
}

interface Input {
  /** Also values that the tables' own rules forbid: a broken disk or another program may leave them. */
  breaksRules: boolean;
  changes: Change[];
  /** Statements that a person or another program may have run. */
  statements: string[];
  edits: Edit<Uint8Array>[];
  /** Where it is cut off, as a part of its length. */
  length: number;
}

const template = await makeDatabase();
const columns: [table: string, column: string][] = [
  ...[
    "created_at",
    "received_at",
    "event_data",
    "event_type",
    "user_roles",
    "user_nickname",
    "streak_id",
    "depth",
  ]
    .map((column): [string, string] => ["live_event", column]),
  ...["streak_count", "streak_delta", "caused_by", "session_id", "room_id", "is_test", "is_history"]
    .map((column): [string, string] => ["live_event", column]),
  ...["status", "attempts", "crashes", "created_at", "not_before", "error", "priority", "service_id", "count"]
    .map((column): [string, string] => ["event_queue", column]),
  ...["started_at", "ended_at", "shed", "status", "source", "username", "name", "events_from", "streaks_from"]
    .map((column): [string, string] => ["live_session", column]),
  ...["totals", "totals_up_to", "started_at", "source_type"].map((
    column,
  ): [string, string] => ["live", column]),
  ...["slug", "max_queue_size", "is_active"].map((column): [string, string] => ["service", column]),
];
const value = fc.oneof(
  fc.constantFrom<Change["value"]>(
    9223372036854775807n,
    -9223372036854775808n,
    9007199254740993n,
    0n,
    -1n,
    null,
  ),
  fc.constantFrom<Change["value"]>(
    "{",
    "[]",
    "null",
    '{"likes":1e999}',
    '{"gift":null}',
    "",
    '{"gift":{"id":"x"}}',
  ),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  hostileText,
);
const change = fc.tuple(fc.constantFrom(...columns), fc.nat({ max: 30 }), value).map((
  [[table, column], id, value],
) => ({
  ...{ table, column, id, value },
}));
const statement = fc.constantFrom(
  "PRAGMA user_version = 99",
  "PRAGMA user_version = 1",
  "PRAGMA application_id = 7",
  "DROP TABLE live_event",
  "DROP TABLE config",
  "ALTER TABLE live_event RENAME COLUMN event_data TO data",
  "DROP INDEX event_queue_live",
  "CREATE TRIGGER t AFTER INSERT ON live_event BEGIN SELECT raise(ABORT, 'no'); END",
  "DELETE FROM live_session",
  "DELETE FROM live",
  "INSERT INTO live_event SELECT id + 9223372036854775700, session_id, room_id, event_type, message_id, is_history, " +
    "created_at, received_at, user_id, user_unique_id, user_nickname, user_avatar_url, user_roles, is_first_of_user, " +
    "event_data, streak_id, streak_count, streak_delta, streak_ended, is_test, is_foreign, caused_by, depth FROM live_event",
  "PRAGMA journal_mode = DELETE",
  "PRAGMA encoding = 'UTF-16'",
);

export const target: Target<Input> = {
  holds: "whatever stands in a database, each command shows what it can, or says what is wrong in a sentence",
  inputs: fc.record({
    breaksRules: fc.boolean(),
    changes: fc.array(change, { maxLength: 4 }),
    statements: fc.oneof(
      { weight: 2, arbitrary: fc.constant<string[]>([]) },
      fc.array(statement, { maxLength: 2 }),
    ),
    edits: fc.oneof(
      { weight: 2, arbitrary: fc.constant<Edit<Uint8Array>[]>([]) },
      editsOf(fc.uint8Array({ maxLength: 16 }) as fc.Arbitrary<Uint8Array>),
    ),
    length: fc.oneof({ weight: 10, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
  }, { noNullPrototype: true }),
  async check(input) {
    prepare(template);
    const isWhole = input.edits.length === 0 && input.length === 1;
    applyChanges(input);
    const bytes = editedBytes(Deno.readFileSync(databaseFile), input.edits);
    Deno.writeFileSync(databaseFile, bytes.subarray(0, Math.ceil(bytes.length * input.length)));
    const common = ["--database", databaseFile, "--config", join(folder, "config.jsonc")];
    for (
      const command of [
        ...[["sessions"], ["sessions", "--json"], ["events"], ["events", "--json", "--text", "a"], ["queue"]],
        ...[["check"], [
          "retry",
          "--service",
          "dino",
          "--discarded",
        ]],
      ]
    ) await show([...command, ...common]);
    if (!input.breaksRules) await startAndEnd();
    await assertExported(common, isWhole && input.statements.length === 0);
  },
};

function applyChanges({ changes, statements, breaksRules }: Input): void {
  if (changes.length === 0 && statements.length === 0) return;
  const database = new DatabaseSync(databaseFile);
  try {
    if (breaksRules) database.exec("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF");
    for (const { table, column, id, value } of changes) {
      tolerated(() =>
        database.prepare(`UPDATE ${table} SET ${column} = ? WHERE id = ? OR ? = 0`).run(value, id, id)
      );
    }
    for (const statement of statements) tolerated(() => database.exec(statement));
    tolerated(() => database.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
  } finally {
    database.close();
  }
}

/** A database never contains a value that SQLite rejects. */
function tolerated(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
  }
}

/** Takes it up as a start does, with nothing to do. */
async function startAndEnd(): Promise<void> {
  const config = configIn(folder, { services: [serviceConfig("dino")] });
  const options = {
    config,
    clock: new FakeClock(),
    log: silentLog(),
    sources: [],
    processes: "none",
  } as const;
  try {
    const app = await App.open({ ...options, whenIdle: "end" });
    await app.run();
  } catch (error) {
    assertRefusal(error);
  }
}

/** An export has a line for each event, after one header line. */
async function assertExported(common: string[], isWhole: boolean): Promise<void> {
  const file = join(folder, "export.jsonl");
  const { code } = await show(["export", "1", file, ...common]);
  if (code !== 0 || !isWhole) return;
  const lines = Deno.readTextFileSync(file).trimEnd().split("\n");
  for (const line of lines) JSON.parse(line);
  const database = new DatabaseSync(databaseFile, { readOnly: true });
  const row = database.prepare("SELECT count(*) AS count FROM live_event WHERE session_id = 1").get();
  database.close();
  assert.equal(lines.length, Number(row?.["count"]) + 1);
}
