/** `retry` in a database of many rooms. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../src/clock.ts";
import { PostgresRooms } from "../../src/store/postgres/rooms.ts";
import { Store } from "../../src/store/store.ts";
import { livecue, writeConfig } from "../support/livecue.ts";
import { testWithPostgres } from "../support/postgres.ts";
import { silentLog } from "../support/silent_log.ts";
import { withFolder } from "../support/temporary_store.ts";

const dummy = {
  service_class: fileURLToPath(new URL("../../services/dummy.ts", import.meta.url)),
  subscriptions: { CommentEvent: {} },
};

/** A room with one failed item, whose ids are all this number. */
function roomOf(streamer: string, id: number): string {
  return `INSERT INTO service (id, slug, name, service_class, max_queue_size, is_active, streamer)
      VALUES (${id}, 'dummy', 'Dummy', 'dummy.ts', 100, 1, '${streamer}');
    INSERT INTO live (id, source_type, room_id, username, title, started_at, streamer)
      VALUES (${id}, 'demo', '', '${streamer}', '', 1, '${streamer}');
    INSERT INTO live_session (id, username, room_id, source, status, started_at, ended_at, live_id, streamer)
      VALUES (${id}, '${streamer}', '', 'demo', 'completed', 1, 2, ${id}, '${streamer}');
    INSERT INTO live_event (id, session_id, room_id, event_type, is_history, created_at, received_at,
        is_first_of_user, event_data)
      VALUES (${id}, ${id}, '', 'CommentEvent', 0, 1, 1, 0, '{"comment":"hi","language":"en","emotes":[]}');
    INSERT INTO event_queue (id, service_id, live_event_id, priority, is_async, is_discardable, status, attempts,
        failures, crashes, created_at, started_at, finished_at)
      VALUES (${id}, ${id}, ${id}, 5, 0, 0, 'failed', 1, 1, 0, 1, 1, 2);`;
}

testWithPostgres(
  "retry puts back the items of rooms that nobody has, and names the machines of the others",
  async (server) => {
    const address = await server.createDatabase();
    const log = silentLog();
    const options = { address, durability: "normal", clock: systemClock, log, machine: "studio-1" } as const;
    const rooms = await PostgresRooms.open({ ...options, keepsRooms: true });
    try {
      await rooms.streamers.add(["ana", "ben", "cleo"], 1);
      const database = new URL(address).pathname.slice(1);
      const tables = ["ana", "ben", "cleo"].map((name, index) => roomOf(name, index + 1)).join("\n");
      await server.psql(tables, database);
      const held = await rooms.take("ana", { clock: systemClock, log });
      assert.ok(held instanceof Store);
      const items = () => server.psql("SELECT id, status FROM event_queue ORDER BY id", database);
      await withFolder(async (folder) => {
        writeConfig(folder, { services: { dummy }, database: address });
        const refused = await livecue(folder, "retry", "1");
        assert.deepEqual([refused.code, refused.stdout], [2, ""]);
        assert.match(refused.stderr, /machines capture them: @ana \(studio-1\)\. Press R there/);
        const one = await livecue(folder, "retry", "--service", "dummy", "--failed", "--streamer", "@ben");
        assert.match(one.stdout, /^1 item put back\. Run start or work to process them\.\n$/);
        assert.equal(await items(), "1|failed\n2|pending\n3|failed");
        const all = await livecue(folder, "retry", "--service", "dummy", "--failed");
        assert.match(
          all.stdout,
          /^1 item put back\. .*\nNothing was put back for these.*: @ana \(studio-1\)/,
        );
        assert.equal(await items(), "1|failed\n2|pending\n3|pending");
        const nobody = await livecue(folder, "retry", "1", "--streamer", "dan");
        assert.match(nobody.stderr, /There is no streamer @dan/);
      });
      await held.stop();
    } finally {
      await rooms.close();
    }
  },
);
