import assert from "node:assert/strict";
import { RecentUsers } from "../../src/app/recent_users.ts";
import { usualScreen } from "../../src/screen_settings.ts";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import type { App } from "../../src/app/app.ts";
import { Monitor } from "../../src/app/monitor.ts";
import { ScreenControl } from "../../src/app/screen_control.ts";
import type { AppOptions } from "../../src/app/run_options.ts";
import { eventTypes } from "../../src/event.ts";
import type { Action, Snapshot, TestEvent } from "../../src/control.ts";
import type { ItemsAsked } from "../../src/item.ts";
import type { ServiceConfig } from "../../src/service.ts";
import { comments, Live, makeService, withApp } from "../support/app_on_a_live.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { heardLog } from "../support/heard_log.ts";
import { query } from "../support/livecue.ts";

interface Parts {
  app: App;
  control: ScreenControl;
  live: Live;
  clock: FakeClock;
  folder: string;
  /** The live of the user that the screen switched to. */
  other: Live;
  opened: unknown[];
  exits: number[];
  act(action: Action): Promise<string>;
  /** Counts the items of "a" as a key with a question does. */
  count(status: "failed" | "discarded"): Promise<ItemsAsked>;
}

function testEvent(given: Partial<TestEvent> = {}): TestEvent {
  return {
    type: "GiftEvent",
    source: null,
    amount: 1,
    text: "",
    gift: { name: "", diamonds: 1 },
    user: { name: "", roles: [] },
    ...given,
  };
}

/** A screen's control over an app with the service "a". */
async function withControl(
  use: (parts: Parts) => Promise<void>,
  options: Partial<AppOptions> = {},
  others: ServiceConfig[] = [],
): Promise<void> {
  let monitor: Monitor | null = null;
  const other = new Live();
  const opened: unknown[] = [];
  const subscriptions = { CommentEvent: comments, GiftEvent: comments };
  const services = [makeService("a", { subscriptions, maxQueueSize: 3_000 }), ...others];
  await withApp(services, async ({ app, live, clock, folder }) => {
    const exits: number[] = [];
    monitor = new Monitor(clock);
    const control = new ScreenControl({
      settings: usualScreen,
      recentUsers: new RecentUsers(app.kept),
      app,
      monitor,
      clock,
      exitNow: () => exits.push(1),
      openDesk: () => Promise.resolve("Opened."),
    });
    control.start();
    const act = async (action: Action) => {
      const { text, isError } = await control.dispatch(action);
      assert.equal(isError, false, text);
      return text;
    };
    const count = async (status: "failed" | "discarded") =>
      (await control.query({ kind: "items", slug: "a", status })).asked;
    try {
      await use({ app, control, live, clock, folder, other, opened, exits, act, count });
    } finally {
      control.stop();
    }
  }, {
    onEvent: (event) => monitor?.takeEvent(event),
    choice: {
      switchable: [{ name: "demo", type: "tiktok", user: null }],
      openSource: (name, username) => {
        opened.push({ name, username });
        return Promise.resolve(other.source);
      },
    },
    ...options,
  });
}

Deno.test("A snapshot has the latest events, the services, and rates by the second", async () => {
  await withControl(async ({ app, control, live, clock }) => {
    await live.say("one");
    await live.say("two");
    await app.idle();
    clock.advance(1000);
    const { events, services: [a], rates, eventCount, sources } = control.snapshot();
    assert.deepEqual(events.map(({ text }) => text.split(": ")[1]), ["one", "two"]);
    assert.deepEqual([a?.slug, a?.phase, a?.completed, a?.pending], ["a", "running", 2, 0]);
    assert.deepEqual([rates.at(-1), eventCount], [2, 2]);
    assert.deepEqual(sources.map(({ session, liveId, storedCount }) => [session?.id, liveId, storedCount]), [
      [1, 1, 2],
    ]);
    assert.equal(a?.depths.length, 1);
    assert.equal(structuredClone(control.snapshot()).services.length, 1);
  });
});

/** All displayed numbers that could depend on a wall clock. */
function figuresOf({ takenMs, sources, rates, services, ...rest }: Snapshot) {
  const { connection, session } = sources[0] ?? {};
  return {
    takenMs,
    rates,
    connection,
    session,
    services: services.map(({ rate, wait, run, depths, upMs, heartbeatMs, busy, phase, inMs }) => ({
      rate,
      wait,
      run,
      depths,
      upMs,
      heartbeatMs,
      busy,
      phase,
      inMs,
    })),
    events: rest.events.map(({ at }) => at),
  };
}

Deno.test("A wall clock that is set back or forward by an hour changes no displayed number", async () => {
  for (const shiftMs of [3_600_000, -3_600_000]) {
    await withControl(async ({ app, control, live, clock, act }) => {
      await live.say("one");
      await app.idle();
      await act({ kind: "pause", slug: "a" });
      await live.say("two");
      clock.advance(3_000);
      const before = figuresOf(control.snapshot());
      assert.ok((before.services[0]?.upMs ?? 0) >= 3_000);
      clock.shiftWall(shiftMs);
      assert.deepEqual(figuresOf(control.snapshot()), before);
      await act({ kind: "resume", slug: "a" });
      await app.idle();
      // It waited for three seconds, and was not stuck for an hour.
      const { services: [a] } = control.snapshot();
      assert.deepEqual([a?.phase, a?.wait.p95, a?.run.p95], ["running", 3_000, 0]);
    });
  }
});

Deno.test("A test event of every type takes the same path as a real one, even before the live", async () => {
  await withControl(async ({ app, act, folder, other }) => {
    for (const type of eventTypes) {
      await act({ kind: "send_test_event", event: testEvent({ type, amount: 3 }) });
    }
    await app.idle();
    const types = query<{ event_type: string }>(folder, "SELECT event_type FROM live_event ORDER BY id");
    assert.deepEqual(types.map(({ event_type }) => event_type), [...eventTypes]);
    const gift =
      query<{ streak_delta: number }>(folder, "SELECT * FROM live_event WHERE event_type = 'GiftEvent'")[0];
    assert.equal(gift?.streak_delta, 3);
    assert.equal(app.services.views()[0]?.completed, 2);
    await act({ kind: "switch_user", source: null, username: "ana" });
    await other.say("hello");
    await app.idle();
    const sessions = query(folder, "SELECT username, status FROM live_session ORDER BY id");
    assert.deepEqual(sessions.map((row) => ({ ...row })), [
      { username: "test", status: "completed" },
      { username: "host", status: "active" },
    ]);
  }, { sources: [], whenIdle: "stay" });
});

Deno.test("A test gift has the price, id and picture of the gift that was seen, or of the catalog's", async () => {
  await withControl(async ({ app, act, control, folder }) => {
    const database = new DatabaseSync(join(folder, "livecue.db"));
    database.exec("INSERT INTO gift VALUES (77, 'Zorro', 5, 'https://p16/z', 2, 1000, 1000)");
    database.close();
    const sends = (name: string) =>
      act({ kind: "send_test_event", event: testEvent({ gift: { name, diamonds: null } }) });
    for (const name of ["zorro", "LION", "", "Nobody has seen it"]) await sends(name);
    await app.idle();
    const rows = query<{ event_data: string }>(folder, "SELECT event_data FROM live_event ORDER BY id");
    const gifts = rows.map(({ event_data }) => JSON.parse(event_data).gift);
    assert.deepEqual(
      gifts.map(({ id, name, diamondCount, imageUrl }) => [id, name, diamondCount, imageUrl]),
      [
        [77, "Zorro", 5, "https://p16/z"],
        [6369, "Lion", 29_999, ""],
        [5655, "Rose", 1, ""],
        [0, "Nobody has seen it", 1, ""],
      ],
    );
    const { lines: [first, ...others] } = await control.query({
      kind: "gifts",
      text: "zor",
      order: null,
      isAll: true,
      session: null,
      first: 0,
      limit: 9,
    });
    assert.deepEqual([first?.name, first?.count, others], ["Zorro", 2, []]);
  }, { sources: [], whenIdle: "stay" });
});

Deno.test("A test event carries any gift, amount, name and role, is marked, and counts in no viewers", async () => {
  await withControl(async ({ control, act, live }) => {
    await live.say("hello");
    const gift = { name: "Lion", diamonds: 29_999 };
    const user = { name: "Ana", roles: ["moderator", "subscriber"] as const };
    const said = await act({
      kind: "send_test_event",
      event: testEvent({ amount: 3, gift, user: { ...user, roles: [...user.roles] } }),
    });
    assert.match(said, /does not count in any total/);
    assert.match(said, /^A GiftEvent was sent/);
    const order = await act({ kind: "send_test_event", event: testEvent({ type: "OrderEvent", amount: 1 }) });
    assert.match(order, /^An OrderEvent was sent/);
    await act({ kind: "send_test_event", event: testEvent({ type: "ViewerCountEvent", amount: 900 }) });
    const { events, sources } = control.snapshot();
    const line = events.find(({ type }) => type === "GiftEvent");
    assert.deepEqual([line?.isTest, line?.text], [true, "[test] 🎁 Ana sent Lion ×3"]);
    assert.equal(sources[0]?.viewers, null);
    await control.query({ kind: "event", id: line?.id ?? 0 });
  });
});

Deno.test("An impossible test event, user or source is refused with a sentence, and nothing happens", async () => {
  await withControl(async ({ control, opened, folder }) => {
    const user = { name: "", roles: [] };
    const mistakes: [Action, RegExp][] = [
      [
        { kind: "send_test_event", event: testEvent({ amount: 0.5 }) },
        /amount of 0\.5 .* whole number from 1/,
      ],
      [{ kind: "send_test_event", event: testEvent({ amount: 0 }) }, /amount of 0 /],
      [{ kind: "send_test_event", event: testEvent({ gift: { name: "", diamonds: -1 } }) }, /price .* of -1/],
      [{ kind: "send_test_event", event: testEvent({ gift: { name: "", diamonds: 1e9 } }) }, /from 0 to/],
      [
        { kind: "send_test_event", event: testEvent({ text: "x".repeat(501) }) },
        /501 characters is too long.* 500/,
      ],
      [
        { kind: "send_test_event", event: testEvent({ user: { ...user, name: "x".repeat(65) } }) },
        /name of 65/,
      ],
      [
        { kind: "send_test_event", event: testEvent({ user: { ...user, roles: ["king" as "follower"] } }) },
        /no role "king".*moderator, subscriber, follower/,
      ],
      [
        { kind: "send_test_event", event: testEvent({ source: "nowhere" }) },
        /no source "nowhere"\. The sources are: /,
      ],
      [{ kind: "switch_user", source: null, username: "no such/name" }, /not a TikTok user/],
      [
        { kind: "switch_user", source: "nowhere", username: "ana" },
        /source nowhere cannot switch .* Sources that can: demo/,
      ],
    ];
    for (const [action, words] of mistakes) {
      const { text, isError } = await control.dispatch(action);
      assert.equal(isError, true, text);
      assert.match(text, words);
    }
    assert.deepEqual(opened, []);
    assert.deepEqual(query(folder, "SELECT * FROM live_event"), []);
  });
});

Deno.test("Another user's live is another session, and that user is remembered", async () => {
  await withControl(async ({ app, act, live, other, opened, folder }) => {
    await live.say("one");
    await act({ kind: "switch_user", source: null, username: "@Ben" });
    await other.say("two");
    await app.idle();
    assert.deepEqual(opened, [{ name: "demo", username: "ben" }]);
    const sessions = query<{ status: string; end_reason: string }>(
      folder,
      "SELECT * FROM live_session ORDER BY id",
    );
    assert.deepEqual(sessions.map(({ status }) => status), ["completed", "active"]);
    assert.match(sessions[0]?.end_reason ?? "", /Another live/);
    assert.equal(app.kept.keptValue("last_user"), "ben");
  });
});

Deno.test("A queue can be paused, emptied, and its items put back, and the screen says what was done", async () => {
  await withControl(async ({ app, control, live, act, count, folder }) => {
    await act({ kind: "pause", slug: null });
    for (const text of ["one", "two"]) await live.say(text);
    assert.equal(control.snapshot().services[0]?.phase, "paused");
    assert.equal(
      await act({ kind: "empty", slug: "a", asked: { count: 2, upToId: 2 } }),
      "2 items of a discarded.",
    );
    await app.idle();
    const reasons = query<{ discard_reason: string }>(folder, "SELECT discard_reason FROM event_queue");
    assert.deepEqual(reasons.map(({ discard_reason }) => discard_reason), ["emptied", "emptied"]);
    assert.equal(control.snapshot().services[0]?.discarded, 2);

    const discarded = await count("discarded");
    assert.deepEqual(discarded, { count: 2, upToId: 2 });
    const twice = [
      control.dispatch({ kind: "retry", slug: "a", status: "discarded", asked: discarded }),
      control.dispatch({ kind: "retry_items", itemIds: [1] }),
    ];
    const counts = (await Promise.all(twice)).map(({ text, isError }) => isError ? 0 : parseInt(text));
    assert.equal(counts[0]! + counts[1]!, 2, "Each is put back once, whoever is first.");
    await app.idle();
    await live.say("three");
    const { newestItemId: upToId, services: [asked] } = control.snapshot();
    await live.say("four");
    const three = await act({ kind: "empty", slug: "a", asked: { count: asked?.pending ?? 0, upToId } });
    assert.equal(three, "3 items of a discarded.");
    assert.equal(control.snapshot().services[0]?.pending, 1, "What came after the question stays.");
    const all = { count: 1, upToId: control.snapshot().newestItemId };
    assert.equal(await act({ kind: "empty", slug: "a", asked: all }), "1 item of a discarded.");
    await app.idle();
    await act({ kind: "retry", slug: "a", status: "discarded", asked: { count: 4, upToId: 4 } });
    await app.idle();
    const less = await act({ kind: "retry", slug: "a", status: "discarded", asked: { count: 4, upToId: 4 } });
    assert.equal(less, "0 items of a put back: 4 had changed in the meantime.");
    await act({ kind: "resume", slug: "a" });
    await app.idle();
    await app.idle();
    const statuses = query<{ status: string }>(folder, "SELECT status FROM event_queue");
    assert.deepEqual(statuses.map(({ status }) => status), [
      "completed",
      "completed",
      "completed",
      "completed",
    ]);
    // An item that was put back counts with its new outcome.
    assert.equal(control.snapshot().services[0]?.discarded, 0);
    assert.equal((await count("discarded")).count, 0);
  });
});

Deno.test("The screen reports a restart only if there was one", async () => {
  await withControl(
    async ({ control, act }) => {
      assert.equal(await act({ kind: "restart", slug: "a" }), "a was restarted.");
      await act({ kind: "pause", slug: "a" });
      assert.match(await act({ kind: "restart", slug: "a" }), /^a was restarted\. It is paused/);
      await act({ kind: "resume", slug: "a" });
      assert.deepEqual(await control.dispatch({ kind: "restart", slug: "broken" }), {
        text: "broken could not start, and is switched off. The log says why.",
        isError: true,
      });
    },
    {},
    [makeService("broken", { serviceClass: "/nowhere/there_is_none.ts" })],
  );
});

Deno.test("A key of a pane is said to have been passed on where the service runs", async () => {
  await withControl(
    async ({ control, act }) => {
      const press = { pane: "Wheel", key: { key: "s", does: "spin" } };
      await act({ kind: "restart", slug: "a" });
      assert.equal(await act({ kind: "press", slug: "a", ...press }), "a was told: spin.");
      assert.deepEqual(await control.dispatch({ kind: "press", slug: "broken", ...press }), {
        text: 'broken is not running, so the key for "spin" has no effect.',
        isError: true,
      });
    },
    {},
    [makeService("broken", { serviceClass: "/nowhere/there_is_none.ts" })],
  );
});

Deno.test("While the database is locked, the screen says that a change of a queue is stored later", async () => {
  await withControl(async ({ app, live, act, folder, clock }) => {
    await act({ kind: "pause", slug: "a" });
    await live.say("one");
    await app.idle();
    const other = new DatabaseSync(join(folder, "livecue.db"));
    other.exec("BEGIN IMMEDIATE");
    await live.say("two");
    while (!app.strain.isTroubled) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(
      await act({ kind: "empty", slug: "a", asked: { count: 2, upToId: 2 } }),
      "2 items of a discarded. The database will be updated when it can be written again.",
    );
    other.exec("ROLLBACK");
    other.close();
    clock.advance(5_000);
    await app.idle();
  });
});

Deno.test("More than a page of items is put back, each once, and never more than the user confirmed", async () => {
  await withControl(async ({ app, live, act, count, folder }) => {
    await act({ kind: "pause", slug: null });
    for (let number = 0; number < 2_105; number++) await live.say(String(number));
    await act({ kind: "empty", slug: "a", asked: { count: 2_105, upToId: 2_105 } });
    await app.idle();
    const asked = await count("discarded");
    assert.equal(asked.count, 2_105);
    await live.say("one more");
    await act({ kind: "empty", slug: "a", asked: { count: 1, upToId: 2_106 } });
    await app.idle();
    assert.equal(
      await act({ kind: "retry", slug: "a", status: "discarded", asked }),
      "2,105 items of a put back.",
    );
    await app.idle();
    const left = query<{ id: number }>(folder, "SELECT id FROM event_queue WHERE status = 'discarded'");
    assert.deepEqual(left.map(({ id }) => id), [2_106]);
  });
});

Deno.test("Items are put back only as far as the queue has room, and a full queue is a trouble until it is over", async () => {
  const subscriptions = { CommentEvent: comments };
  const small = makeService("small", { subscriptions, maxQueueSize: 3 });
  await withControl(
    async ({ app, control, live, act, clock }) => {
      const view = () => control.snapshot().services.find(({ slug }) => slug === "small");
      const discarded = () => control.query({ kind: "items", slug: "small", status: "discarded" });
      await act({ kind: "pause", slug: "small" });
      for (const text of ["one", "two", "three", "four", "five"]) await live.say(text);
      await app.idle();
      assert.deepEqual(view()?.troubles.map(({ text }) => text), ["Its queue is full: 2 items discarded."]);
      const full = await discarded();
      assert.deepEqual([full.asked.count, full.room], [2, 0]);
      const retry = { kind: "retry", slug: "small", status: "discarded" } as const;
      assert.equal(
        await act({ ...retry, asked: full.asked }),
        "0 items of small put back: the queue has no room for the other 2.",
      );
      await act({
        kind: "empty",
        slug: "small",
        asked: { count: 3, upToId: control.snapshot().newestItemId },
      });
      await app.idle();
      assert.deepEqual(view()?.troubles.map(({ text }) => text), [
        "Its queue was full until a moment ago: 2 items discarded.",
      ]);
      const { asked, room } = await discarded();
      assert.deepEqual([asked.count, room], [5, 3]);
      assert.equal(
        await act({ ...retry, asked }),
        "3 items of small put back: the queue has no room for the other 2.",
      );
      await app.idle();
      assert.equal(view()?.pending, 3);
      await act({ kind: "resume", slug: "small" });
      await app.idle();
      clock.advance(12_000);
      assert.deepEqual(view()?.troubles, []);
    },
    {},
    [small],
  );
});

Deno.test("Older events of the live are read page by page, by source and by text", async () => {
  await withControl(async ({ app, control, live }) => {
    for (const text of ["red", "green", "blue"]) await live.say(text);
    await app.idle();
    const ask = async (given: { before?: number; text?: string; source?: string }) => {
      const page = await control.query({
        kind: "events",
        session: null,
        before: null,
        after: null,
        limit: 2,
        source: null,
        types: null,
        text: "",
        ...given,
      });
      return [page.events.map(({ id }) => id), page.hasMore];
    };
    assert.deepEqual(await ask({}), [[2, 3], true]);
    assert.deepEqual(await ask({ before: 2 }), [[1], false]);
    assert.deepEqual(await ask({ text: "GREEN" }), [[2], false]);
    assert.deepEqual(await ask({ source: "demo" }), [[2, 3], true]);
    assert.deepEqual(await ask({ source: "another" }), [[], false]);
  });
});

Deno.test("An event's details show what each service did with it, and a service's details what waits for it", async () => {
  await withControl(async ({ app, control, live, act }) => {
    await live.say("one");
    await app.idle();
    const { event, items } = await control.query({ kind: "event", id: 1 });
    assert.equal(event?.type, "CommentEvent");
    assert.deepEqual(items.map(({ serviceSlug, status }) => [serviceSlug, status]), [["a", "completed"]]);
    assert.equal((await control.query({ kind: "event", id: 99 })).event, null);

    await act({ kind: "pause", slug: "a" });
    await live.say("two");
    const { subscriptions, pending } = await control.query({ kind: "service", slug: "a" });
    assert.deepEqual(subscriptions.map(({ type }) => type), ["GiftEvent", "CommentEvent"]);
    assert.deepEqual(pending.map(({ id, status }) => [id, status]), [[2, "pending"]]);
  });
});

Deno.test("An event and a service in details show the steps of an item that is in progress", async () => {
  const log = heardLog();
  const serviceClass = fileURLToPath(new URL("../support/services/stuck_step.ts", import.meta.url));
  const stuck = makeService("stuck", { serviceClass, subscriptions: { CommentEvent: comments } });
  await withControl(
    async ({ control, live, clock }) => {
      await live.say("one");
      await log.heard(/the steps are stored/);
      clock.advance(5_000);
      const { items } = await control.query({ kind: "event", id: 1 });
      const { running } = await control.query({ kind: "service", slug: "stuck" });
      for (const item of [items.find(({ serviceSlug }) => serviceSlug === "stuck"), running[0]]) {
        assert.equal(item?.status, "processing");
        assert.deepEqual(item.steps.map(({ name, status, attempts }) => [name, status, attempts]), [
          ["download", "completed", 1],
          ["upload", "waiting", 1],
          ["convert", "running", 1],
        ]);
        const [download, upload, convert] = item.steps;
        assert.deepEqual([download?.inMs, download?.durationMs, download?.why], [null, 0, ""]);
        assert.deepEqual([upload?.inMs, upload?.durationMs], [45_000, null]);
        assert.match(upload?.why ?? "", /^Error: there is no network\n/);
        assert.deepEqual([convert?.durationMs, convert?.progress], [5_000, {
          fraction: 0.405,
          text: "converting",
        }]);
      }
      assert.equal(running.length, 1);
    },
    { log },
    [stuck],
  );
});

Deno.test("The first quit stops in order, the second at once", async () => {
  await withControl(async ({ control, act, exits }) => {
    assert.equal(control.snapshot().stopping, null);
    await act({ kind: "quit" });
    assert.ok(control.snapshot().stopping);
    assert.deepEqual(exits, []);
    await act({ kind: "quit" });
    assert.deepEqual(exits, [1]);
  });
});
