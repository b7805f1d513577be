import assert from "node:assert/strict";
import {
  Battle,
  type BattleCommand,
  battleCommand,
  battleOptions,
  type BattleState,
} from "../../../../services/overlays/games/battle.ts";
import { bySomebody, byViewer } from "../../../support/game_moments.ts";
import { makeGift } from "../../../support/events.ts";
import { follow } from "../../../support/overlay_events.ts";
import type { LiveEvent } from "../../../../src/event.ts";

const sides = [{ name: "Cats", gifts: ["Rosé"] }, { name: "Dogs", gifts: [77, "Ice cream"] }];

function battle(options: Record<string, unknown> = {}): Battle {
  return new Battle(battleOptions.parse({ sides, seconds: 60, ...options }));
}

function after(game: Battle, state: BattleState, command: unknown, moment = bySomebody(0)): BattleState {
  return game.act(state, battleCommand.parse(command) as BattleCommand, moment).state;
}

function gift(
  name: string,
  count: number,
  given: { id?: number; receiver?: boolean; isTest?: boolean } = {},
) {
  const { id = 5, receiver = false, isTest = false } = given;
  const streak = { id: name, count, delta: count, hasEnded: true };
  const sent = { id, name, diamondCount: 10, isStreakable: true, imageUrl: "" };
  const guest = receiver ? { id: "9", uniqueId: "gil", nickname: "Gil" } : null;
  return makeGift({ streak, isTest, data: { gift: sent, repeatCount: count, receiver: guest } });
}

function pointsAfter(game: Battle, events: readonly LiveEvent[], at = 1000): number[] {
  let state = after(game, game.first, "start");
  for (const event of events) state = game.hear(state, event, byViewer(at, event))?.state ?? state;
  return game.view(state, 0).sides.map(({ points }) => points);
}

Deno.test("Gifts count for their side by name or number, in diamonds or as gifts", () => {
  const events = [gift("rose", 3), gift("ICE CREAM", 1), gift("Panda", 4, { id: 77 }), gift("Lion", 9)];
  assert.deepEqual(pointsAfter(battle(), events), [30, 50]);
  assert.deepEqual(pointsAfter(battle({ of: "count" }), events), [3, 5]);
});

Deno.test("Tests, gifts to guests, and gifts after the end do not count", () => {
  const game = battle();
  assert.deepEqual(
    pointsAfter(game, [gift("Rose", 1, { receiver: true }), gift("Rose", 1, { isTest: true })]),
    [0, 0],
  );
  assert.deepEqual(pointsAfter(game, [gift("Rose", 1)], 60_000), [10, 0]);
  assert.deepEqual(pointsAfter(game, [gift("Rose", 1)], 60_001), [0, 0]);
});

Deno.test("At its end the battle tells its winner, then it disappears", () => {
  const game = battle({ show_seconds: 5 });
  const started = after(game, game.first, "start");
  const state = after(game, started, { side: "dogs", points: 7 }, byViewer(0, follow("Bo")));
  const { state: ended, results } = game.pass(state, game.dueAt(state) ?? 0);
  const data = { winner: "Dogs", sides: [{ name: "Cats", points: 0 }, { name: "Dogs", points: 7 }] };
  assert.deepEqual(results, [{ type: "BattleEndedEvent", data }]);
  assert.deepEqual([game.view(ended, 0).phase, game.view(ended, 0).winner], ["ended", 1]);
  assert.equal(game.dueAt(ended), 65_000);
  assert.equal(game.view(game.pass(ended, 65_000).state, 0).phase, "none");
});

Deno.test("A draw has no winner", () => {
  const { state, results } = battle().act(after(battle(), battle().first, "start"), "stop", bySomebody(0));
  assert.equal((results?.[0]?.data as { winner: string }).winner, "");
  assert.equal(battle().view(state, 0).winner, null);
});

Deno.test("What cannot be done says why", () => {
  const game = battle();
  const running = after(game, game.first, "start");
  assert.throws(() => after(game, running, "start"), /already running/);
  assert.throws(() => after(game, game.first, "stop"), /No battle is running/);
  assert.throws(
    () => after(game, running, { side: "Birds" }),
    /no side "Birds" in the battle: the sides are Cats, Dogs/,
  );
  const none = battle({ sides: [] });
  assert.throws(() => after(none, none.first, "start"), /add "sides" to "battle"/);
});

Deno.test("A gift cannot count for two sides", () => {
  const { error } = battleOptions.safeParse({
    sides: [{ name: "Cats", gifts: ["Rose"] }, { name: "Dogs", gifts: ["rosé"] }],
  });
  assert.match(error?.issues[0]?.message ?? "", /the gift "rose" counts for two sides/);
});
