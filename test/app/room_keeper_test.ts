/** Many streamers on several machines, which share a PostgreSQL database. */
import assert from "node:assert/strict";
import { App } from "../../src/app/app.ts";
import { systemClock } from "../../src/clock.ts";
import { PostgresRooms } from "../../src/store/postgres/rooms.ts";
import { type Postgres, testWithPostgres } from "../support/postgres.ts";
import { RoomMachine } from "../support/room_machine.ts";
import { silentLog } from "../support/silent_log.ts";
import { configIn, withFolder } from "../support/temporary_store.ts";

async function withMachines(
  server: Postgres,
  use: (start: (name: string, most?: number) => Promise<RoomMachine>, address: string) => Promise<void>,
): Promise<void> {
  const address = await server.createDatabase();
  await withFolder(async (folder) => {
    const machines: RoomMachine[] = [];
    try {
      await use(async (name, most) => {
        const machine = await RoomMachine.start(address, folder, name, most);
        machines.push(machine);
        return machine;
      }, address);
    } finally {
      for (const machine of machines) await machine.stop();
    }
  });
}

const names = ["ana", "ben", "cleo", "dan"];

testWithPostgres("One machine captures all streamers, each in a room of its own", async (server) => {
  await withMachines(server, async (start, address) => {
    const studio = await start("studio-1");
    await studio.streamers.add(names, 1);
    await studio.has(4);
    for (const name of names) {
      for (let index = 0; index < 5; index++) await studio.lives.get(name)?.say(`${name} ${index}`);
    }
    await studio.stop();
    const rows = await server.psql(
      `SELECT session.streamer, count(DISTINCT event.id), count(item.id) FILTER (WHERE item.status <> 'discarded')
        FROM live_event AS event JOIN live_session AS session ON session.id = session_id
        JOIN event_queue AS item ON item.live_event_id = event.id
        JOIN service ON service.id = item.service_id AND service.streamer = session.streamer
        GROUP BY session.streamer ORDER BY session.streamer`,
      new URL(address).pathname.slice(1),
    );
    assert.deepEqual(rows.trim().split("\n"), names.map((name) => `${name}|5|5`));
  });
});

testWithPostgres("What a machine gives up, another takes over; no more than it may have", async (server) => {
  await withMachines(server, async (start) => {
    const first = await start("studio-1");
    await first.streamers.add(names, 1);
    await first.has(4);
    const second = await start("studio-2", 3);
    await first.stop();
    await second.has(3);
    const list = second.streamers.list();
    assert.equal(list.filter(({ machine }) => machine === "studio-2").length, 3);
    assert.equal(list.filter(({ machine }) => machine === null).length, 1);
  });
});

testWithPostgres(
  "A streamer who is moved goes on on the other machine; one who is removed is captured no longer",
  async (server) => {
    await withMachines(server, async (start) => {
      const first = await start("studio-1");
      await first.streamers.add(names, 1);
      await first.has(4);
      const second = await start("studio-2");
      await first.streamers.move("ben", "studio-2");
      await second.has(1);
      assert.deepEqual(second.keeper.names, ["ben"]);
      await second.lives.get("ben")?.say("still here");
      await first.streamers.remove(["cleo"], 2);
      await first.has(2);
      assert.deepEqual(first.keeper.names.toSorted(), ["ana", "dan"]);
      await assert.rejects(first.streamers.remove(["nobody"], 3), /There is no streamer @nobody/);
    });
  },
);

testWithPostgres("A run for one streamer refuses a database of many", async (server) => {
  await withMachines(server, async (start, address) => {
    const studio = await start("studio-1");
    await studio.streamers.add(names, 1);
    await withFolder(async (folder) => {
      const options = { clock: systemClock, log: silentLog(), sources: [], processes: "all" } as const;
      const config = configIn(folder, { database: address });
      const opening = App.open({ ...options, config, whenIdle: "end", onHeld: () => {} });
      await assert.rejects(opening, /holds the rooms of several streamers\. Capture them with "start --all"/);
    });
  });
});

testWithPostgres("A host is no machine to which a streamer can move", async (server) => {
  await withMachines(server, async (start, address) => {
    const studio = await start("studio-1");
    await studio.streamers.add(names, 1);
    await studio.has(4);
    const own = { address, durability: "normal", machine: "gpu-1" } as const;
    const host = await PostgresRooms.open({ ...own, clock: systemClock, log: silentLog() });
    assert.deepEqual(host.streamers.machines(), ["studio-1"]);
    await host.streamers.move("ana", "gpu-1");
    await host.streamers.move("ben", "studio-2");
    // The wish for the host is known when the other one is met.
    const second = await start("studio-2");
    await second.has(1);
    assert.deepEqual(studio.keeper.names.toSorted(), ["ana", "cleo", "dan"]);
    await host.close();
  });
});
