/** `check` of a database in PostgreSQL. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { livecue, writeConfig } from "../support/livecue.ts";
import { testWithPostgres } from "../support/postgres.ts";
import { withFolder } from "../support/temporary_store.ts";

const calm = fileURLToPath(new URL("../data/calm.jsonl", import.meta.url));
const dummy = {
  service_class: fileURLToPath(new URL("../../services/dummy.ts", import.meta.url)),
  subscriptions: { CommentEvent: {} },
};

testWithPostgres(
  "check finds nothing wrong after a live, and names each row that another program has spoilt",
  async (server) => {
    const address = await server.createDatabase();
    await withFolder(async (folder) => {
      writeConfig(folder, { services: { dummy }, database: address });
      const replay = ["start", "--source", `replay:${calm}`, "--speed", "max", "--database", address];
      assert.equal((await livecue(folder, ...replay)).code, 0);
      const whole = await livecue(folder, "check");
      assert.deepEqual([whole.code, whole.stderr], [0, ""]);
      assert.match(
        whole.stdout,
        /\/test_\d+: 179 events of 1 session\. Rows, references and counts are correct\. .*pg_amcheck/,
      );
      const [event, item] = (await server.psql(
        `SET session_replication_role = replica;
        UPDATE live_event SET event_data = '{"comment' WHERE id = (SELECT min(id) FROM live_event);
        UPDATE live_event SET message_id = 'twice', streak_id = NULL, streak_delta = NULL, streak_ended = NULL,
          event_type = 'CommentEvent' WHERE id IN (SELECT id FROM live_event ORDER BY id DESC LIMIT 2);
        UPDATE live_session SET events_from = (SELECT min(id) + 1 FROM live_event);
        UPDATE event_queue SET service_id = 77 WHERE id = (SELECT min(id) FROM event_queue);
        SELECT min(id) FROM live_event; SELECT min(id) FROM event_queue`,
        new URL(address).pathname.slice(1),
      )).trim().split("\n");
      const spoilt = await livecue(folder, "check");
      assert.equal(spoilt.code, 1);
      const lines = spoilt.stdout.trim().split("\n");
      assert.deepEqual(
        lines.slice(1, -1).map((line) => line.replace(/session \d+|live_session, row \d+/, "S")),
        [
          `live_event, row ${event}: event_data is not a JSON object, or is too long.`,
          `event_queue, row ${item}: it refers to a row of service that does not exist.`,
          "S: 1 of its events are outside events_from to events_to.",
          "live_event: S has the message twice 2 times.",
        ],
      );
      assert.match(lines.at(-1) as string, /Another program has changed these rows/);
    });
  },
);
