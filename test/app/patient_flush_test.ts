/** A run ends even if its database is in trouble. */
import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { flushPatiently } from "../../src/app/patient_flush.ts";
import { sampleEvent } from "../support/stored_events.ts";
import { openSession, openTemporary, withFolder } from "../support/temporary_store.ts";

Deno.test({
  name:
    "The end of a run waits ten seconds for a database that was moved away, and for one that comes back until it is done",
  // On Windows, nobody can move an open database.
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFolder(async (folder) => {
      const path = `${folder}/a.db`;
      const { store, clock } = openTemporary(path);
      store.writer.add(openSession(1));
      await store.writer.flush();
      Deno.renameSync(path, `${path}.away`);
      store.writer.add({ kind: "insert_event", event: sampleEvent({ id: 1 }) });
      await nextTurn();

      let hasEnded = false;
      const waiting = flushPatiently(store.writer, clock).then(() => hasEnded = true);
      clock.advance(9_000);
      await nextTurn();
      assert.equal(hasEnded, false);
      clock.advance(2_000);
      await waiting;
      assert.equal(store.writer.backlog, 1);

      Deno.renameSync(`${path}.away`, path);
      const written = flushPatiently(store.writer, clock);
      clock.advance(5_000);
      await written;
      assert.equal(store.writer.backlog, 0);
      await store.stop();
    });
  },
});
