/** Which live is meant if none is named, and sources that are replaced, switched and stopped at the same time. */
import assert from "node:assert/strict";
import { Sources } from "../../src/app/sources.ts";
import { EventDispatcher } from "../../src/lives/dispatcher.ts";
import { KnownIds } from "../../src/lives/known_ids.ts";
import { Lives } from "../../src/lives/lives.ts";
import { Pipeline } from "../../src/lives/pipeline.ts";
import type { LiveStore } from "../../src/lives/live_memory.ts";
import type { Operation } from "../../src/operation.ts";
import type { Source, SourceItem, SourceTraits } from "../../src/source.ts";
import { commentOf } from "../support/captured_events.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { idsFrom } from "../support/ids.ts";
import { newViewers, noLives } from "../support/no_lives.ts";
import { silentLog } from "../support/silent_log.ts";
import { roomTraits, traitsOf } from "../support/sources.ts";

function makeSources(store: Partial<LiveStore> = {}) {
  const clock = new FakeClock();
  const log = silentLog();
  const written: Operation[] = [];
  const operations = {
    add: (operation: Operation) => void written.push(operation),
    together: (work: () => void) => work(),
    flush: () => Promise.resolve(),
  };
  const ids = idsFrom();
  const lives = new Lives({ store: { ...noLives, ...store }, operations, clock, ids, streamer: "" });
  const pipeline = new Pipeline({
    ids,
    clock,
    log,
    operations,
    dispatcher: new EventDispatcher(ids),
    viewers: newViewers(),
  });
  let nextSessionId = 1;
  const capture = {
    sessionName: null,
    clock,
    operations,
    knownIds: new KnownIds({ clock, operations, streamer: "", store: { knownIdAt: () => null } }),
    lives,
    pipeline,
    takeSessionId: () => nextSessionId++,
  };
  const sources = new Sources({
    clock,
    log,
    lives,
    capture,
    whenCaughtUp: () => null,
    isBehind: () => false,
    isAlone: false,
    onChange: () => {},
  });
  return { sources, clock, written };
}

/** A source whose items the test provides. */
class ToldSource implements Source {
  openCount = 0;
  readonly #items: SourceItem[] = [];
  #wake = () => {};
  #taken = Promise.withResolvers<void>();

  constructor(readonly name: string, readonly traits: SourceTraits = roomTraits) {}

  /** Resolves when the item has been captured. */
  async bring(...items: SourceItem[]): Promise<void> {
    this.#items.push(...items);
    this.#taken = Promise.withResolvers();
    this.#wake();
    await this.#taken.promise;
  }

  async *open(signal: AbortSignal): AsyncGenerator<SourceItem> {
    this.openCount++;
    signal.addEventListener("abort", () => this.#wake());
    while (!signal.aborted) {
      const item = this.#items.shift();
      if (item !== undefined) {
        yield item;
        continue;
      }
      this.#taken.resolve();
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

const enters = (roomId: string): SourceItem => ({ kind: "session", username: `host${roomId}`, roomId });
const said = (roomId: string): SourceItem => ({ kind: "event", event: commentOf("hi", roomId), raw: null });
const over: SourceItem = { kind: "end", status: "completed", reason: "The live ended." };

Deno.test("Without a name, a service means the only open live, whatever was open before", async () => {
  const { sources } = makeSources();
  assert.equal(sources.sessionOf(null), null);
  const [one, two] = [new ToldSource("one"), new ToldSource("two")];
  await sources.open(one);
  sources.inject(commentOf("a test"), null);
  assert.equal(sources.sessionOf(null)?.source, "test");
  await one.bring(enters("700"));
  assert.equal(sources.sessionOf(null)?.roomId, "700");
  await sources.open(two);
  await two.bring(enters("800"));
  assert.throws(() => sources.sessionOf(null), /several lives are open.*source: "one".*one, two/);
  assert.throws(
    () => sources.sessionFor(null),
    /several lives are open.*source: "one".*one, two\. With \{ source: "services" \}, the event belongs to none/,
  );
  assert.equal(sources.sessionFor("services").source, "services");
  await one.bring(over);
  assert.equal(sources.sessionOf(null)?.roomId, "800");
  assert.equal(sources.sessionFor(null)?.roomId, "800");
  await two.bring(over);
  sources.inject(commentOf("a test"), null);
  assert.equal(sources.sessionOf(null)?.roomId, "800");
  await sources.stop();
});

Deno.test("Events that services emit without a live have one session per run, which changes no service's live", async () => {
  const { sources, clock, written } = makeSources();
  const own = sources.sessionFor(null);
  assert.deepEqual([own.source, own.username, own.roomId], ["services", "", ""]);
  assert.equal(sources.sessionOf(null), null);
  assert.equal(sources.sessionOf("services"), own);
  const main = new ToldSource("main");
  await sources.open(main);
  assert.equal(sources.sessionFor(null), own);
  await main.bring(enters("700"));
  assert.equal(sources.sessionFor(null).source, "main");
  assert.equal(sources.sessionFor("services"), own);
  assert.deepEqual([sources.liveIds(null), sources.liveIds("services")], [[2, 1], [1]]);
  await main.bring(over);
  assert.equal(sources.sessionFor(null), own);
  assert.equal(sources.sessionOf(null)?.source, "main");
  // What it has stored is marked while it goes on, so that a start after a crash need not read all of it.
  const marks = () => written.filter(({ kind }) => kind === "save_streaks_from").length;
  const before = marks();
  clock.advance(1000);
  assert.equal(marks(), before + 1);
  await sources.stop("Stopped.");
  assert.equal(sources.sessionFor(null), own);
  sources.close("Stopped.");
  assert.equal(sources.counts().sessions, 1);
  assert.deepEqual(
    written.flatMap((each) => each.kind === "close_session" ? [[each.id, each.status, each.reason]] : []),
    [[2, "completed", "The live ended."], [own.id, "completed", "Stopped."]],
  );
});

Deno.test("A source in its own live leaves it when the source that it follows is in a live", async () => {
  const { sources, clock, written } = makeSources();
  const main = new ToldSource("main");
  const tips = new ToldSource("tips", traitsOf({ type: "webhook", follows: "main" }));
  await sources.open(tips);
  await sources.open(main);
  await tips.bring(said(""));
  await tips.bring(said(""));
  assert.equal(written.filter(({ kind }) => kind === "open_live").length, 1);
  await main.bring(enters("700"));
  clock.advance(1000);
  assert.equal(sources.sessionOf(null)?.source, "main");
  await tips.bring(said(""));
  assert.equal(sources.sessionOf("tips")?.liveId, sources.sessionOf("main")?.liveId);
  // A test event belongs to the room, although the payments come before it in the config.
  assert.equal(sources.sessionFor(null).source, "main");
  await main.bring(enters("800"));
  await tips.bring(said(""));
  assert.equal(sources.sessionOf("tips")?.roomId, "800");
  await sources.stop();
  assert.equal(written.filter(({ kind }) => kind === "open_session").length, 5);
  assert.equal(written.filter(({ kind }) => kind === "close_session").length, 5);
});

Deno.test("After a restart, a payment belongs to the live that goes on, even before the room is joined again", async () => {
  const live = { id: 7, sourceType: "tiktok", roomId: "700", username: "ana", title: "", startedAt: 0 };
  const asked: unknown[] = [];
  const { sources, clock } = makeSources({
    live: (id) => id === 7 ? live : null,
    liveOfRoom: (_, roomId) => roomId === "700" ? live : null,
    lastLiveOf: (source, since) => {
      asked.push([source, clock.now() - since]);
      return 7;
    },
  });
  const main = new ToldSource("main");
  const tips = new ToldSource("tips", traitsOf({ type: "webhook", follows: "main" }));
  await sources.open(tips);
  await tips.bring(said(""));
  assert.equal(sources.sessionOf("tips")?.liveId, 7);
  await sources.open(main);
  await main.bring(enters("700"));
  clock.advance(1000);
  await tips.bring(said(""));
  assert.equal(sources.sessionOf("tips")?.id, 1);
  assert.deepEqual(asked, [["main", 60 * 60_000]]);
  await sources.stop();
});

Deno.test("When several sources are chosen in quick succession, only the last one runs, and none after the stop", async () => {
  const { sources } = makeSources();
  const [first, second, third, fourth] = Array.from({ length: 4 }, () => new ToldSource("main"));
  await sources.open(first!);
  await first!.bring(enters("700"));
  const opening = Promise.all([sources.open(second!), sources.open(third!)]);
  assert.equal(sources.isCapturing, true);
  await opening;
  await third!.bring(enters("800"));
  assert.deepEqual([second!.openCount, third!.openCount], [0, 1]);
  assert.equal(sources.sessionOf("main")?.roomId, "800");
  assert.equal(sources.counts().sessions, 2);
  await Promise.all([sources.open(fourth!), sources.stop()]);
  assert.equal(fourth!.openCount, 0);
  assert.equal(sources.isCapturing, false);
});
