/** A room that somebody looks at from elsewhere, by the database alone. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Action } from "../../src/control.ts";
import { UserError } from "../../src/user_error.ts";
import { startPostgres, testWithPostgres } from "../support/postgres.ts";
import { when, withStage } from "../support/watched_machine.ts";

testWithPostgres("A watcher sees a room as its own screen does, and sees each change", async (server) => {
  await withStage(server, async (stage) => {
    const studio = await stage.machine("studio-1", ["ana", "ben"]);
    const { live, control } = studio.rooms.get("ana")!;
    await live.say("hello");
    const rooms = await stage.watch();
    const { control: seen, rights } = await rooms.open("ana");
    assert.equal(rights, "all");
    const texts = () => seen.snapshot().events.map(({ text }) => text);
    assert.deepEqual(texts(), control.snapshot().events.map(({ text }) => text));
    await live.say("another one");
    await when(seen, ({ events }) => events.length === 2);
    assert.match(texts()[1] ?? "", /another one/);
  });
});

testWithPostgres("A watcher asks and acts as the screen does", async (server) => {
  await withStage(server, async (stage) => {
    const studio = await stage.machine("studio-1", ["ana"]);
    const { live, control } = studio.rooms.get("ana")!;
    await live.say("hello");
    const { control: seen } = await (await stage.watch()).open("ana");
    const [line] = seen.snapshot().events;
    const query = { kind: "event", id: line!.id } as const;
    await when(control, ({ services }) => services[0]?.completed === 1);
    assert.deepEqual(await seen.query(query), await control.query(query));
    assert.deepEqual(await seen.dispatch({ kind: "pause", slug: "greeter" }), {
      text: "greeter paused. New items wait until the queue is full.",
      isError: false,
    });
    assert.equal(control.snapshot().services[0]?.phase, "paused");
    await when(seen, ({ services }) => services[0]?.phase === "paused");
    const refused = await seen.dispatch({ kind: "restart", slug: "nobody" });
    assert.equal(refused.isError, true);
    await assert.rejects(seen.query({ kind: "service", slug: "nobody" }), /no longer an active service/);
  });
});

testWithPostgres("Of two watchers each sees its own room, and gets its own answers", async (server) => {
  await withStage(server, async (stage) => {
    const studio = await stage.machine("studio-1", ["ana", "ben"]);
    await studio.rooms.get("ana")!.live.say("for ana");
    await studio.rooms.get("ben")!.live.say("for ben");
    const [ana, ben] = await Promise.all([
      (await stage.watch()).open("ana"),
      (await stage.watch()).open("ben"),
    ]);
    assert.match(ana.control.snapshot().events[0]?.text ?? "", /for ana/);
    assert.match(ben.control.snapshot().events[0]?.text ?? "", /for ben/);
    const counts = await Promise.all([ana, ben].map(async ({ control }) => {
      const answer = await control.query({ kind: "items", slug: "greeter", status: "failed" });
      return answer.asked.count;
    }));
    assert.deepEqual(counts, [0, 0]);
  });
});

testWithPostgres("To quit ends the look, and nothing else", async (server) => {
  await withStage(server, async (stage) => {
    const studio = await stage.machine("studio-1", ["ana"]);
    const room = await (await stage.watch()).open("ana");
    assert.equal(studio.watched.lookCount, 1);
    assert.equal((await room.control.dispatch({ kind: "quit" })).isError, false);
    assert.match(await room.ended, /no longer look at @ana/);
    while (studio.watched.lookCount > 0) await studio.watched.nextRound;
    assert.equal(studio.rooms.get("ana")!.control.snapshot().stopping, null);
  });
});

testWithPostgres("What only the machine itself can do is refused, also to the owner", async (server) => {
  await withStage(server, async (stage) => {
    const studio = await stage.machine("studio-1", ["ana"]);
    const { control } = await (await stage.watch()).open("ana");
    for (const action of [{ kind: "open_desk" }, { kind: "start_demo" }] satisfies Action[]) {
      const { text, isError } = await control.dispatch(action);
      assert.match(text, /only on the machine that captures the room/);
      assert.equal(isError, true);
    }
    assert.equal(studio.rooms.get("ana")!.control.snapshot().stopping, null);
  });
});

testWithPostgres("A room that nobody captures, or that does not exist, is not opened", async (server) => {
  await withStage(server, async (stage) => {
    const studio = await stage.machine("studio-1", ["ana"]);
    const rooms = await stage.watch();
    await assert.rejects(rooms.open("nobody"), UserError);
    await studio.stop();
    await when(rooms, ({ rooms }) => rooms[0]?.machine === null);
    await assert.rejects(rooms.open("ana"), /No machine captures @ana now/);
  });
});

testWithPostgres("A look ends with a sentence when its machine stops, or closes the room", async (server) => {
  await withStage(server, async (stage) => {
    const studio = await stage.machine("studio-1", ["ana", "ben"]);
    const rooms = await stage.watch();
    const [ana, ben] = await Promise.all([rooms.open("ana"), rooms.open("ben")]);
    await studio.close("ben");
    assert.equal(await ben.ended, "studio-1 has closed this room.");
    await studio.stop();
    assert.equal(await ana.ended, "Livecue has stopped on studio-1.");
    const after = await ana.control.dispatch({ kind: "pause", slug: null });
    assert.deepEqual(after, { text: "The room is no longer open.", isError: true });
  });
});

testWithPostgres("A machine that is killed ends the look within seconds", async (server) => {
  await withStage(server, async (stage) => {
    const path = fileURLToPath(new URL("../support/watched_process.ts", import.meta.url));
    await using child = await stage.process(path, ["studio-9", "ana"]);
    const room = await (await stage.watch()).open("ana");
    child.kill();
    assert.match(await room.ended, /studio-9 has left this room or is lost/);
  });
});

testWithPostgres("A machine that hangs does not answer, and the watcher is told so", async (server) => {
  await withStage(server, async (stage) => {
    const path = fileURLToPath(new URL("../support/watched_process.ts", import.meta.url));
    await using child = await stage.process(path, ["studio-9", "ana"]);
    const rooms = await stage.watch();
    const room = await rooms.open("ana");
    child.hang();
    assert.equal(await room.ended, "studio-9 does not answer any more.");
    await assert.rejects(rooms.open("ana"), /studio-9 does not answer/);
  });
});

testWithPostgres("While the database is away the list says so, and all comes back by itself", async () => {
  await using server = await startPostgres();
  await withStage(server, async (stage) => {
    const studio = await stage.machine("studio-1", ["ana"]);
    const rooms = await stage.watch();
    const { control, ended } = await rooms.open("ana");
    const isLost = ended.then((text) => Promise.reject(new Error(text)));
    await server.kill();
    const { trouble } = await when(rooms, ({ trouble }) => trouble !== null);
    assert.match(trouble ?? "", /No connection|does not answer/);
    await server.restart();
    await when(rooms, ({ trouble, rooms }) => trouble === null && rooms[0]?.phase === "idle");
    await studio.rooms.get("ana")!.live.say("after it");
    const isShown = when(control, ({ events }) => events.some(({ text }) => text.includes("after it")));
    await Promise.race([isShown, isLost]);
    assert.equal((await control.dispatch({ kind: "pause", slug: null })).isError, false);
  });
});

testWithPostgres("A watcher that goes without a word is forgotten, and leaves no rows", async (server) => {
  await withStage(server, async (stage) => {
    const studio = await stage.machine("studio-1", ["ana"]);
    await stage.psql(
      `INSERT INTO watch_call (run, watcher, body) SELECT owner_run, 'silent',
        '{"kind":"open","protocol":1,"streamer":"ana","isReadOnly":false}' FROM streamer WHERE name = 'ana';
       SELECT pg_notify('livecue_calls_' || owner_run, '') FROM streamer WHERE name = 'ana'`,
    );
    while (studio.watched.lookCount === 0) await studio.watched.nextRound;
    while (studio.watched.lookCount > 0) await studio.watched.nextRound;
    assert.equal(await stage.psql("SELECT count(*) FROM watch_call"), "0");
  });
});
