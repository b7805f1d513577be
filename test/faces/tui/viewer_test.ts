import assert from "node:assert/strict";
import { frameRows } from "../../../src/faces/tui/view/frame.ts";
import { sampleSnapshot, sampleViewer } from "../../support/fake_control.ts";
import { maxNoteLength } from "../../../src/viewer.ts";
import type { ViewerDetail } from "../../../src/viewer_view.ts";
import { Driven } from "./drive.ts";

const noViewer: ViewerDetail = { kind: "viewer", viewer: null, lives: [], names: [], comments: [] };

const shown = ({ state }: Driven) => frameRows(state, false).join("\n");

/** The viewer of the selected event, as the database answers. */
function opened(size = { columns: 120, rows: 40 }): Driven {
  const driven = new Driven(sampleSnapshot(), size).press("up");
  driven.take();
  driven.press("v");
  const [asked] = driven.take().filter(({ kind }) => kind === "query");
  assert.ok(asked?.kind === "query" && asked.query.kind === "viewer");
  return driven.send({ kind: "answered", query: asked.query, answer: sampleViewer, asked: 0 });
}

for (const size of [{ columns: 80, rows: 24 }, { columns: 120, rows: 40 }, { columns: 200, rows: 50 }]) {
  Deno.test(`At ${size.columns}×${size.rows} v shows the viewer of the selected event, over all lives`, () => {
    const text = shown(opened(size));
    assert.match(text, /Leo {2}@leo\.live/);
    assert.match(text, /3 lives, 41 gifts, 12,345 diamonds, 87 comments/);
    assert.match(text, /first seen +20\d\d-\d\d-\d\d/);
    assert.match(text, /@ana +4 gifts, 404 diamonds, 7 comments/);
    assert.match(text, /hello from here/);
  });
}

Deno.test("n writes a note about the viewer, and b blocks and unblocks", () => {
  const driven = opened().press("n", ..."a friend", "enter");
  const key = { platform: "tiktok", userId: "77" };
  assert.deepEqual(driven.take(), [
    { kind: "dispatch", action: { kind: "mark_viewer", mark: { ...key, note: "a friend" } } },
  ]);
  assert.match(shown(driven), /note +a friend/);
  driven.press("b");
  assert.match(shown(driven), /No service gets the events/);
  driven.press("b");
  assert.deepEqual(driven.take(), [
    { kind: "dispatch", action: { kind: "mark_viewer", mark: { ...key, isBlocked: true } } },
    { kind: "dispatch", action: { kind: "mark_viewer", mark: { ...key, isBlocked: false } } },
  ]);
  // An empty note removes it.
  driven.press("n", "ctrl-u", "enter");
  assert.deepEqual(driven.take(), [
    { kind: "dispatch", action: { kind: "mark_viewer", mark: { ...key, note: null } } },
  ]);
});

Deno.test("The open viewer is read again, so that n edits the note that is stored", () => {
  const driven = opened();
  driven.take();
  const { snapshot } = driven.state;
  driven.send({ kind: "snapshot", snapshot: { ...snapshot, takenMs: snapshot.takenMs + 1_000 } });
  const [asked] = driven.take().filter(({ kind }) => kind === "query");
  assert.ok(asked?.kind === "query" && asked.query.kind === "viewer");
  const { viewer } = sampleViewer;
  assert.ok(viewer !== null);
  const answer = { ...sampleViewer, viewer: { ...viewer, note: "written by the command" } };
  driven.send({ kind: "answered", query: asked.query, answer, asked: 0 }).press("n");
  assert.match(shown(driven), /: written by the command▏/);
});

Deno.test("A note that is too long says so before it is stored", () => {
  const driven = opened().press("n", ..."x".repeat(maxNoteLength));
  assert.doesNotMatch(shown(driven), /characters fit/);
  driven.press("y");
  assert.match(shown(driven), /At most 500 characters fit here\./);
  driven.take();
  driven.press("enter");
  const note = "x".repeat(maxNoteLength);
  const mark = { platform: "tiktok", userId: "77", note };
  assert.deepEqual(driven.take(), [{ kind: "dispatch", action: { kind: "mark_viewer", mark } }]);
});

Deno.test("An event that nobody caused has no viewer, and nothing to block", () => {
  const driven = opened();
  driven.state = {
    ...driven.state,
    views: driven.state.views.map((view) => view.kind === "viewer" ? { ...view, detail: noViewer } : view),
  };
  assert.match(shown(driven), /No viewer is known for this event/);
  assert.equal(driven.press("b").take().length, 0);
  assert.match(shown(driven), /There is no viewer to note or block/);
});
