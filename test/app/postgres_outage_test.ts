/** A PostgreSQL server that is away while a busy live of TikTok goes on: what waits, what is dropped, what is kept. */
import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { App } from "../../src/app/app.ts";
import { createTikTokSource } from "../../src/capture/tiktok/connection.ts";
import { systemClock } from "../../src/clock.ts";
import { mainEventTypes } from "../../src/event.ts";
import type { CapturedEvent } from "../../src/source.ts";
import { makeService } from "../support/app_on_a_live.ts";
import { commentOf, sampleEvents } from "../support/captured_events.ts";
import { type FakeConnection, FakeTikTok } from "../support/fake_tiktok.ts";
import { startPostgres, testWithPostgres } from "../support/postgres.ts";
import { configIn, listLog, withFolder } from "../support/temporary_store.ts";

const roomy = 10_000;
const perFrame = 500;

let lastMessageId = 7_500_000_000_000_000_000n;

/** So many events like the sample of this type, each a message of its own. */
function many(type: CapturedEvent["type"], count: number): CapturedEvent[] {
  const sample = sampleEvents().findLast((event) => event.type === type) as CapturedEvent;
  return Array.from({ length: count }, () => now({ ...sample, messageId: String(++lastMessageId) }));
}

/** An older event would be history, on which no service acts. */
function now<Event extends CapturedEvent>(event: Event): Event {
  return { ...event, createdAt: systemClock.now() };
}

/** Sends the events, and resolves when the client has read them. */
async function sendAll(connection: FakeConnection, events: CapturedEvent[]): Promise<void> {
  for (let from = 0; from < events.length; from += perFrame) {
    connection.send(events.slice(from, from + perFrame), { needsAck: true });
    while ((await connection.nextReceived()).type !== "ack") { /* Heartbeats come, too. */ }
  }
}

testWithPostgres(
  "While the server is away in a flood, gifts wait, and only the least important events are dropped and counted",
  async () => {
    await using server = await startPostgres();
    const address = await server.createDatabase();
    const database = new URL(address).pathname.slice(1);
    const ask = async (sql: string) => (await server.psql(sql, database)).trim().split("\n");
    const tiktok = new FakeTikTok();
    await withFolder(async (folder) => {
      const subscription = {
        isEnabled: true,
        priority: 5,
        isAsync: true,
        isDiscardable: false,
        streaks: "each",
      } as const;
      const subscriptions = Object.fromEntries(mainEventTypes.map((type) => [type, subscription]));
      const told: string[] = [];
      const app = await App.open({
        config: configIn(folder, {
          services: [makeService("all", { maxQueueSize: 50_000, subscriptions })],
          database: address,
        }),
        clock: systemClock,
        log: listLog(told),
        sources: [createTikTokSource({
          name: "tiktok",
          username: tiktok.username,
          signApiKey: null,
          endpoints: tiktok.endpoints,
          silenceMs: 600_000,
          clock: systemClock,
          random: () => 0,
          once: false,
          log: listLog(told),
        })],
        processes: "all",
        whenIdle: "end",
        machine: "studio-1",
      });
      const running = app.run();
      const connection = await tiktok.nextConnection();
      await sendAll(connection, [now(commentOf("before"))]);
      await app.idle();

      await server.kill();
      const joins = roomy + 2_000;
      await sendAll(connection, many("FollowEvent", 20));
      await sendAll(connection, many("JoinEvent", joins));
      await sendAll(connection, many("GiftEvent", 40));
      await sendAll(connection, many("LikeEvent", 1_000));
      await server.restart();
      await sendAll(connection, [now(commentOf("after"))]);
      const done = "SELECT count(*) FROM event_queue JOIN live_event ON live_event.id = live_event_id " +
        "WHERE event_type = 'CommentEvent' AND status = 'completed'";
      while ((await ask(done))[0] !== "2") await nextTurn();
      await app.idle();
      await app.stop();
      await running;

      const counts = await ask(
        "SELECT event_type, count(*) FROM live_event GROUP BY event_type ORDER BY event_type",
      );
      const kept: Record<string, number> = {};
      for (const [type = "", count] of counts.map((row) => row.split("|"))) kept[type] = Number(count);
      const shed = JSON.parse((await ask("SELECT shed FROM live_session"))[0] as string);
      assert.deepEqual(Object.keys(shed), ["JoinEvent"]);
      assert.ok(shed.JoinEvent >= 2_000, `${shed.JoinEvent} joins were dropped`);
      assert.equal((kept["JoinEvent"] ?? 0) + shed.JoinEvent, joins);
      assert.deepEqual(
        [kept["GiftEvent"], kept["FollowEvent"], kept["LikeEvent"], kept["CommentEvent"]],
        [40, 20, 1_000, 2],
      );
      assert.deepEqual(
        await ask("SELECT status, count(*), max(attempts) FROM event_queue GROUP BY status"),
        [`completed|${Object.values(kept).reduce((sum, count) => sum + count, 0)}|1`],
      );
      assert.ok(
        told.some((line) => /JoinEvent|joins/.test(line) && line.includes("dropped")),
        told.join("\n"),
      );
    }).finally(() => tiktok.close());
  },
);
