/** Several sources in one run, over a real database: they start, fail and end independently, and a live outlives a run. */
import assert from "node:assert/strict";
import { App } from "../../src/app/app.ts";
import type { RunResult } from "../../src/app/run_options.ts";
import type { Log } from "../../src/log/log.ts";
import type { ServiceConfig } from "../../src/service.ts";
import type { CapturedEvent, Source, SourceItem, SourceTraits } from "../../src/source.ts";
import { UserError } from "../../src/user_error.ts";
import { ana, ben, commentOf, sampleEvents } from "../support/captured_events.ts";
import { comments, makeService } from "../support/app_on_a_live.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { heardLog } from "../support/heard_log.ts";
import { query } from "../support/livecue.ts";
import { silentLog } from "../support/silent_log.ts";
import { roomTraits, traitsOf } from "../support/sources.ts";
import { configIn, withFolder } from "../support/temporary_store.ts";

interface RoomOptions {
  roomId?: string;
  traits?: SourceTraits;
  ends?: boolean;
}

/** A source with these events of its room, which then ends by default. */
function room(
  name: string,
  events: CapturedEvent[],
  { roomId = "700", traits = roomTraits, ends = true }: RoomOptions = {},
): Source {
  async function* open(signal: AbortSignal): AsyncGenerator<SourceItem> {
    if (traits.hasRooms) yield { kind: "session", username: name, roomId };
    for (const event of events) yield { kind: "event", event: { ...event, roomId }, raw: null };
    if (!ends) return await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    yield { kind: "end", status: "completed", reason: "The live ended." };
  }
  return { name, traits, open };
}

let lastId = 0;
const said = (text: string) => ({ ...commentOf(text), messageId: `said ${++lastId}` });

async function inFolder(
  use: (parts: {
    run: (sources: Source[], services?: ServiceConfig[], log?: Log) => Promise<RunResult>;
    rows: (sql: string) => Record<string, unknown>[];
    clock: FakeClock;
  }) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const clock = new FakeClock();
    await use({
      clock,
      rows: (sql) => query(folder, sql).map((row) => ({ ...row })),
      run: async (sources, services = [], log = silentLog()) => {
        const app = await App.open({
          config: configIn(folder, { services }),
          clock,
          log,
          sources,
          processes: "none",
          whenIdle: "end",
        });
        return await app.run();
      },
    });
  });
}

Deno.test("Two rooms are captured at once, each in its own live and session", async () => {
  await inFolder(async ({ run, rows }) => {
    const { sources } = await run([
      room("one", [said("a"), said("b")], { roomId: "700" }),
      room("two", [said("c")], { roomId: "800" }),
    ]);
    assert.deepEqual(rows("SELECT source, room_id, status FROM live_session ORDER BY source"), [
      { source: "one", room_id: "700", status: "completed" },
      { source: "two", room_id: "800", status: "completed" },
    ]);
    assert.deepEqual(rows("SELECT room_id, source_type FROM live ORDER BY room_id"), [
      { room_id: "700", source_type: "tiktok" },
      { room_id: "800", source_type: "tiktok" },
    ]);
    assert.deepEqual(sources.map(({ name, totals }) => [name, totals.comments]), [["one", 2], [
      "two",
      1,
    ]]);
  });
});

Deno.test("A source that fails or has a bug ends alone", async () => {
  await inFolder(async ({ run, rows }) => {
    const broken = (name: string, error: Error): Source => ({
      name,
      traits: roomTraits,
      // deno-lint-ignore require-yield
      async *open() {
        throw error;
      },
    });
    const log = heardLog();
    const { failure } = await run(
      [
        broken("wrong", new UserError("There is no such room: look at its name.")),
        broken("buggy", new TypeError("x is undefined")),
        room("good", [said("a")]),
      ],
      [],
      log,
    );
    const { level, from } = await log.heard(/There is no such room/);
    assert.deepEqual([level, from], ["error", "wrong"]);
    assert.match(failure ?? "", /There is no such room: look at its name\..*buggy.*x is undefined/);
    assert.deepEqual(rows("SELECT count(*) AS count FROM live_event"), [{ count: 1 }]);
  });
});

Deno.test("A run does not wait for an endless source", async () => {
  await inFolder(async ({ run, rows }) => {
    const tips = traitsOf({
      type: "webhook",
      keeps: "all",
      isEndless: true,
      keepsIds: true,
      follows: "main",
    });
    await run([room("main", [said("a")]), room("tips", [said("b")], { traits: tips, ends: false })]);
    assert.deepEqual(rows("SELECT source, end_reason FROM live_session ORDER BY source"), [
      { source: "main", end_reason: "The live ended." },
      { source: "tips", end_reason: "The other sources have ended." },
    ]);
  });
});

Deno.test("A live continues after a restart: totals, first times and givers are kept, and duplicates are recognized", async () => {
  await inFolder(async ({ run, rows }) => {
    const gifts = sampleEvents().filter(({ type }) => type === "GiftEvent").slice(0, 3);
    const first = said("a");
    await run([room("main", [...gifts, { ...first, user: ana }])]);
    const { sources, captured } = await run([
      room("main", [first, gifts[2] as CapturedEvent, { ...said("b"), user: ben }]),
    ]);
    const [main] = sources;
    assert.deepEqual([main?.totals.gifts, main?.totals.diamonds, main?.totals.comments], [8, 1007, 2]);
    assert.equal(captured.repeated, 2);
    assert.deepEqual(rows("SELECT count(*) AS count FROM live"), [{ count: 1 }]);
    assert.deepEqual(
      rows("SELECT is_first_of_user AS first FROM live_event WHERE event_type = 'CommentEvent'"),
      [{ first: 1 }, { first: 1 }],
    );
    const { sources: third } = await run([room("main", [{ ...said("c"), user: ben }])]);
    assert.equal(third[0]?.totals.comments, 3);
    assert.deepEqual(
      rows(
        "SELECT is_first_of_user AS first FROM live_event WHERE event_type = 'CommentEvent' ORDER BY id DESC LIMIT 1",
      ),
      [{ first: 0 }],
    );
  });
});

Deno.test("A subscription that names sources gets only their events", async () => {
  await inFolder(async ({ run, rows }) => {
    const services = [
      makeService("all"),
      makeService("one", { subscriptions: { CommentEvent: { ...comments, sources: ["one"] } } }),
      makeService("rest", { subscriptions: { "*": { ...comments, sources: ["two"] } } }),
    ];
    await run([
      room("one", [said("a")]),
      room("two", [said("b"), ...sampleEvents().filter(({ type }) => type === "FollowEvent")], {
        roomId: "800",
      }),
    ], services);
    assert.deepEqual(
      rows(`SELECT slug, source, count(*) AS count FROM event_queue JOIN service ON service.id = service_id
        JOIN live_event ON live_event.id = live_event_id JOIN live_session ON live_session.id = session_id
        GROUP BY slug, source ORDER BY slug, source`),
      [
        { slug: "all", source: "one", count: 1 },
        { slug: "all", source: "two", count: 1 },
        { slug: "one", source: "one", count: 1 },
        { slug: "rest", source: "two", count: 2 },
      ],
    );
  });
});

Deno.test("A source cannot switch to a user whom another source already captures", async () => {
  await withFolder(async (folder) => {
    const live = Promise.withResolvers<void>();
    const captured: Source = {
      name: "two",
      traits: roomTraits,
      async *open(signal) {
        yield { kind: "state", state: { phase: "looking_up", username: "ben" } };
        live.resolve();
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      },
    };
    const app = await App.open({
      config: configIn(folder),
      clock: new FakeClock(),
      log: silentLog(),
      sources: [captured],
      choice: {
        switchable: [{ name: "one", type: "tiktok", user: null }, {
          name: "two",
          type: "tiktok",
          user: "ben",
        }],
        openSource: (name) => Promise.resolve(room(name, [], { ends: false })),
      },
      processes: "none",
      whenIdle: "end",
    });
    const running = app.run();
    await live.promise;
    await assert.rejects(
      app.switchUser("one", "ben"),
      /two already captures @ben\. Choose another user for one/,
    );
    await app.switchUser("one", "carl");
    await app.switchUser("two", "ben");
    app.stop("The test is over.");
    await running;
  });
});
