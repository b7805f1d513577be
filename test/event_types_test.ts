import assert from "node:assert/strict";
import { isChosen, parseTypes } from "../src/event_types.ts";

const typed = (text: string) => {
  const choice = parseTypes(text, ["PointsSpentEvent"]);
  return choice === null ? "all" : `${choice.isAllBut ? "all but " : ""}${choice.types.join(", ")}`;
};

Deno.test("Types are typed with or without Event, in any case, as one or many, several at once", () => {
  assert.equal(typed("like,gift"), "LikeEvent, GiftEvent");
  assert.equal(typed(" Gifts  COMMENTEVENT, gift"), "GiftEvent, CommentEvent");
  assert.equal(typed("pointsspent"), "PointsSpentEvent");
  assert.equal(typed(""), "all");
  assert.equal(typed(" , "), "all");
});

Deno.test("With a ! all types but these are meant", () => {
  assert.equal(typed("!like"), "all but LikeEvent");
  assert.equal(typed("!like,join"), "all but LikeEvent, JoinEvent");
  assert.equal(typed("! like, !join"), "all but LikeEvent, JoinEvent");
  assert.equal(typed("!"), "all");
  assert.deepEqual([isChosen(parseTypes("!like"), "LikeEvent"), isChosen(parseTypes("!like"), "GiftEvent")], [
    false,
    true,
  ]);
});

Deno.test("A wrong type is refused with the nearest name, and a mix of both ways with what to do", () => {
  assert.throws(() => parseTypes("gift,commnt"), /no event type "commnt"\. Did you mean CommentEvent\?/);
  assert.throws(() => parseTypes("like,!gift"), /mixes two ways: name the types to show/);
});
