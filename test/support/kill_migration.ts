/** A database of an older Livecue, whose start is killed again and again while it brings the tables up to date. */
import { setImmediate as nextTurn } from "node:timers/promises";
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { migrations } from "../../src/store/sqlite/migrations.ts";
import { latestVersion, migrate } from "../../src/store/sqlite/schema.ts";
import type { Choices } from "./kill_scene.ts";
import { livecue, query, startLivecue, writeConfig } from "./livecue.ts";

const olderVersion = 2;
/** Of the event loop, while a start has the database: as long as it is at it, and a little longer. */
const maxTurns = 150_000;

/** Throws if something is lost or half done. Returns how many starts were killed before their end. */
export async function killMigrations(
  folder: string,
  choices: Choices,
  { events, kills }: { events: number; kills: number },
): Promise<number> {
  writeConfig(folder, {});
  let isUpToDate = true;
  let killed = 0;
  for (let kill = 0; kill < kills; kill++) {
    if (isUpToDate) await makeAnew(folder, events);
    const running = startLivecue(folder, "init");
    await taken(folder, running.ended);
    for (let turn = choices.whole(maxTurns); turn > 0; turn--) await nextTurn();
    try {
      running.kill("SIGKILL");
      killed++;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    await running.ended;
    // Of several steps each is whole.
    const version = check(folder, events);
    assert.ok(version >= olderVersion && version <= latestVersion, `version ${version}`);
    isUpToDate = version === latestVersion;
  }
  if (isUpToDate) await makeAnew(folder, events);
  const { code, stderr } = await livecue(folder, "init");
  assert.equal(code, 0, stderr);
  assert.equal(check(folder, events), latestVersion);
  assert.deepEqual(query(folder, "SELECT id FROM live_session WHERE live_id IS NULL"), []);
  return killed;
}

async function makeAnew(folder: string, events: number): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith("livecue.db")) await Deno.remove(join(folder, name));
  }
  makeOlder(join(folder, "livecue.db"), events);
}

function makeOlder(path: string, events: number): void {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL");
  migrate(database, migrations.slice(0, olderVersion));
  const numbers = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${events})`;
  database.exec(`BEGIN;
    ${numbers} INSERT INTO live_session
      SELECT i, 'ana', NULL, i % 7, 'tiktok', 'completed', i, i + 1, 'The live ended.', NULL FROM n WHERE i <= ${events} / 20;
    ${numbers} INSERT INTO live_event (id, session_id, room_id, event_type, message_id, is_history, created_at, received_at,
        is_first_of_user, event_data)
      SELECT i, 1 + i % (${events} / 20), '7', 'CommentEvent', i, 0, i, i, 0, '{"comment":"hello","language":"en"}' FROM n;
    INSERT INTO service VALUES (1, 'dino', 'Dino', 'dino.ts', 50, 1);
    ${numbers} INSERT INTO event_queue (id, service_id, live_event_id, priority, is_async, is_discardable, status, created_at)
      SELECT i, 1, i, 5, 0, 1, 'pending', i FROM n;
    COMMIT`);
  database.close();
}

/** Resolves when the process has taken the database for itself, or has ended. */
async function taken(folder: string, ended: Promise<unknown>): Promise<void> {
  let hasEnded = false;
  void ended.then(() => hasEnded = true);
  const isTaken = () => [...Deno.readDirSync(folder)].some(({ name }) => name.includes(".lock"));
  while (!hasEnded && !isTaken()) await nextTurn();
}

/** Returns the tables' version. */
function check(folder: string, events: number): number {
  const first = (sql: string) => Object.values(query(folder, sql)[0] ?? {})[0];
  assert.equal(first("PRAGMA integrity_check"), "ok");
  assert.deepEqual(query(folder, "PRAGMA foreign_key_check"), []);
  assert.equal(first("SELECT count(*) FROM live_event"), events);
  assert.equal(first("SELECT count(*) FROM event_queue WHERE status = 'pending'"), events);
  return Number(first("PRAGMA user_version"));
}
