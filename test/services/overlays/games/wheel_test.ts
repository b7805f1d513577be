import assert from "node:assert/strict";
import {
  Wheel,
  type WheelCommand,
  wheelCommand,
  wheelOptions,
  type WheelState,
} from "../../../../services/overlays/games/wheel.ts";
import { bySomebody, byViewer } from "../../../support/game_moments.ts";
import { roses } from "../../../support/overlay_events.ts";

const slices = ["Sing", { name: "Dance", weight: 3 }];

function wheel(options: Record<string, unknown> = {}): Wheel {
  return new Wheel(wheelOptions.parse({ slices, spin_seconds: 5, show_seconds: 4, ...options }));
}

function after(game: Wheel, state: WheelState, command: unknown, moment = bySomebody(0)): WheelState {
  return game.act(state, wheelCommand.parse(command) as WheelCommand, moment).state;
}

/** The names of the results of so many spins. */
function resultsOf(game: Wheel, first: WheelState, count: number): string[] {
  let state = first;
  return Array.from({ length: count }, () => {
    state = after(game, { ...state, spin: null }, "spin");
    const { slices, spin } = game.view(state, 0);
    return slices[spin?.result ?? -1]?.name ?? "";
  });
}

Deno.test("Slices come as often as their weights say", () => {
  const game = wheel();
  const results = resultsOf(game, { ...game.first, seed: "a seed" }, 2000);
  const share = results.filter((name) => name === "Dance").length / results.length;
  assert(share > 0.71 && share < 0.79, `${share}`);
});

Deno.test("The same seed gives the same results, and each wheel has another seed", () => {
  const first = { ...wheel().first, seed: "a seed" };
  assert.deepEqual(resultsOf(wheel(), first, 50), resultsOf(wheel(), first, 50));
  assert.notEqual(wheel().first.seed, wheel().first.seed);
});

Deno.test("Spins wait for one another, and each result is emitted when the wheel stands", () => {
  const game = wheel();
  let state = after(game, game.first, { spins: 1, times: "count" }, byViewer(0, roses("Bo", 2)));
  state = after(game, state, "spin", bySomebody(1000));
  assert.deepEqual([game.view(state, 2000).spin?.ageMs, game.view(state, 2000).waitingCount], [2000, 2]);
  const told = [];
  for (let now = game.dueAt(state); now !== null; now = game.dueAt(state)) {
    const { state: next, results = [] } = game.pass(state, now);
    told.push(...results.map(({ data }) => [now, (data as { by: string }).by]));
    state = next;
  }
  assert.deepEqual(told, [[5000, "Bo"], [14_000, "Bo"], [23_000, ""]]);
  assert.equal(game.view(state, 0).spin, null);
});

Deno.test("A result is shown in full, also if its time was up while Livecue was stopped", () => {
  const game = wheel();
  const spinning = after(game, game.first, "spin");
  const hourMs = 3_600_000;
  const landed = game.pass(spinning, hourMs).state;
  assert.equal(game.dueAt(landed), hourMs + 4000);
  assert.equal(game.view(landed, hourMs).spin?.result, game.view(spinning, 0).spin?.result);
});

Deno.test("A spin keeps its slices when the config changes", () => {
  const spinning = after(wheel(), wheel().first, "spin");
  const changed = wheel({ slices: ["One", "Two", "Three"] });
  assert.deepEqual(changed.view(spinning, 0).slices.map(({ name }) => name), ["Sing", "Dance"]);
});

Deno.test("At most 100 spins wait, and a wheel without slices says what to do", () => {
  const game = wheel();
  let state = after(game, game.first, { spins: 10, times: "count" }, byViewer(0, roses("Bo", 500)));
  assert.equal(state.waiting.length, 99);
  state = after(game, state, "spin");
  assert.throws(() => after(game, state, "spin"), /100 spins wait already/);
  assert.deepEqual(after(game, state, "clear").waiting, []);
  const empty = wheel({ slices: [] });
  assert.throws(() => after(empty, empty.first, "spin"), /add "slices" to "wheel"/);
});
