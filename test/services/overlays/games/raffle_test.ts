import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { drawnFrom, hashOf } from "../../../../services/overlays/games/draw.ts";
import { Entrants, maxEntrants, raffleMigrations } from "../../../../services/overlays/games/entrants.ts";
import type { Moment } from "../../../../services/overlays/games/game.ts";
import { Raffle, type RaffleState } from "../../../../services/overlays/games/raffle.ts";
import { raffleCommand, raffleOptions } from "../../../../services/overlays/games/raffle_options.ts";
import { openDatabase } from "../../../../src/kit/database.ts";
import { bySomebody, byViewer } from "../../../support/game_moments.ts";
import { commentBy, follow, roses, viewer } from "../../../support/overlay_events.ts";

let nextId = 0;

/** What a raffle does, with the state that it keeps. */
class Played {
  readonly game: Raffle;
  state: RaffleState;

  constructor(options: Record<string, unknown> = {}, entrants?: Entrants) {
    this.game = new Raffle(
      raffleOptions.parse(options),
      entrants ?? new Entrants(() => openDatabase(":memory:", raffleMigrations)),
    );
    this.state = this.game.first;
  }

  ask(command: unknown, moment: Moment = bySomebody(0)): this {
    this.state = this.game.act(this.state, raffleCommand.parse(command), moment).state;
    return this;
  }

  /** A comment by a viewer of this name. */
  say(name: string, text = "!raffle", at = 0): boolean {
    const event = { ...commentBy(viewer(name), text), id: ++nextId };
    const turn = this.game.hear(this.state, event, byViewer(at, event));
    if (turn !== null) this.state = turn.state;
    return turn !== null;
  }

  /** The draw is over. Returns the winner's name. */
  land(): string {
    const at = this.game.dueAt(this.state) ?? assert.fail("no draw is going on");
    this.state = this.game.pass(this.state, at).state;
    return this.game.view(this.state, at).draw?.winner ?? assert.fail("nobody has won");
  }
}

Deno.test("Viewers enter by the command while the raffle is open, each once, and nobody else", () => {
  const played = new Played({ command: "!Win" });
  assert.equal(played.say("Early", "!win"), false);
  played.ask("open");
  assert.equal(played.say("Ana", "!win"), true);
  assert.equal(played.say("Ana", "!WIN please"), true);
  assert.equal(played.say("Bo", "I want to !win"), false);
  assert.equal(played.say("Bo", "!winner"), false);
  assert.throws(() => played.ask("open"), /Close the open raffle first\./);
  played.say("Bo", "¡!win");
  assert.equal(played.say("__proto__", "!wín"), true);
  played.ask("close", bySomebody(5000));
  assert.equal(played.say("Late", "!win", 6000), false);
  // It was received before the end.
  assert.equal(played.say("Slow", "!win", 4000), true);
  assert.deepEqual(played.game.proof(played.state).entrants.map(({ name, tickets }) => [name, tickets]), [
    ["Ana", 1],
    ["__proto__", 1],
    ["Slow", 1],
  ]);
  played.ask("draw").land();
  assert.equal(played.say("Slower", "!win", 4000), false);
});

Deno.test("Gifts and points are tickets by a rule, up to the limit, and an event that comes again adds none", () => {
  const played = new Played({ max_tickets: 5 }).ask({ prize: "A mug" });
  const gift = { ...roses("Ana", 3), id: 1 };
  const tickets = { tickets: 1, times: "count" };
  played.ask(tickets, byViewer(0, gift)).ask(tickets, byViewer(0, gift));
  assert.equal(played.state.tickets, 3);
  played.ask(tickets, byViewer(0, { ...gift, id: 2 })).ask("enter", byViewer(0, { ...follow("Bo"), id: 3 }));
  assert.deepEqual([played.state.tickets, played.state.entrants], [6, 2]);
  const test = { ...follow("Cy"), id: 4, isTest: true };
  assert.throws(() => played.ask("enter", byViewer(0, test)), /A test event does not enter/);
  assert.throws(() => played.ask("enter"), /Only a viewer can enter/);
});

Deno.test("The hash is known before the entries close, and anybody can repeat the draw with the seed", () => {
  const played = new Played({ max_tickets: 9 }).ask("open");
  for (const name of ["Ana", "Bo", "Cy", "Dee"]) played.say(name);
  played.ask({ tickets: 7 }, byViewer(0, { ...follow("Cy"), id: ++nextId }));
  const { hash, seed } = played.game.view(played.state, 0);
  assert.match(hash, /^[0-9a-f]{64}$/);
  assert.equal(seed, "");
  assert.equal(played.game.proof(played.state).seed, null);
  played.ask("draw", bySomebody(1000));
  assert.equal(played.game.view(played.state, 1500).seed, "");
  assert.equal(played.game.proof(played.state).winner, null);
  const winner = played.land();
  const proof = played.game.proof(played.state);
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  assert.equal(sha256(proof.seed ?? ""), hash);
  const tickets = proof.entrants.flatMap(({ name, tickets }) => Array<string>(tickets).fill(name));
  assert.deepEqual(tickets, ["Ana", "Bo", ...Array(8).fill("Cy"), "Dee"]);
  assert.equal(tickets[Number(BigInt(`0x${sha256(`${proof.seed} 1`)}`) % 11n)], winner);
});

Deno.test("Each ticket is as likely as another", () => {
  const entrants = [{ tickets: 1 }, { tickets: 3 }, { tickets: 0 }, { tickets: 6 }];
  const wins = [0, 0, 0, 0];
  for (let draw = 1; draw <= 4000; draw++) wins[drawnFrom(entrants, { seed: "a seed", draw })]!++;
  const expected = [400, 1200, 0, 2400];
  for (const [index, count] of wins.entries()) assert(Math.abs(count - expected[index]!) < 120, `${wins}`);
  assert.equal(drawnFrom([], { seed: "", draw: 1 }), -1);
});

Deno.test("Who has won is left out of the next draws if asked, also in the next raffle, until that is forgotten", () => {
  const names = ["Ana", "Bo", "Cy"];
  const played = new Played({ exclude_winners: true }).ask("open");
  for (const name of names) played.say(name);
  const won = names.map(() => played.ask("draw").land());
  assert.deepEqual(won.toSorted(), names);
  assert.equal(played.game.proof(played.state).entrants.length, 1);
  assert.throws(() => played.ask("draw"), /Nobody takes part who has not won already\./);
  played.ask("open");
  assert.throws(() => played.ask("draw"), /Nobody takes part/);
  played.say("Ana");
  assert.throws(() => played.ask("draw"), /Nobody takes part who has not won already\./);
  assert.equal(played.ask("forget_winners").ask("draw").land(), "Ana");
});

Deno.test("The winner is a result, and is hidden after its time", () => {
  const played = new Played({ prize: "A mug", show_seconds: 20, seconds: 60 }).ask("open", bySomebody(0));
  played.say("Ana");
  assert.equal(played.game.dueAt(played.state), 60_000);
  played.state = played.game.pass(played.state, 60_000).state;
  assert.equal(played.state.phase, "closed");
  played.ask("draw", bySomebody(70_000));
  assert.throws(() => played.ask("draw"), /A draw is going on\./);
  const { state, results } = played.game.pass(played.state, 76_000);
  const { seed } = played.game.view(state, 76_000);
  const data = {
    raffle: 1,
    prize: "A mug",
    winner: "Ana",
    handle: "Ana",
    draw: 1,
    entrants: 1,
    tickets: 1,
    hash: hashOf(seed),
    seed,
  };
  assert.deepEqual(results, [{ type: "RaffleEvent", data }]);
  assert.equal(played.game.dueAt(state), 96_000);
  assert.equal(played.game.pass(state, 96_000).state.phase, "over");
});

Deno.test("Ten thousand viewers take part, and the next one hears that it is full", () => {
  const entrants = new Entrants(() => openDatabase(":memory:", raffleMigrations));
  const played = new Played({}, entrants).ask("open");
  const raffle = hashOf(played.state.seed);
  for (let index = 1; index < maxEntrants; index++) {
    const viewer = `id ${index}`;
    entrants.enter(raffle, { viewer, name: viewer, handle: "", tickets: 1, cause: viewer, at: 0 }, 1);
  }
  played.say("Last");
  assert.equal(played.state.entrants, maxEntrants);
  assert.throws(() => played.say("Over"), /10000 viewers take part already\./);
  assert.equal(played.ask("draw").state.draw?.entrants, maxEntrants);
  // What a page gets stays small.
  assert(JSON.stringify(played.game.view(played.state, 0)).length < 2000);
  played.ask("hide").ask("open").say("Ana");
  assert.equal(played.game.proof(played.state).entrants.length, 1);
});

Deno.test("Old entrants are deleted, a dry run only counts them, and a viewer can be forgotten", () => {
  const entrants = new Entrants(() => openDatabase(":memory:", raffleMigrations));
  const played = new Played({}, entrants).ask("open");
  for (const [name, at] of [["Ana", 10], ["Bo", 20], ["Cy", 30]] as const) played.say(name, "!raffle", at);
  const names = () => played.game.proof(played.state).entrants.map(({ name }) => name);
  assert.equal(entrants.deleteBefore(20, { isDryRun: true }), 1);
  assert.deepEqual(names(), ["Ana", "Bo", "Cy"]);
  assert.equal(entrants.deleteBefore(20, { isDryRun: false }), 1);
  assert.deepEqual([entrants.forget("Cy"), entrants.forget("Cy")], [true, false]);
  assert.deepEqual(names(), ["Bo"]);
});
