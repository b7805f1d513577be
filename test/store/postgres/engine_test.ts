import assert from "node:assert/strict";
import { BatchError, DatabaseAway, RoomLost, troubleSentence } from "../../../src/store/postgres/trouble.ts";
import { FaultyLink } from "../../support/faulty_link.ts";
import { databaseWithNotes, HeardEngine, nameOf, note, notesIn } from "../../support/engine_under_test.ts";
import { testWithPostgres } from "../../support/postgres.ts";

/** What became of each promise: "done", or the names of the errors. */
async function ends(promises: readonly Promise<unknown>[]): Promise<string[]> {
  const results = await Promise.allSettled(promises);
  return results.map((result) => result.status === "fulfilled" ? "done" : (result.reason as Error).name);
}

testWithPostgres("Batches are committed in their order, several on their way at once", async (server) => {
  const address = await databaseWithNotes(server);
  await using link = await FaultyLink.start({ to: address });
  await using heard = await HeardEngine.open({ address: link.address });
  const { engine } = heard;
  await engine.take("");
  link.hold("toClient");
  const order: number[] = [];
  const writes = [1, 2, 3, 4, 5].map((id) =>
    engine.transact([note(id, `${id}`)], "").then(() => order.push(id))
  );
  while ((await notesIn(server, address)).length < 5) { /* All five are committed before one is answered. */ }
  assert.deepEqual(order, []);
  link.release();
  await Promise.all(writes);
  assert.deepEqual(order, [1, 2, 3, 4, 5]);
});

testWithPostgres("A batch that fails leaves nothing, and says which statement it was", async (server) => {
  const address = await databaseWithNotes(server);
  await using heard = await HeardEngine.open({ address });
  const { engine } = heard;
  await engine.take("ana");
  await engine.take("ben");
  const failing = engine.transact([note(1, "a"), note(2, "a"), note(1, "a"), note(3, "a")], "ana");
  const behind = engine.transact([note(4, "behind")], "ana");
  const other = engine.transact([note(5, "other")], "ben");
  const roomless = engine.transact([note(6, "roomless")]);
  const error = await failing.catch((error) => error);
  assert.ok(error instanceof BatchError);
  assert.deepEqual([error.code, error.index, troubleSentence(error)], ["23505", 2, null]);
  assert.deepEqual(await ends([behind, other, roomless]), ["BatchError", "done", "done"]);
  assert.deepEqual(await notesIn(server, address), ["other", "roomless"]);
  await engine.transact([note(1, "a"), note(2, "a"), note(3, "a")], "ana");
  await engine.transact([note(4, "behind")], "ana");
  assert.deepEqual(await notesIn(server, address), ["a", "a", "a", "behind", "other", "roomless"]);
  assert.deepEqual(heard.said, []);
});

testWithPostgres(
  "A failure that passes is a sentence, and the batch can be written again",
  async (server) => {
    const address = await databaseWithNotes(server);
    await server.psql(
      `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE 'no space left' USING ERRCODE = '53100'; END $$;
    CREATE TRIGGER full_disk BEFORE INSERT ON note EXECUTE FUNCTION full_disk()`,
      nameOf(address),
    );
    await using heard = await HeardEngine.open({ address });
    const { engine } = heard;
    await engine.take("");
    const error = await engine.transact([note(1, "a")], "").catch((error) => error);
    assert.match(troubleSentence(error) ?? "", /The disk of the PostgreSQL server is full/);
    await server.psql("DROP TRIGGER full_disk ON note", nameOf(address));
    await engine.transact([note(1, "a")], "");
    assert.deepEqual(await notesIn(server, address), ["a"]);
  },
);

testWithPostgres("After a failure each statement works that was not reached", async (server) => {
  const address = await databaseWithNotes(server);
  await using heard = await HeardEngine.open({ address });
  const { engine } = heard;
  const change = { text: "UPDATE note SET batch = 'changed'" };
  await assert.rejects(engine.transact([{ text: "SELECT 1 / 0" }, change, note(1, "a")]), BatchError);
  await engine.transact([note(1, "a"), change]);
  assert.deepEqual(await notesIn(server, address), ["changed"]);
});

testWithPostgres("A batch whose answer got lost is committed once", async (server) => {
  const address = await databaseWithNotes(server);
  for (const how of ["cut", "partition"] as const) {
    await using link = await FaultyLink.start({ to: address, framing: "postgres" });
    await using heard = await HeardEngine.open({ address: link.address, silenceMs: 300 });
    const { engine } = heard;
    await engine.take("");
    await engine.transact([note(1, how)], "");
    // The server says that it is ready again after it has committed.
    const failed = link.failBefore(({ type }) => type === "Z", { direction: "toClient", how });
    const write = engine.transact([{ text: "UPDATE note SET batch = batch || '+'" }], "");
    const next = engine.transact([{ text: "UPDATE note SET batch = batch || '-'" }], "");
    await failed;
    if (how === "partition") {
      await heard.hears("away: The database does not answer");
      link.heal();
    }
    assert.equal(await write, null);
    await next;
    assert.deepEqual(await notesIn(server, address), [`${how}+-`]);
    await engine.transact([{ text: "DELETE FROM note" }], "");
  }
});

testWithPostgres("Batches that never arrived are sent again, in order", async (server) => {
  const address = await databaseWithNotes(server);
  await using link = await FaultyLink.start({ to: address });
  await using heard = await HeardEngine.open({ address: link.address });
  const { engine } = heard;
  await engine.take("");
  link.hold("toServer");
  const writes = [1, 2, 3].map((id) => engine.transact([note(id, `${id}`)], ""));
  link.cut();
  link.release();
  await heard.hears("back");
  writes.push(engine.transact([note(4, "4")], ""));
  await Promise.all(writes);
  assert.deepEqual(await notesIn(server, address), ["1", "2", "3", "4"]);
});

testWithPostgres(
  "The old connection is ended at a server that does not know that it is cut",
  async (server) => {
    const address = await databaseWithNotes(server);
    await using link = await FaultyLink.start({ to: address });
    await using heard = await HeardEngine.open({ address: link.address });
    const { engine } = heard;
    await engine.take("ana");
    link.cut("client");
    await heard.hears("back");
    await engine.transact([note(1, "after")], "ana");
    assert.deepEqual(await notesIn(server, address), ["after"]);
    assert.deepEqual(heard.said.slice(1), ["back"]);
    assert.deepEqual([...engine.rooms], ["ana"]);
  },
);

testWithPostgres("A partition of both ways is noticed though nothing is written", async (server) => {
  const address = await databaseWithNotes(server);
  await using link = await FaultyLink.start({ to: address });
  await using heard = await HeardEngine.open({ address: link.address, silenceMs: 300 });
  const { engine } = heard;
  await engine.take("");
  link.partition();
  await heard.hears("away: The database does not answer");
  const write = engine.transact([note(1, "kept")], "");
  await assert.rejects(engine.take("another"), DatabaseAway);
  link.heal();
  await write;
  assert.equal(engine.trouble, null);
  assert.deepEqual(await notesIn(server, address), ["kept"]);
});

testWithPostgres("A room belongs to one machine, and to the next one when it is released", async (server) => {
  const address = await databaseWithNotes(server);
  await using first = await HeardEngine.open({ address, machine: "studio-1" });
  await using second = await HeardEngine.open({ address, machine: "studio-2" });
  assert.equal(await first.engine.take("ana"), "taken");
  assert.equal(await first.engine.take("ana"), "taken");
  assert.deepEqual(await second.engine.take("ana"), { heldBy: "studio-1" });
  assert.equal(await second.engine.take("ben"), "taken");
  await assert.rejects(second.engine.transact([note(1, "x")], "ana"), RoomLost);
  const write = first.engine.transact([note(1, "last")], "ana");
  await first.engine.release("ana");
  await write;
  assert.equal(await second.engine.take("ana"), "taken");
  assert.deepEqual(await first.engine.take("ana"), { heldBy: "studio-2" });
  await assert.rejects(first.engine.transact([note(2, "x")], "ana"), RoomLost);
});

testWithPostgres("Of two machines that want a room at once, one gets it", async (server) => {
  const address = await databaseWithNotes(server);
  await using first = await HeardEngine.open({ address });
  await using second = await HeardEngine.open({ address });
  for (let round = 0; round < 30; round++) {
    const room = `room ${round} ñ🦖'`;
    const results = await Promise.all([first.engine.take(room), second.engine.take(room)]);
    assert.equal(results.filter((result) => result === "taken").length, 1);
  }
});

testWithPostgres(
  "A room that another machine took meanwhile is lost, and the others go on",
  async (server) => {
    const address = await databaseWithNotes(server);
    await using link = await FaultyLink.start({ to: address });
    await using first = await HeardEngine.open({
      address: link.address,
      machine: "studio-1",
      silenceMs: 300,
    });
    await using second = await HeardEngine.open({ address, machine: "studio-2" });
    await first.engine.take("ana");
    await first.engine.take("ben");
    link.partition();
    await server.psql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'livecue studio-1'",
    );
    while (await second.engine.take("ana") !== "taken") { /* Its lock is being freed. */ }
    const writes = [
      first.engine.transact([note(1, "ana")], "ana"),
      first.engine.transact([note(2, "ben")], "ben"),
      first.engine.transact([note(3, "ana")], "ana"),
      first.engine.transact([note(4, "all")]),
    ];
    await first.hears("away");
    link.heal();
    await first.hears("back");
    assert.deepEqual(await ends(writes), ["RoomLost", "done", "RoomLost", "done"]);
    assert.deepEqual(first.said.slice(1), ["lost: ana, taken over", "back"]);
    assert.deepEqual([...first.engine.rooms], ["ben"]);
    await second.engine.transact([note(5, "ana by studio-2")], "ana");
    assert.deepEqual(await notesIn(server, address), ["ben", "all", "ana by studio-2"]);
  },
);

testWithPostgres(
  "A room that another machine had in between is lost, though it is free again",
  async (server) => {
    const address = await databaseWithNotes(server);
    await using link = await FaultyLink.start({ to: address });
    await using first = await HeardEngine.open({ address: link.address, silenceMs: 300 });
    await first.engine.take("ana");
    link.partition();
    await server.psql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'");
    {
      await using second = await HeardEngine.open({ address });
      while (await second.engine.take("ana") !== "taken") { /* Its lock is being freed. */ }
      await second.engine.transact([note(1, "between")], "ana");
    }
    const lost = first.hears("lost: ana, taken over");
    link.heal();
    await lost;
    assert.equal(await first.engine.take("ana"), "taken");
  },
);

testWithPostgres("A room is lost as soon as another machine has its lock", async (server) => {
  const address = await databaseWithNotes(server);
  await using link = await FaultyLink.start({ to: address });
  await using first = await HeardEngine.open({ address: link.address });
  await using second = await HeardEngine.open({ address });
  await first.engine.take("ana");
  link.hold();
  await server.psql(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'livecue%'",
  );
  // It is about to mark the room as its own.
  const lock = "SELECT pg_advisory_lock(hashtextextended('Livecue room public ana', 0))";
  await second.hears("back");
  await second.engine.transact([{ text: lock }]);
  const lost = first.hears("lost: ana, taken over");
  link.cut();
  link.release();
  await lost;
});

testWithPostgres(
  "In an older copy of the database all rooms are lost, and can be taken again",
  async (server) => {
    const address = await databaseWithNotes(server);
    const changes = [
      "UPDATE machine_run SET batch = batch - 1",
      "UPDATE machine_run SET batch = batch + 7",
      "DELETE FROM machine_run",
      "UPDATE id_block SET next = 1 WHERE name = 'event'",
    ];
    for (const [index, change] of changes.entries()) {
      await using link = await FaultyLink.start({ to: address });
      await using heard = await HeardEngine.open({ address: link.address });
      const { engine } = heard;
      await engine.take("ana");
      await engine.take("ben");
      await engine.transact([note(index * 10, "acknowledged")], "ana");
      const highest = engine.ids.next("event");
      link.hold();
      const writes = [
        engine.transact([note(index * 10 + 1, "of a room")], "ben"),
        engine.transact([note(index * 10 + 2, "of none")]),
      ];
      await server.psql(change, nameOf(address));
      const back = heard.hears("back");
      link.cut();
      link.release();
      await back;
      assert.deepEqual(await ends(writes), ["RoomLost", "done"], change);
      const why = change.startsWith("DELETE") ? "taken over" : "older copy";
      assert.deepEqual(heard.said.slice(1), [`lost: ana, ${why}`, `lost: ben, ${why}`, "back"]);
      assert.deepEqual([...engine.rooms], []);
      assert.equal(await engine.take("ana"), "taken");
      await engine.transact([note(index * 10 + 3, "anew")], "ana");
      if (!change.includes("id_block")) assert.ok(engine.ids.take("event") > highest);
    }
  },
);

testWithPostgres("A server that is only slow is waited for longer and longer", async (server) => {
  const address = await databaseWithNotes(server);
  await using heard = await HeardEngine.open({ address, silenceMs: 100 });
  const { engine } = heard;
  await engine.take("");
  const slow = { text: "SELECT pg_sleep(1)" };
  await engine.transact([note(1, "slow"), slow], "");
  assert.deepEqual(await notesIn(server, address), ["slow"]);
  assert.ok(heard.said.includes("back"));
});

testWithPostgres("What a crashed run has left goes when no room of it is left", async (server) => {
  const address = await databaseWithNotes(server);
  await using first = await HeardEngine.open({ address, machine: "studio-1" });
  await first.engine.take("ana");
  await server.psql(
    `INSERT INTO machine_run (id, machine, started_at, batch) VALUES (1, 'dead-1', 0, 5), (2, 'dead-2', 0, 5);
      INSERT INTO streamer (name, owner_run, machine) VALUES ('ben', 2, 'dead-2')`,
    nameOf(address),
  );
  const machines = () => server.psql("SELECT machine FROM machine_run ORDER BY 1", nameOf(address));
  await using second = await HeardEngine.open({ address, machine: "studio-2" });
  assert.equal(await machines(), "dead-2\nstudio-1\nstudio-2");
  assert.equal(await second.engine.take("ben"), "taken");
  await second.engine.transact([]);
  assert.equal(await machines(), "studio-1\nstudio-2");
  await first.engine.transact([note(1, "alive")], "ana");
});

testWithPostgres("A run that comes back after its row is gone has lost its rooms", async (server) => {
  const address = await databaseWithNotes(server);
  await using link = await FaultyLink.start({ to: address });
  await using first = await HeardEngine.open({ address: link.address, machine: "studio-1", silenceMs: 300 });
  await first.engine.take("ana");
  await first.engine.transact([note(1, "before")], "ana");
  link.partition();
  await server.psql(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'livecue studio-1'",
  );
  await using second = await HeardEngine.open({ address, machine: "studio-2" });
  while (await second.engine.take("ana") !== "taken") { /* Its lock is being freed. */ }
  await second.engine.transact([note(2, "by studio-2")], "ana");
  const rows = "SELECT machine FROM machine_run";
  assert.equal(await server.psql(rows, nameOf(address)), "studio-2");
  const write = first.engine.transact([note(3, "late")], "ana");
  await first.hears("away");
  const lost = first.hears("lost: ana, taken over");
  link.heal();
  await lost;
  assert.deepEqual(await ends([write]), ["RoomLost"]);
  assert.deepEqual(await notesIn(server, address), ["before", "by studio-2"]);
});
