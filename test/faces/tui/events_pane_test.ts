import assert from "node:assert/strict";
import type { Query } from "../../../src/control.ts";
import type { EventLine } from "../../../src/event_view.ts";
import { keyOfEvent } from "../../../src/faces/tui/event_list.ts";
import { selectedEvent } from "../../../src/faces/tui/state.ts";
import { frameRows } from "../../../src/faces/tui/view/frame.ts";
import { sampleEvents, sampleSnapshot, sampleSource } from "../../support/fake_control.ts";
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
      } else if (query.kind === "event_search") {
        driven.send({ kind: "answered", query, answer: hitOf(query), asked: number });
      } else if (query.kind === "event_time") {
        const answer = { kind: query.kind, id: 9_000, said: "This is 3 min after the start." };
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

const hits = [10, 5_000, 20_000];

/** "rose" is in three events, and nothing else is anywhere. */
function hitOf({ wanted, from, isForward }: Query & { kind: "event_search" }) {
  const found = isForward
    ? hits.find((id) => id > from) ?? hits[0]
    : hits.findLast((id) => id < from) ?? hits.at(-1);
  const id = wanted === "rose" ? found as number : null;
  return {
    kind: "event_search",
    id,
    number: id === null ? 0 : hits.indexOf(id) + 1,
    count: id === null ? 0 : 3,
  } as const;
}

/** Types a text into the dialog that a key opens. */
function typed(driven: Driven, key: string, text: string): Driven {
  return settle(driven.press(key, ...text, "enter"));
}

const selectedId = (driven: Driven) => selectedEvent(driven.state)?.id;

Deno.test("A search goes back from the latest event, n and N go to the other hits and around, with their number", () => {
  const driven = typed(opened(), "/", "rose");
  assert.equal(selectedId(driven), 20_000);
  assert.match(shown(driven), /Hit 3 of 3 for “rose”\. /);
  settle(driven.press("N"));
  assert.equal(selectedId(driven), 5_000);
  settle(driven.press("n"));
  settle(driven.press("n"));
  assert.equal(selectedId(driven), 10);
  assert.match(shown(driven), /Hit 1 of 3 for “rose”, from the start again\./);
  settle(driven.press("N"));
  assert.match(shown(driven), /Hit 3 of 3 for “rose”, from the end again\./);
});

Deno.test("A search that finds nothing says so, and what the filter leaves out; without one n says how to start", () => {
  const driven = opened();
  assert.match(shown(driven.press("n")), /Nothing is searched yet\. Press \/ and type a text\./);
  typed(driven, "/", "xyz");
  assert.match(shown(driven), /No event of this session has “xyz”\./);
  assert.equal(selectedId(driven), count);
  typed(driven, "o", "gift,like");
  typed(driven, "/", "xyz");
  assert.match(shown(driven), /None of the events that the filter shows has “xyz”\. Esc shows all of them\./);
});

Deno.test("Several types are shown at once, or all but one; a wrong one says the nearest and stays to be mended", () => {
  const driven = typed(opened(), "o", "like,gift");
  assert.deepEqual(driven.state.eventFilter.types, { types: ["LikeEvent", "GiftEvent"], isAllBut: false });
  assert.match(shown(driven), /only LikeEvent, GiftEvent/);
  assert.ok(driven.state.events.lines.every(({ type }) => type === "LikeEvent" || type === "GiftEvent"));
  driven.press("o", "ctrl-u", ..."!commnt", "enter");
  assert.match(shown(driven), /no event type "commnt"\. Did you mean CommentEvent\?/);
  assert.match(shown(driven), /Show only the types .*!commnt▏/);
  settle(driven.press("backspace", "backspace", ..."ent", "enter"));
  assert.match(shown(driven), /all but CommentEvent/);
  assert.ok(driven.state.events.lines.every(({ type }) => type !== "CommentEvent"));
});

Deno.test("A jump to a time goes there and says how the time was understood", () => {
  const driven = typed(opened(), ":", "+3:00");
  assert.equal(selectedId(driven), 9_000);
  assert.match(shown(driven), /This is 3 min after the start\./);
});

/** A minute into a recording of 5:02, a jump is typed. */
function jumpInReplay(text: string) {
  const playback = {
    file: "/lives/monday.jsonl",
    speed: 1,
    isPaused: false,
    hasEnded: false,
    positionMs: 60_000,
    lengthMs: 302_000,
  };
  const source = sampleSource({ name: "replay:monday", playback });
  const driven = new Driven(sampleSnapshot({ sources: [source] }));
  driven.press(":", ...text, "enter");
  const deeds = () =>
    driven.take().flatMap((effect) =>
      effect.kind === "dispatch" && effect.action.kind === "play" ? [effect.action.deed] : []
    );
  return { driven, deeds };
}

Deno.test("A jump back in a replay asks first, because services act again on what comes; forward it does not", () => {
  assert.deepEqual(jumpInReplay("+60").deeds(), [{ kind: "jump", ms: 60_000, isRelative: true }]);
  for (const [typed, ms, shownTime] of [["0:30", 30_000, "0:30"], ["-45", 15_000, "0:15"]] as const) {
    const { driven, deeds } = jumpInReplay(typed);
    assert.deepEqual(deeds(), []);
    assert.match(
      shown(driven),
      new RegExp(`Go back to ${shownTime}\\? A new session begins there, and services act`),
    );
    driven.press("y");
    assert.deepEqual(deeds(), [{ kind: "jump", ms, isRelative: false }]);
  }
});

Deno.test("A jump in a replay goes nowhere that is no time of the recording, and the text can be edited", () => {
  for (
    const [text, why] of [
      ["soon", /"soon" is not a time: type one as 21:40, or \+60 or -60/],
      ["5:03", /5:03 is after the end of the recording, which lasts 5:02\./],
      ["+4:03", /\+4:03 is after the end of the recording, which lasts 5:02\./],
    ] as const
  ) {
    const { driven, deeds } = jumpInReplay(text);
    assert.match(shown(driven), why);
    assert.match(shown(driven), new RegExp(`: ${text.replace("+", "\\+")}▏`));
    assert.deepEqual(deeds(), []);
  }
  assert.equal(jumpInReplay("5:02").deeds().length, 1);
});

function opened(size = { columns: 80, rows: 24 }): Driven {
  return settle(new Driven(sampleSnapshot({ events: sampleEvents(count - 199, count) }), size));
}

const shown = (driven: Driven) => frameRows(driven.state, false).join("\n");

Deno.test("g reaches the first event of a long session and G the last one, and the title says where the cursor is", () => {
  const driven = opened();
  assert.match(shown(driven), /event 26,004 of 26,004/);
  settle(driven.press("g"));
  assert.equal(selectedId(driven), 1);
  assert.match(shown(driven), /event 1 of 26,004/);
  settle(driven.press("down", "down"));
  assert.match(shown(driven), /event 3 of 26,004/);
  settle(driven.press("G"));
  assert.deepEqual([selectedId(driven), driven.state.eventCursor.key], [count, null]);
});

Deno.test("From the first event on, moving down reads on without a gap, and the list stays bounded", () => {
  const driven = settle(opened().press("g"));
  const seen: number[] = [];
  for (let page = 0; page < 900; page++) {
    settle(driven.press("pagedown"));
    const ids = driven.state.events.lines.map(({ id }) => id);
    assert.ok(ids.length <= 5_000);
    assert.ok(ids.every((id, index) => index === 0 || id === ids[index - 1]! + 1), "There is no gap.");
    seen.push(selectedId(driven) ?? 0);
  }
  assert.deepEqual(seen, seen.toSorted((one, other) => one - other));
  assert.ok(seen.at(-1)! > 5_000, String(seen.at(-1)));
  settle(driven.press("g"));
  assert.equal(selectedId(driven), 1);
});

Deno.test("A list that was read to its end goes on with what happens next", () => {
  const driven = opened();
  settle(driven.press("g"));
  settle(driven.press("G"));
  const events = sampleEvents(count - 199, count + 1);
  settle(driven.send({ kind: "snapshot", snapshot: sampleSnapshot({ events }) }));
  assert.equal(selectedId(driven), count + 1);
});

Deno.test("A jump that fails leaves the list as it was, and the next one works", () => {
  const driven = opened();
  const before = driven.state.events.lines;
  const asked = driven.press("g").take().find(({ kind }) => kind === "query");
  assert.ok(asked?.kind === "query");
  driven.send({ ...asked, kind: "query_failed", why: "The disk is gone." });
  assert.deepEqual(driven.state.events.lines, before);
  settle(driven.press("g"));
  assert.equal(selectedId(driven), 1);
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
      const column = (rows[2] as string).indexOf("━ 1 Events");
      return rows.slice(3).flatMap((row) => /^[█│]/.exec(row.slice(column)) ?? []).join("");
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

Deno.test("While events come the number of the last one is asked for once a second, and stays shown", () => {
  const driven = settle(opened());
  const placesAsked = () =>
    driven.take().filter((effect) => effect.kind === "query" && effect.query.kind === "event_place").length;
  const snapshotAfter = (events: number, ms: number) => {
    const latest = sampleEvents(count - 199 + events, count + events);
    const { takenMs, eventCount } = sampleSnapshot();
    const changed = { events: latest, eventCount: eventCount + events, takenMs: takenMs + ms };
    driven.send({ kind: "snapshot", snapshot: sampleSnapshot(changed) });
  };
  for (const quarter of [1, 2, 3]) {
    snapshotAfter(quarter, quarter * 250);
    assert.match(shown(driven), /of 26,004/);
  }
  assert.equal(placesAsked(), 0);
  snapshotAfter(4, 1_000);
  assert.equal(placesAsked(), 1);
});
