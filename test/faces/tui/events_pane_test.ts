import assert from "node:assert/strict";
import type { Query } from "../../../src/control.ts";
import type { EventLine } from "../../../src/event_view.ts";
import { keyOfEvent } from "../../../src/faces/tui/event_list.ts";
import { selectedEvent } from "../../../src/faces/tui/state.ts";
import { frameRows } from "../../../src/faces/tui/view/frame.ts";
import { sampleEvents, sampleSnapshot } from "../../support/fake_control.ts";
import { Driven } from "./drive.ts";

const count = 26_004;

/** Answers the queries of the events pane as a database of so many events does, until there are none. */
function settle(driven: Driven, events: (first: number, last: number) => EventLine[] = sampleEvents): Driven {
  for (let round = 0; round < 50; round++) {
    const asked = driven.take().filter((effect) => effect.kind === "query");
    if (asked.length === 0) return driven;
    for (const { query, asked: number } of asked) {
      if (query.kind === "events") {
        driven.send({ kind: "answered", query, answer: pageOf(query, events), asked: number });
      } else if (query.kind === "event_place") {
        const answer = { kind: query.kind, first: query.firstId, last: query.id, count };
        driven.send({ kind: "answered", query, answer, asked: number });
      }
    }
  }
  throw new Error("The screen asks without an end.");
}

function pageOf({ before, after, limit }: Query & { kind: "events" }, events: typeof sampleEvents) {
  const end = after === null ? (before ?? count + 1) - 1 : Math.min(count, after + limit);
  const start = after === null ? Math.max(1, end - limit + 1) : after + 1;
  return {
    kind: "events",
    events: events(start, end),
    hasMore: after === null ? start > 1 : end < count,
  } as const;
}

function opened(size = { columns: 80, rows: 24 }): Driven {
  return settle(new Driven(sampleSnapshot({ events: sampleEvents(count - 199, count) }), size));
}

const shown = (driven: Driven) => frameRows(driven.state, false).join("\n");

Deno.test("g reaches the first event of a long session and G the last one, and the title says where the cursor is", () => {
  const driven = opened();
  assert.match(shown(driven), /event 26,004 of 26,004/);
  settle(driven.press("g"));
  assert.equal(selectedEvent(driven.state)?.id, 1);
  assert.match(shown(driven), /event 1 of 26,004/);
  settle(driven.press("down", "down"));
  assert.match(shown(driven), /event 3 of 26,004/);
  settle(driven.press("G"));
  assert.deepEqual([selectedEvent(driven.state)?.id, driven.state.eventCursor.key], [count, null]);
});

Deno.test("From the first event on, moving down reads on without a gap, and the list stays bounded", () => {
  const driven = settle(opened().press("g"));
  const seen: number[] = [];
  for (let page = 0; page < 900; page++) {
    settle(driven.press("pagedown"));
    const ids = driven.state.events.lines.map(({ id }) => id);
    assert.ok(ids.length <= 5_000);
    assert.ok(ids.every((id, index) => index === 0 || id === ids[index - 1]! + 1), "There is no gap.");
    seen.push(selectedEvent(driven.state)?.id ?? 0);
  }
  assert.deepEqual(seen, seen.toSorted((one, other) => one - other));
  assert.ok(seen.at(-1)! > 5_000, String(seen.at(-1)));
  settle(driven.press("g"));
  assert.equal(selectedEvent(driven.state)?.id, 1);
});

Deno.test("A list that was read to its end goes on with what happens next", () => {
  const driven = opened();
  settle(driven.press("g"));
  settle(driven.press("G"));
  const events = sampleEvents(count - 199, count + 1);
  settle(driven.send({ kind: "snapshot", snapshot: sampleSnapshot({ events }) }));
  assert.equal(selectedEvent(driven.state)?.id, count + 1);
});

Deno.test("A jump that fails leaves the list as it was, and the next one works", () => {
  const driven = opened();
  const before = driven.state.events.lines;
  const asked = driven.press("g").take().find(({ kind }) => kind === "query");
  assert.ok(asked?.kind === "query");
  driven.send({ ...asked, kind: "query_failed", why: "The disk is gone." });
  assert.deepEqual(driven.state.events.lines, before);
  settle(driven.press("g"));
  assert.equal(selectedEvent(driven.state)?.id, 1);
});

Deno.test("A streak says its first and its last event, and a place never stands beside another line", () => {
  const streak = (first: number, last: number) =>
    sampleEvents(first, last).map((line) => line.id > 100 ? line : { ...line, streakId: "s" });
  const driven = settle(settle(opened()).press("g"), streak);
  assert.match(shown(driven), /events 1–100 of 26,004/);
  driven.press("down");
  assert.doesNotMatch(shown(driven), /of 26,004/);
});

for (const size of [{ columns: 80, rows: 24 }, { columns: 120, rows: 40 }, { columns: 200, rows: 50 }]) {
  Deno.test(`At ${size.columns}×${size.rows} a scroll bar says where the cursor is in the whole session`, () => {
    const driven = opened(size);
    const bar = () => {
      const rows = frameRows(driven.state, false);
      const below = rows.findIndex((row) => row.startsWith("─ 2"));
      return rows.slice(2, below > 2 ? below : rows.length).flatMap((row) => /[█│]$/.exec(row) ?? []).join(
        "",
      );
    };
    assert.match(bar(), /^│+█$/);
    settle(driven.press("g"));
    assert.match(bar(), /^█│+$/);
  });
}

Deno.test("A line that is selected by a jump stays selected while earlier lines are read", () => {
  const driven = opened();
  driven.press("g");
  settle(driven.press("down", "down", "down"));
  const key = driven.state.eventCursor.key;
  assert.equal(key, keyOfEvent(selectedEvent(driven.state) as EventLine));
});
