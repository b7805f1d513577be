import assert from "node:assert/strict";
import type { EventLine } from "../../../src/control.ts";
import { topView } from "../../../src/faces/tui/state.ts";
import {
  emptySnapshot,
  sampleEvent,
  sampleEvents,
  sampleService,
  sampleSnapshot,
} from "../../support/fake_control.ts";
import { Driven } from "./drive.ts";

const actionsOf = (driven: Driven) =>
  driven.take().flatMap((effect) => effect.kind === "dispatch" ? [effect.action] : []);
const ids = (driven: Driven) => driven.state.events.lines.map(({ id }) => id);

Deno.test("The first q stops in order, the second quits now", () => {
  const driven = new Driven(sampleSnapshot());
  driven.take();
  assert.deepEqual(driven.press("q").take(), [{ kind: "dispatch", action: { kind: "quit" } }]);
  assert.deepEqual(driven.press("ctrl-c").take(), [{ kind: "quit_now" }]);
});

Deno.test("Ctrl-C quits also while something is typed or asked", () => {
  for (const keys of [["u", "x"], ["t"], ["/"], ["2", "e"]]) {
    const driven = new Driven(sampleSnapshot()).press(...keys);
    assert.notEqual(driven.state.dialog, null);
    assert.deepEqual(actionsOf(driven.press("ctrl-c")), [{ kind: "quit" }]);
  }
});

Deno.test("p pauses the selected service, and lets a paused one go on", () => {
  const driven = new Driven(sampleSnapshot()).press("2");
  assert.deepEqual(actionsOf(driven.press("p")), [{ kind: "pause", slug: "dino_chrome" }]);
  assert.deepEqual(actionsOf(driven.press("down", "p")), [{ kind: "resume", slug: "overlays" }]);
  assert.deepEqual(actionsOf(driven.press("P")), [{ kind: "pause", slug: null }]);
});

Deno.test("Emptying a queue asks first, and n leaves it as it is", () => {
  const driven = new Driven(sampleSnapshot()).press("2", "e");
  assert.match(JSON.stringify(driven.state.dialog), /12 items will be discarded/);
  assert.deepEqual(actionsOf(driven.press("n")), []);
  assert.deepEqual(actionsOf(driven.press("e", "y")), [{ kind: "empty", slug: "dino_chrome" }]);
});

Deno.test("A confirmed question acts on the service that it named, whatever is selected by then", () => {
  const driven = new Driven(sampleSnapshot()).press("2", "e");
  driven.send({
    kind: "snapshot",
    snapshot: sampleSnapshot({ services: [sampleService({ slug: "other" })] }),
  });
  assert.deepEqual(actionsOf(driven.press("y")), [{ kind: "empty", slug: "dino_chrome" }]);
});

Deno.test("Few items are put back at once, many after asking", () => {
  const services = [sampleService({ slug: "one", failed: 3, discarded: 300 })];
  const driven = new Driven(sampleSnapshot({ services })).press("2");
  assert.deepEqual(actionsOf(driven.press("R")), [{ kind: "retry", slug: "one", status: "failed" }]);
  assert.deepEqual(actionsOf(driven.press("D")), []);
  assert.deepEqual(actionsOf(driven.press("y")), [{ kind: "retry", slug: "one", status: "discarded" }]);
});

Deno.test("A key that does not work now says why", () => {
  const driven = new Driven(sampleSnapshot({ services: [sampleService({ slug: "one", pending: 0 })] }));
  assert.equal(driven.press("2", "e").state.status?.text, "Its queue is empty.");
});

Deno.test("A username is typed and sent without its @; leaving a running live asks first", () => {
  const idle = new Driven(emptySnapshot).press("u", "@", "b", "o", "x", "backspace", "b", "enter");
  assert.deepEqual(actionsOf(idle), [{ kind: "switch_user", username: "bob" }]);
  const live = new Driven(sampleSnapshot()).press("u", "b", "enter");
  assert.deepEqual(actionsOf(live), []);
  assert.deepEqual(actionsOf(live.press("y")), [{ kind: "switch_user", username: "b" }]);
});

Deno.test("The form sends a test event of the chosen type with amount and text", () => {
  const driven = new Driven(sampleSnapshot()).press(
    "t",
    "left",
    "right",
    "tab",
    "backspace",
    "5",
    "x",
    "7",
    "tab",
  );
  driven.press(..."Lion ".split(""), "enter");
  assert.deepEqual(actionsOf(driven), [
    { kind: "send_test_event", event: { type: "GiftEvent", amount: 57, text: "Lion" } },
  ]);
});

Deno.test("The demo starts from the first screen, and not over a live", () => {
  assert.deepEqual(actionsOf(new Driven(emptySnapshot).press("d")), [{ kind: "start_demo" }]);
  assert.deepEqual(actionsOf(new Driven(sampleSnapshot()).press("d")), []);
});

/** At the second of its number. */
function giftLine(id: number, streakId: string | null, text: string): EventLine {
  return { id, at: id * 1_000, type: "GiftEvent", text, streakId };
}

const placesAndTimes = (driven: Driven) =>
  driven.state.events.lines.map(({ at, text }) => `${at / 1_000} ${text}`);

Deno.test("A streak keeps its place, and the time that belongs there, while its count grows", () => {
  const events = [giftLine(1, "s", "×1"), giftLine(2, null, "other")];
  const driven = new Driven(sampleSnapshot({ events }));
  const later = [events[1]!, giftLine(3, "s", "×2")];
  driven.send({ kind: "snapshot", snapshot: sampleSnapshot({ events: later }) });
  assert.deepEqual(placesAndTimes(driven), ["1 ×2", "2 other"]);
});

Deno.test("A streak is one line in an older page as well, where it began; a page of nothing but it is read once", () => {
  const driven = new Driven(sampleSnapshot({ events: [giftLine(9, null, "last")] }));
  const answer = (events: EventLine[]) => {
    const [effect] = driven.press("g").take().filter(({ kind }) => kind === "query");
    assert.ok(effect?.kind === "query" && effect.query.kind === "events");
    const { query, asked } = effect;
    driven.send({ kind: "answered", query, answer: { kind: "events", events, hasMore: true }, asked });
    return query.before;
  };
  const streak = (id: number) => giftLine(id, "s", `×${id}`);
  assert.equal(answer([streak(6), giftLine(7, null, "other"), streak(8)]), 9);
  assert.deepEqual(placesAndTimes(driven), ["6 ×8", "7 other", "9 last"]);
  assert.equal(answer([streak(4), streak(5)]), 6);
  assert.equal(answer([giftLine(3, null, "first")]), 4);
  assert.deepEqual(placesAndTimes(driven), ["3 first", "6 ×8", "7 other", "9 last"]);
});

Deno.test("Scrolling up keeps the line under the cursor while events come, and End follows again", () => {
  const driven = new Driven(sampleSnapshot({ events: sampleEvents(1, 100) })).press("up", "up");
  const held = driven.state.eventCursor.key;
  driven.send({ kind: "snapshot", snapshot: sampleSnapshot({ events: sampleEvents(50, 150) }) });
  assert.equal(driven.state.eventCursor.key, held);
  assert.equal(driven.press("end").state.eventCursor.key, null);
});

Deno.test("Scrolling back reads older pages, each once, in front of what is held", () => {
  const driven = new Driven(sampleSnapshot({ events: sampleEvents(1_001, 1_200) }));
  const [effect] = driven.take();
  assert.ok(effect?.kind === "query" && effect.query.kind === "events");
  const query = effect.query;
  assert.equal(query.before, 1_001);
  assert.deepEqual(driven.press("g", "up").take(), []);
  const answer = { kind: "events" as const, events: sampleEvents(801, 1_000), hasMore: true };
  driven.send({ kind: "answered", query, answer, asked: effect.asked });
  assert.deepEqual([ids(driven)[0], ids(driven).length], [801, 400]);
  assert.equal(driven.state.eventCursor.key === null, false);
});

Deno.test("An answer to an earlier filter's question is let go", () => {
  const driven = new Driven(sampleSnapshot());
  const [effect] = driven.take().concat(driven.press("g").take()).filter(({ kind }) => kind === "query");
  assert.ok(effect?.kind === "query");
  driven.press("f");
  const before = ids(driven);
  const answer = { kind: "events" as const, events: sampleEvents(-500, -400), hasMore: true };
  driven.send({ kind: "answered", query: effect.query, answer, asked: effect.asked });
  assert.deepEqual(ids(driven), before);
});

Deno.test("A filter by text works as it is typed; Esc brings the earlier one back", () => {
  const driven = new Driven(sampleSnapshot()).press("/", ..."Ana".split(""));
  assert.ok(driven.state.events.lines.length > 0);
  assert.ok(driven.state.events.lines.every(({ text }) => text.includes("Ana")));
  assert.equal(driven.press("esc").state.eventFilter.text, "");
  assert.equal(driven.state.events.lines.length, 200);
});

Deno.test("Another session begins with an empty pane", () => {
  const driven = new Driven(sampleSnapshot()).press("up", "up");
  const other = sampleSnapshot({ session: { id: 4, startedAt: 0 }, events: [sampleEvent(900)] });
  driven.send({ kind: "snapshot", snapshot: other });
  assert.deepEqual(ids(driven), [900]);
  assert.equal(driven.state.eventCursor.key, null);
});

Deno.test("A million events leave a bounded list", () => {
  const driven = new Driven(sampleSnapshot());
  for (let first = 1; first < 1_000_000; first += 10_000) {
    driven.send({ kind: "snapshot", snapshot: sampleSnapshot({ events: sampleEvents(first, first + 199) }) });
  }
  assert.ok(driven.state.events.lines.length <= 500);
});

Deno.test("Enter opens a detail, Esc leads back to where one was", () => {
  const driven = new Driven(sampleSnapshot()).press("2", "down", "enter");
  assert.deepEqual(driven.take().filter(({ kind }) => kind === "query").at(-1), {
    kind: "query",
    query: { kind: "service", slug: "overlays" },
    asked: 0,
  });
  driven.press("?");
  assert.equal(topView(driven.state).kind, "help");
  driven.press("esc", "esc");
  assert.equal(topView(driven.state).kind, "main");
  assert.equal(driven.state.serviceSlug, "overlays");
});

Deno.test("A status goes when its time is over, and never takes a newer one with it", () => {
  const driven = new Driven(sampleSnapshot());
  driven.send({ kind: "status", result: { text: "one", isError: false } });
  const first = driven.state.statusNumber;
  driven.send({ kind: "status", result: { text: "two", isError: true } });
  assert.equal(driven.send({ kind: "status_expired", number: first }).state.status?.text, "two");
  assert.equal(driven.send({ kind: "status_expired", number: first + 1 }).state.status, null);
});
