/** Many streamers in one file, which one machine has. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { App } from "../../src/app/app.ts";
import { systemClock } from "../../src/clock.ts";
import { RoomMachine } from "../support/room_machine.ts";
import { silentLog } from "../support/silent_log.ts";
import { configIn, withFolder } from "../support/temporary_store.ts";

const names = ["ana", "ben", "cleo", "dan"];

async function withFile(
  use: (start: () => Promise<RoomMachine>, address: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const address = join(folder, "livecue.db");
    let last: RoomMachine | null = null;
    try {
      await use(async () => {
        await last?.stop();
        return last = await RoomMachine.start(address, folder, "studio");
      }, address);
    } finally {
      await (last as RoomMachine | null)?.stop();
    }
  });
}

Deno.test("The rooms of a file keep apart: their sessions, events and items", async () => {
  await withFile(async (start, address) => {
    const first = await start();
    await first.streamers.add(names, 1);
    await first.has(4);
    for (let index = 0; index < 5; index++) {
      for (const name of names) await first.lives.get(name)?.say(`${name} ${index}`);
    }
    assert.deepEqual(first.streamers.list().map(({ machine }) => machine), Array(4).fill("studio"));
    const second = await start();
    await second.has(4);
    await second.lives.get("ana")?.say("ana 5");
    const third = await start();
    await third.streamers.remove(["ana"], 2);
    await third.has(3);
    assert.deepEqual(third.keeper.names.toSorted(), ["ben", "cleo", "dan"]);
    using database = new DatabaseSync(address, { readOnly: true });
    const rows = database.prepare(
      `SELECT session.streamer, service.streamer AS of, count(DISTINCT session.id) AS sessions,
          count(*) AS items, sum(json_extract(event_data, '$.comment') LIKE session.streamer || ' %') AS own
        FROM live_event AS event JOIN live_session AS session ON session.id = session_id
        JOIN event_queue AS item ON item.live_event_id = event.id
        JOIN service ON service.id = item.service_id GROUP BY 1, 2 ORDER BY 1`,
    ).all().map((row) => Object.values(row));
    assert.deepEqual(rows, [
      ["ana", "ana", 2, 6, 6],
      ...["ben", "cleo", "dan"].map((name) => [name, name, 1, 5, 5]),
    ]);
  });
});

Deno.test("A room's events are found among those of others by an index", async () => {
  await withFile(async (start, address) => {
    const studio = await start();
    await studio.stop();
    using database = new DatabaseSync(address, { readOnly: true });
    const plan = database.prepare(
      "EXPLAIN QUERY PLAN SELECT * FROM live_event WHERE session_id = ? AND id BETWEEN ? AND ? ORDER BY id",
    ).all(1, 1, 10);
    assert.match(JSON.stringify(plan), /live_event_session/);
  });
});

Deno.test("A run for one streamer refuses a file of many", async () => {
  await withFile(async (start, address) => {
    const studio = await start();
    await studio.streamers.add(names, 1);
    await studio.stop();
    await withFolder(async (folder) => {
      const options = { clock: systemClock, log: silentLog(), sources: [], processes: "all" } as const;
      const config = configIn(folder, { database: address });
      const opening = App.open({ ...options, config, whenIdle: "end", onHeld: () => {} });
      await assert.rejects(opening, /holds the rooms of several streamers\. Capture them with "start --all"/);
    });
  });
});
