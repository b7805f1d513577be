import assert from "node:assert/strict";
import type { ServicePhase } from "../../../src/service_state.ts";
import type { Answer } from "../../../src/control.ts";
import type { EventLine } from "../../../src/event_view.ts";
import { topView } from "../../../src/faces/tui/state.ts";
import {
  emptySnapshot,
  FakeControl,
  sampleEvent,
  sampleEvents,
  sampleService,
  sampleSnapshot,
  sampleSource,
  severalSources,
} from "../../support/fake_control.ts";
import { footerLines } from "../../../src/faces/tui/view/footer.ts";
import { frameRows } from "../../../src/faces/tui/view/frame.ts";
import { formRows } from "../../../src/faces/tui/view/message.ts";
import { Driven } from "./drive.ts";

const actionsOf = (driven: Driven) =>
  driven.take().flatMap((effect) => effect.kind === "dispatch" ? [effect.action] : []);

const ids = (driven: Driven) => driven.state.events.lines.map(({ id }) => id);

Deno.test("The first q stops in order, the second quits at once", () => {
  const driven = new Driven(sampleSnapshot());
  driven.take();
  assert.deepEqual(driven.press("q").take(), [{ kind: "dispatch", action: { kind: "quit" } }]);
  assert.deepEqual(driven.press("ctrl-c").take(), [{ kind: "quit_now" }]);
});

Deno.test("Ctrl-C quits even in an input or a question", () => {
  for (const keys of [["u", "x"], ["t"], ["/"], ["2", "e"]]) {
    const driven = new Driven(sampleSnapshot()).press(...keys);
    assert.notEqual(driven.state.dialog, null);
    assert.deepEqual(actionsOf(driven.press("ctrl-c")), [{ kind: "quit" }]);
  }
});

Deno.test("p pauses the selected service, and resumes a paused one", () => {
  const driven = new Driven(sampleSnapshot()).press("2");
  assert.deepEqual(actionsOf(driven.press("p")), [{ kind: "pause", slug: "dino_chrome" }]);
  assert.deepEqual(actionsOf(driven.press("down", "p")), [{ kind: "resume", slug: "overlays" }]);
  assert.deepEqual(actionsOf(driven.press("P")), [{ kind: "pause", slug: null }]);
});

const pendingOf = (pending: number) =>
  sampleSnapshot({ services: [sampleService({ slug: "one", name: "One", pending })] });

Deno.test("Emptying a queue asks first, with the current count, and n changes nothing", () => {
  const driven = new Driven(pendingOf(33)).press("2", "e");
  assert.match(JSON.stringify(driven.state.dialog), /queue of One\? 33 items will be discarded/);
  assert.deepEqual(actionsOf(driven.press("n")), []);
  driven.press("e").send({ kind: "snapshot", snapshot: pendingOf(37) });
  assert.match(JSON.stringify(driven.state.dialog), /37 items will be discarded/);
  assert.deepEqual(actionsOf(driven.press("y")), [{
    kind: "empty",
    slug: "one",
    asked: { count: 37, upToId: 900 },
  }]);
});

Deno.test("A confirmed question acts on the service that it named, whatever is selected then", () => {
  const driven = new Driven(sampleSnapshot()).press("2", "e");
  const services = [sampleService({ slug: "other", pending: 99 })];
  driven.send({ kind: "snapshot", snapshot: sampleSnapshot({ services }) });
  assert.deepEqual(actionsOf(driven.press("y")), [{
    kind: "empty",
    slug: "dino_chrome",
    asked: { count: 12, upToId: 900 },
  }]);
});

Deno.test("Few items are put back at once, and many after a question, with the counted number and not the column's", () => {
  const services = [sampleService({ slug: "one", failed: 300, discarded: 3 })];
  const driven = new Driven(sampleSnapshot({ services })).press("2");
  const few = { count: 3, upToId: 9 };
  driven.press("R").counted(few);
  assert.deepEqual(actionsOf(driven), [{ kind: "retry", slug: "one", status: "failed", asked: few }]);
  const many = { count: 3_591, upToId: 9_000 };
  driven.press("D").counted(many);
  assert.match(
    JSON.stringify(driven.state.dialog),
    /Put 3,591 discarded items of one back\? They will be processed in their turn/,
  );
  assert.deepEqual(actionsOf(driven), []);
  assert.deepEqual(actionsOf(driven.press("y")), [
    { kind: "retry", slug: "one", status: "discarded", asked: many },
  ]);
});

Deno.test("The question says when items that are put back will be processed, by the service's phase", () => {
  const said: Record<ServicePhase, RegExp> = {
    running: /They will be processed in their turn\./,
    starting: /when the service has started/,
    paused: /They wait until you resume the service\./,
    "backing off": /They wait until the service is running again/,
    stuck: /They wait until the service answers/,
    "switched off": /They wait until you restart the service/,
    stopping: /They wait for the next start/,
    stopped: /They wait for the next start/,
    "not processed": /They wait, because this run does not process the service/,
  };
  for (const [phase, sentence] of Object.entries(said) as [ServicePhase, RegExp][]) {
    const driven = new Driven(sampleSnapshot({ services: [sampleService({ slug: "one", phase })] }));
    driven.press("2", "R").counted({ count: 30, upToId: 30 });
    assert.match(JSON.stringify(driven.state.dialog), sentence, phase);
  }
});

Deno.test("A switched-off service cannot be paused, and a service that is not processed here cannot be restarted", () => {
  const press = (phase: ServicePhase, key: string) =>
    new Driven(sampleSnapshot({ services: [sampleService({ slug: "one", phase })] })).press("2", key);
  for (
    const [phase, key] of [["switched off", "p"], ["not processed", "p"], ["not processed", "r"]] as const
  ) {
    const driven = press(phase, key);
    assert.deepEqual(actionsOf(driven), [], `${phase} ${key}`);
    assert.match(driven.state.status?.text ?? "", /switched off|does not process/);
  }
  assert.deepEqual(actionsOf(press("switched off", "r")), [{ kind: "restart", slug: "one" }]);
});

Deno.test("If there is nothing to put back, the screen says so, whatever the columns say", () => {
  const driven = new Driven(sampleSnapshot({ services: [sampleService({ slug: "one", failed: 25 })] }));
  driven.press("2", "R").counted({ count: 0, upToId: 0 });
  assert.equal(driven.state.status?.text, "one has no failed items.");
  assert.deepEqual(actionsOf(driven), []);
});

Deno.test("An answer that arrives during another dialog asks nothing", () => {
  const driven = new Driven(sampleSnapshot()).press("2", "R");
  const [question] = driven.take().filter(({ kind }) => kind === "query").slice(-1);
  assert.ok(question?.kind === "query");
  driven.press("u");
  const answer: Answer = { kind: "items", asked: { count: 500, upToId: 900 }, room: 500 };
  driven.send({ kind: "answered", query: question.query, answer, asked: 0 });
  assert.equal(driven.state.dialog?.kind, "username");
});

Deno.test("A key that does not work now says why", () => {
  const driven = new Driven(sampleSnapshot({ services: [sampleService({ slug: "one", pending: 0 })] }));
  assert.equal(driven.press("2", "e").state.status?.text, "Its queue is empty.");
});

Deno.test("A username is typed and sent without its @; leaving a running live asks first", () => {
  const idle = new Driven(emptySnapshot).press("u", "@", "b", "o", "x", "backspace", "b", "enter");
  assert.deepEqual(actionsOf(idle), [{ kind: "switch_user", source: "main", username: "bob" }]);
  const live = new Driven(sampleSnapshot()).press("u", "b", "enter");
  assert.deepEqual(actionsOf(live), []);
  assert.deepEqual(actionsOf(live.press("y")), [{ kind: "switch_user", source: "main", username: "b" }]);
});

const several = sampleSnapshot({
  sources: [...severalSources, sampleSource({ name: "third", liveId: 9 })],
  events: sampleEvents(1, 60).map((line) =>
    line.id % 2 === 0 ? line : { ...line, source: "second", liveId: 4 }
  ),
});

Deno.test("u asks for one of several sources, and offers only those that can switch users", () => {
  const driven = new Driven(several);
  driven.take();
  const choose = (...keys: string[]) => {
    driven.press("u", ...keys, "b", "enter", "y");
    return actionsOf(driven);
  };
  const to = (source: string) => [{ kind: "switch_user", source, username: "b" }];
  assert.deepEqual(choose(), to("main"));
  assert.deepEqual(choose("right"), to("second"));
  assert.deepEqual(choose("right", "right"), to("third"));
  assert.deepEqual(choose("left", "left", "left"), to("main"));
  // The source whose events are shown is offered first.
  driven.press("s", "s");
  assert.deepEqual(choose(), to("second"));
});

Deno.test("If no source can switch to another user, u says so", () => {
  const driven = new Driven(sampleSnapshot({ sources: severalSources.slice(2) }));
  assert.match(driven.press("u").state.status?.text ?? "", /no source that captures a user's live/);
});

Deno.test("s shows the events of each source in turn, then of all, and reads older events of the source", () => {
  const driven = new Driven(several);
  const sources = () => [...new Set(driven.state.events.lines.map(({ source }) => source))].sort();
  assert.deepEqual(sources(), ["main", "second"]);
  driven.take();
  const seen = ["main", "second", "tips", "third", null].map((source) => {
    const [effect] = driven.press("s").take();
    assert.ok(effect?.kind === "query" && effect.query.kind === "events");
    assert.equal(effect.query.source, source);
    return sources();
  });
  assert.deepEqual(seen, [["main"], ["second"], [], [], ["main", "second"]]);
  assert.match(new Driven(sampleSnapshot()).press("s").state.status?.text ?? "", /only one source/);
});

Deno.test("A new live of one of several sources keeps the scroll position", () => {
  const driven = new Driven(several).press("up", "up", "up");
  const { key } = driven.state.eventCursor;
  const [main, ...others] = several.sources;
  const sources = [{ ...main!, liveId: 77 }, ...others];
  const events = sampleEvents(61, 62).map((line) => ({ ...line, liveId: 77 }));
  driven.send({ kind: "snapshot", snapshot: { ...several, sources, events } });
  assert.equal(driven.state.eventCursor.key, key);
  driven.press("end");
  assert.deepEqual(ids(driven), [61, 62]);
});

Deno.test("The form sends a test event with any gift, amount, name and role", () => {
  const driven = new Driven(sampleSnapshot()).press("t", "left", "right", "tab", "backspace", "5", "x", "7");
  driven.press("tab", ..."Lion ".split(""), "tab", ..."29999".split(""), "tab", ..."Ana".split(""));
  driven.press("tab", "left", "enter");
  assert.deepEqual(actionsOf(driven), [{
    kind: "send_test_event",
    event: {
      type: "GiftEvent",
      source: null,
      amount: 57,
      text: "",
      gift: { name: "Lion", diamonds: 29_999 },
      user: { name: "Ana", roles: ["follower", "subscriber", "moderator"] },
    },
  }]);
});

const textOfFooter = ({ state }: Driven) =>
  footerLines(state).map((line) => line.map(({ text }) => text).join("")).join("\n");

/** Answers the form's queries for gifts. */
async function withGiftsAnswered(driven: Driven): Promise<Driven> {
  const control = new FakeControl(sampleSnapshot());
  for (const effect of driven.take()) {
    if (effect.kind !== "query") continue;
    driven.send({
      kind: "answered",
      query: effect.query,
      answer: await control.query(effect.query),
      asked: 0,
    });
  }
  return driven;
}

Deno.test("While a gift's name is typed, the likeliest gift is suggested, and the arrows go through the matches", async () => {
  const driven = await withGiftsAnswered(new Driven(sampleSnapshot()).press("t"));
  const fields = () => formRows(driven.state).flat().map(({ before, value }) => `${before.trim()} ${value}`);
  await withGiftsAnswered(driven.press("tab", "tab", "r"));
  assert.ok(fields().includes("▸gift r▏ → Rose"), fields().join());
  await withGiftsAnswered(driven.press("o", "s"));
  assert.match(textOfFooter(driven), /→ other gift/);
  driven.press("right");
  assert.ok(fields().includes("▸gift Rose▏"), fields().join());
  driven.press("right");
  assert.ok(["▸gift Rosa▏", "diamonds each 10"].every((field) => fields().includes(field)), fields().join());
  driven.press("right");
  assert.ok(["▸gift Rose▏", "diamonds each 5"].every((field) => fields().includes(field)), fields().join());
  driven.take();
  driven.press("enter");
  const [action] = actionsOf(driven);
  assert.partialDeepStrictEqual(action, { event: { gift: { name: "Rose", diamonds: null, id: 77 } } });
});

Deno.test("A typed gift shows its true price; a name that nothing matches suggests nothing", async () => {
  const driven = await withGiftsAnswered(
    new Driven(sampleSnapshot()).press("t", "tab", "tab", ..."lion".split("")),
  );
  await withGiftsAnswered(driven);
  const row = () => formRows(driven.state).flat().map(({ value }) => value).join(" ");
  assert.match(row(), /lion▏ → Lion 29999/);
  await withGiftsAnswered(driven.press("x"));
  assert.match(row(), /lionx▏ 1 /);
  assert.doesNotMatch(textOfFooter(driven), /other gift/);
  assert.equal(driven.press("right").state.dialog?.kind, "form");
});

Deno.test("The form has the fields of its type, and asks for one of several sources", () => {
  const fieldsOf = (driven: Driven) => {
    const seen: string[] = [];
    for (let step = 0; step < 10; step++) {
      const { dialog } = driven.state;
      assert.ok(dialog?.kind === "form");
      if (seen.includes(dialog.form.field)) return seen;
      seen.push(dialog.form.field);
      driven.press("tab");
    }
  };
  const follow = new Driven(sampleSnapshot()).press("t", "right", "right");
  assert.deepEqual(fieldsOf(follow), ["type", "name", "roles"]);
  const gift = new Driven(several).press("s", "s", "t");
  assert.deepEqual(fieldsOf(gift), ["type", "amount", "gift", "diamonds", "name", "roles", "source"]);
  const [action] = actionsOf(gift.press("shift-tab", "right", "enter"));
  assert.equal(action?.kind === "send_test_event" && action.event.source, "tips");
});

Deno.test("An amount of 0 is sent as typed, and is refused with a sentence", () => {
  const [action] = actionsOf(new Driven(sampleSnapshot()).press("t", "tab", "0", "enter"));
  assert.equal(action?.kind === "send_test_event" && action.event.amount, 0);
});

Deno.test("The demo starts from the first screen, but not during a live", () => {
  assert.deepEqual(actionsOf(new Driven(emptySnapshot).press("d")), [{ kind: "start_demo" }]);
  assert.deepEqual(actionsOf(new Driven(emptySnapshot).press("w")), [{ kind: "open_desk" }]);
  assert.deepEqual(actionsOf(new Driven(sampleSnapshot()).press("d")), []);
});

/** The time in seconds equals the id. */
function giftLine(id: number, streakId: string | null, text: string): EventLine {
  return {
    id,
    firstId: id,
    at: id * 1_000,
    type: "GiftEvent",
    source: "main",
    liveId: 3,
    isTest: false,
    text,
    diamonds: 1,
    streakId,
  };
}

const placesAndTimes = (driven: Driven) =>
  driven.state.events.lines.map(({ at, text }) => `${at / 1_000} ${text}`);

Deno.test("A streak keeps its place and its time while its count grows", () => {
  const events = [giftLine(1, "s", "×1"), giftLine(2, null, "other")];
  const driven = new Driven(sampleSnapshot({ events }));
  const later = [events[1]!, giftLine(3, "s", "×2")];
  driven.send({ kind: "snapshot", snapshot: sampleSnapshot({ events: later }) });
  assert.deepEqual(placesAndTimes(driven), ["1 ×2", "2 other"]);
});

Deno.test("A streak is one line in an older page too, where it began; a page with nothing else is read once", () => {
  const driven = new Driven(sampleSnapshot({ events: [giftLine(9, null, "last")] }));
  const answer = (events: EventLine[]) => {
    const [effect] = driven.press("pageup").take().filter(({ kind }) => kind === "query");
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

Deno.test("Scrolling back reads older pages, each once, before the lines in memory", () => {
  const driven = new Driven(sampleSnapshot({ events: sampleEvents(1_001, 1_200) }));
  const [effect] = driven.take();
  assert.ok(effect?.kind === "query" && effect.query.kind === "events");
  const query = effect.query;
  assert.equal(query.before, 1_001);
  assert.deepEqual(driven.press("pageup", "up").take(), []);
  const answer = { kind: "events" as const, events: sampleEvents(801, 1_000), hasMore: true };
  driven.send({ kind: "answered", query, answer, asked: effect.asked });
  assert.deepEqual([ids(driven)[0], ids(driven).length], [801, 400]);
  assert.equal(driven.state.eventCursor.key === null, false);
});

Deno.test("An answer to an earlier filter's query is ignored", () => {
  const driven = new Driven(sampleSnapshot());
  const [effect] = driven.take().concat(driven.press("pageup").take()).filter(({ kind }) => kind === "query");
  assert.ok(effect?.kind === "query");
  driven.press("f");
  const before = ids(driven);
  const answer = { kind: "events" as const, events: sampleEvents(-500, -400), hasMore: true };
  driven.send({ kind: "answered", query: effect.query, answer, asked: effect.asked });
  assert.deepEqual(ids(driven), before);
});

Deno.test("A text filter applies while it is typed; Esc restores the earlier one", () => {
  const driven = new Driven(sampleSnapshot()).press("&", ..."Ana".split(""));
  assert.ok(driven.state.events.lines.length > 0);
  assert.ok(driven.state.events.lines.every(({ text }) => text.includes("Ana")));
  assert.equal(driven.press("esc").state.eventFilter.text, "");
  assert.equal(driven.state.events.lines.length, 200);
});

Deno.test("Another live starts with an empty pane", () => {
  const driven = new Driven(sampleSnapshot()).press("up", "up");
  const other = sampleSnapshot({
    sources: [sampleSource({ liveId: 4 })],
    events: [{ ...sampleEvent(900), liveId: 4 }],
  });
  driven.send({ kind: "snapshot", snapshot: other });
  assert.deepEqual(ids(driven), [900]);
  assert.equal(driven.state.eventCursor.key, null);
});

Deno.test("Events of a live that the source has left are not shown among those of the present one", () => {
  const events = [sampleEvent(1), sampleEvent(2), { ...sampleEvent(3), liveId: 4 }];
  const driven = new Driven(sampleSnapshot({ sources: [sampleSource({ liveId: 4 })], events }));
  assert.deepEqual(ids(driven), [3]);
});

Deno.test("A million events leave a bounded list", () => {
  const driven = new Driven(sampleSnapshot());
  for (let first = 1; first < 1_000_000; first += 10_000) {
    driven.send({ kind: "snapshot", snapshot: sampleSnapshot({ events: sampleEvents(first, first + 199) }) });
  }
  assert.ok(driven.state.events.lines.length <= 500);
});

Deno.test("Enter opens the details, and Esc returns to the same place", () => {
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

Deno.test("A new session in the same live keeps the pane", () => {
  const driven = new Driven(sampleSnapshot()).press("up", "up");
  const { key } = driven.state.eventCursor;
  const sources = [sampleSource({ session: { id: 9, startedAt: 0 } })];
  driven.send({ kind: "snapshot", snapshot: sampleSnapshot({ sources, events: sampleEvents(2, 201) }) });
  assert.equal(driven.state.eventCursor.key, key);
});

Deno.test("Tab visits the services' own panes only if there is one", () => {
  const tour = (driven: Driven) => Array.from({ length: 5 }, () => driven.press("tab").state.focus);
  assert.deepEqual(tour(new Driven(sampleSnapshot())), ["services", "workers", "log", "events", "services"]);
  const panes = [{ title: "Prizes", lines: [{ label: "Spins", value: "4" }] }];
  const services = [sampleService({ slug: "wheel", panes })];
  const driven = new Driven(sampleSnapshot({ services }));
  assert.deepEqual(tour(driven), ["services", "workers", "log", "shown", "events"]);
  const view = topView(driven.press("5", "down", "enter").state);
  assert.equal(view.kind === "service" && view.slug, "wheel");
});

Deno.test("A status is removed when its time is up, and never removes a newer one", () => {
  const driven = new Driven(sampleSnapshot());
  driven.send({ kind: "status", result: { text: "one", isError: false } });
  const first = driven.state.statusNumber;
  driven.send({ kind: "status", result: { text: "two", isError: true } });
  assert.equal(driven.send({ kind: "status_expired", number: first }).state.status?.text, "two");
  assert.equal(driven.send({ kind: "status_expired", number: first + 1 }).state.status, null);
});

Deno.test("u offers the last users, and a key forgets one of them", () => {
  const idle = sampleSnapshot({ sources: [sampleSource({ connection: { phase: "idle" }, session: null })] });
  const driven = new Driven(idle, { columns: 80, rows: 24 }).press("u", "down", "down");
  driven.take();
  assert.match(frameRows(driven.state, false).join("\n"), /Last: {2}ana\.live ▸ben {2}carla\.gg/);
  driven.press("ctrl-d");
  assert.deepEqual(driven.take(), [
    { kind: "dispatch", action: { kind: "forget_user", username: "ben" } },
  ]);
  driven.press("down", "enter");
  assert.deepEqual(driven.take(), [
    { kind: "dispatch", action: { kind: "switch_user", source: "main", username: "ana.live" } },
  ]);
  // A typed name is none of them.
  driven.press("u", "x", "ctrl-d");
  assert.equal(driven.take().length, 0);
});

Deno.test("A name that is none is refused before the question, and stays to be edited", () => {
  const driven = new Driven(sampleSnapshot(), { columns: 80, rows: 24 }).press("u", ..."an a", "enter");
  const text =
    '"an a" is not a TikTok user. Enter a TikTok handle, as "ana", "@ana" or "https://www.tiktok.com/@ana/live".';
  const frame = frameRows(driven.state, false).join("\n");
  assert.match(frame, /Capture the live of @an a▏/);
  assert.ok(frame.replace(/\n +/g, " ").includes(text));
  driven.press("backspace", "backspace", "enter");
  assert.match(frameRows(driven.state, false).join("\n"), /Leave the live of @ana .* for @an\?/);
});

Deno.test("A name that Livecue refuses stays to be edited, and a source without a session has no live to leave", () => {
  const connection = {
    phase: "reconnecting",
    username: "ana",
    inMs: 5_000,
    attempt: 2,
    why: "Offline.",
  } as const;
  const away = sampleSnapshot({ sources: [sampleSource({ connection, session: null })] });
  const driven = new Driven(away).press("u", ..."ben", "enter");
  const [sent] = driven.take().filter((effect) => effect.kind === "dispatch");
  assert.ok(sent?.kind === "dispatch");
  driven.send({
    kind: "status",
    result: { text: "Nobody can switch.", isError: true },
    action: sent.action,
  });
  const frame = frameRows(driven.state, false).join("\n");
  assert.match(frame, /Nobody can switch\.[^]*Capture the live of @ben▏/);
});
