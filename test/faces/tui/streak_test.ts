import assert from "node:assert/strict";
import type { EventDetail, ItemLine } from "../../../src/control.ts";
import { frameRows } from "../../../src/faces/tui/view/frame.ts";
import { sampleEvents, sampleSnapshot } from "../../support/fake_control.ts";
import { makeGift } from "../../support/events.ts";
import { Driven } from "./drive.ts";

const startedAt = 1_763_730_000_000;

function item(id: number, status: ItemLine["status"], why = ""): EventDetail["items"][number] {
  return {
    id,
    serviceSlug: id % 2 === 0 ? "overlays" : "dino",
    status,
    priority: 5,
    attempts: 1,
    queuedAt: startedAt,
    startedAt: startedAt + 5,
    finishedAt: startedAt + 20,
    text: "",
    why,
    steps: [],
  };
}

/** Enter on a line, answered with a streak of so many events, of which the last `shown` were read. */
function opened(count: number, shown: number, status: ItemLine["status"] = "completed"): Driven {
  const driven = new Driven(sampleSnapshot({ events: sampleEvents(1, 50) }));
  driven.take();
  const asked = driven.press("enter").take().find((effect) =>
    effect.kind === "query" && effect.query.kind === "event"
  );
  assert.ok(asked?.kind === "query");
  const events = Array.from({ length: shown }, (_, index) => ({
    id: 100 + index,
    at: startedAt + index * 1_000,
    total: index + 1,
    added: 1,
    hasEnded: index === shown - 1,
    items: index === 0 ? [] : [item(2 * index, status, status === "failed" ? "It broke." : "")],
  }));
  const answer: EventDetail = {
    kind: "event",
    event: makeGift({ id: 102, count: 3 }),
    items: [],
    streak: { count, events },
  };
  return driven.send({ kind: "answered", query: asked.query, answer, asked: 0 });
}

const shown = (driven: Driven) => frameRows(driven.state, false).join("\n");

Deno.test("Enter on a streak shows each of its events, with what each service did with it", () => {
  const text = shown(opened(3, 3, "failed"));
  assert.match(text, /Its streak: 3 events\n/);
  assert.match(text, /×1 \(\+1\) {2}event 100 {2}no service received it/);
  assert.match(text, /×2 \(\+1\) {2}event 101/);
  assert.match(text, /×3 \(\+1\) {2}event 102, the end/);
  assert.equal(text.match(/✗ failed +overlays/g)?.length, 2);
  assert.match(text, /It broke\./);
});

Deno.test("Of a very long streak the last events are shown, and the title says so", () => {
  assert.match(shown(opened(1_500, 20)), /Its streak: 1,500 events, of which the last 20 are shown/);
});

Deno.test("R puts back what failed in the whole streak, and asks first if it is much", () => {
  const few = opened(3, 3, "failed");
  few.take();
  assert.deepEqual(few.press("R").take(), [{
    kind: "dispatch",
    action: { kind: "retry_items", itemIds: [2, 4] },
  }]);
  const many = opened(30, 30, "discarded");
  many.take();
  assert.deepEqual(many.press("R").take(), []);
  assert.match(shown(many), /Put 29 items of this streak back\? y\/n/);
  const [effect] = many.press("y").take();
  assert.ok(effect?.kind === "dispatch" && effect.action.kind === "retry_items");
  assert.equal(effect.action.itemIds.length, 29);
  const none = opened(3, 3);
  assert.match(shown(none.press("R")), /This streak has no failed or discarded items\./);
});
