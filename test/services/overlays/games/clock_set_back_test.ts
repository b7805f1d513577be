/** The computer's clock is set while a game is played, or between two runs. */
import assert from "node:assert/strict";
import { Battle, battleOptions } from "../../../../services/overlays/games/battle.ts";
import type { Game } from "../../../../services/overlays/games/game.ts";
import { byPerson, type GameHost, PlayedGame } from "../../../../services/overlays/games/played_game.ts";
import { Entrants, raffleMigrations } from "../../../../services/overlays/games/entrants.ts";
import { Raffle } from "../../../../services/overlays/games/raffle.ts";
import { raffleOptions } from "../../../../services/overlays/games/raffle_options.ts";
import { openDatabase } from "../../../../src/kit/database.ts";
import { Poll, pollOptions } from "../../../../services/overlays/games/poll.ts";
import { countdownOptions, Timer, timerOptions } from "../../../../services/overlays/games/timer.ts";
import { Wheel, wheelOptions } from "../../../../services/overlays/games/wheel.ts";
import { MemoryState } from "../../../support/memory_state.ts";
import { silentLog } from "../../../support/silent_log.ts";

const hourMs = 3_600_000;

/** Sets the clock of this process back by an hour while `use` runs. */
function setBack(use: () => Promise<void>): Promise<void> {
  return setBy(-hourMs, use);
}

async function setBy(ms: number, use: () => Promise<void>): Promise<void> {
  const real = Date.now;
  Date.now = () => real() + ms;
  try {
    await use();
  } finally {
    Date.now = real;
  }
}

/** A game whose seconds pass when the test says so. */
async function play<State, Command, View>(
  game: Game<State, Command, View>,
  state = new MemoryState(),
  onChange = () => {},
) {
  const ticks: (() => void | Promise<void>)[] = [];
  const host: GameHost = {
    state,
    log: silentLog(),
    emit: () => Promise.resolve(),
    show: () => {},
    every: (_, run) => {
      ticks.push(run);
      return () => {};
    },
  };
  const played = new PlayedGame(game, host, { name: "game", isConfigured: true, onChange });
  await played.load();
  return { played, state, second: () => Promise.all(ticks.map((tick) => tick())) };
}

const timer = () => new Timer(timerOptions.parse({ minutes: 10 }));
const poll = () => new Poll(pollOptions.parse({ question: "?", options: ["A", "B"], seconds: 600 }));
const countdown = () => new Timer(countdownOptions.parse({}), "Countdown");
const raffle = () =>
  new Raffle(
    raffleOptions.parse({ seconds: 600 }),
    new Entrants(() => openDatabase(":memory:", raffleMigrations)),
  );
const battle = () => new Battle(battleOptions.parse({ sides: [{ name: "A" }, { name: "B" }], seconds: 600 }));
const wheel = () => new Wheel(wheelOptions.parse({ slices: ["A", "B"], spin_seconds: 30 }));

/** Unix milliseconds, as it is stored. */
async function startOfSpin(state: MemoryState): Promise<number> {
  const kept = await state.get<{ state: { spin: { startedAt: number } } }>("game game");
  return kept?.state.spin.startedAt ?? assert.fail("no spin is stored");
}

const isMinutes = (ms: number | null, minutes: number) =>
  assert(ms !== null && ms > (minutes - 1) * 60_000 && ms <= minutes * 60_000, `${ms} ms`);

Deno.test("No game takes longer because the clock was set back while it was played", async () => {
  const games = {
    timer: await play(timer()),
    poll: await play(poll()),
    battle: await play(battle()),
    wheel: await play(wheel()),
    countdown: await play(countdown()),
    raffle: await play(raffle()),
  };
  await games.timer.played.act("start", byPerson());
  await games.poll.played.act("open", byPerson());
  await games.battle.played.act("start", byPerson());
  await games.wheel.played.act("spin", byPerson());
  await games.countdown.played.act({ minutes: 10 }, byPerson());
  await games.raffle.played.act("open", byPerson());
  await setBack(async () => {
    for (const { second } of Object.values(games)) await second();
    isMinutes(games.timer.played.view.leftMs, 10);
    isMinutes(games.poll.played.view.leftMs, 10);
    isMinutes(games.battle.played.view.leftMs, 10);
    isMinutes(games.countdown.played.view.leftMs, 10);
    isMinutes(games.raffle.played.view.leftMs, 10);
    // A second action sees the new times, too.
    await games.timer.played.act({ add_seconds: 60 }, byPerson());
    isMinutes(games.timer.played.view.leftMs, 11);
    for (const { played } of Object.values(games)) await played.stop();
    assert(await startOfSpin(games.wheel.state) <= Date.now());
  });
});

Deno.test("No game takes longer because the clock was set back between two runs", async () => {
  const first = await play(timer());
  await first.played.act("start", byPerson());
  await first.played.stop();
  const wheels = await play(wheel());
  await wheels.played.act("spin", byPerson());
  await wheels.played.stop();
  await setBack(async () => {
    const second = await play(timer(), first.state);
    isMinutes(second.played.view.leftMs, 10);
    await second.played.stop();
    assert(await startOfSpin(wheels.state) > Date.now());
    const other = await play(wheel(), wheels.state);
    await other.played.stop();
    assert(await startOfSpin(wheels.state) <= Date.now());
  });
});

Deno.test("A countdown to a time of day follows the clock when it is set back, and ends at that time", async () => {
  const end = new Date(Date.now() + 20 * 60_000);
  const until = `${end.getHours()}:${String(end.getMinutes()).padStart(2, "0")}`;
  const { played, second } = await play(countdown());
  await played.act({ until }, byPerson());
  isMinutes(played.view.leftMs, 20);
  await setBack(async () => {
    await second();
    isMinutes(played.view.leftMs, 80);
    await played.stop();
  });
});

Deno.test("A countdown ends when the clock is set forward over its end", async () => {
  const ended = Promise.withResolvers<void>();
  const { played, second } = await play(countdown(), new MemoryState(), () => {
    if (played.view.phase === "ended") ended.resolve();
  });
  await played.act({ minutes: 10 }, byPerson());
  await setBy(hourMs, async () => {
    await second();
    await ended.promise;
    await played.stop();
  });
});
