/** The list of rooms, as somebody sees it who reaches nothing but the database. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { PostgresRooms } from "../../src/store/postgres/rooms.ts";
import { testWithPostgres } from "../support/postgres.ts";
import { silentLog } from "../support/silent_log.ts";
import { grantsInDocs, when, withStage } from "../support/watched_machine.ts";

testWithPostgres("A watcher sees the rooms of two machines, and how each of them is", async (server) => {
  await withStage(server, async (stage) => {
    const studio = await stage.machine("studio-1", ["ana", "ben"]);
    await stage.machine("studio-2", ["cleo"]);
    const { app, live } = studio.rooms.get("ana")!;
    app.services.pause("greeter");
    for (const text of ["one", "two", "three"]) await live.say(text);
    const rooms = await stage.watch();
    const { rooms: lines, trouble } = await when(
      rooms,
      ({ rooms }) => rooms[0]?.pending === 3 && rooms.every(({ phase }) => phase !== null),
    );
    assert.equal(trouble, null);
    assert.deepEqual(lines.map(({ streamer, machine, pending }) => `${streamer} ${machine} ${pending}`), [
      "ana studio-1 3",
      "ben studio-1 0",
      "cleo studio-2 0",
    ]);
    await studio.stop();
    const { rooms: left } = await when(
      rooms,
      ({ rooms }) => rooms[0]?.machine === null && rooms[1]?.machine === null,
    );
    assert.deepEqual(left.map(({ machine, phase }) => `${machine} ${phase}`), [
      "null null",
      "null null",
      "studio-2 idle",
    ]);
  });
});

testWithPostgres("A room in which nothing happens is written once", async (server) => {
  await withStage(server, async (stage) => {
    const { watched } = await stage.machine("studio-1", ["ana", "ben"]);
    const rooms = await stage.watch();
    await when(rooms, ({ rooms }) => rooms.every(({ phase }) => phase !== null));
    const versions = () => stage.psql("SELECT streamer, xmin FROM room_status ORDER BY 1");
    const before = await versions();
    for (let rounds = 0; rounds < 4; rounds++) await watched.nextRound;
    assert.equal(await versions(), before);
  });
});

testWithPostgres("The only room of a database is listed by whom it captures", async (server) => {
  await withStage(server, async (stage) => {
    const studio = await stage.machine("studio-1", [""]);
    await studio.rooms.get("")!.live.say("hello");
    const rooms = await stage.watch();
    const { rooms: lines } = await when(rooms, ({ rooms }) => rooms[0]?.streamer === "host");
    assert.equal(lines.length, 1);
    const room = await rooms.open("host");
    assert.equal(room.control.snapshot().eventCount, 1);
  });
});

testWithPostgres("A moderator sees the list and the hosts, and not their tokens", async (server) => {
  await withStage(server, async (stage) => {
    await stage.machine("studio-1", ["ana"]);
    const options = { address: stage.address, durability: "normal", log: silentLog() } as const;
    const host = await PostgresRooms.open({ ...options, clock: systemClock, machine: "gpu-1" });
    await host.hosts.announce({
      name: "gpu-1",
      address: "ws://gpu:7350",
      token: "secret",
      services: ["tts"],
      seenAt: Date.now(),
    });
    await stage.role("mia", await grantsInDocs());
    const rooms = await stage.watch({ role: "mia" });
    const { rooms: lines, hosts } = rooms.snapshot();
    assert.deepEqual(lines.map(({ streamer }) => streamer), ["ana"]);
    assert.deepEqual(hosts.map(({ name, services }) => ({ name, services })), [
      { name: "gpu-1", services: ["tts"] },
    ]);
    await host.close();
  });
});

testWithPostgres("Whoever has no rights, or finds no tables, is told so", async (server) => {
  await withStage(server, async (stage) => {
    await assert.rejects(stage.watch(), /has no tables yet/);
    await stage.machine("studio-1", ["ana"]);
    await stage.role("nobody_at_all", "");
    await assert.rejects(stage.watch({ role: "nobody_at_all" }), /does not let this user/);
  });
});
