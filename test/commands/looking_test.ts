/** Looking into a database with `sessions`, `events` and `queue`, even while another process writes to it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { eventSign } from "../../src/describe.ts";
import { livecue, query, startLivecue, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const calm = fileURLToPath(new URL("../data/calm.jsonl", import.meta.url));
const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));
const replay = ["--source", `replay:${calm}`, "--speed", "max"];

const services = {
  first: {
    service_class: dummy,
    subscriptions: { CommentEvent: { is_discardable: true }, GiftEvent: { priority: 9 } },
  },
  second: { service_class: dummy, max_queue_size: 3, subscriptions: { FollowEvent: {} } },
};

/** Runs `use` in a folder where the calm live was captured, and the first service has processed its items. */
async function withCapturedLive(use: (folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    writeConfig(folder, { services });
    const { code, stderr } = await livecue(folder, "start", ...replay, "--service", "first");
    assert.equal(code, 0, stderr);
    await use(folder);
  });
}

async function rows<Row>(folder: string, ...args: string[]): Promise<Row[]> {
  const { code, stdout, stderr } = await livecue(folder, ...args, "--json");
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, args.join(" "));
  return JSON.parse(stdout);
}

interface ListedEvent {
  id: number;
  sessionId: number;
  type: string;
  user: { nickname: string };
  data: { comment?: string };
}

interface ListedItem {
  id: number;
  serviceSlug: string;
  status: string;
  discardReason: string | null;
  event: ListedEvent;
}

Deno.test("events lists the latest last, by session, type, text and page", async () => {
  await withCapturedLive(async (folder) => {
    await livecue(folder, "start", ...replay, "--service", "first");
    const ids = query<{ id: number }>(folder, "SELECT id FROM live_event ORDER BY id").map(({ id }) => id);
    const latest = await rows<ListedEvent>(folder, "events");
    assert.deepEqual(latest.map(({ id }) => id), ids.slice(-50));
    const before = await rows<ListedEvent>(
      folder,
      "events",
      "--before",
      String(latest[0]?.id),
      "--limit",
      "7",
    );
    assert.deepEqual(before.map(({ id }) => id), ids.slice(-57, -50));

    const first = await rows<ListedEvent>(folder, "events", "--session", "1", "--limit", "9999");
    assert.equal(first.length, ids.length / 2);
    assert.ok(first.every(({ sessionId }) => sessionId === 1));
    for (const name of ["comment", "CommentEvent"]) {
      const comments = await rows<ListedEvent>(folder, "events", "--session", "2", "--type", name);
      assert.equal(comments.length, 23);
      assert.ok(comments.every(({ type, sessionId }) => type === "CommentEvent" && sessionId === 2));
    }
    const nickname = first.find(({ user }) => user.nickname !== "")?.user.nickname ?? "";
    const named = await rows<ListedEvent>(folder, "events", "--text", nickname, "--limit", "9999");
    assert.ok(named.length > 0 && named.length < ids.length);
    assert.ok(named.every((event) => JSON.stringify(event).includes(nickname)));
    assert.deepEqual(await rows(folder, "events", "--text", "100% of nobody"), []);
    const { code, stderr } = await livecue(folder, "events", "--session", "99");
    assert.deepEqual([code, stderr], [
      2,
      "There is no session 99. deno task livecue sessions lists the sessions.\n",
    ]);
  });
});

Deno.test("queue lists items by service and status, with the reason of a discard", async () => {
  await withCapturedLive(async (folder) => {
    const done = await rows<ListedItem>(folder, "queue", "--service", "first", "--limit", "9999");
    assert.ok(done.length > 23);
    assert.ok(done.every(({ serviceSlug, status }) => serviceSlug === "first" && status === "completed"));
    assert.deepEqual(await rows(folder, "queue", "--service", "first", "--status", "pending"), []);

    const pending = await rows<ListedItem>(folder, "queue", "--status", "pending");
    assert.deepEqual(pending.map(({ serviceSlug }) => serviceSlug), ["second", "second", "second"]);
    assert.ok(pending.every(({ event }) => event.type === "FollowEvent"));
    const dropped = await rows<ListedItem>(folder, "queue", "--status", "discarded", "--limit", "9999");
    assert.equal(dropped.length, 24 - 3);
    assert.ok(dropped.every(({ discardReason }) => discardReason === "queue_full"));
    const last = await rows<ListedItem>(folder, "queue", "--status", "discarded", "--limit", "2");
    assert.deepEqual(last, dropped.slice(-2));
    const { stdout } = await livecue(folder, "queue", "--status", "discarded", "--limit", "1");
    assert.match(stdout, /^ID +SERVICE +STATUS .*\n\d+ +second +discarded .*➕ .* followed +queue_full\n$/);
  });
});

Deno.test("sessions lists the latest first, as a table and as JSON", async () => {
  await withCapturedLive(async (folder) => {
    await livecue(folder, "demo", "--for", "0.2", "--session-name", "trial");
    const sessions = await rows<Record<string, unknown>>(folder, "sessions");
    assert.deepEqual(sessions.map(({ id, status, name }) => ({ id, status, name })), [
      { id: 2, status: "completed", name: "trial" },
      { id: 1, status: "completed", name: null },
    ]);
    assert.equal((await rows(folder, "sessions", "--limit", "1")).length, 1);
    const [headings, latest, earlier, ...more] = (await livecue(folder, "sessions")).stdout.split("\n");
    assert.match(headings ?? "", /^ID +USER +NAME +SOURCE +STATUS +STARTED +ENDED +WHY$/);
    assert.match(latest ?? "", /^2 +@demo +trial +demo +completed .*The capture's time was up\.$/);
    assert.match(earlier ?? "", /^1 +@\S+ +replay:.* completed .*The recording ended\.$/);
    assert.deepEqual(more, [""]);
    // Like a session of payments, which has no user.
    using database = new DatabaseSync(join(folder, "livecue.db"));
    database.exec("UPDATE live_session SET username = '' WHERE id = 2");
    assert.match((await livecue(folder, "sessions")).stdout, /^2 +trial +demo +completed /m);
  });
});

Deno.test("An empty database gives a list without rows, not an error", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services });
    await livecue(folder, "init");
    for (const command of ["sessions", "events", "queue"]) {
      assert.deepEqual(await rows(folder, command), []);
      const { code, stdout } = await livecue(folder, command);
      assert.equal(code, 0);
      assert.match(stdout, /^ID [^\n]+\n$/);
    }
  });
});

/** Without the warnings of full queues, which depend on the machine's speed, and the page about the service. */
function otherWarnings(stderr: string): string[] {
  return stderr.split("\n").filter((line) =>
    line !== "" && !line.includes("its queue was full") && !line.endsWith("See docs/services/examples.md.")
  );
}

Deno.test("All lists and exports work while a busy live is written", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services });
    const running = startLivecue(folder, "demo", "--rate", "400", "--seed", "3");
    await running.line(new RegExp(eventSign("GiftEvent")));
    let seen = 0;
    for (let round = 0; round < 3; round++) {
      const [session] = await rows<{ status: string }>(folder, "sessions");
      assert.equal(session?.status, "active");
      const latest = (await rows<ListedEvent>(folder, "events")).at(-1)?.id ?? 0;
      assert.ok(latest > seen);
      seen = latest;
      assert.ok((await rows(folder, "queue", "--service", "first")).length > 0);
      const exported = await livecue(folder, "export", "1", `${round}.jsonl`);
      assert.equal(exported.code, 0, exported.stderr);
    }
    running.kill("SIGINT");
    const { code, stderr } = await running.ended;
    assert.deepEqual({ code, warnings: otherWarnings(stderr) }, { code: 0, warnings: [] });
  });
});

Deno.test("No number of readers that come and go disturbs the writer", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services });
    const running = startLivecue(folder, "demo", "--rate", "400", "--seed", "3", "--for", "2");
    const ended = running.ended.then(() => true);
    await running.line(new RegExp(eventSign("GiftEvent")));
    const turn = () => new Promise<false>((resolve) => setImmediate(() => resolve(false)));
    while (!await Promise.race([ended, turn()])) query(folder, "SELECT max(id) FROM live_event");
    const { code, stderr } = await running.ended;
    assert.deepEqual({ code, warnings: otherWarnings(stderr) }, { code: 0, warnings: [] });
  });
});

Deno.test("A reader of a list that exits early is not an error", async () => {
  await withCapturedLive(async (folder) => {
    const running = startLivecue(folder, "events", "--limit", "9999", "--json");
    running.leaveOutput();
    const { code, stderr } = await running.ended;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  });
});
