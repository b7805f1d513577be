import assert from "node:assert/strict";
import type { App } from "../../src/app/app.ts";
import { Monitor } from "../../src/app/monitor.ts";
import { ScreenControl } from "../../src/app/screen_control.ts";
import type { AppOptions } from "../../src/app/app.ts";
import { eventTypes } from "../../src/event.ts";
import type { Action } from "../../src/control.ts";
import { comments, Live, makeService, withApp } from "../support/app_on_a_live.ts";
import { FakeClock } from "../support/fake_clock.ts";
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
}

/** A screen's control over an app with the service "a". */
async function withControl(
  use: (parts: Parts) => Promise<void>,
  options: Partial<AppOptions> = {},
): Promise<void> {
  const monitor = new Monitor(new FakeClock());
  const services = [makeService("a", { subscriptions: { CommentEvent: comments, GiftEvent: comments } })];
  await withApp(services, async ({ app, live, clock, folder }) => {
    const other = new Live();
    const opened: unknown[] = [];
    const exits: number[] = [];
    const control = new ScreenControl({
      app,
      monitor,
      clock,
      openSource: (choice) => {
        opened.push(choice);
        return Promise.resolve(other.source);
      },
      exitNow: () => exits.push(1),
    });
    const act = async (action: Action) => {
      const { text, isError } = await control.dispatch(action);
      assert.equal(isError, false, text);
      return text;
    };
    try {
      await use({ app, control, live, clock, folder, other, opened, exits, act });
    } finally {
      control.close();
    }
  }, {
    onEvent: (event) => monitor.takeEvent(event),
    onState: (state) => monitor.takeState(state),
    ...options,
  });
}

Deno.test("A snapshot has the latest events, the services, and rates by the second", async () => {
  await withControl(async ({ app, control, live, clock }) => {
    await live.say("one");
    await live.say("two");
    await app.idle();
    clock.advance(1000);
    const { events, services: [a], rates, eventCount, session } = control.snapshot();
    assert.deepEqual(events.map(({ text }) => text.split(": ")[1]), ["one", "two"]);
    assert.deepEqual([a?.slug, a?.phase, a?.completed, a?.pending], ["a", "running", 2, 0]);
    assert.deepEqual([rates.at(-1), eventCount, session?.id], [2, 2, 1]);
    assert.equal(a?.depths.length, 1);
    assert.equal(structuredClone(control.snapshot()).services.length, 1);
  });
});

Deno.test("A test event of every type goes the way of a real one, also before the live", async () => {
  await withControl(async ({ app, act, folder, other }) => {
    for (const type of eventTypes) {
      await act({ kind: "send_test_event", event: { type, amount: 3, text: "" } });
    }
    await app.idle();
    const types = query<{ event_type: string }>(folder, "SELECT event_type FROM live_event ORDER BY id");
    assert.deepEqual(types.map(({ event_type }) => event_type), [...eventTypes]);
    const gift =
      query<{ streak_delta: number }>(folder, "SELECT * FROM live_event WHERE event_type = 'GiftEvent'")[0];
    assert.equal(gift?.streak_delta, 3);
    assert.equal(app.snapshot().services[0]?.completed, 2);
    await act({ kind: "switch_user", username: "ana" });
    await other.say("hello");
    await app.idle();
    const sessions = query(folder, "SELECT username, status FROM live_session ORDER BY id");
    assert.deepEqual(sessions.map((row) => ({ ...row })), [
      { username: "test", status: "completed" },
      { username: "host", status: "active" },
    ]);
  }, { source: null, whenIdle: "stay" });
});

Deno.test("A mistaken amount or user is a sentence, and nothing happens", async () => {
  await withControl(async ({ control, opened, folder }) => {
    const event = { type: "GiftEvent" as const, amount: 0.5, text: "" };
    const refused = await control.dispatch({ kind: "send_test_event", event });
    assert.deepEqual([refused.isError, /whole number/.test(refused.text)], [true, true]);
    assert.equal((await control.dispatch({ kind: "switch_user", username: "no such/name" })).isError, true);
    assert.deepEqual(opened, []);
    assert.deepEqual(query(folder, "SELECT * FROM live_event"), []);
  });
});

Deno.test("Another user's live is another session, and is kept as the last one typed", async () => {
  await withControl(async ({ app, act, live, other, opened, folder }) => {
    await live.say("one");
    await act({ kind: "switch_user", username: "@Ben" });
    await other.say("two");
    await app.idle();
    assert.deepEqual(opened, [{ username: "ben" }]);
    const sessions = query<{ status: string; end_reason: string }>(
      folder,
      "SELECT * FROM live_session ORDER BY id",
    );
    assert.deepEqual(sessions.map(({ status }) => status), ["completed", "active"]);
    assert.match(sessions[0]?.end_reason ?? "", /Another live/);
    assert.equal(app.keptValue("last_user"), "ben");
  });
});

Deno.test("A queue can be paused, emptied, and its items put back", async () => {
  await withControl(async ({ app, control, live, act, folder }) => {
    await act({ kind: "pause", slug: null });
    for (const text of ["one", "two"]) await live.say(text);
    assert.equal(control.snapshot().services[0]?.phase, "paused");
    assert.equal(await act({ kind: "empty", slug: "a" }), "2 items of a discarded.");
    await app.idle();
    const reasons = query<{ discard_reason: string }>(folder, "SELECT discard_reason FROM event_queue");
    assert.deepEqual(reasons.map(({ discard_reason }) => discard_reason), ["emptied", "emptied"]);

    const twice = [
      act({ kind: "retry", slug: "a", status: "discarded" }),
      act({ kind: "retry_item", itemId: 1 }),
    ];
    assert.deepEqual(await Promise.all(twice), ["2 items of a put back.", "0 items put back."]);
    await act({ kind: "resume", slug: "a" });
    await app.idle();
    await app.idle();
    const statuses = query<{ status: string }>(folder, "SELECT status FROM event_queue");
    assert.deepEqual(statuses.map(({ status }) => status), ["completed", "completed"]);
  });
});

Deno.test("Events are paged back through the session, by type and by text", async () => {
  await withControl(async ({ app, control, live }) => {
    for (const text of ["red", "green", "blue"]) await live.say(text);
    await app.idle();
    const ask = async (given: { before?: number; text?: string }) => {
      const page = await control.query({
        kind: "events",
        before: null,
        limit: 2,
        type: null,
        text: "",
        ...given,
      });
      return [page.events.map(({ id }) => id), page.hasMore];
    };
    assert.deepEqual(await ask({}), [[2, 3], true]);
    assert.deepEqual(await ask({ before: 2 }), [[1], false]);
    assert.deepEqual(await ask({ text: "GREEN" }), [[2], false]);
  });
});

Deno.test("An event tells what each service did with it, a service what waits for it", async () => {
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
