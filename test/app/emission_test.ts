/** Emitted events, from a service's worker to the tables and on to other services. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { App } from "../../src/app/app.ts";
import type { ServiceConfig } from "../../src/service.ts";
import type { CapturedEvent, Source } from "../../src/source.ts";
import type { Subscription } from "../../src/subscription.ts";
import { commentOf } from "../support/captured_events.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { type HeardLog, heardLog } from "../support/heard_log.ts";
import { query } from "../support/livecue.ts";
import { traitsOf } from "../support/sources.ts";
import { configIn, serviceConfig, withFolder } from "../support/temporary_store.ts";

const always: Subscription = {
  isEnabled: true,
  priority: 5,
  isAsync: false,
  isDiscardable: false,
  streaks: "each",
};

function service(slug: string, file: string, given: Partial<ServiceConfig>): ServiceConfig {
  const serviceClass = fileURLToPath(new URL(`../support/services/${file}.ts`, import.meta.url));
  return serviceConfig(slug, { serviceClass, ...given });
}

function liveOf(events: CapturedEvent[]): Source {
  return {
    name: "demo",
    traits: traitsOf(),
    async *open() {
      yield { kind: "session", username: "host", roomId: "700" };
      for (const event of events) yield { kind: "event", event, raw: null };
      yield { kind: "end", status: "completed", reason: "The live ended." };
    },
  };
}

/** Runs the events through the services to their end, and gives the rows of the tables. */
async function runThrough(
  services: ServiceConfig[],
  events: CapturedEvent[],
): Promise<{ log: HeardLog; rows: (sql: string) => Record<string, unknown>[] }> {
  const log = heardLog();
  const tables = new Map<string, Record<string, unknown>[]>();
  const wanted = [allEvents, allItems, outsideTheirSession];
  await withFolder(async (folder) => {
    // Each service has its own data folder.
    const own = services.map((each) => ({ ...each, dataFolder: `${folder}/data/${each.slug}` }));
    const app = await App.open({
      config: { ...configIn(folder), services: own },
      clock: new FakeClock(),
      log,
      sources: [liveOf(events)],
      processes: "all",
      whenIdle: "end",
    });
    await app.run();
    for (const sql of wanted) tables.set(sql, query(folder, sql).map((row) => ({ ...row })));
  });
  return { log, rows: (sql) => tables.get(sql) ?? [] };
}

const allEvents = `SELECT event_type, event_data, caused_by, depth, user_nickname, live_id
  FROM live_event JOIN live_session ON live_session.id = session_id ORDER BY live_event.id`;
const allItems = `SELECT slug, event_type, status FROM event_queue
  JOIN service ON service.id = service_id JOIN live_event ON live_event.id = live_event_id ORDER BY event_queue.id`;

/** Events whose ids are outside of their session's range. */
const outsideTheirSession =
  `SELECT live_event.id FROM live_event JOIN live_session ON live_session.id = session_id
  WHERE live_event.id NOT BETWEEN events_from AND events_to`;

Deno.test("An emitted event is stored with its cause, and reaches all services except its emitter", async () => {
  const takesBoth = { CommentEvent: always, SpinEvent: always };
  const { rows, log } = await runThrough([
    service("wheel", "spinner", { emits: ["SpinEvent"], subscriptions: takesBoth }),
    service("screen", "spinner", { subscriptions: { SpinEvent: always } }),
  ], [commentOf("spin")]);
  const [comment, spin] = rows(allEvents);
  assert.deepEqual([comment?.event_type, comment?.caused_by, comment?.depth], ["CommentEvent", null, 0]);
  assert.deepEqual(spin, {
    event_type: "SpinEvent",
    event_data: '{"prize":"hat"}',
    caused_by: 1,
    depth: 1,
    user_nickname: comment?.user_nickname,
    live_id: comment?.live_id,
  });
  assert.deepEqual(rows(allItems), [
    { slug: "wheel", event_type: "CommentEvent", status: "completed" },
    { slug: "screen", event_type: "SpinEvent", status: "completed" },
  ]);
  assert.deepEqual(log.entries.filter(({ from }) => from === "screen").map(({ text }) => text), [
    "got SpinEvent",
  ]);
  // The session had ended by then.
  assert.deepEqual(rows(outsideTheirSession), []);
});

Deno.test("With toSelf, an emitted event is an item of the emitter too, and still reaches all other services", async () => {
  const { rows, log } = await runThrough([
    service("wheel", "relay", {
      options: { emits: "SpinEvent", toSelf: true },
      emits: ["SpinEvent", "HatEvent"],
      subscriptions: { CommentEvent: always, SpinEvent: { ...always, sources: ["elsewhere"] } },
    }),
    service("maker", "relay", {
      options: { emits: "HatEvent", toSelf: true },
      emits: ["HatEvent"],
      subscriptions: { CommentEvent: always, HatEvent: { ...always, isEnabled: false } },
    }),
    service("sampler", "relay", {
      options: { emits: "SampleEvent", toSelf: true },
      emits: ["SampleEvent"],
      subscriptions: { HatEvent: always, SampleEvent: always },
    }),
    service("screen", "spinner", { subscriptions: { SampleEvent: always } }),
  ], [commentOf("go")]);
  const count = (slug: string, type: string) =>
    rows(allItems).filter((item) => item.slug === slug && item.event_type === type).length;
  // Neither another source nor a subscription that is switched off changes.
  assert.deepEqual([count("wheel", "SpinEvent"), count("maker", "HatEvent")], [0, 0]);
  // The comment causes the hat, the hat the first sample, and each sample the next, up to step 8.
  assert.deepEqual([count("sampler", "HatEvent"), count("sampler", "SampleEvent")], [1, 7]);
  assert.equal(count("screen", "SampleEvent"), 7);
  assert.deepEqual(
    rows(allEvents).filter(({ event_type }) => event_type === "SampleEvent").map(({ depth }) => depth),
    [2, 3, 4, 5, 6, 7, 8],
  );
  assert.ok(rows(allItems).every(({ status }) => status === "completed"));
  assert.match(
    (await log.heard(/chain/)).text,
    /^sampler emitted a SampleEvent as step 9 .* may have 8 steps\. .* one triggers itself, in a loop/,
  );
  assert.ok(log.entries.every(({ text }) => !text.startsWith("No service received")));
});

Deno.test("If an event reaches nobody because its emitter forgot toSelf, the log says so once", async () => {
  const spinsAlone = { CommentEvent: always, SpinEvent: always };
  const { log } = await runThrough([
    service("wheel", "spinner", { emits: ["SpinEvent"], subscriptions: spinsAlone }),
  ], [commentOf("spin"), commentOf("spin")]);
  const told = log.entries.filter(({ text }) => text.startsWith("No service received"));
  assert.deepEqual(told.map(({ level, text }) => `${level}: ${text}`), [
    "warn: No service received the SpinEvent that wheel emitted. wheel subscribes to SpinEvent, but a service " +
    "receives an event of its own only if it emits the event with { toSelf: true }.",
  ]);
});

Deno.test("A failed item emits nothing, and an event with a known id is not emitted again", async () => {
  const { rows } = await runThrough(
    [
      service("wheel", "spinner", { emits: ["SpinEvent"], subscriptions: { CommentEvent: always } }),
    ],
    ["fail", "spin a", "spin a", "spin b"].map((text, index) => ({
      ...commentOf(text),
      messageId: `m${index}`,
    })),
  );
  const spins = rows(allEvents).filter(({ event_type }) => event_type === "SpinEvent");
  assert.deepEqual(spins.map(({ caused_by }) => caused_by), [2, 4]);
});

Deno.test("Services that trigger each other are stopped at the eighth step, and the log says so", async () => {
  const { rows, log } = await runThrough([
    service("a", "relay", {
      options: { emits: "AEvent" },
      emits: ["AEvent"],
      subscriptions: { CommentEvent: always, BEvent: always },
    }),
    service("b", "relay", {
      options: { emits: "BEvent" },
      emits: ["BEvent"],
      subscriptions: { AEvent: always },
    }),
  ], [commentOf("go")]);
  assert.deepEqual(rows(allEvents).map(({ event_type, depth }) => `${event_type} ${depth}`), [
    "CommentEvent 0",
    "AEvent 1",
    "BEvent 2",
    "AEvent 3",
    "BEvent 4",
    "AEvent 5",
    "BEvent 6",
    "AEvent 7",
    "BEvent 8",
  ]);
  assert.ok(rows(allItems).every(({ status }) => status === "completed"));
  assert.match((await log.heard(/chain/)).text, /^a emitted a AEvent as step 9 .* may have 8 steps/);
});
