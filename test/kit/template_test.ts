import assert from "node:assert/strict";
import fc from "fast-check";
import { Template, templateSchema } from "../../src/kit/template.ts";
import { makeEvent, makeGift } from "../support/events.ts";

const one = { count: 1 };

Deno.test("Placeholders are filled from the event and its item", () => {
  const template = new Template("{user} (@{handle}) sent {count} of {streak_count} {gift} for {diamonds}");
  assert.equal(template.fill(makeGift({ count: 5 }), { count: 2 }), "Ana (@ana) sent 2 of 5 Rose for 2");
  const comment = makeEvent({ data: { comment: "hi {user}", language: "en", emotes: [] } });
  assert.equal(new Template("{user}: {comment}").fill(comment, one), "Ana: hi {user}");
});

Deno.test("A gift's guest, a payment's amount and how many subscriptions have placeholders", () => {
  const receiver = { id: "7", uniqueId: "gil", nickname: "Guest Gil" };
  const gift = makeGift();
  assert.ok(gift.type === "GiftEvent");
  const toGuest = { ...gift, data: { ...gift.data, receiver } };
  assert.equal(new Template("{gift} for [{receiver}]").fill(toGuest, one), "Rose for [Guest Gil]");
  assert.equal(new Template("{gift} for [{receiver}]").fill(gift, one), "Rose for []");
  const payment = { amount: 1250, currency: "EUR", provider: "patreon" };
  const membership = makeEvent({
    type: "MembershipEvent",
    data: { ...payment, tier: "Gold", months: 3, action: "renewed" },
  });
  const template = new Template("{amount} {currency} by {provider}: {tier}, month {months}");
  assert.equal(template.fill(membership, one), "12.50 EUR by patreon: Gold, month 3");
  const box = makeEvent({
    type: "SubscribeEvent",
    data: { months: 0, isGifted: true, count: 5, isSuperFan: true },
  });
  assert.equal(new Template("{count}").fill(box, one), "5");
});

Deno.test("A comment has its emotes where they stand, so that one of emotes alone is not empty", () => {
  const emote = { id: "1", imageUrl: "" };
  const comment = (comment: string, ...places: number[]) =>
    makeEvent({ data: { comment, language: "en", emotes: places.map((at) => ({ ...emote, at })) } });
  const template = new Template("{comment}");
  assert.equal(template.fill(comment("", 0, 0), one), "[emote][emote]");
  assert.equal(template.fill(comment("so wow", 3, 6), one), "so [emote]wow[emote]");
});

Deno.test("What an event has not is left empty", () => {
  assert.equal(
    new Template("[{gift}{diamonds}{months}{comment}{receiver}{amount}{currency}{tier}{provider}]").fill(
      makeEvent({ type: "FollowEvent", data: { followerCount: 1 } }),
      one,
    ),
    "[]",
  );
});

Deno.test("A nickname that is empty gives way to the handle", () => {
  const event = makeEvent();
  assert.equal(new Template("{user}").fill({ ...event, user: { ...event.user, nickname: "" } }, one), "ana");
});

Deno.test("A placeholder that does not exist is a mistake that names those which do", () => {
  const checked = templateSchema().safeParse("hello {usr}");
  assert.match(
    checked.error?.issues[0]?.message ?? "",
    /no placeholder \{usr\}: use \{user\}, \{handle\}.*or \{\{usr\}\}/,
  );
});

Deno.test("Other braces are text, so that JSON may stand in a template", () => {
  const text = '{"name": {"a": "{user}"}, "literal": "{{user}} {{whatever}} {User} {}"}';
  assert.equal(
    new Template(text).fill(makeEvent(), one),
    '{"name": {"a": "Ana"}, "literal": "{user} {whatever} {User} {}"}',
  );
});

Deno.test("Every value goes through the quoting of where it is going, which sees what stands before", () => {
  const seen: string[] = [];
  const filled = new Template('say "{user}" {count}').fill(
    makeGift({ count: 3 }),
    { count: 3 },
    (value, before) => {
      seen.push(before);
      return `<${value}>`;
    },
  );
  assert.equal(filled, 'say "<Ana>" <3>');
  assert.deepEqual(seen, ['say "', 'say "<Ana>" ']);
});

Deno.test("Whatever stands around them, placeholders are filled in and doubled braces are not", () => {
  // What is written, and what it becomes.
  const aPart = fc.oneof(
    fc.string({ unit: fc.constantFrom("a", " ", '"', "\\", "\u{1F339}", "$&") }).map((text) =>
      [text, text] as const
    ),
    fc.constantFrom(["{user}", "{gift}$1"], ["{count}", "3"], ["{comment}", ""], ["{{user}}", "{user}"], [
      "{}",
      "{}",
    ]),
  );
  const event = { ...makeGift({ count: 3 }), user: { ...makeGift().user, nickname: "{gift}$1" } };
  fc.assert(fc.property(fc.array(aPart), (parts) => {
    const template = new Template(parts.map(([written]) => written).join(""));
    assert.equal(template.fill(event, { count: 3 }), parts.map(([, becomes]) => becomes).join(""));
  }));
});

Deno.test("Options with a template are written down as they were read", () => {
  assert.equal(JSON.stringify({ text: templateSchema().parse("hi {user}") }), '{"text":"hi {user}"}');
});

Deno.test("A service may have placeholders of its own, which are found beside the shared ones", () => {
  const template = templateSchema(["level"]).parse("{user}: {level} % {{level}}");
  assert.equal(template.fill(makeEvent(), one, undefined, { level: 41 }), "Ana: 41 % {level}");
  assert.equal(
    template.fill(makeEvent(), one, (value) => `<${value}>`, { level: 41 }),
    "<Ana>: <41> % {level}",
  );
  const checked = templateSchema(["level"]).safeParse("{levle}");
  assert.match(
    checked.error?.issues[0]?.message ?? "",
    /there is no placeholder \{levle\}: use \{level\}, \{user\}/,
  );
});
