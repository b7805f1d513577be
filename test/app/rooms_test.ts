/** What a screen knows of many rooms: those of this machine, and those of others by the database. */
import assert from "node:assert/strict";
import { AllRooms } from "../../src/app/all_rooms.ts";
import type { App } from "../../src/app/app.ts";
import { DatabaseRooms } from "../../src/app/database_rooms.ts";
import { LatestLog } from "../../src/app/latest_log.ts";
import type { Monitor } from "../../src/app/monitor.ts";
import { OwnRooms } from "../../src/app/own_rooms.ts";
import type { KnownStreamer } from "../../src/app/room_keeper.ts";
import type { RoomsSnapshot } from "../../src/rooms_control.ts";
import { usualScreen } from "../../src/screen_settings.ts";
import { type Live, makeService, withApp } from "../support/app_on_a_live.ts";
import { FakeClock } from "../support/fake_clock.ts";

interface Parts {
  own: OwnRooms;
  app: App;
  live: Live;
  clock: FakeClock;
  /** Ends the room's run, as far as the list is concerned. */
  remove(): void;
}

/** A machine with the room of @ana. */
async function withOwnRooms(use: (parts: Parts) => Promise<void>): Promise<void> {
  let monitor: Monitor | null = null;
  await withApp([makeService("dummy")], async ({ app, live, clock }) => {
    const own = new OwnRooms({ machine: "studio-1", clock, settings: usualScreen });
    monitor = own.newMonitor();
    own.start();
    const remove = own.add("ana", { app, monitor, whenStored: () => app.services.discardsWritten() });
    try {
      await use({ own, app, live, clock, remove });
    } finally {
      own.stop();
    }
  }, { onEvent: (event) => monitor?.takeEvent(event) });
}

Deno.test("A room of this machine is in the list with its rate and its queues, and changes once a second", async () => {
  await withOwnRooms(async ({ own, app, live, clock }) => {
    let changes = 0;
    own.subscribe(() => changes++);
    app.services.pause(null);
    for (const text of ["one", "two", "three"]) await live.say(text);
    clock.advance(1_000);
    assert.equal(changes, 1);
    const { streamer, machine, eventsPerSecond, pending, failed, trouble } = own.line("ana")!;
    assert.deepEqual(
      { streamer, machine, eventsPerSecond, pending, failed, trouble },
      { streamer: "ana", machine: "studio-1", eventsPerSecond: 3, pending: 3, failed: 0, trouble: null },
    );
    assert.deepEqual(own.snapshot().rooms, [own.line("ana")]);
  });
});

Deno.test("A room that is looked at shows its live, and leaving it ends nothing", async () => {
  await withOwnRooms(async ({ own, app, live, clock }) => {
    await live.say("before");
    const { control, rights, close } = await own.open("ana");
    assert.equal(rights, "all");
    await live.say("during");
    clock.advance(1_000);
    const { events, eventCount, services } = control.snapshot();
    assert.deepEqual(events.map(({ text }) => text.split(": ")[1]), ["during"]);
    const page = await control.query({
      kind: "events",
      before: null,
      after: null,
      limit: 10,
      session: null,
      source: null,
      types: null,
      text: "",
    });
    assert.deepEqual(page.events[0]?.text.split(": ")[1], "before");
    assert.deepEqual([eventCount, services.map(({ slug }) => slug)], [2, ["dummy"]]);
    for (const kind of ["quit", "start_demo"] as const) await control.dispatch({ kind });
    const refused = await control.dispatch({ kind: "open_desk" });
    assert.deepEqual(refused, { text: "That does not work in one of many rooms.", isError: true });
    close();
    close();
    await live.say("after");
    assert.equal(app.captured.stored, 3);
    assert.deepEqual(control.snapshot().events, [], "Nobody looks, so no events are kept.");
  });
});

Deno.test("Whoever looks at a room is told when it is not captured here any more", async () => {
  await withOwnRooms(async ({ own, remove }) => {
    const { ended } = await own.open("ana");
    remove();
    assert.match(await ended, /^@ana is not captured here any more\./);
    assert.deepEqual([own.line("ana"), own.snapshot().rooms], [null, []]);
    await assert.rejects(own.open("ana"), /@ana is not captured here\./);
  });
});

Deno.test("A room says what keeps it from its work", async () => {
  await withOwnRooms(({ own, app, clock }) => {
    app.services.find("dummy")?.troubles.report("The voice cannot be reached.");
    clock.advance(1_000);
    assert.equal(own.line("ana")?.trouble, "dummy: The voice cannot be reached.");
    app.services.find("dummy")?.troubles.report(null);
    clock.advance(1_000);
    assert.equal(own.line("ana")?.trouble, null);
    return Promise.resolve();
  });
});

const streamers: KnownStreamer[] = [
  { name: "ana", machine: "studio-1", wantedMachine: "studio-2", isRemoved: false },
  { name: "ben", machine: "studio-2", wantedMachine: null, isRemoved: false },
  { name: "cleo", machine: null, wantedMachine: null, isRemoved: false },
  { name: "gone", machine: null, wantedMachine: null, isRemoved: true },
];

function databaseOf(list: () => KnownStreamer[]) {
  return new DatabaseRooms({ list, machines: () => [], forget: () => Promise.resolve() });
}

Deno.test("The database knows who captures whom", async () => {
  const database = databaseOf(() => streamers);
  assert.deepEqual(database.streamers.list(), streamers);
  const { rooms, trouble } = database.snapshot();
  assert.deepEqual(rooms.map(({ streamer, machine, phase }) => [streamer, machine, phase]), [
    ["ana", "studio-1", null],
    ["ben", "studio-2", null],
    ["cleo", null, null],
  ]);
  assert.equal(trouble, null);
  await assert.rejects(database.open("cleo"), /No machine captures @cleo now\./);
});

Deno.test("While the database is away, the list stays and says why it may be old", () => {
  let isAway = false;
  const database = databaseOf(() => {
    if (isAway) throw new Error("The database does not answer.");
    return streamers;
  });
  database.streamers.list();
  isAway = true;
  assert.throws(() => database.streamers.list(), /does not answer/);
  assert.deepEqual([database.snapshot().rooms.length, database.snapshot().trouble], [
    3,
    "The database does not answer.",
  ]);
  isAway = false;
  database.streamers.list();
  assert.equal(database.snapshot().trouble, null);
});

Deno.test("Rooms of this machine are opened here, and the others by the database", async () => {
  await withOwnRooms(async ({ own }) => {
    const database = databaseOf(() => streamers.slice(1));
    database.streamers.list();
    const status: Pick<RoomsSnapshot, "stopping"> = { stopping: "1 room still open." };
    const all = new AllRooms({ own, database, process: { status: () => status, subscribe: () => () => {} } });
    const shown = () => all.snapshot().rooms.map(({ streamer, phase }) => [streamer, phase]);
    assert.deepEqual(shown(), [["ana", own.line("ana")?.phase], ["ben", null], ["cleo", null]]);
    assert.equal(all.snapshot().stopping, "1 room still open.");
    (await all.open("ana")).close();
    await assert.rejects(all.open("ben"), /No machine captures @ben now/);
  });
});

Deno.test("Many messages do not push warnings out of the latest log lines", () => {
  const log = new LatestLog();
  const write = (level: "info" | "warn" | "debug", text: string) =>
    log.write({ at: 0, level, from: "x", text });
  write("warn", "the warning");
  for (let index = 0; index < 5_000; index++) write("info", `message ${index}`);
  write("debug", "nobody wants this");
  assert.deepEqual([log.lines.length, log.lines[0]?.text, log.lines.at(-1)?.text], [
    201,
    "the warning",
    "message 4999",
  ]);
  assert.equal(log.lines, log.lines);
});
