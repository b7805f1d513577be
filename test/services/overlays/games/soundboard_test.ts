import assert from "node:assert/strict";
import {
  Soundboard,
  soundboardCommand,
  soundboardOptions,
  type SoundboardState,
} from "../../../../services/overlays/games/soundboard.ts";
import { SoundPages } from "../../../../services/overlays/sound_pages.ts";
import { bySomebody, byViewer } from "../../../support/game_moments.ts";
import { commentBy, follow, viewer } from "../../../support/overlay_events.ts";

function board(options: Record<string, unknown> = {}, canBeHeard = true): Soundboard {
  return new Soundboard(soundboardOptions.parse(options), () => canBeHeard);
}

function after(game: Soundboard, state: SoundboardState, command: unknown, moment = bySomebody(0)) {
  return game.act(state, soundboardCommand.parse(command), moment).state;
}

Deno.test("Sounds play one after the other, in any spelling of their names, and each is a result", () => {
  const game = board({ sounds: { "Air horn": "air_horn.mp3" } });
  let { state, results } = game.act(game.first, { sound: "AIR HÖRN" }, byViewer(0, follow("Ana")));
  assert.deepEqual(results, [{ type: "SoundEvent", data: { sound: "Air horn", by: "Ana" } }]);
  state = after(game, state, { sound: "pop" });
  const { playing, waitingCount } = game.view(state, 100);
  assert.deepEqual(playing, { number: 1, sound: "Air horn", file: "air_horn.mp3", by: "Ana", ageMs: 100 });
  assert.equal(waitingCount, 1);
  // A page says again what is over.
  assert.equal(game.act(state, { ended: 7 }, bySomebody(0)).state, state);
  ({ state } = game.act(state, { ended: 1 }, bySomebody(2000)));
  assert.equal(game.view(state, 2000).playing?.sound, "pop");
  assert.equal(game.view(after(game, state, "stop"), 0).playing, null);
});

Deno.test("A page that is gone holds no sound up", () => {
  const game = board({ max_seconds: 5 });
  let state = after(game, after(game, game.first, { sound: "pop" }), { sound: "horn" });
  assert.equal(game.dueAt(state), 7000);
  ({ state } = game.pass(state, 7000));
  assert.equal(game.view(state, 7000).playing?.sound, "horn");
});

Deno.test("A viewer names the sound in a comment, or in what points bought", () => {
  const game = board();
  const named = (event: Parameters<typeof byViewer>[1]) =>
    game.view(after(game, game.first, "named", byViewer(0, event)), 0).playing?.sound;
  assert.equal(named(commentBy(viewer("Ana"), "!sound  Fanfare ")), "fanfare");
  const spent = {
    ...follow("Ana"),
    type: "PointsSpentEvent",
    data: { reward: "sound", command: "!sound", cost: 5, left: 1, text: "pop" },
  };
  assert.equal(named(spent as never), "pop");
  assert.throws(
    () => named(commentBy(viewer("Ana"), "!sound")),
    /No sound is named\. The sounds are applause/,
  );
  assert.throws(
    () => named(commentBy(viewer("Ana"), "!sound ../../etc/passwd")),
    /There is no sound "\.\.\/\.\.\/etc\/passwd"\. The sounds are applause, /,
  );
});

Deno.test("Only so many sounds wait, and viewers wait for one another and for their own turn", () => {
  const game = board({ max_waiting: 1, cooldown_seconds: 10, viewer_cooldown_seconds: 60 });
  const ask = (state: SoundboardState, name: string, now: number) =>
    after(game, state, { sound: "pop" }, byViewer(now, follow(name)));
  let state = ask(game.first, "Ana", 0);
  assert.throws(() => ask(state, "Bo", 9_000), /The next sound is possible in 1 s\./);
  state = ask(state, "Bo", 10_000);
  assert.throws(() => ask(state, "Cy", 20_000), /1 sounds wait already\./);
  ({ state } = game.act(state, { ended: 1 }, bySomebody(20_000)));
  assert.throws(() => ask(state, "Ana", 59_000), /This viewer's next sound is possible in 1 s\./);
  state = ask(state, "Ana", 60_000);
  // A person at the desk does not wait.
  ({ state } = game.act(state, { ended: 2 }, bySomebody(60_000)));
  assert.equal(after(game, state, { sound: "pop" }, bySomebody(60_001)).waiting.length, 1);
});

Deno.test("Where no page can be heard, a sound is refused with what to do", () => {
  const silent = board({}, false);
  assert.throws(
    () => after(silent, silent.first, { sound: "pop" }),
    /open \/soundboard in OBS or in a browser/,
  );
});

Deno.test("Of several pages one plays a sound, the first one, and another if that one does not", () => {
  const pages = new SoundPages();
  for (const page of ["obs", "tab"]) {
    pages.open(page);
    pages.setAble(page, true);
  }
  assert.equal(pages.grant("tab", { number: 1, ageMs: 5 }), false);
  assert.equal(pages.grant("obs", { number: 1, ageMs: 6 }), true);
  assert.equal(pages.grant("obs", { number: 1, ageMs: 7 }), false);
  assert.equal(pages.grant("tab", { number: 1, ageMs: 1200 }), false);
  assert.equal(pages.grant("tab", { number: 2, ageMs: 1200 }), true);
  assert.equal(pages.grant("obs", { number: 2, ageMs: 1300 }), false);
  // A new stream of the page opens before the old one closes.
  pages.open("obs");
  pages.close("obs");
  assert.equal(pages.grant("obs", { number: 3, ageMs: 0 }), true);
  pages.close("obs");
  assert.equal(pages.grant("tab", { number: 4, ageMs: 0 }), true);
  // Who is not open cannot become the one that plays.
  pages.close("tab");
  pages.setAble("ghost", true);
  assert.equal(pages.grant("ghost", { number: 5, ageMs: 0 }), false);
});
