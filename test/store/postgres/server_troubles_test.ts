/** What a server refuses for a while is told in a sentence, and what was to be written waits. */
import assert from "node:assert/strict";
import { systemClock } from "../../../src/clock.ts";
import { openStore } from "../../../src/store/open.ts";
import { databaseWithNotes, HeardEngine, nameOf, note, notesIn } from "../../support/engine_under_test.ts";
import { postgresIsMissing, startPostgres, testWithPostgres } from "../../support/postgres.ts";
import { sampleEvent } from "../../support/stored_events.ts";
import { listLog, openSession } from "../../support/temporary_store.ts";

const endAll =
  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'livecue studio-1'";

testWithPostgres(
  "A server with too many connections, or one that became read-only, is told and waited for",
  async (server) => {
    const address = await databaseWithNotes(server);
    await (await HeardEngine.open({ address })).engine.close(1000);
    const database = nameOf(address);
    await server.psql(
      "CREATE ROLE visitor LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO visitor",
      database,
    );
    await using heard = await HeardEngine.open({ address: address.replace("//bench", "//visitor") });
    await heard.engine.take("ana");
    const troubles = [
      {
        begin: "ALTER ROLE visitor CONNECTION LIMIT 0",
        sentence: "away: The PostgreSQL server has too many connections",
        end: "ALTER ROLE visitor CONNECTION LIMIT -1",
      },
      {
        begin: `ALTER DATABASE ${database} SET default_transaction_read_only = on`,
        sentence: "away: The database test_1 is read-only for visitor".replace("test_1", database),
        end: `ALTER DATABASE ${database} RESET default_transaction_read_only`,
      },
    ];
    for (const [index, { begin, sentence, end }] of troubles.entries()) {
      await server.psql(begin);
      const isAway = heard.hears(sentence);
      await server.psql(endAll);
      await isAway;
      const write = heard.engine.transact([note(index, "waited")], "ana");
      const isBack = heard.hears("back");
      await server.psql(end);
      await isBack;
      await write;
    }
    assert.deepEqual(await notesIn(server, address), ["waited", "waited"]);
    assert.deepEqual([...heard.engine.rooms], ["ana"]);
  },
);

async function run(command: string, ...args: string[]): Promise<boolean> {
  const { success } = await new Deno.Command(command, { args, stderr: "null", stdout: "null" }).output();
  return success;
}

/** A file system of 40 MB, in which this user may write; null if this system mounts none. */
async function smallDisk(): Promise<string | null> {
  if (Deno.uid() !== 0 || postgresIsMissing) return null;
  const folder = await Deno.makeTempDir({ prefix: "livecue-small-disk-" });
  const owner = "uid=postgres,gid=postgres,mode=700";
  if (await run("mount", "-t", "tmpfs", "-o", `size=40m,${owner}`, "tmpfs", folder)) return folder;
  await Deno.remove(folder);
  return null;
}

const disk = await smallDisk();
const fullDisk = "On a full disk of the server events wait, and are stored once there is room";

if (disk === null) {
  Deno.test.ignore(`${fullDisk} (this system mounts no small disk, or there is no PostgreSQL)`, () => {});
} else {
  Deno.test.afterAll(async () => {
    await run("umount", "--lazy", disk);
    await Deno.remove(disk);
  });
  testWithPostgres(fullDisk, async () => {
    await using server = await startPostgres();
    await server.psql(`CREATE TABLESPACE small LOCATION '${disk}'`);
    await server.psql("CREATE DATABASE small TABLESPACE small");
    const told: string[] = [];
    const log = listLog(told);
    const address = server.address("small");
    const store = await openStore({ address, durability: "full", clock: systemClock, log });
    const live = { id: 1, sourceType: "demo", roomId: "7", username: "ana", title: "", startedAt: 1 };
    store.writer.add({ kind: "open_live", live, streamer: "" });
    store.writer.add(openSession(1));
    await Deno.writeFile(`${disk}/other`, new Uint8Array(20 * 1024 * 1024));
    let id = 0;
    // Texts that cannot be compressed, until the disk is full.
    for (; store.writer.isHealthy; await new Promise((resolve) => setImmediate(resolve))) {
      if (store.writer.backlog > 200) continue;
      const comment = Array.from(crypto.getRandomValues(new Uint8Array(10_000)), (byte) => byte.toString(36));
      const data = { comment: comment.join(""), language: "en", emotes: [] };
      store.writer.add({ kind: "insert_event", event: sampleEvent({ id: ++id, data }) });
    }
    assert.match(told.join("\n"), /The disk of the PostgreSQL server is full: free some space there\./);
    assert.equal(store.isAway, false);
    store.writer.add({ kind: "insert_event", event: sampleEvent({ id: ++id }) });
    await Deno.remove(`${disk}/other`);
    await store.writer.flush();
    assert.equal(await server.psql("SELECT count(*), max(id) FROM live_event", "small"), `${id}|${id}`);
    assert.equal(told.at(-1), "info: Writing to the database works again.");
    await store.stop();
  });
}
