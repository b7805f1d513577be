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

Deno.test("What an event has not is left empty", () => {
  assert.equal(
    new Template("[{gift}{diamonds}{months}{comment}]").fill(
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
