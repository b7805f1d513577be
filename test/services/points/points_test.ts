/** The service as Livecue runs it, in a worker. */
import assert from "node:assert/strict";
import { optionsSchema } from "../../../services/points/main.ts";
import type { LiveEvent } from "../../../src/event.ts";
import { makeEvent, startService, type TestedService } from "../../../src/testing/tested_service.ts";

const points = new URL("../../../services/points/main.ts", import.meta.url);
const emits = ["PointsSpentEvent", "PointsAnswerEvent"];
const options = {
  per_comment: 0,
  per_minute: 0,
  rewards: [{ command: "!Hydrate", cost: 30, reward: "Water" }, { command: "!dance", cost: 1 }],
};
const bo = { id: "43", uniqueId: "bo", nickname: "Bo", avatarUrl: "", roles: [] };

function gift(count: number, given: Partial<LiveEvent> = {}): LiveEvent {
  const streak = { id: crypto.randomUUID(), count, delta: count, hasEnded: true };
  return makeEvent("GiftEvent", {}, { streak, ...given } as Partial<LiveEvent>);
}

function comment(text: string, given: Partial<LiveEvent> = {}): LiveEvent {
  return makeEvent("CommentEvent", { comment: text }, given);
}

/** What the service answers. */
async function answer(tested: TestedService, text: string, given: Partial<LiveEvent> = {}): Promise<unknown> {
  const { emitted, status, error } = await tested.handle(comment(text, given));
  assert.equal(status, "completed", error ?? "");
  const data = emitted[0]?.data as { text?: unknown } | undefined;
  return data?.text;
}

Deno.test("Gifts give points, which viewers ask for, give away and compare", async () => {
  await using tested = await startService(points, { options, emits });
  await tested.handle(gift(100));
  await tested.handle(gift(5, { user: bo }));
  assert.equal(await answer(tested, "!points"), "Ana has 100 points.");
  assert.equal(await answer(tested, "!GIVE @Bo 40"), "Ana gives Bo 40 points.");
  assert.equal(await answer(tested, "!top"), "1. Ana 60, 2. Bo 45");
  assert.equal(await answer(tested, "!points of mine", { user: bo }), "Bo has 45 points.");
});

Deno.test("A gift of nothing, of less, of more than there is or to oneself moves no points, and says why", async () => {
  await using tested = await startService(points, { options, emits });
  await tested.handle(gift(10));
  await tested.handle(gift(1, { user: bo }));
  const usage = "Write !give, a viewer's name and a whole number above 0.";
  const cases: [string, string][] = [
    ["!give bo -5", usage],
    ["!give bo 0", usage],
    ["!give bo 1.5", usage],
    ["!give bo 1e3", usage],
    ["!give bo 0x10", usage],
    ["!give bo NaN", usage],
    ["!give bo", usage],
    ["!give", usage],
    ["!give 5", usage],
    [`!give bo 1${"0".repeat(30)}`, "Ana has only 10 points."],
    ["!give bo 9007199254740993", "Ana has only 10 points."],
    ["!give bo 11", "Ana has only 10 points."],
    ["!give ana 5", "Ana cannot give points to themselves."],
    ["!give @ANA 5", "Ana cannot give points to themselves."],
    ["!give nobody 5", "No viewer here has the name nobody."],
    ["!give '; DROP TABLE account; -- 5", "No viewer here has the name '; DROP TABLE account; --."],
  ];
  for (const [text, expected] of cases) assert.equal(await answer(tested, text), expected, text);
  assert.equal(await answer(tested, "!top"), "1. Ana 10, 2. Bo 1");
});

Deno.test("Two viewers of one name are told apart by the handle", async () => {
  await using tested = await startService(points, { options, emits });
  await tested.handle(gift(10));
  await tested.handle(gift(1, { user: { ...bo, id: "44", uniqueId: "other", nickname: "BO" } }));
  await tested.handle(gift(1, { user: bo }));
  assert.equal(
    await answer(tested, "!give Bo 1"),
    "Several viewers have the name Bo. Write the @handle of one.",
  );
  assert.equal(await answer(tested, "!give @other 1"), "Ana gives BO 1 points.");
});

Deno.test("A reward costs points and emits one event, also after a crash", async () => {
  await using tested = await startService(points, { options, emits });
  await tested.handle(gift(50));
  const bought = await tested.handle(comment("!hydrate now please"), { crashes: [{ at: "end" }] });
  assert.deepEqual(bought.emitted.map(({ type, data }) => ({ type, data })), [{
    type: "PointsSpentEvent",
    data: { reward: "Water", command: "!hydrate", cost: 30, left: 20, text: "now please" },
  }]);
  assert.equal(await answer(tested, "!hydrate"), "Ana has 20 points, and Water costs 30.");
  assert.equal(await answer(tested, "!points"), "Ana has 20 points.");
});

Deno.test("A gift counts once after a crash, and a test, another room and a gift to a guest count for nothing", async () => {
  await using tested = await startService(points, { options, emits });
  await tested.handle(gift(7), { crashes: [{ at: "end" }] });
  await tested.handle(gift(100, { isTest: true }));
  await tested.handle(gift(100, { isForeign: true }));
  const receiver = { id: "9", uniqueId: "gil", nickname: "Gil" };
  await tested.handle(makeEvent("GiftEvent", { receiver }, { streak: gift(9).streak } as Partial<LiveEvent>));
  assert.equal(await answer(tested, "!points"), "Ana has 7 points.");
  const { emitted } = await tested.handle(comment("!dance", { isTest: true }));
  assert.equal(emitted[0]?.type, "PointsSpentEvent");
  assert.equal(await answer(tested, "!points"), "Ana has 7 points.");
});

Deno.test("A reward that the config lets nobody hear of costs nothing, and the error says what to add", async () => {
  await using tested = await startService(points, { options, emits: [] });
  await tested.handle(gift(50));
  const refused = await tested.handle(comment("!hydrate"));
  assert.match(refused.error ?? "", /Add "PointsSpentEvent" to "emits"/);
  await tested.handle(comment("!points"));
  assert.ok(tested.log.some(({ text }) => text === "Ana has 50 points."));
});

Deno.test("A command that stands twice, or has no word, is a mistake", () => {
  const mistakes = (given: object) =>
    optionsSchema.safeParse(given).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  assert.deepEqual(mistakes({ rewards: [{ command: "!TOP", cost: 1 }] }), [
    'rewards.0.command: "!top" is a command already',
  ]);
  assert.deepEqual(mistakes({ rewards: [{ command: "two words", cost: 1 }] }), [
    'rewards.0.command: expected one word, as "!points"',
  ]);
  assert.ok(mistakes({ rewards: [{ command: "!x", cost: 0 }] }));
  assert.ok(mistakes({ rewards: [{ command: "!x", cost: 1e30 }] }));
});

Deno.test("A viewer gives points to any name that somebody has, and a name is never more than a name", async () => {
  await using tested = await startService(points, { options, emits });
  await tested.handle(gift(1000));
  const names = [
    "__proto__",
    "%' OR 1=1 --",
    "<img src=x onerror=alert(1)>",
    "Bo 5",
    "5",
    "محمد",
    "\u202Eevil",
    "👨‍👩‍👧‍👦",
    "Z\u0301\u0489\u0489",
    "W".repeat(64),
    "@bo",
  ];
  for (const [index, nickname] of names.entries()) {
    const user = { ...bo, id: `${100 + index}`, uniqueId: `user${index}`, nickname };
    await tested.handle(gift(1, { user }));
    const to = nickname === "@bo" ? "@user10" : nickname;
    assert.equal(await answer(tested, `!give ${to} 7`), `Ana gives ${nickname} 7 points.`, nickname);
    assert.equal(await answer(tested, "!points", { user }), `${nickname} has 8 points.`);
  }
  // A name that begins with @ is nobody's handle.
  assert.equal(await answer(tested, "!give @bo 1"), "No viewer here has the name @bo.");
  assert.equal(await answer(tested, "!give ٪ 1"), "No viewer here has the name ٪.");
  assert.equal(await answer(tested, "!points"), `Ana has ${1000 - 7 * names.length} points.`);
});

Deno.test("A reward with choices costs nothing for anything else", async () => {
  const rewards = [{ command: "!sound", cost: 3, choices: ["Air horn", "pop"] }];
  await using tested = await startService(points, { options: { ...options, rewards }, emits });
  await tested.handle(gift(10));
  assert.equal(await answer(tested, "!sound"), "Write !sound and one of: Air horn, pop.");
  assert.equal(await answer(tested, "!sound __proto__"), "Write !sound and one of: Air horn, pop.");
  const { emitted } = await tested.handle(comment("!sound  AIR  hörn"));
  assert.deepEqual(emitted.map(({ data }) => (data as { left: number }).left), [7]);
});
