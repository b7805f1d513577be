/**
 * From TikTok's wire to the tables: the App with the real connector, a TikTok of our own and a real database. Only the
 * fake clock moves time, so the test never sleeps.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { App } from "../../src/app/app.ts";
import type { CapturedEvent, ConnectionState, Source } from "../../src/source.ts";
import { createTikTokSource } from "../../src/capture/tiktok/connection.ts";
import type { Config } from "../../src/config/config.ts";
import type { ServiceConfig } from "../../src/service.ts";
import type { Subscription } from "../../src/subscription.ts";
import { mainEventTypes } from "../../src/event.ts";
import { ana, commentOf, sampleEvents, sampleRoomId, streamEnd } from "../support/captured_events.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { type FakeConnection, FakeTikTok } from "../support/fake_tiktok.ts";
import { query } from "../support/livecue.ts";
import { type SilentLog, silentLog } from "../support/silent_log.ts";
import { configIn, serviceConfig, withFolder } from "../support/temporary_store.ts";
import { traitsOf } from "../support/sources.ts";

const start = 1_700_000_000_000;

function takesAll(slug: string, streaks: Subscription["streaks"]): ServiceConfig {
  const subscription = { isEnabled: true, priority: 5, isAsync: false, isDiscardable: false, streaks };
  return serviceConfig(slug, {
    maxQueueSize: 10_000,
    subscriptions: Object.fromEntries(mainEventTypes.map((type) => [type, subscription])),
  });
}

function configFor(folder: string): Config {
  return configIn(folder, {
    services: [takesAll("each", "each"), takesAll("final", "final")],
  });
}

/** One capture of the live into the folder's database. It ends with the scope, as by Ctrl-C. */
class Capture {
  readonly log: SilentLog;
  readonly #folder: string;
  readonly #app: App;
  readonly #running: Promise<unknown>;
  readonly #states: States;
  readonly #reader: DatabaseSync;

  private constructor(folder: string, app: App, states: States, log: SilentLog) {
    this.log = log;
    this.#folder = folder;
    this.#app = app;
    this.#states = states;
    this.#running = app.run();
    this.#reader = new DatabaseSync(join(folder, "livecue.db"), { readOnly: true });
  }

  static async open(
    folder: string,
    { tiktok, clock }: { tiktok: FakeTikTok; clock: FakeClock },
  ): Promise<Capture> {
    const log = silentLog();
    const states = new States();
    const { endpoints, username } = tiktok;
    const app = await App.open({
      config: configFor(folder),
      clock,
      log,
      sources: [createTikTokSource({
        name: "tiktok",
        username,
        signApiKey: null,
        endpoints,
        silenceMs: 60_000,
        clock,
        random: () => 0,
        once: false,
        log,
      })],
      processes: "none",
      whenIdle: "end",
      onState: (_source, state) => states.hear(state),
    });
    return new Capture(folder, app, states, log);
  }

  /** Waits until the connection has reached this state since the last wait. */
  async until<Phase extends ConnectionState["phase"]>(phase: Phase) {
    return await this.#states.until(phase) as Extract<ConnectionState, { phase: Phase }>;
  }

  /** Waits until this many events are committed, including those of earlier captures. */
  async stored(count: number): Promise<void> {
    const highest = this.#reader.prepare("SELECT coalesce(max(id), 0) AS id FROM live_event");
    while (Number(highest.get()?.id) < count) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Ends the capture. Returns a folder with the database as a kill would have left it. */
  async kill(): Promise<string> {
    const folder = join(this.#folder, "killed");
    await Deno.mkdir(folder);
    for (const name of ["livecue.db", "livecue.db-wal"]) {
      Deno.copyFileSync(join(this.#folder, name), join(folder, name));
    }
    await this[Symbol.asyncDispose]();
    return folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reader.close();
    this.#app.stop("Stopped by the user.");
    await this.#running;
  }
}

/** Connection states that the test waits for, in order. */
class States {
  readonly #heard: ConnectionState[] = [];
  #wake: () => void = () => {};

  hear(state: ConnectionState): void {
    this.#heard.push(state);
    this.#wake();
  }

  async until(phase: ConnectionState["phase"]): Promise<ConnectionState> {
    while (true) {
      for (let state = this.#heard.shift(); state !== undefined; state = this.#heard.shift()) {
        if (state.phase === phase) return state;
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

/** Runs `use` in a new folder, with a fake TikTok whose host is live. */
async function onTikTok(
  use: (parts: { folder: string; tiktok: FakeTikTok; clock: FakeClock }) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const tiktok = new FakeTikTok();
    try {
      await use({ folder, tiktok, clock: new FakeClock(start) });
    } finally {
      await tiktok.close();
    }
  });
}

async function live(capture: Capture, tiktok: FakeTikTok): Promise<FakeConnection> {
  await capture.until("live");
  return await tiktok.nextConnection();
}

let lastMessageId = 7_500_000_000_000_000_000n;

/** A frame of a streak of Ana's roses. */
function rose(
  count: number,
  { groupId = "9", isEnd = false, ...given }: { groupId?: string; isEnd?: boolean } & Partial<CapturedEvent> =
    {},
): CapturedEvent {
  return {
    type: "GiftEvent",
    data: {
      gift: { id: 5655, name: "Rose", diamondCount: 1, isStreakable: true, imageUrl: "" },
      repeatCount: count,
      receiver: null,
    },
    roomId: sampleRoomId,
    messageId: String(++lastMessageId),
    createdAt: start,
    user: ana,
    streak: { kind: "gift", groupId, count, isEnd },
    ...given,
  } as CapturedEvent;
}

/** The ids of the events that a service got. */
function given(folder: string, slug: string): number[] {
  return query<{ live_event_id: number }>(
    folder,
    `SELECT live_event_id FROM event_queue WHERE service_id = (SELECT id FROM service WHERE slug = ?)
      ORDER BY id`,
    slug,
  ).map((row) => row.live_event_id);
}

/** Σ delta by the group of the streak. */
function sumsOfStreaks(folder: string): Record<string, number> {
  const rows = query<{ streak_id: string; sum: number }>(
    folder,
    "SELECT streak_id, sum(streak_delta) AS sum FROM live_event WHERE streak_id IS NOT NULL GROUP BY streak_id",
  );
  return Object.fromEntries(rows.map((row) => [row.streak_id.split(":").at(-1), row.sum]));
}

function countEvents(folder: string): { events: number; messages: number; sessions: number } {
  const [counts] = query<{ events: number; messages: number; sessions: number }>(
    folder,
    `SELECT count(*) AS events, count(DISTINCT message_id) AS messages,
      count(DISTINCT session_id) AS sessions FROM live_event`,
  );
  return { ...counts! };
}

Deno.test("Every type of event gets from TikTok's wire into the tables, and each main one to the services", async () => {
  await onTikTok(async (parts) => {
    const events = sampleEvents();
    {
      await using capture = await Capture.open(parts.folder, parts);
      (await live(capture, parts.tiktok)).send(events);
      await capture.stored(events.length);
    }
    const types = query<{ event_type: string }>(
      parts.folder,
      "SELECT event_type FROM live_event ORDER BY id",
    );
    assert.deepEqual(types.map((row) => row.event_type), events.map(({ type }) => type));
    const main = new Set<string>(mainEventTypes);
    // The second of the three gifts only ends the streak of the first.
    const expected = events.flatMap(({ type }, index) => main.has(type) && index !== 1 ? [index + 1] : []);
    assert.deepEqual(given(parts.folder, "each"), expected);
  });
});

Deno.test("Reconnects that replay history repeat nothing, lose nothing, and stay in one session", async () => {
  await onTikTok(async (parts) => {
    const { folder, tiktok, clock } = parts;
    const sent: CapturedEvent[] = [];
    const next = (count: number) => {
      const more = Array.from({ length: count }, () => commentOf(`comment ${sent.length}`));
      sent.push(...more);
      return more;
    };
    {
      await using capture = await Capture.open(folder, parts);
      for (let drop = 0; drop < 4; drop++) {
        const connection = await live(capture, tiktok);
        connection.send(next(5));
        await capture.stored(sent.length);
        connection.drop();
        const { nextAt } = await capture.until("reconnecting");
        // Events that happen while nobody listens arrive with the history, among many older ones.
        next(3);
        tiktok.history = sent.slice(-12);
        clock.advance(nextAt - clock.now());
      }
      await live(capture, tiktok);
      await capture.stored(sent.length);
    }
    assert.deepEqual(countEvents(folder), { events: sent.length, messages: sent.length, sessions: 1 });
    assert.equal(given(folder, "each").length, sent.length);
  });
});

Deno.test("After a kill during a streak, nothing is stored or processed twice, and streaks continue their count", async () => {
  await onTikTok(async ({ folder, tiktok, clock }) => {
    const otherRoom = "7400000000000000777";
    const before = [
      commentOf("hi"),
      rose(1),
      rose(5),
      rose(2, { groupId: "10", isEnd: true }),
      commentOf("from a battle's other side", otherRoom),
      rose(3, { groupId: "11", roomId: otherRoom }),
    ];
    const first = await Capture.open(folder, { tiktok, clock });
    (await live(first, tiktok)).send(before);
    await first.stored(before.length);
    const killed = await first.kill();

    clock.advance(5_000);
    const missed = [rose(7), commentOf("meanwhile")];
    tiktok.history = [...before, ...missed];
    const after = [rose(6), rose(9), rose(4, { groupId: "11", roomId: otherRoom }), rose(9, { isEnd: true })];
    {
      await using second = await Capture.open(killed, { tiktok, clock });
      (await live(second, tiktok)).send(after);
      await second.stored(12);
    }
    assert.deepEqual(countEvents(killed), { events: 12, messages: 12, sessions: 2 });
    assert.deepEqual(sumsOfStreaks(killed), { "9": 9, "10": 2, "11": 4 });
    assert.deepEqual(given(killed, "each"), [1, 2, 3, 4, 5, 6, 7, 8, 10, 11]);
    assert.deepEqual(given(killed, "final"), [1, 4, 5, 3, 6, 7, 8, 10, 11]);
  });
});

Deno.test("With a wrong computer clock, TikTok's clock decides what happened before the start", async () => {
  const minuteMs = 60_000;
  for (const leadMs of [5 * minuteMs, -5 * minuteMs]) {
    await onTikTok(async ({ folder, tiktok }) => {
      const clock = new FakeClock(start + leadMs);
      tiktok.time = start;
      tiktok.history = [{ ...commentOf("long ago"), createdAt: start - minuteMs }];
      {
        await using capture = await Capture.open(folder, { tiktok, clock });
        (await live(capture, tiktok)).send([{ ...commentOf("now"), createdAt: start + 1_000 }]);
        await capture.stored(2);
        const warnings = capture.log.entries.filter(({ level }) => level === "warn");
        assert.match(
          warnings.map(({ text }) => text).join("\n"),
          /clock is 5 min (ahead of|behind) TikTok's/,
        );
      }
      assert.deepEqual(given(folder, "each"), [2]);
    });
  }
});

Deno.test("Events that a replay of the room's recording stored are not taken for the live's", async () => {
  await onTikTok(async ({ folder, tiktok, clock }) => {
    const event = rose(3, { isEnd: true });
    const replay: Source = {
      name: "replay:live.jsonl",
      traits: traitsOf({ isLive: false }),
      async *open() {
        yield { kind: "session", username: tiktok.username, roomId: sampleRoomId };
        yield { kind: "event", event, raw: null };
        yield { kind: "end", status: "completed", reason: "The recording ended." };
      },
    };
    const config = configFor(folder);
    const app = await App.open({
      config,
      clock,
      log: silentLog(),
      sources: [replay],
      processes: "none",
      whenIdle: "end",
    });
    await app.run();
    {
      await using capture = await Capture.open(folder, { tiktok, clock });
      (await live(capture, tiktok)).send([event]);
      await capture.stored(2);
    }
    assert.deepEqual(given(folder, "each"), [1, 2]);
  });
});

Deno.test("The end of the live ends the session, and the next live is another session", async () => {
  await onTikTok(async ({ folder, tiktok, clock }) => {
    {
      await using capture = await Capture.open(folder, { tiktok, clock });
      (await live(capture, tiktok)).send([rose(4), streamEnd()]);
      const { nextAt } = await capture.until("waiting");
      tiktok.goLive("7400000000000000002");
      clock.advance(nextAt - clock.now());
      (await live(capture, tiktok)).send([{ ...commentOf("again", tiktok.roomId), createdAt: clock.now() }]);
      await capture.stored(3);
    }
    assert.deepEqual(
      query(folder, "SELECT room_id, status, end_reason FROM live_session").map((row) => ({ ...row })),
      [
        { room_id: sampleRoomId, status: "completed", end_reason: "The streamer ended the live." },
        { room_id: "7400000000000000002", status: "completed", end_reason: "Stopped by the user." },
      ],
    );
    assert.deepEqual(given(folder, "final"), [1, 3], "the streak ended with the live");
  });
});

const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("frame" as const),
      groupId: fc.constantFrom("1", "2", "3"),
      count: fc.integer({ min: 1, max: 30 }),
      isEnd: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("repeat" as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.constant({ kind: "idle" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "drop" as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("kill" as const), isCommitted: fc.boolean() }) },
);

Deno.test("Through drops, kills and idle times, each streak's deltas add up to its highest count", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      await onTikTok(async ({ folder, tiktok, clock }) => {
        const sent: CapturedEvent[] = [];
        const highest: Record<string, number> = {};
        let place = folder;
        let capture = await Capture.open(place, { tiktok, clock });
        let connection = await live(capture, tiktok);
        for (const step of steps) {
          switch (step.kind) {
            case "frame": {
              const event = rose(step.count, step);
              highest[step.groupId] = Math.max(step.count, highest[step.groupId] ?? 0);
              sent.push(event);
              connection.send([event]);
              break;
            }
            case "repeat":
              if (sent.length > 0) connection.send([sent[step.which % sent.length]!]);
              break;
            case "idle":
              await capture.stored(sent.length);
              clock.advance(9_000);
              clock.advance(2_000);
              break;
            case "drop": {
              tiktok.history = [...sent];
              connection.drop();
              const { nextAt } = await capture.until("reconnecting");
              clock.advance(nextAt - clock.now());
              connection = await live(capture, tiktok);
              break;
            }
            case "kill":
              if (step.isCommitted) await capture.stored(sent.length);
              tiktok.history = [...sent];
              place = await capture.kill();
              capture = await Capture.open(place, { tiktok, clock });
              connection = await live(capture, tiktok);
              break;
          }
        }
        await capture.stored(sent.length);
        await capture[Symbol.asyncDispose]();
        assert.deepEqual(sumsOfStreaks(place), highest);
        assert.deepEqual(countEvents(place).events, sent.length);
        const adding = query<{ id: number }>(
          place,
          "SELECT id FROM live_event WHERE streak_delta > 0 AND is_history = 0 ORDER BY id",
        );
        assert.deepEqual(given(place, "each"), adding.map(({ id }) => id));
      });
    }),
    { numRuns: 25 },
  );
});
