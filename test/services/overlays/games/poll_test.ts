import assert from "node:assert/strict";
import {
  Poll,
  type PollCommand,
  pollCommand,
  pollOptions,
  type PollState,
} from "../../../../services/overlays/games/poll.ts";
import { bySomebody, byViewer } from "../../../support/game_moments.ts";
import { commentBy, viewer } from "../../../support/overlay_events.ts";

const asked = { question: "Where to?", options: ["Paris", "New York", "São Paulo"], seconds: 60 };

function after(game: Poll, state: PollState, command: unknown, now = 0): PollState {
  return game.act(state, pollCommand.parse(command) as PollCommand, bySomebody(now)).state;
}

/** The votes of each option after these comments. */
function votesAfter(
  comments: [name: string, text: string][],
  { options = {}, at = 1000 }: { options?: Record<string, unknown>; at?: number } = {},
): number[] {
  const game = new Poll(pollOptions.parse(options));
  let state = after(game, game.first, asked);
  for (const [name, text] of comments) {
    const event = commentBy(viewer(name), text);
    state = game.hear(state, event, byViewer(at, event))?.state ?? state;
  }
  return game.view(state, 0).options.map(({ votes }) => votes);
}

Deno.test("A vote is a number, an option, or a sentence with one option", () => {
  const comments: [string, number[]][] = [
    ["1", [1, 0, 0]],
    [" #2! ", [0, 1, 0]],
    ["３", [0, 0, 1]],
    ["PARIS", [1, 0, 0]],
    ["new york please", [0, 1, 0]],
    ["sao paulo", [0, 0, 1]],
    ["0", [0, 0, 0]],
    ["4", [0, 0, 0]],
    ["12", [0, 0, 0]],
    ["1 like", [0, 0, 0]],
    ["Paris or New York?", [0, 0, 0]],
    ["Parisian", [0, 0, 0]],
    ["", [0, 0, 0]],
  ];
  for (const [text, votes] of comments) assert.deepEqual(votesAfter([["Bo", text]]), votes, text);
});

Deno.test("A viewer has one vote, which they may change unless the option says otherwise", () => {
  const comments: [string, string][] = [["Bo", "1"], ["Bo", "1"], ["Ana", "1"], ["Bo", "2"]];
  assert.deepEqual(votesAfter(comments), [1, 1, 0]);
  assert.deepEqual(votesAfter(comments, { options: { can_change_vote: false } }), [2, 0, 0]);
});

Deno.test("A viewer has one vote whatever their handle or number is", () => {
  const game = new Poll(pollOptions.parse({}));
  for (const id of ["__proto__", "constructor", "toString", "7"]) {
    let state = after(game, game.first, asked);
    for (const text of ["1", "1", "2", "2"]) {
      const vote = commentBy({ ...viewer("Bo"), id }, text);
      state = game.hear(state, vote, byViewer(0, vote))?.state ?? state;
    }
    assert.deepEqual(state.counts, [0, 1, 0], id);
  }
});

Deno.test("Votes count until the end, and a test is no vote", () => {
  assert.deepEqual(votesAfter([["Bo", "1"]], { at: 60_000 }), [1, 0, 0]);
  assert.deepEqual(votesAfter([["Bo", "1"]], { at: 60_001 }), [0, 0, 0]);
  const game = new Poll(pollOptions.parse({}));
  const event = { ...commentBy(viewer("Bo"), "1"), isTest: true };
  assert.equal(game.hear(after(game, game.first, asked), event, byViewer(0, event)), null);
});

Deno.test("At its end the poll tells its winner, then it disappears", () => {
  const game = new Poll(pollOptions.parse({ show_seconds: 10 }));
  let state = after(game, game.first, asked);
  const vote = commentBy(viewer("constructor"), "2");
  state = game.hear(state, vote, byViewer(0, vote))?.state ?? state;
  assert.equal(game.dueAt(state), 60_000);
  const { state: closed, results } = game.pass(state, 60_000);
  const options = [{ text: "Paris", votes: 0 }, { text: "New York", votes: 1 }, {
    text: "São Paulo",
    votes: 0,
  }];
  assert.deepEqual(results, [{
    type: "PollEndedEvent",
    data: { question: "Where to?", options, winner: "New York" },
  }]);
  assert.deepEqual([game.view(closed, 0).phase, game.view(closed, 0).winners], ["closed", [1]]);
  assert.equal(game.dueAt(closed), 70_000);
  assert.equal(game.view(game.pass(closed, 70_000).state, 0).phase, "none");
});

Deno.test("A poll without an end stays open until it is closed, and a tie has no winner", () => {
  const game = new Poll(pollOptions.parse({ question: "Left or right?", options: ["Left", "Right"] }));
  const state = after(game, game.first, "open");
  assert.equal(game.dueAt(state), null);
  assert.throws(() => after(game, state, "open"), /Close the open poll first/);
  const { results } = game.act(state, "close", bySomebody(0));
  assert.equal((results?.[0]?.data as { winner: string }).winner, "");
  assert.throws(() => after(game, game.first, "close"), /No poll is open/);
});

Deno.test("The twenty-thousandth viewer votes, and the next one is told about", () => {
  const game = new Poll(pollOptions.parse({}));
  const open = after(game, game.first, asked);
  const vote = commentBy(viewer("Bo"), "1");
  assert.equal(
    game.hear({ ...open, counts: [19_999, 0, 0] }, vote, byViewer(0, vote))?.state.counts[0],
    20_000,
  );
  const other = commentBy(viewer("Ana"), "1");
  assert.throws(
    () => game.hear({ ...open, counts: [20_000, 0, 0] }, other, byViewer(0, other)),
    /have voted already/,
  );
});

Deno.test("Options that are the same, or too many, are refused with what is right", () => {
  const mistakeIn = (options: string[]) =>
    pollCommand.safeParse({ question: "?", options }).error?.issues[0]?.message ?? "";
  assert.match(mistakeIn(["A", "á"]), /two options are the same/);
  assert.match(mistakeIn(["A"]), /a poll has at least two options/);
  assert.match(mistakeIn(["A", "B", "C", "D", "E", "F", "G"]), /two to six different options/);
});
