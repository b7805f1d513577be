/** The games in the service: by rules, by requests, and after kills. */
import assert from "node:assert/strict";
import type { GameViews } from "../../../../services/overlays/games/games.ts";
import { makeEvent } from "../../../support/events.ts";
import { commentBy, follow, roses, viewer } from "../../../support/overlay_events.ts";
import { OverlayPage, startOverlays } from "../../../support/overlays.ts";
import { post } from "../../../support/page_stream.ts";
import type { RunnerUnderTest } from "../../../support/runner_under_test.ts";

const emits = ["TimerEndedEvent", "WheelEvent", "PollEndedEvent", "BattleEndedEvent"];

/** The game's first view for which this is true. */
async function seen<Name extends keyof GameViews>(
  page: OverlayPage,
  name: Name,
  holds: (view: GameViews[Name]) => boolean,
): Promise<GameViews[Name]> {
  const { view } = await page.heard(
    "game",
    (message) => message.name === name && holds(message.view as GameViews[Name]),
  );
  return view as GameViews[Name];
}

async function ask(url: string, request: object): Promise<void> {
  assert.equal((await post(`${url}/game`, request)).status, 204);
}

/** What the program has stored at this moment, for a run after a kill. */
function storedNow({ feed }: RunnerUnderTest): Map<string, unknown> {
  return structuredClone(feed.state);
}

Deno.test("Rules add time to the timer beside the alert of the same event", async () => {
  const rules = [
    { when: "GiftEvent", do: { timer: { add_seconds: 2, times: "diamonds" } } },
    { when: "GiftEvent", do: { text: "{user} adds time" } },
    { when: "FollowEvent", do: { timer: { add_seconds: 10 }, text: "{user} follows" } },
  ];
  const { tested, url } = await startOverlays({ rules, timer: { minutes: 5 } });
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=timer");
  assert.equal(page.hello.games.timer?.leftMs, 300_000);
  await ask(url, { timer: "start" });
  assert.equal((await tested.feed.add(1, { ...roses("Bo", 3), id: 1 })).kind, "completed");
  await tested.feed.add(2, { ...follow("Ana"), id: 2 });
  const { leftMs, by } = await seen(page, "timer", ({ addedMs }) => addedMs === 16_000);
  assert(leftMs > 310_000 && leftMs <= 316_000, `${leftMs}`);
  assert.equal(by, "Ana");
  assert.equal((await page.heard("event", ({ id }) => id === 1)).alert?.text, "Bo adds time");
  assert.equal((await page.heard("event", ({ id }) => id === 2)).alert?.text, "Ana follows");
});

Deno.test("After a kill the timer has run on, and no event adds twice or not at all", async () => {
  const options = {
    rules: [{ when: "FollowEvent", do: { timer: { add_seconds: 60 } } }],
    timer: { minutes: 120 },
  };
  const first = await startOverlays(options);
  await ask(first.url, { timer: "start" });
  await first.tested.feed.add(1, { ...follow("Bo"), id: 1 });
  const kept = storedNow(first.tested);
  await first.tested.runner.stop({ graceMs: 0 });
  // As if the program had been off for an hour.
  const game = kept.get("service game timer") as { state: { endsAt: number }; savedAt: number };
  game.state.endsAt -= 3_600_000;
  game.savedAt -= 3_600_000;

  for (const [runs_while_stopped, minutes] of [[true, 62], [false, 122]] as const) {
    const again = { ...options, timer: { minutes: 120, runs_while_stopped } };
    const { tested, url } = await startOverlays(again, { kept: structuredClone(kept) });
    await using _ = tested;
    await using page = await OverlayPage.open(url, "?wants=timer");
    await tested.feed.add(1, { ...follow("Bo"), id: 1 }, { attempt: 2 });
    await tested.feed.add(2, { ...follow("Ana"), id: 2 });
    const { leftMs } = await seen(page, "timer", ({ addedMs }) => addedMs === 120_000);
    assert(leftMs > (minutes - 1) * 60_000 && leftMs <= minutes * 60_000, `${runs_while_stopped}: ${leftMs}`);
  }
});

Deno.test("The end of the timer is an event for other services, once, also after a kill at that moment", async () => {
  const first = await startOverlays({ timer: { minutes: 0.001 } }, { emits });
  await using page = await OverlayPage.open(first.url, "?wants=timer");
  await ask(first.url, { timer: "start" });
  await seen(page, "timer", ({ phase }) => phase === "running");
  const running = storedNow(first.tested);
  await seen(page, "timer", ({ phase }) => phase === "ended");
  await first.tested.runner.stop({ graceMs: 0 });
  const [told] = first.tested.feed.emissions;
  assert.deepEqual([told?.type, told?.data], ["TimerEndedEvent", { totalSeconds: 0, addedSeconds: 0 }]);

  // Killed before the end was stored.
  const { tested, url } = await startOverlays({ timer: { minutes: 0.001 } }, { emits, kept: running });
  await using _ = tested;
  await using later = await OverlayPage.open(url, "?wants=timer");
  if (later.hello.games.timer?.phase !== "ended") {
    await seen(later, "timer", ({ phase }) => phase === "ended");
  }
  await ask(url, { timer: "reset" });
  assert.deepEqual(tested.feed.emissions.map(({ type }) => type), ["TimerEndedEvent"]);
});

Deno.test("A result that was stored and not emitted is emitted after a kill, with the id that it had", async () => {
  const result = { type: "WheelEvent", data: { slice: "Sing", by: "", spin: 1 }, id: "the id" };
  const state = { seed: "a", count: 1, spin: null, waiting: [] };
  const kept = new Map([["service game wheel", { state, countedIds: [], results: [result], savedAt: 0 }]]);
  const { tested, url } = await startOverlays({}, { emits, kept });
  await using _ = tested;
  await ask(url, { wheel: "clear" });
  assert.deepEqual(tested.feed.emissions.map(({ id }) => id), ["the id"]);
});

Deno.test("A spin is stored before it is shown, and after a kill it has the same result", async () => {
  const slices = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L"];
  const wheel = { slices, spin_seconds: 30 };
  const first = await startOverlays({ wheel }, { emits });
  await using page = await OverlayPage.open(first.url, "?wants=wheel");
  await ask(first.url, { wheel: "spin" });
  await ask(first.url, { wheel: "spin" });
  const shown = await seen(page, "wheel", ({ spin, waitingCount }) => spin !== null && waitingCount === 1);
  const kept = storedNow(first.tested);
  await first.tested.runner.stop({ graceMs: 0 });
  const { tested, url } = await startOverlays({ wheel }, { emits, kept });
  await using _ = tested;
  await using later = await OverlayPage.open(url, "?wants=wheel");
  const { spin, waitingCount } = later.hello.games.wheel ?? {};
  assert.deepEqual([spin?.result, spin?.place, waitingCount], [shown.spin?.result, shown.spin?.place, 1]);
  assert((spin?.ageMs ?? 0) >= (shown.spin?.ageMs ?? Infinity));
});

Deno.test("A rule opens a poll, comments vote, and its result is emitted", async () => {
  const poll = { question: "Pizza or pasta?", options: ["Pizza", "Pasta"] };
  const rules = [
    { when: "CommentEvent", if: { words: "!poll", role: "moderator" }, do: { poll: "open" } },
    { when: "CommentEvent", if: { words: "!close", role: "moderator" }, do: { poll: "close" } },
  ];
  const { tested, url } = await startOverlays({ poll, rules }, { emits });
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=poll");
  const moderator = viewer("Mo", { roles: ["moderator"] });
  let id = 0;
  const say = (user = moderator, text = "") => tested.feed.add(++id, { ...commentBy(user, text), id });
  await say(moderator, "!poll");
  await say(viewer("Ana"), "pasta");
  await say(viewer("Bo"), "2");
  await seen(page, "poll", ({ options }) => options[1]?.votes === 2);
  await say(moderator, "!close");
  assert.deepEqual((await seen(page, "poll", ({ phase }) => phase === "closed")).winners, [1]);
  await ask(url, { poll: "hide" });
  assert.deepEqual(tested.feed.emissions.map(({ data }) => (data as { winner: string }).winner), ["Pasta"]);
});

Deno.test("A battle goes on after a kill, and counts each gift once", async () => {
  const battle = { sides: [{ name: "Cats", gifts: ["Rose"] }, { name: "Dogs", gifts: ["Lion"] }] };
  const first = await startOverlays({ battle });
  await ask(first.url, { battle: "start" });
  await first.tested.feed.add(1, { ...roses("Bo", 5), id: 1 });
  const kept = storedNow(first.tested);
  await first.tested.runner.stop({ graceMs: 0 });
  const { tested, url } = await startOverlays({ battle }, { kept });
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=battle");
  await tested.feed.add(1, { ...roses("Bo", 5), id: 1 }, { attempt: 2 });
  await tested.feed.add(2, { ...roses("Bo", 2), id: 2 });
  const { sides } = await seen(page, "battle", ({ sides }) => sides[0]?.points !== 5);
  assert.deepEqual(sides.map(({ points }) => points), [7, 0]);
});

Deno.test("What a game cannot do is refused with the reason, and breaks nothing", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  const answerTo = async (body: object) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${url}/game`, { method: "POST", headers, body: JSON.stringify(body) });
    return [response.status, (await response.text()).trim()];
  };
  assert.deepEqual(await answerTo({ timer: "pause" }), [400, "The timer is not running."]);
  assert.match(String((await answerTo({ wheel: "spin" }))[1]), /The wheel has no slices/);
  assert.match(String((await answerTo({ timer: "jump" }))[1]), /expected "start"/);
  assert.match(String((await answerTo({}))[1]), /expected a game: timer, wheel, poll, battle/);
  // A rule for what is not possible now fails no item.
  const ended = await tested.feed.add(1, makeEvent({ id: 1 }));
  assert.equal(ended.kind, "completed");
});

Deno.test("A type that is missing in emits is told with what to do", async () => {
  const { tested, url } = await startOverlays({ timer: { minutes: 0.001 } });
  await using _ = tested;
  await ask(url, { timer: "start" });
  await tested.log.heard(/Add "TimerEndedEvent" to "emits" of overlays\./);
});

Deno.test("A flood of gifts is a few writes of the timer, and each gift counts", async () => {
  const { tested, url } = await startOverlays({
    rules: [{ when: "GiftEvent", do: { timer: { add_seconds: 1, times: "count" } } }],
  });
  await using _ = tested;
  let writes = 0;
  const setState = tested.feed.setState.bind(tested.feed);
  tested.feed.setState = (scope, key, ...rest) => {
    if (key === "game timer") writes++;
    return setState(scope, key, ...rest);
  };
  await using page = await OverlayPage.open(url, "?wants=timer");
  await Promise.all(
    Array.from(
      { length: 500 },
      (_, index) => tested.feed.add(index + 1, { ...roses("Bo", 2), id: index + 1 }),
    ),
  );
  await seen(page, "timer", ({ addedMs }) => addedMs === 1_000_000);
  assert(writes < 100, `${writes} writes`);
});

Deno.test("A pane shows the timer, and its keys start it and add a minute", async () => {
  const { tested, url } = await startOverlays({ timer: { minutes: 5 } });
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=timer");
  tested.runner.press({ pane: "Timer", key: "s" });
  await seen(page, "timer", ({ phase }) => phase === "running");
  tested.runner.press({ pane: "Timer", key: "a" });
  await seen(page, "timer", ({ addedMs }) => addedMs === 60_000);
  // Whatever the worker said before the end of an item has arrived with it.
  await tested.feed.say(1, "hello");
  await tested.passSeconds(1);
  const pane = tested.feed.panes.filter(({ title }) => title === "Timer").at(-1);
  assert.deepEqual(pane?.lines.map(({ label }) => label), ["running", "added"]);
  assert.equal(pane?.lines[1]?.value, "1:00");
});
