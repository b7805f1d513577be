/** The whole program when it is stopped, killed, or started twice. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { commentOf } from "../support/captured_events.ts";
import { Gate } from "../support/gate.ts";
import { livecue, query, type Running, startLivecue, writeConfig } from "../support/livecue.ts";
import { writeRecording } from "../support/recording.ts";
import { withFolder } from "../support/temporary_store.ts";

const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));
const comments = { subscriptions: { CommentEvent: {} } };

/** Runs `use` in a folder with a service whose items wait at a gate. */
async function withGate(
  use: (folder: string, gate: Gate) => Promise<void>,
  settings: Record<string, unknown> = comments,
): Promise<void> {
  await withFolder(async (folder) => {
    await using gate = new Gate();
    writeConfig(folder, { services: { gated: gate.service(settings) } });
    await use(folder, gate);
  });
}

/** Starts a replay of three comments and, an hour later, a fourth one: its session stays open. */
async function startLongReplay(folder: string): Promise<Running> {
  const events = ["one", "two", "three", "much later"].map((words) => commentOf(words));
  const last = events.at(-1);
  if (last) last.createdAt = (last.createdAt ?? 0) + 3_600_000;
  const source = await writeRecording(folder, events);
  return startLivecue(folder, "start", "--source", source, "--exact-gaps");
}

async function writeComments(folder: string, count: number): Promise<string> {
  return await writeRecording(folder, Array.from({ length: count }, (_, index) => commentOf(`no. ${index}`)));
}

/** Presses Ctrl-C repeatedly, because a press too soon after the first counts as the same request. */
async function pressUntilEnded(running: Running): Promise<number> {
  let isOver = false;
  const ended = running.ended.finally(() => isOver = true);
  while (!isOver) {
    try {
      running.kill("SIGINT");
    } catch (error) {
      // It has ended between the two.
      if (!(error instanceof TypeError)) throw error;
    }
    await setImmediate();
  }
  return (await ended).code;
}

interface Item {
  id: number;
  status: string;
  attempts: number;
  failures: number;
  crashes: number;
}

function items(folder: string): string[] {
  return query<Item>(folder, "SELECT * FROM event_queue ORDER BY id")
    .map(({ id, status, attempts, failures, crashes }) =>
      `${id} ${status}, attempts ${attempts}, failures ${failures}, crashes ${crashes}`
    );
}

function sessions(folder: string): string[] {
  return query<{ status: string; end_reason: string }>(folder, "SELECT * FROM live_session ORDER BY id")
    .map(({ status, end_reason }) => `${status}: ${end_reason}`);
}

function countOf(text: string, pattern: RegExp): number {
  return text.split("\n").filter((line) => pattern.test(line)).length;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(`${signal} lets the running item finish, leaves the others pending, and calls onStop`, async () => {
    await withGate(async (folder, gate) => {
      const running = await startLongReplay(folder);
      await gate.arrival(1);
      running.kill(signal);
      await running.line(new RegExp(`Stopping \\(${signal}\\)\\. A second signal stops at once`));
      gate.answer(1);
      const { code, stdout, stderr } = await running.ended;
      assert.equal(code, 0);
      assert.equal(stderr, "");
      assert.equal(countOf(stdout, /\[gated\] closing$/), 1);
      assert.deepEqual(sessions(folder), ["completed: Stopped by the user."]);
      assert.deepEqual(items(folder), [
        "1 completed, attempts 1, failures 0, crashes 0",
        "2 pending, attempts 0, failures 0, crashes 0",
        "3 pending, attempts 0, failures 0, crashes 0",
      ]);
    });
  });
}

Deno.test("Items claimed ahead are pending again after a stop, and only the attempt is counted", async () => {
  await withGate(async (folder, gate) => {
    const running = await startLongReplay(folder);
    await gate.arrival(1);
    running.kill("SIGINT");
    await running.line(/Stopping/);
    gate.answer(1, false);
    assert.equal((await running.ended).code, 0);
    const [first, ...others] = items(folder);
    assert.equal(first, "1 failed, attempts 1, failures 1, crashes 0");
    assert.equal(others.length, 2);
    for (const other of others) assert.match(other, /^\d pending, attempts \d, failures 0, crashes 0$/);
  }, { ...comments, prefetch: 3 });
});

Deno.test("A signal that comes twice at the same time, as through deno task, still stops in order", async () => {
  await withGate(async (folder, gate) => {
    const running = await startLongReplay(folder);
    await gate.arrival(1);
    running.kill("SIGHUP");
    running.kill("SIGTERM");
    await running.line(/Stopping/);
    gate.answer(1);
    const { code, stdout } = await running.ended;
    assert.equal(code, 0);
    assert.equal(countOf(stdout, /Stopping/), 1);
    assert.match(stdout, /\[gated\] closing$/m);
  });
});

Deno.test("A second Ctrl-C stops at once, and the next start continues the work that was cut off", async () => {
  await withGate(async (folder, gate) => {
    const running = await startLongReplay(folder);
    await gate.arrival(1);
    running.kill("SIGINT");
    await running.line(/Stopping/);
    assert.equal(await pressUntilEnded(running), 130);
    assert.equal(items(folder)[0], "1 processing, attempts 1, failures 0, crashes 0");

    gate.open();
    const { code, stderr } = await livecue(folder, "work", "--drain");
    assert.equal(code, 0);
    assert.match(stderr, /Items that were in progress then, and will be processed again: 1\./);
    assert.equal(sessions(folder).length, 1);
    assert.deepEqual(items(folder), [
      "1 completed, attempts 2, failures 0, crashes 1",
      "2 completed, attempts 1, failures 0, crashes 0",
      "3 completed, attempts 1, failures 0, crashes 0",
    ]);
  });
});

Deno.test("Ctrl-C during the drain leaves the rest for the next start", async () => {
  await withGate(async (folder, gate) => {
    const source = await writeComments(folder, 3);
    const running = startLivecue(folder, "start", "--source", source, "--speed", "max");
    await running.line(/Processing the remaining items: gated 3\. Ctrl-C leaves them for the next start\./);
    await gate.arrival(1);
    running.kill("SIGINT");
    await running.line(/Stopping/);
    gate.answer(1);
    const { code, stdout } = await running.ended;
    assert.equal(code, 0);
    assert.match(stdout, /gated: 2 pending, 1 done, 0 failed, 0 discarded$/m);
    assert.match(sessions(folder).join(), /^completed: (?!Stopped)/);
    gate.open();
    assert.equal((await livecue(folder, "work", "--drain")).code, 0);
    assert.deepEqual(items(folder).map((item) => item.slice(2, 11)), ["completed", "completed", "completed"]);
  });
});

Deno.test("work keeps running when the queues are empty, until Ctrl-C", async () => {
  await withGate(async (folder, gate) => {
    const source = await writeComments(folder, 1);
    await livecue(folder, "capture", "--source", source, "--speed", "max");
    const running = startLivecue(folder, "work", "--verbose");
    await gate.arrival(1);
    gate.answer(1);
    await running.line(/item 1 .* completed/);
    running.kill("SIGINT");
    const { code, stdout } = await running.ended;
    assert.equal(code, 0);
    assert.equal(countOf(stdout, /\[gated\] closing$/), 1);
    assert.match(stdout, /gated: 0 pending, 1 done/);
  });
});

Deno.test("A service whose onStop never ends delays the stop only up to the limit", async () => {
  await withGate(async (folder, gate) => {
    gate.open();
    const running = await startLongReplay(folder);
    await gate.arrival(3);
    running.kill("SIGTERM");
    const { code, stdout } = await running.ended;
    assert.equal(code, 0);
    assert.match(stdout, /\[gated\] closing/);
    assert.deepEqual(sessions(folder), ["completed: Stopped by the user."]);
  }, { ...comments, options: { hangsOnStop: true } });
});

Deno.test("One process owns a database: others name the owner, reading commands work, and the owner goes on", async () => {
  await withGate(async (folder, gate) => {
    const running = await startLongReplay(folder);
    await gate.arrival(1);
    const owning = [["work"], ["demo", "--for", "1"], ["retry", "1"], ["reset", "--yes"], ["init"]];
    for (const args of owning) {
      const { code, stderr } = await livecue(folder, ...args);
      assert.equal(code, 2, args.join(" "));
      assert.equal(countOf(stderr, /./), 1, stderr);
      assert.match(stderr, new RegExp(`\\b${running.pid}\\b`), args.join(" "));
    }
    for (const args of [["sessions"], ["events"], ["queue"], ["queue", "--json"]]) {
      const { code, stderr } = await livecue(folder, ...args);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, args.join(" "));
    }
    gate.open();
    await gate.arrival(3);
    running.kill("SIGINT");
    assert.equal((await running.ended).code, 0);
    assert.deepEqual(items(folder).map((item) => item.slice(2, 11)), ["completed", "completed", "completed"]);
  });
});

Deno.test("A reader of the log that exits early stops nothing and loses nothing", async () => {
  await withFolder(async (folder) => {
    await using gate = new Gate();
    writeConfig(folder, { services: { gated: gate.service(comments) } });
    const source = await writeComments(folder, 3);
    const running = startLivecue(folder, "start", "--source", source, "--speed", "max", "--verbose");
    await gate.arrival(1);
    running.leaveOutput();
    gate.open();
    assert.equal((await running.ended).code, 0);
    assert.deepEqual(items(folder).map((item) => item.slice(2, 11)), ["completed", "completed", "completed"]);
  });
});

interface Row {
  event: number;
  service: string;
  id: number;
  status: string;
  crashes: number;
}

const rowsByEvent = `SELECT live_event.id AS event, slug AS service, event_queue.id, status, crashes
  FROM event_queue JOIN service ON service.id = service_id JOIN live_event ON live_event.id = live_event_id
  ORDER BY event_queue.id`;

Deno.test("After a kill in a busy live, nothing that was stored or handed out is lost or duplicated", async () => {
  await withFolder(async (folder) => {
    await using gate = new Gate();
    const room = { max_queue_size: 1_000_000 };
    const all = { CommentEvent: {}, JoinEvent: {}, FollowEvent: {}, GiftEvent: {}, LikeEvent: {} };
    const last = { GiftEvent: { streaks: "final" }, LikeEvent: { streaks: "final" } };
    writeConfig(folder, {
      services: {
        each: { service_class: dummy, ...room, subscriptions: all },
        final: { service_class: dummy, ...room, subscriptions: last },
        gated: gate.service({ ...room, subscriptions: { CommentEvent: { is_async: true } } }),
      },
    });
    const running = startLivecue(folder, "demo", "--rate", "500", "--seed", "7");
    await gate.arrival(16);
    await running.line(/🎁 .* ×[3-9] /);
    running.kill("SIGKILL");
    await running.ended;
    const before = query<Row>(folder, rowsByEvent);
    const handedOut = [...gate.arrived];
    const processing = before.filter(({ status }) => status === "processing");
    assert.ok(handedOut.every((id) => before.some((row) => row.id === id)));
    assert.deepEqual(query(folder, "PRAGMA integrity_check").map((row) => ({ ...row })), [
      { integrity_check: "ok" },
    ]);
    const open = "SELECT count(DISTINCT streak_id) AS count FROM live_event WHERE streak_id NOT IN " +
      "(SELECT streak_id FROM live_event WHERE streak_ended)";
    assert.notEqual(query<{ count: number }>(folder, open)[0]?.count, 0);

    gate.open();
    const { code, stderr } = await livecue(folder, "work", "--drain");
    assert.equal(code, 0, stderr);
    assert.match(sessions(folder).join(), /^aborted: /);
    assert.equal(query<{ count: number }>(folder, open)[0]?.count, 0);
    const after = query<Row>(folder, rowsByEvent);
    assert.ok(after.every(({ status }) => status === "completed"));
    const crashed = after.filter(({ crashes }) => crashes > 0).map(({ id }) => id);
    assert.deepEqual(crashed, processing.map(({ id }) => id));
    assert.deepEqual(after.slice(0, before.length).map(({ id }) => id), before.map(({ id }) => id));

    const events = query<{ id: number; event_type: string; streak_id: string; streak_delta: number }>(
      folder,
      "SELECT * FROM live_event ORDER BY id",
    );
    const eventsOf = (service: string) => after.filter((row) => row.service === service);
    const counted = events.filter((event) => event.event_type in all && event.streak_delta !== 0);
    assert.deepEqual(eventsOf("each").map(({ event }) => event), counted.map(({ id }) => id));
    const streakOf = new Map(events.map((event) => [event.id, event.streak_id]));
    const ended = eventsOf("final").map(({ event }) => streakOf.get(event));
    assert.equal(new Set(eventsOf("final").map(({ event }) => event)).size, ended.length);
    assert.deepEqual(
      new Set(ended),
      new Set(
        events.filter(({ event_type }) => event_type in last).map(({ streak_id }) => streak_id),
      ),
    );
  });
});
