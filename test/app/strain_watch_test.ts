import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { App } from "../../src/app/app.ts";
import type { EventType } from "../../src/event.ts";
import type { CountsByType } from "../../src/live.ts";
import { StrainWatch } from "../../src/app/strain_watch.ts";
import { Intake, keptOfRoom } from "../../src/capture/intake.ts";
import type { CapturedEvent, Source } from "../../src/source.ts";
import { sampleOf } from "../support/captured_events.ts";
import { query } from "../support/livecue.ts";
import { roomTraits } from "../support/sources.ts";
import { configIn, withFolder } from "../support/temporary_store.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { silentLog } from "../support/silent_log.ts";

const locked = "The database is locked by another program: close the program that is writing to it.";

function watchOf() {
  const clock = new FakeClock();
  const log = silentLog();
  const writer: { trouble: string | null; backlog: number } = { trouble: null, backlog: 0 };
  const letGo: CountsByType = {};
  const watch = new StrainWatch({ clock, log, writer, sources: { shed: () => ({ ...letGo }) } });
  const shed = (type: EventType, count: number) => {
    letGo[type] = (letGo[type] ?? 0) + count;
  };
  watch.start();
  const pass = (seconds: number, each: () => void = () => {}) => {
    for (let second = 0; second < seconds; second++) {
      each();
      clock.advance(1000);
    }
  };
  return { watch, writer, shed, pass, told: () => log.entries.splice(0).map(({ text }) => text) };
}

Deno.test("Shed events are logged within a second, each minute while it lasts, and with the totals when it is over", () => {
  const { watch, shed, pass, told } = watchOf();
  pass(5);
  assert.deepEqual(told(), []);
  const shedSome = () => {
    shed("JoinEvent", 10);
    shed("LikeEvent", 1);
  };
  pass(1, shedSome);
  assert.deepEqual(told(), [
    "Too many events at once: 10 joins and 1 like were dropped in the last minute. Gifts, follows and comments are kept.",
  ]);
  pass(60, shedSome);
  assert.deepEqual(told(), [
    "Too many events at once: 600 joins and 60 likes were dropped in the last minute. Gifts, follows and comments are kept.",
  ]);
  pass(29, shedSome);
  assert.deepEqual(told(), []);
  pass(11);
  assert.deepEqual(told(), [
    "All events are stored again. In 89 s, 900 joins and 90 likes were dropped. Gifts, follows and comments were kept.",
  ]);
  assert.equal(watch.sentence, null);
  pass(300);
  assert.deepEqual(told(), []);
});

Deno.test("While the database cannot be written, lost events are logged at once, and never denied", () => {
  const { watch, writer, shed, pass, told } = watchOf();
  writer.trouble = locked;
  writer.backlog = 500;
  pass(1);
  assert.match(watch.sentence ?? "", /Nothing is lost so far; 500 changes wait/);
  pass(60);
  assert.equal(told().length, 1);
  writer.backlog = 20_000;
  pass(1, () => shed("JoinEvent", 4120));
  assert.deepEqual(told(), [
    `${locked} So far 4,120 joins were dropped. Gifts, follows, comments and likes are kept; 20,000 changes wait in memory.`,
  ]);
  // Long after the last shed event, the loss still belongs to this episode.
  pass(200);
  for (const text of [...told(), watch.sentence ?? ""]) {
    assert.match(text, /So far 4,120 joins/);
  }
  writer.trouble = null;
  writer.backlog = 0;
  pass(1);
  assert.match(told().join(), /^All events are stored again\. In 61 s, 4,120 joins were dropped/);
  assert.equal(watch.sentence, null);
});

/** A source to which events are pushed, like TikTok's. */
function floodingSource(clock: FakeClock) {
  const letGo: CountsByType = {};
  const intake = new Intake({ keeps: keptOfRoom, clock, shed: letGo, capacity: 300 });
  let count = 0;
  const source: Source = {
    name: "main",
    traits: { ...roomTraits, keeps: keptOfRoom },
    shed: letGo,
    open: (signal) => {
      signal.addEventListener("abort", () => intake.close());
      return intake.items();
    },
  };
  const push = (types: readonly CapturedEvent["type"][]) => {
    for (const type of types) {
      const event = { ...sampleOf(type, "700"), messageId: `m${++count}` };
      intake.push({ kind: "event", event, raw: null });
    }
  };
  intake.push({ kind: "session", username: "ana", roomId: "700" });
  return { source, letGo, push };
}

const mixed = ["JoinEvent", "LikeEvent", "CommentEvent", "GiftEvent", "FollowEvent"] as const;

Deno.test("With a locked database and a flood, every sentence is true when it is shown, and every event is accounted for", async () => {
  await withFolder(async (folder) => {
    const clock = new FakeClock();
    const log = silentLog();
    const { source, letGo, push } = floodingSource(clock);
    const config = configIn(folder, { services: [] });
    const app = await App.open({
      config,
      clock,
      log,
      sources: [source],
      processes: "none",
      whenIdle: "stay",
    });
    const running = app.run();
    const sent: CountsByType = {};
    const flood = async (types: readonly CapturedEvent["type"][]) => {
      push(types);
      for (const type of types) sent[type] = (sent[type] ?? 0) + 1;
      await nextTurn();
      assertTrue(app.strain.sentence, letGo);
    };
    await flood(mixed);
    assert.equal(app.strain.sentence, null);
    const unlock = lockWriting(join(folder, "livecue.db"));
    while (app.strain.sentence === null) await flood(mixed);
    // As many events as may wait for the writer, plus more than fit into the intake.
    for (let round = 0; round < 260; round++) await flood(Array.from({ length: 20 }, () => mixed).flat());
    assert.match(app.strain.sentence, /^The database is locked.* So far .* were dropped\. Gifts, follows/);
    clock.advance(1000);
    assert.match(log.entries.at(-1)?.text ?? "", / So far [\d,]+ .* were dropped\. Gifts, follows/);
    unlock();
    const isLocked = () => /^The database/.test(app.strain.sentence ?? "");
    while (isLocked()) {
      clock.advance(5_000);
      await nextTurn();
    }
    await app.stop();
    await running;
    const shed = JSON.parse(String(query(folder, "SELECT shed FROM live_session")[0]?.shed));
    assert.deepEqual(shed, letGo);
    const rows = query(folder, "SELECT event_type, count(*) AS count FROM live_event GROUP BY 1");
    const stored = Object.fromEntries(rows.map(({ event_type, count }) => [event_type, Number(count)]));
    for (const type of mixed) assert.equal((stored[type] ?? 0) + (shed[type] ?? 0), sent[type], type);
    for (const kept of ["GiftEvent", "FollowEvent"] as const) assert.equal(shed[kept], undefined);
  });
});

/** Compares the sentence on the screen with the events shed so far. */
function assertTrue(sentence: string | null, letGo: CountsByType): void {
  const lost = Object.values(letGo).reduce((sum, count) => sum + count, 0);
  if (sentence === null) return assert.equal(lost, 0);
  assert.equal(sentence.includes("Nothing is lost"), lost === 0, sentence);
  for (const [type, count] of Object.entries(letGo)) {
    const noun = type.replace("Event", "").toLowerCase();
    assert.ok(sentence.includes(`${count.toLocaleString("en")} ${noun}`), `${count} ${noun}: ${sentence}`);
  }
}

function lockWriting(path: string): () => void {
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  return () => {
    other.exec("ROLLBACK");
    other.close();
  };
}
