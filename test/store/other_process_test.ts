import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openSqliteReader } from "../../src/store/sqlite/reading.ts";
import { UserError } from "../../src/user_error.ts";
import { startChild } from "../support/child_process.ts";
import { openTemporary, pendingItems, serviceConfig, withFolder } from "../support/temporary_store.ts";

const owner = new URL("../support/store_owner.ts", import.meta.url);

Deno.test("A second owner is told which process has the database, and what works meanwhile", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    const child = startChild(owner, path, "hold");
    try {
      assert.equal(await child.nextLine(), "has it");
      assert.throws(() => openTemporary(path), (error) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, new RegExp(`in use by another Livecue \\(process ${child.pid}\\)`));
        assert.match(
          error.message,
          /Stop that one first.*"sessions", "events" and "queue" can read it in the meantime/,
        );
        return true;
      });
      const { reader, close } = openSqliteReader(path);
      assert.deepEqual(reader.services().map(({ slug }) => slug), ["dummy"]);
      close();
    } finally {
      await child.kill();
    }
    // What the dead owner left (its pid, the lock's file) is in nobody's way.
    await openTemporary(path).store.stop();
  });
});

Deno.test("A reader sees whole transactions while another process writes", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    const child = startChild(owner, path, "write");
    try {
      await child.nextLine();
      const { reader, close } = openSqliteReader(path);
      let last = 0;
      for (let index = 0; index < 20; index += 1) {
        const [newest] = reader.queue({ limit: 1 });
        const id = newest?.id ?? 0;
        assert.ok(id >= last);
        assert.equal(id % 50, 0);
        last = id;
        await child.nextLine();
      }
      close();
    } finally {
      await child.kill();
    }
  });
});

Deno.test("After a kill in mid-transaction the database is whole, and nothing committed is lost", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    const child = startChild(owner, path, "write");
    let committed = 0;
    for (let index = 0; index < 40; index += 1) committed = Number(await child.nextLine());
    await child.kill();

    const { store, clock } = openTemporary(path);
    const check = new DatabaseSync(path, { readOnly: true });
    assert.equal(check.prepare("PRAGMA integrity_check").get()?.integrity_check, "ok");
    assert.deepEqual(check.prepare("PRAGMA foreign_key_check").all(), []);
    check.close();

    const events = store.ids.next("event") - 1;
    assert.ok(committed > 0 && events >= committed);
    assert.equal(store.ids.next("item") - 1, events, "an event was stored without its item");
    const serviceId = (await store.syncServices([serviceConfig("dummy")])).get("dummy")!;
    const report = await store.recover(clock.now());
    store.abortSessions(report);
    assert.deepEqual(report.sessions.map(({ id, username }) => ({ id, username })), [{
      id: 1,
      username: "ana.live",
    }]);
    assert.equal(report.returnedItems, Math.floor(events / 3));
    assert.equal(report.openStreaks.length, events);
    assert.equal(pendingItems(store, serviceId).length, events);
    await store.writer.flush();
    assert.equal(store.reader.session(1)?.status, "aborted");
    await store.stop();
  });
});
