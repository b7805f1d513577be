import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { appPassword, FakeBluesky, handle } from "../../support/fake_bluesky.ts";
import { FakeMastodon, token } from "../../support/fake_mastodon.ts";
import { livecue, startLivecue } from "../../support/livecue.ts";
import { recording, writeTankScene } from "../../support/tank_scene.ts";
import { withFolder } from "../../support/temporary_store.ts";

const texts = ["The tank is at {level} %, {rise} more. 🚀 #tank"];
// The data of a replay are its own, and so is its database.
const database = ["--database", "livecue.replay.db"];
const replay = ["start", "--source", recording, "--speed", "max", "--plain", ...database];

function blueskyOptions(server: FakeBluesky) {
  return {
    post: "bluesky",
    bluesky: { service: server.url, handle, password_file: "secret" },
    secret: appPassword,
    texts,
  };
}

function rowsOf(folder: string, sql: string): Record<string, unknown>[] {
  const stored = new DatabaseSync(join(folder, "livecue.replay.db"), { readOnly: true });
  try {
    return stored.prepare(sql).all();
  } finally {
    stored.close();
  }
}

function statuses(folder: string): string[] {
  return rowsOf(folder, "SELECT status FROM event_queue ORDER BY id").map(({ status }) => String(status));
}

Deno.test("Of two fills within half an hour the first one is posted, and the log says when the next post is allowed", () =>
  withFolder(async (folder) => {
    await using server = new FakeBluesky();
    writeTankScene(folder, { options: blueskyOptions(server), net: [server.host] });
    const { code, stdout, stderr } = await livecue(folder, ...replay);
    assert.equal(code, 0, stderr);
    assert.deepEqual([...server.records.values()].map(({ record }) => record.text), [
      "The tank is at 24 %, 4 more. 🚀 #tank",
    ]);
    assert.match(stdout, /Posted: The tank is at 24 %.+https:\/\/bsky\.app\/profile\//);
    assert.match(stdout, /risen by 5 % to 29 %\. The next post is allowed at \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    assert.deepEqual(statuses(folder), ["completed", "completed"]);
  }));

Deno.test("A Livecue that is killed between a post on Bluesky and its answer has posted once, whatever comes after", () =>
  withFolder(async (folder) => {
    await using server = new FakeBluesky();
    writeTankScene(folder, { options: blueskyOptions(server), net: [server.host] });
    const stored = Promise.withResolvers<void>();
    server.onStored = () => {
      stored.resolve();
      return new Promise(() => {});
    };
    const run = startLivecue(folder, ...replay);
    await stored.promise;
    run.kill("SIGKILL");
    await run.ended;
    const { code, stderr } = await livecue(folder, "work", "--drain", ...database);
    assert.equal(code, 0, stderr);
    assert.equal(server.records.size, 1);
    assert.deepEqual([server.count("createRecord"), server.count("getRecord")], [1, 1]);
    assert.ok(statuses(folder).every((status) => status === "completed"), statuses(folder).join());
  }));

Deno.test("A Livecue that is killed before its post on Mastodon arrives posts it later, once", () =>
  withFolder(async (folder) => {
    await using server = new FakeMastodon();
    const options = {
      post: "mastodon",
      mastodon: { instance: server.url, token_file: "secret" },
      secret: token,
      texts,
    };
    writeTankScene(folder, { options, net: [server.host] });
    const arrived = Promise.withResolvers<void>();
    server.onPost = () => {
      arrived.resolve();
      return new Promise(() => {});
    };
    const run = startLivecue(folder, ...replay);
    await arrived.promise;
    run.kill("SIGKILL");
    await run.ended;
    assert.equal(server.statuses.length, 0);
    server.onPost = () => undefined;
    const { code, stderr } = await livecue(folder, "work", "--drain", ...database);
    assert.equal(code, 0, stderr);
    assert.deepEqual(server.statuses.map(({ text }) => text), ["The tank is at 24 %, 4 more. 🚀 #tank"]);
  }));

Deno.test("A dry run of an old recording says what would be posted, and a recording is never posted as news", () =>
  withFolder(async (folder) => {
    await using server = new FakeBluesky();
    const endsAt = Date.UTC(2026, 0, 2);
    writeTankScene(folder, { options: { texts, minutes_between_posts: 10 }, endsAt });
    const dry = await livecue(folder, ...replay);
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, /Would post: The tank is at 24 %/);
    assert.match(dry.stdout, /Would post: The tank is at 29 %/);
    writeTankScene(folder, {
      options: blueskyOptions(server),
      net: [server.host],
      endsAt: Date.UTC(2026, 0, 3),
    });
    const real = await livecue(folder, ...replay);
    assert.match(real.stdout, /A fill of 2026-01-02 23:\d\d UTC is too old to be posted/);
    assert.equal(server.calls.length, 0);
  }));

Deno.test("A wrong password fails the item with what to do, and nothing is retried", () =>
  withFolder(async (folder) => {
    await using server = new FakeBluesky();
    writeTankScene(folder, { options: { ...blueskyOptions(server), secret: "wrong" }, net: [server.host] });
    await livecue(folder, ...replay);
    const [failed] = rowsOf(folder, "SELECT error FROM event_queue WHERE status = 'failed'");
    assert.match(
      String(failed?.["error"]),
      /"Invalid identifier or password": check "handle" and the app password/,
    );
    assert.equal(server.count("createSession"), 1);
    const { code, stderr } = await livecue(folder, "peebot", "check");
    assert.equal(code, 2);
    assert.match(stderr, /check "handle" and the app password/);
    const { stdout } = await livecue(folder, ...database, "peebot", "posts");
    assert.match(stdout, /failed {2}127\.0\.0\.1:\d+ {2}The tank is at 24 %/);
  }));
