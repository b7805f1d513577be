import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { withApp } from "../support/app_on_a_live.ts";
import { query } from "../support/livecue.ts";

const dayMs = 24 * 60 * 60_000;

Deno.test("Ids that detect a repetition are deleted after a day, while Livecue runs", async () => {
  await withApp([], async ({ app, clock, config, folder }) => {
    const database = new DatabaseSync(config.database);
    const insert = database.prepare("INSERT INTO known_id (owner, id, at) VALUES ('source:tips', ?, ?)");
    insert.run("older", clock.now());
    insert.run("newer", clock.now() + dayMs);
    database.close();
    clock.advance(dayMs + 20_000);
    await app.idle();
    assert.deepEqual(query(folder, "SELECT id FROM known_id").map(({ id }) => id), ["newer"]);
  });
});
