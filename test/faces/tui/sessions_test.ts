import assert from "node:assert/strict";
import type { Query } from "../../../src/control.ts";
import { pointed } from "../../../src/faces/tui/pointer.ts";
import { layoutOf } from "../../../src/faces/tui/room.ts";
import { frameRows } from "../../../src/faces/tui/view/frame.ts";
import { sampleEvent, sampleSnapshot } from "../../support/fake_control.ts";
import { FakeControl } from "../../support/fake_control.ts";
import { Driven } from "./drive.ts";

/** Answers all questions as a database with 300 past sessions. Returns the questions. */
async function settle(driven: Driven): Promise<Query[]> {
  const control = new FakeControl();
  const queries: Query[] = [];
  for (let round = 0; round < 100; round++) {
    const asked = driven.take().filter((effect) => effect.kind === "query");
    if (asked.length === 0) return queries;
    for (const { query, asked: number } of asked) {
      queries.push(query);
      driven.send({ kind: "answered", query, answer: await control.query(query), asked: number });
    }
  }
  throw new Error("The screen asks without an end.");
}

const shown = (driven: Driven) => frameRows(driven.state, false).join("\n");

async function listed(size = { columns: 120, rows: 40 }): Promise<Driven> {
  const driven = new Driven(sampleSnapshot(), size).press("8");
  await settle(driven);
  return driven;
}

async function opened(size = { columns: 120, rows: 40 }): Promise<Driven> {
  const driven = (await listed(size)).press("down", "enter");
  await settle(driven);
  return driven;
}

for (const size of [{ columns: 80, rows: 24 }, { columns: 120, rows: 40 }, { columns: 200, rows: 50 }]) {
  Deno.test(`At ${size.columns}×${size.rows} the past sessions are listed with their length and numbers`, async () => {
    const driven = await listed(size);
    assert.match(shown(driven), /8 Past sessions ━ 1 of 300/);
    assert.match(shown(driven), /started +length +streamer +events +diamonds/);
    assert.match(shown(driven), /▸ \d{4}-\d\d-\d\d \d\d:\d\d +2:10:03 +@streamer +30,000 +1,234/);
    for (const row of frameRows(driven.state, false)) assert.ok(row.length <= size.columns + 40);
  });

  Deno.test(`At ${size.columns}×${size.rows} a past session says which it is, how to come back, and what the live does`, async () => {
    const [first, second] = frameRows((await opened(size)).state, false) as [string, string];
    assert.match(
      first,
      /Past session 299 +@streamer +\d{4}-\d\d-\d\d \d\d:\d\d, 2:10:03 +Esc: back to the live/,
    );
    assert.match(second, /29,900 events .*now: ● 1 live/);
  });
}

Deno.test("The list asks for the numbers of the sessions that it shows alone, a few at a time, and again when it is opened again", async () => {
  const driven = new Driven(sampleSnapshot(), { columns: 120, rows: 40 });
  await settle(driven);
  const sumsOf = (queries: Query[]) =>
    queries.flatMap((query) => query.kind === "session_sums" ? query.ids.slice(0, 4) : []);
  driven.press("8");
  const first = sumsOf(await settle(driven));
  assert.ok(first.length > 3 && first.length < 30, String(first.length));
  assert.equal(first[0], 300);
  driven.press("down", "up");
  assert.deepEqual(sumsOf(await settle(driven)), []);
  driven.press("G");
  assert.equal(sumsOf(await settle(driven)).at(-1), 1);
  driven.press("1", "8");
  assert.ok(sumsOf(await settle(driven)).length > 3);
});

Deno.test("A past session shows its own events, gifts and the work of services, while the live goes on unseen", async () => {
  const driven = await listed();
  driven.press("down", "enter");
  const queries = await settle(driven);
  const of = (kind: Query["kind"]) => queries.filter((query) => query.kind === kind);
  assert.ok(of("events").every((query) => query.kind === "events" && query.session === 299));
  assert.ok(of("gifts").every((query) => query.kind === "gifts" && query.session === 299));
  assert.match(shown(driven), /what they did in this session/);
  assert.match(shown(driven), /overlays +90 +✗ 2 +3 +0/);
  const before = driven.state.events;
  driven.send({ kind: "snapshot", snapshot: sampleSnapshot({ events: [sampleEvent(9_000)] }) });
  assert.deepEqual(driven.state.events, before);
  assert.equal(driven.press("3").state.focus, "events");
});

Deno.test("In a past session nothing acts on the live: each such key says why", async () => {
  const driven = await opened();
  driven.take();
  for (const key of ["t", "u", "d", "P", "3", "4", "s"]) {
    driven.press(key);
    assert.match(
      driven.state.status?.text ?? "",
      /This is a past session, which can only be looked at\. Esc goes back/,
      key,
    );
  }
  driven.press("1", "v");
  assert.equal(driven.state.views.at(-1)?.kind, "viewer", "Looking is allowed.");
  driven.press("b", "esc");
  driven.press("2", "p", "r", "e", "R", "D", "enter");
  driven.press("7", "enter", "1", "enter", "R");
  assert.equal(driven.state.dialog, null);
  assert.deepEqual(driven.take().filter(({ kind }) => kind === "dispatch"), []);
});

Deno.test("A click on a gift of a past session sends no test, and says why", async () => {
  const driven = (await opened()).press("7");
  await settle(driven);
  const { panes } = layoutOf(driven.state);
  const row = driven.state.size.rows - 2 - panes.gifts.rows + 2;
  const click = { kind: "press", column: 10, row } as const;
  for (let count = 0; count < 2; count++) {
    const { state, then } = pointed(driven.state, click);
    driven.state = state;
    if (then !== null) driven.send(then);
  }
  assert.equal(driven.state.focus, "gifts");
  assert.equal(driven.state.dialog, null);
  assert.match(driven.state.status?.text ?? "", /This is a past session/);
});

Deno.test("The services of a past session are gone through from the first to the last", async () => {
  const driven = await opened();
  const work = ["a", "b", "c"].map((slug) => ({ slug, completed: 1, failed: 0, open: 0, discarded: {} }));
  driven.state = { ...driven.state, past: { ...driven.state.past!, work } };
  driven.press("2", "down");
  assert.match(shown(driven), /▸ b /);
  driven.press("up", "up");
  assert.match(shown(driven), /▸ a /);
});

Deno.test("Esc removes a filter of the past session, then shows the live with the filter that it had", async () => {
  const driven = new Driven(sampleSnapshot()).press("f");
  const filter = driven.state.eventFilter;
  driven.press("8");
  await settle(driven);
  driven.press("enter");
  await settle(driven);
  assert.equal(driven.state.eventFilter.types, null);
  driven.press("1", "f");
  await settle(driven);
  driven.press("esc");
  await settle(driven);
  assert.equal(driven.state.past?.session.id, 300);
  driven.press("esc");
  assert.deepEqual([driven.state.past, driven.state.eventFilter], [null, filter]);
  const queries = await settle(driven);
  assert.ok(queries.every((query) => query.kind !== "events" || query.session === null));
  assert.equal(driven.state.eventCursor.key, null);
});

Deno.test("An answer about a past session that was left changes nothing of the live", async () => {
  const driven = await listed();
  driven.press("enter");
  const late = driven.take().filter((effect) => effect.kind === "query");
  driven.press("esc");
  await settle(driven);
  const { events, gifts } = driven.state;
  const control = new FakeControl();
  for (const { query, asked } of late) {
    driven.send({ kind: "answered", query, answer: await control.query(query), asked });
  }
  assert.deepEqual([driven.state.events, driven.state.gifts, driven.state.past], [events, gifts, null]);
});
