/** `watch` beside whole programs that capture. */
import assert from "node:assert/strict";
import type { RoomsSnapshot } from "../../src/rooms_control.ts";
import { livecue, startLivecue } from "../support/livecue.ts";
import { testWithPostgres } from "../support/postgres.ts";
import { withFolder } from "../support/temporary_store.ts";
import { withStage } from "../support/watched_machine.ts";

testWithPostgres("watch lists what start on another machine captures", async (server) => {
  const address = await server.createDatabase();
  await withFolder(async (folder) => {
    const demo = ["start", "--source", "demo", "--rate", "20", "--name", "studio-1", "--database", address];
    const running = startLivecue(folder, ...demo);
    try {
      await running.line(/💬/);
      let listed: RoomsSnapshot;
      do {
        const { stdout, stderr, code } = await livecue(folder, "watch", "--json", "--database", address);
        assert.equal(code, 0, stderr);
        listed = JSON.parse(stdout) as RoomsSnapshot;
      } while ((listed.rooms[0]?.eventsPerSecond ?? 0) === 0);
      const [room, ...others] = listed.rooms;
      assert.deepEqual(others, []);
      assert.equal(room?.machine, "studio-1");
      assert.equal(room?.phase, "live");
      const { stdout } = await livecue(folder, "watch", "--database", address);
      assert.match(stdout, /^STREAMER +MACHINE +STATE +VIEWERS +EVENTS\/S +PENDING +FAILED/);
      assert.match(stdout, /studio-1 +live/);
    } finally {
      running.kill("SIGINT");
      await running.ended;
    }
  });
});

testWithPostgres("watch lists streamers whom nobody captures", async (server) => {
  await withStage(server, async ({ address, machine }) => {
    await (await machine("studio-1", ["ana"])).stop();
    await withFolder(async (folder) => {
      const { stdout } = await livecue(folder, "watch", "--database", address);
      assert.match(stdout, /@ana +none yet/);
    });
  });
});

Deno.test("watch of a file says what works instead", async () => {
  await withFolder(async (folder) => {
    const { code, stderr } = await livecue(folder, "watch", "--database", "livecue.db");
    assert.equal(code, 2);
    assert.match(stderr, /watch needs a PostgreSQL database.*the screen of "start"/s);
  });
});
