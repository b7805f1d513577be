/** `prune` in the databases of services, as a person types it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { migrations as postMigrations } from "../../services/peebot/book.ts";
import { migrations as ledgerMigrations } from "../../services/points/ledger.ts";
import { migrations as sampleMigrations } from "../../services/sampler/migrations.ts";
import { Samples } from "../../services/sampler/samples.ts";
import { migrations as speechMigrations } from "../../services/tts/speeches.ts";
import { type Migration, openDatabase } from "../../src/kit/database.ts";
import { livecue, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const dayMs = 86_400_000;
const slugs = ["points", "peebot", "sampler", "tts"];

/** With the services that keep a database, none of which has run yet. */
async function withServices(use: (folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const classOf = (slug: string) =>
      fileURLToPath(new URL(`../../services/${slug}/main.ts`, import.meta.url));
    const services = Object.fromEntries(slugs.map((slug) => [slug, { service_class: classOf(slug) }]));
    writeConfig(folder, { services, retention: { keep_days: 90 } });
    assert.equal((await livecue(folder, "init")).code, 0);
    await use(folder);
  });
}

const fileOf = (folder: string, slug: string) => join(folder, "data", slug, "data.db");

function inDatabase<Result>(
  folder: string,
  slug: string,
  migrations: readonly Migration[],
  use: (database: DatabaseSync) => Result,
): Result {
  Deno.mkdirSync(join(folder, "data", slug), { recursive: true });
  using database = openDatabase(fileOf(folder, slug), migrations);
  return use(database);
}

/** Each row in two: one of a hundred days ago, one of now. */
function fill(folder: string): void {
  const [old, now] = [Date.now() - 100 * dayMs, Date.now()];
  inDatabase(folder, "points", ledgerMigrations, (database) => {
    const insert = database.prepare("INSERT INTO entry VALUES (?, '7', ?, 5, ?)");
    database.exec(
      "INSERT INTO account (user_id, handle, name, simple_name, points) VALUES ('7', 'a', 'A', 'a', 9)",
    );
    database.exec("BEGIN");
    for (let i = 0; i < 2_000; i++) insert.run(`event ${i}`, i === 0 ? now : old, "earned ".repeat(10));
    database.exec("COMMIT");
  });
  inDatabase(folder, "peebot", postMigrations, (database) => {
    const insert = database.prepare(
      "INSERT INTO post (key, network, at, round, template, text, status) VALUES (?, 'n', ?, 1, 't', 't', 'posted')",
    );
    for (let i = 0; i < 400; i++) insert.run(`item ${i}`, old + i);
  });
  inDatabase(folder, "sampler", sampleMigrations, (database) => {
    for (const at of [old, now]) {
      const samples = new Samples(database, { now: () => at });
      const { id } =
        samples.request({ url: `https://x.test/${at}`, videoKey: `${at}`, requestedBy: "t" }).sample;
      samples.fail(id, { step: "download", error: "gone" });
    }
  });
  inDatabase(folder, "tts", speechMigrations, (database) => {
    const insert = database.prepare(
      `INSERT INTO speech (text, text_hash, voice, engine, language, rate, pitch, volume,
      priority, is_discardable, viewer_id, viewer_name, status, created_at, ended_at)
      VALUES ('hi', '', '', '', '', 1, 1, 1, 5, 1, '7', 'A', ?, 1, ?)`,
    );
    for (const [status, at] of [["spoken", old], ["spoken", now], ["waiting", null]]) {
      insert.run(status!, at!);
    }
  });
}

function rows(folder: string, slug: string, sql: string): unknown[] {
  using database = new DatabaseSync(fileOf(folder, slug), { readOnly: true });
  return database.prepare(sql).all().map((row) => Object.values(row)[0]);
}

Deno.test("prune deletes what is old in services' databases, keeps what counts, and their files shrink", async () => {
  await withServices(async (folder) => {
    fill(folder);
    const before = Deno.statSync(fileOf(folder, "points")).size;
    const dry = await livecue(folder, "prune", "--dry-run");
    assert.match(dry.stdout, /^points: 1999 entries of the ledger would be deleted$/m);
    assert.match(dry.stdout, /^peebot: 3\d\d posts would be deleted$/m);
    assert.match(dry.stdout, /^sampler: 1 request that failed would be deleted$/m);
    assert.match(dry.stdout, /^tts: 1 text that was spoken or left out would be deleted$/m);
    assert.equal(rows(folder, "points", "SELECT count(*) FROM entry")[0], 2_000);

    const done = await livecue(folder, "prune", "--yes");
    assert.deepEqual([done.code, done.stderr], [0, ""]);
    assert.match(done.stdout, /^points: 1999 entries of the ledger deleted$/m);
    assert.deepEqual(rows(folder, "points", "SELECT key FROM entry"), ["event 0"]);
    assert.deepEqual(rows(folder, "points", "SELECT points FROM account"), [9]);
    assert.ok(Deno.statSync(fileOf(folder, "points")).size < before / 4);
    const posts = rows(folder, "peebot", "SELECT key FROM post ORDER BY rowid");
    assert.ok(posts.length > 1 && posts.length < 100, "the last posts say which texts were used");
    assert.equal(posts.at(-1), "item 399");
    assert.deepEqual(rows(folder, "sampler", "SELECT id FROM sample"), [2]);
    assert.deepEqual(rows(folder, "tts", "SELECT id FROM speech"), [2, 3]);
  });
});

Deno.test("The number of a deleted sample never comes back", async () => {
  await withServices(async (folder) => {
    fill(folder);
    inDatabase(
      folder,
      "sampler",
      sampleMigrations,
      (database) => database.exec("UPDATE sample SET finished_at = 1"),
    );
    await livecue(folder, "prune", "--yes");
    assert.deepEqual(rows(folder, "sampler", "SELECT id FROM sample"), []);
    const link = "https://www.tiktok.com/@ana/video/7312345678901234567";
    const added = await livecue(folder, "sampler", "add", link);
    assert.match(added.stdout, /^Sample 3 is requested\./, added.stderr);
  });
});
