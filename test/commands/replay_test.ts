/** Recordings that are played completely: the resulting tables, and recordings and exports made from them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { livecue, query, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const data = fileURLToPath(new URL("../data/", import.meta.url));
const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));

const everything = Object.fromEntries(
  ["Gift", "Subscribe", "Follow", "Share", "Comment", "Like", "Join"].map((name) => [`${name}Event`, {}]),
);
const service = { service_class: dummy, max_queue_size: 1_000_000, subscriptions: everything };

/** Replays without waiting into a new database in a new folder below `parent`. */
async function replay(parent: string, name: string, file: string, ...more: string[]) {
  const folder = join(parent, name);
  await Deno.mkdir(folder);
  writeConfig(folder, { services: { dummy: service } });
  const source = ["--source", `replay:${file}`, "--speed", "max"];
  const { code, stdout, stderr } = await livecue(folder, "start", ...source, "--plain", ...more);
  assert.equal(code, 0, stderr);
  return { folder, stdout, stderr };
}

/** The totals of all sessions, under the names of the expected ones. */
function sums(folder: string): Record<string, number> {
  const [row] = query<Record<string, number>>(
    folder,
    `SELECT count(*) AS unique_messages,
      count(*) FILTER (WHERE event_type = 'CommentEvent') AS comments,
      count(*) FILTER (WHERE event_type = 'FollowEvent') AS follows,
      count(*) FILTER (WHERE event_type = 'ShareEvent') AS shares,
      count(*) FILTER (WHERE event_type = 'JoinEvent') AS joins,
      count(*) FILTER (WHERE event_type = 'SubscribeEvent') AS subscribes,
      count(*) FILTER (WHERE event_type = 'LikeEvent') AS like_messages,
      sum(streak_delta) FILTER (WHERE event_type = 'LikeEvent') AS likes,
      count(*) FILTER (WHERE event_type = 'GiftEvent') AS gift_messages,
      sum(streak_delta) FILTER (WHERE event_type = 'GiftEvent') AS gifts,
      sum(streak_delta * (event_data ->> '$.gift.diamondCount')) AS diamonds,
      count(DISTINCT iif(event_data ->> '$.gift.isStreakable', streak_id, NULL)) AS gift_streaks
    FROM live_event`,
  );
  return { ...row };
}

/** Everything that a replay of an export must restore. */
function contents(folder: string) {
  const columns = "event_type, message_id, room_id, created_at, is_history, user_id, user_unique_id, " +
    "user_nickname, event_data, streak_count, streak_delta, streak_ended";
  return query(folder, `SELECT ${columns} FROM live_event ORDER BY id`).map((row) => ({ ...row }));
}

const inWords = (count: number) => count.toLocaleString("en");

for (const name of ["calm", "hostile"]) {
  Deno.test(`The tables agree with the known content of the ${name} recording`, async () => {
    await withFolder(async (parent) => {
      const { folder, stdout } = await replay(parent, name, `${data}${name}.jsonl`);
      const expected = JSON.parse(await Deno.readTextFile(`${data}${name}.expected.json`));
      const found = sums(folder);
      for (const [key, value] of Object.entries(found)) assert.equal(value, expected[key], key);
      assert.match(
        stdout,
        new RegExp(`^\\S+ 1 session, ${inWords(expected.unique_messages)} events stored`, "m"),
      );
      assert.match(stdout, new RegExp(`${inWords(expected.repeated_messages)} duplicates dropped`));
      assert.ok(
        stdout.includes(`${inWords(expected.gifts)} gifts (${inWords(expected.diamonds)} diamonds)`),
        stdout,
      );
      const items = query(folder, "SELECT DISTINCT status FROM event_queue").map(({ status }) => status);
      assert.deepEqual(items, ["completed"]);
    });
  });
}

Deno.test("A recording of a replay contains everything that was replayed, including duplicates", async () => {
  await withFolder(async (parent) => {
    const recording = join(parent, "again.jsonl");
    const first = await replay(parent, "first", `${data}hostile.jsonl`, "--record", recording);
    const second = await replay(parent, "second", recording);
    assert.deepEqual(sums(second.folder), sums(first.folder));
    assert.deepEqual(contents(second.folder), contents(first.folder));
    assert.match(second.stdout, /37 duplicates dropped/);
  });
});

Deno.test("A recording of a demo replays to the demo's totals", async () => {
  await withFolder(async (parent) => {
    writeConfig(parent, { services: { dummy: service } });
    const demo = ["demo", "--rate", "300", "--seed", "5", "--for", "2", "--record", "demo.jsonl"];
    assert.equal((await livecue(parent, ...demo)).code, 0);
    const { folder } = await replay(parent, "again", join(parent, "demo.jsonl"));
    assert.ok((sums(parent).unique_messages ?? 0) > 100);
    assert.deepEqual(sums(folder), sums(parent));
  });
});

for (const name of ["calm", "hostile"]) {
  Deno.test(`The ${name} live, exported and replayed, has the same events, totals and data`, async () => {
    await withFolder(async (parent) => {
      const first = await replay(parent, "first", `${data}${name}.jsonl`);
      const exported = await livecue(first.folder, "export", "1", "out.jsonl");
      assert.equal(exported.code, 0, exported.stderr);
      assert.ok(
        exported.stdout.includes(`out.jsonl: ${inWords(sums(first.folder).unique_messages ?? 0)} events`),
      );
      const second = await replay(parent, "second", join(first.folder, "out.jsonl"));
      assert.equal(second.stderr, "");
      assert.deepEqual(sums(second.folder), sums(first.folder));
      assert.deepEqual(contents(second.folder), contents(first.folder));
    });
  });
}

Deno.test("An export overwrites no file, and does not create a folder", async () => {
  await withFolder(async (parent) => {
    const { folder } = await replay(parent, "first", `${data}calm.jsonl`);
    await Deno.writeTextFile(join(folder, "mine.txt"), "mine");
    for (
      const [name, why] of [["mine.txt", /mine\.txt already exists.*another/], [
        "none/x",
        /There is no folder .*none\..*another/,
      ]] as const
    ) {
      const { code, stdout, stderr } = await livecue(folder, "export", "1", name);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
      assert.match(stderr, why);
    }
    assert.equal(await Deno.readTextFile(join(folder, "mine.txt")), "mine");
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assert.deepEqual(names.filter((name) => name.includes(".part")), []);
  });
});

Deno.test("A session has its given name, and names its source", async () => {
  await withFolder(async (parent) => {
    const { folder } = await replay(parent, "first", `${data}calm.jsonl`, "--session-name", "Friday's 🎂");
    const [session] = query(folder, "SELECT * FROM live_session");
    assert.equal(session?.name, "Friday's 🎂");
    assert.equal(session?.source, `replay:${data}calm.jsonl`);
    assert.equal(session?.status, "completed");
    assert.match((await livecue(folder, "sessions")).stdout, /Friday's 🎂/);
  });
});

for (const size of ["1", "7", "100000"]) {
  Deno.test(`Transactions of at most ${size} events make no difference to what is stored`, async () => {
    await withFolder(async (parent) => {
      const usual = await replay(parent, "usual", `${data}hostile.jsonl`);
      const other = await replay(parent, "other", `${data}hostile.jsonl`, "--batch-size", size);
      assert.deepEqual(contents(other.folder), contents(usual.folder));
    });
  });
}

/** Controls but the line break, bidi controls, line separators. */
const harmful = /(?!\n)\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069\u061c\u200e\u200f]/u;

const decoded = (_: string, code: string) => String.fromCharCode(parseInt(code, 16));

Deno.test("Nothing that could harm a terminal is printed, logged, stored or exported raw", async () => {
  await withFolder(async (parent) => {
    const { folder, stdout, stderr } = await replay(parent, "hostile", `${data}hostile.jsonl`, "--verbose");
    await livecue(folder, "export", "1", "out.jsonl");
    const printed = [stdout, stderr];
    for (const args of [["events", "--limit", "9999"], ["queue", "--limit", "9999"], ["sessions"]]) {
      printed.push((await livecue(folder, ...args)).stdout);
      printed.push((await livecue(folder, ...args, "--json")).stdout);
    }
    const files = await Promise.all(
      ["livecue.log", "out.jsonl"].map((name) => Deno.readTextFile(join(folder, name))),
    );
    for (const text of [...printed, ...files]) {
      assert.ok(text.length > 0);
      assert.deepEqual(text.split("\n").filter((line) => harmful.test(line)), []);
    }
    const tables = query<{ name: string }>(folder, "SELECT name FROM sqlite_schema WHERE type = 'table'");
    const values = tables.flatMap(({ name }) => query(folder, `SELECT * FROM ${name}`))
      // JSON writes control characters as codes, of which a reader makes the characters again.
      .flatMap((row) =>
        Object.values(row).map((value) => String(value).replace(/\\u([0-9a-f]{4})/gi, decoded))
      );
    assert.deepEqual(values.filter((value) => harmful.test(value.replaceAll("\n", "\0"))), []);
  });
});
