import assert from "node:assert/strict";
import {
  countdownOptions,
  Timer,
  type TimerCommand,
  timerCommand,
  timerOptions,
  type TimerState,
} from "../../../../services/overlays/games/timer.ts";
import { bySomebody, byViewer } from "../../../support/game_moments.ts";
import { anotherRose, follow, roses } from "../../../support/overlay_events.ts";

const minuteMs = 60_000;

function timer(options: Record<string, unknown> = {}): Timer {
  return new Timer(timerOptions.parse({ minutes: 10, ...options }));
}

function after(game: Timer, state: TimerState, command: unknown, moment = bySomebody(0)): TimerState {
  return game.act(state, timerCommand.parse(command) as TimerCommand, moment).state;
}

Deno.test("The timer counts down from its length, and its end is a result", () => {
  const game = timer();
  assert.equal(game.view(game.first, 0).leftMs, 10 * minuteMs);
  const running = after(game, game.first, "start", bySomebody(1000));
  assert.equal(game.view(running, 1000 + minuteMs).leftMs, 9 * minuteMs);
  assert.equal(game.dueAt(running), 1000 + 10 * minuteMs);
  const { state, results } = game.pass(running);
  assert.deepEqual(game.view(state, 0), { phase: "ended", leftMs: 0, addedMs: 0, by: "" });
  assert.deepEqual(results, [{ type: "TimerEndedEvent", data: { totalSeconds: 600, addedSeconds: 0 } }]);
});

Deno.test("A pause keeps what is left, and time that is added in a pause is there after it", () => {
  const game = timer();
  let state = after(game, game.first, "start", bySomebody(0));
  state = after(game, state, "pause", bySomebody(4 * minuteMs));
  state = after(game, state, { add_seconds: 30 }, bySomebody(5 * minuteMs));
  assert.equal(game.view(state, 99 * minuteMs).leftMs, 6.5 * minuteMs);
  assert.equal(game.dueAt(state), null);
  state = after(game, state, "resume", bySomebody(20 * minuteMs));
  assert.equal(game.dueAt(state), 26.5 * minuteMs);
  assert.deepEqual(after(game, state, "reset"), game.first);
});

Deno.test("Gifts add seconds for each gift or diamond, and the end of a streak adds none", () => {
  const game = timer();
  const started = after(game, game.first, "start");
  const addedBy = (command: unknown, moment = byViewer(0, roses("Bo", 5))) => {
    const { addedMs, by } = game.view(after(game, started, command, moment), 0);
    return [addedMs, by];
  };
  assert.deepEqual(addedBy({ add_seconds: 30 }), [30_000, "Bo"]);
  assert.deepEqual(addedBy({ add_seconds: 3, times: "count" }), [15_000, "Bo"]);
  assert.deepEqual(addedBy({ add_seconds: 0.5, times: "diamonds" }), [2500, "Bo"]);
  assert.deepEqual(addedBy({ add_seconds: -2, times: "count" }), [-10_000, "Bo"]);
  const end = byViewer(0, { ...anotherRose("Bo", 5) }, { count: 0 });
  assert.deepEqual(addedBy({ add_seconds: 3, times: "count" }, end), [0, ""]);
  // No gift, no diamonds.
  assert.deepEqual(addedBy({ add_seconds: 3, times: "diamonds" }, byViewer(0, follow("Bo"))), [0, ""]);
});

Deno.test("No event adds more than the limit for one event, and all together no more than the limit in all", () => {
  const game = timer({ max_minutes: 12, max_seconds_per_event: 50 });
  let state = after(game, game.first, "start");
  const added = () => {
    const before = state.addedMs;
    state = after(game, state, { add_seconds: 100 }, byViewer(0, follow("Bo")));
    return state.addedMs - before;
  };
  assert.deepEqual([added(), added(), added(), added()], [50_000, 50_000, 20_000, 0]);
  // A person may take what no viewer can, and more than is there ends the timer.
  state = after(game, state, { add_seconds: -86_400 }, bySomebody(minuteMs));
  assert.equal(game.view(state, minuteMs).leftMs, 0);
  assert.equal(game.dueAt(state), minuteMs);
});

Deno.test("A gift that was received before the end counts after it, and one that came later does not", () => {
  const game = timer();
  const ended = game.pass(after(game, game.first, "start")).state;
  const minutes = (at: number, now: number) => {
    const moment = { ...byViewer(now * minuteMs, follow("Bo")), at: at * minuteMs };
    return game.view(after(game, ended, { add_seconds: 300 }, moment), now * minuteMs);
  };
  assert.deepEqual(minutes(9, 11), {
    phase: "running",
    leftMs: 4 * minuteMs,
    addedMs: 5 * minuteMs,
    by: "Bo",
  });
  assert.equal(minutes(9, 16).phase, "ended");
  assert.throws(() => minutes(10.1, 11), /The timer has ended: reset or start it first\./);
});

Deno.test("Its length may change in the config before it starts", () => {
  const longer = after(timer(), timer().first, { add_seconds: 60 });
  assert.equal(timer({ minutes: 20 }).view(longer, 0).leftMs, 21 * minuteMs);
});

Deno.test("What is no command of the timer says what is", () => {
  const { error } = timerCommand.safeParse("+30");
  assert.match(error?.issues[0]?.message ?? "", /expected "start", .* or \{ "add_seconds": 30 \}/);
});

Deno.test("A countdown runs for as long as it is told, again when it is told again, and says so at its end", () => {
  const game = new Timer(countdownOptions.parse({}), "Countdown");
  let state = after(game, game.first, { minutes: 2 });
  state = after(game, state, { add_seconds: 30 }, bySomebody(minuteMs));
  assert.equal(game.view(state, minuteMs).leftMs, 1.5 * minuteMs);
  assert.deepEqual(game.pass(state).results, [
    { type: "CountdownEndedEvent", data: { totalSeconds: 150, addedSeconds: 30 } },
  ]);
  state = after(game, state, { minutes: 1 }, bySomebody(2 * minuteMs));
  assert.deepEqual([game.dueAt(state), game.view(state, 0).addedMs], [3 * minuteMs, 0]);
  // "start" takes the length of the options.
  assert.equal(game.dueAt(after(game, game.first, "start")), 5 * minuteMs);
  assert.throws(() => after(game, state, "start"), /The countdown is already running\./);
  const short = timer({ max_minutes: 30 });
  assert.throws(() => after(short, short.first, { minutes: 31 }), /runs for at most 30 minutes/);
});

Deno.test("A countdown to a time of day ends at that time, today or tomorrow, whatever the clock is set to", () => {
  const game = new Timer(countdownOptions.parse({ until: "9:05" }), "Countdown");
  const at = (hours: number, minutes = 0, day = 10) => new Date(2026, 10, day, hours, minutes).getTime();
  const evening = after(game, game.first, { until: "20:00" }, bySomebody(at(19, 50)));
  assert.equal(game.view(evening, at(19, 50)).leftMs, 10 * minuteMs);
  assert.equal(game.dueAt(after(game, game.first, { until: "20:00" }, bySomebody(at(20)))), at(20, 0, 11));
  assert.equal(game.dueAt(after(game, game.first, "start", bySomebody(at(20)))), at(9, 5, 11));
  // The clock is set back by an hour: the end is still at 20:00.
  assert.equal(game.dueAt(game.postpone(evening, -60 * minuteMs)), at(20));
  // A pause makes a length of it.
  const paused = after(game, evening, "pause", bySomebody(at(19, 55)));
  const resumed = after(game, paused, "resume", bySomebody(at(21)));
  assert.equal(game.dueAt(game.postpone(resumed, -60 * minuteMs)), at(20, 5));
});

Deno.test("What is no time of day says how to write one", () => {
  for (const until of ["24:00", "8 pm", "20:60", "2000", ""]) {
    const { error } = timerCommand.safeParse({ until });
    assert.equal(error?.issues[0]?.message, 'expected a time of day, as "20:00"', until);
  }
});
