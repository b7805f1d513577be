/** Hosts that announce themselves in the database. */
import assert from "node:assert/strict";
import { systemClock } from "../../../src/clock.ts";
import { PostgresRooms } from "../../../src/store/postgres/rooms.ts";
import { testWithPostgres } from "../../support/postgres.ts";
import { silentLog } from "../../support/silent_log.ts";

testWithPostgres(
  "A host is found by other machines while it announces itself, and no longer",
  async (server) => {
    const address = await server.createDatabase();
    const options = { address, durability: "normal", log: silentLog() } as const;
    const host = await PostgresRooms.open({ ...options, clock: systemClock, machine: "gpu-1" });
    const owner = await PostgresRooms.open({ ...options, clock: systemClock, machine: "studio-1" });
    try {
      const entry = {
        name: "gpu-1",
        address: "ws://gpu:7350",
        token: "secret",
        services: ["tts"],
        seenAt: Date.now(),
      };
      await host.hosts.announce(entry);
      assert.deepEqual(await owner.hosts.hosts(), [entry]);
      await host.hosts.announce({ ...entry, seenAt: entry.seenAt - 120_000 });
      assert.deepEqual(await owner.hosts.hosts(), []);
      await host.hosts.announce(entry);
      await host.hosts.withdraw("gpu-1");
      assert.deepEqual(await owner.hosts.hosts(), []);
    } finally {
      await owner.close();
      await host.close();
    }
  },
);
