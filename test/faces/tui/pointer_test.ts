import assert from "node:assert/strict";
import { plainFailure } from "../../../src/failure.ts";
import { topView } from "../../../src/faces/tui/state.ts";
import { frameRows } from "../../../src/faces/tui/view/frame.ts";
import { sampleService, sampleSnapshot } from "../../support/fake_control.ts";
import { Driven } from "./drive.ts";

const sizes = [{ columns: 80, rows: 24 }, { columns: 120, rows: 40 }, { columns: 200, rows: 50 }];

const services = [
  sampleService({ slug: "fine" }),
  sampleService({ slug: "ill", phase: "switched off", failure: plainFailure("It broke.") }),
  sampleService({ slug: "last" }),
];

/** The column and row of a text on the screen. */
function placeOf({ state }: Driven, text: string | RegExp): { column: number; row: number } {
  const rows = frameRows(state, false);
  const row = rows.findIndex((line) => line.search(text) >= 0);
  assert.ok(row >= 0, `${text} in\n${rows.join("\n")}`);
  return { column: rows[row]?.search(text) ?? 0, row };
}

function click(driven: Driven, text: string | RegExp): Driven {
  return driven.send({ kind: "mouse", event: { kind: "press", ...placeOf(driven, text) } });
}

function wheel(driven: Driven, kind: "scroll_up" | "scroll_down", text: string | RegExp): Driven {
  return driven.send({ kind: "mouse", event: { kind, ...placeOf(driven, text) } });
}

for (const size of sizes) {
  Deno.test(`At ${size.columns}×${size.rows} a click on a pane focuses it, and on a row selects it, and opens it again`, () => {
    const driven = new Driven(sampleSnapshot({ services }), size);
    click(driven, /Services/);
    assert.equal(driven.state.focus, "services");
    assert.equal(topView(driven.state).kind, "main");
    click(driven, / last +●/);
    assert.equal(driven.state.serviceSlug, "last");
    // The row below a service says what troubles it.
    click(driven, /! It broke/);
    assert.equal(driven.state.serviceSlug, "ill");
    click(driven, / ill +✗/);
    const view = topView(driven.state);
    assert.ok(view.kind === "service" && view.slug === "ill");
    driven.press("esc");
    click(driven, /▲ overlays/);
    assert.equal(driven.state.focus, "log");
    click(driven, /▲ overlays/);
    assert.equal(topView(driven.state).kind, "log_line");
  });

  Deno.test(`At ${size.columns}×${size.rows} a click on an event selects it, and opens it again`, () => {
    const driven = new Driven(sampleSnapshot({ services }), size);
    const column = size.columns - 40;
    driven.send({ kind: "mouse", event: { kind: "press", column, row: 5 } });
    const { key } = driven.state.eventCursor;
    assert.notEqual(key, null);
    assert.equal(topView(driven.state).kind, "main");
    driven.send({ kind: "mouse", event: { kind: "press", column, row: 5 } });
    const view = topView(driven.state);
    assert.ok(view.kind === "event");
    assert.ok(driven.state.events.lines.some(({ id }) => id === view.id));
  });
}

Deno.test("The wheel scrolls what it is over, and the focus stays", () => {
  const driven = new Driven(sampleSnapshot({ services }), { columns: 120, rows: 40 }).press("2");
  const before = frameRows(driven.state, false);
  wheel(driven, "scroll_up", /1 Events/);
  assert.equal(driven.state.focus, "services");
  const after = frameRows(driven.state, false);
  const row = placeOf(driven, /1 Events/).row + 1;
  // Three lines up: what was the first row is the fourth.
  assert.equal(after[row + 3]?.slice(2, 40), before[row]?.slice(2, 40));
  wheel(driven, "scroll_down", /1 Events/);
  assert.equal(driven.state.eventCursor.key, null);
});

Deno.test("The wheel scrolls an open view", () => {
  const driven = new Driven(sampleSnapshot(), { columns: 80, rows: 24 }).press("?");
  driven.send({ kind: "mouse", event: { kind: "scroll_down", column: 3, row: 9 } });
  const view = topView(driven.state);
  assert.ok(view.kind === "help" && view.scroll === 3);
});

Deno.test("A click on a key of the lowest row does it, also in a question", () => {
  const clicked = new Driven(sampleSnapshot({ services }), { columns: 120, rows: 40 }).press("2");
  clicked.take();
  click(clicked, /p pause /);
  assert.deepEqual(clicked.take().flatMap((effect) => effect.kind === "dispatch" ? [effect.action] : []), [
    { kind: "pause", slug: "fine" },
  ]);
  click(clicked, /e empty/);
  assert.equal(clicked.state.dialog?.kind, "confirm");
  // Clicks elsewhere change nothing while a question is open.
  click(clicked, /1 Events/);
  assert.equal(clicked.state.focus, "services");
  click(clicked, /n no/);
  assert.equal(clicked.state.dialog, null);
});

Deno.test("A click between the panes, on the header or outside of the window changes nothing", () => {
  const driven = new Driven(sampleSnapshot({ services }), { columns: 200, rows: 50 });
  const { state } = driven;
  for (const [column, row] of [[3, 0], [500, 10], [3, 999], [-1, 4], [136, 4]] as const) {
    driven.send({ kind: "mouse", event: { kind: "press", column, row } });
    assert.equal(driven.state.focus, state.focus);
    assert.deepEqual(driven.state.eventCursor, state.eventCursor);
  }
});

Deno.test("A click on the event that is followed stays on it before it opens it", () => {
  const driven = new Driven(sampleSnapshot({ services }), { columns: 120, rows: 40 });
  click(driven, /▸ /);
  assert.equal(topView(driven.state).kind, "main");
  assert.notEqual(driven.state.eventCursor.key, null);
  click(driven, /▸ /);
  assert.equal(topView(driven.state).kind, "event");
});
