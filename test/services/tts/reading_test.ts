import assert from "node:assert/strict";
import { optionsSchema } from "../../../services/tts/options.ts";
import { isPaid, isSkip, Reading } from "../../../services/tts/reading.ts";
import type { LiveEvent } from "../../../src/event.ts";
import { makeEvent, makeGift } from "../../support/events.ts";
import { MemoryState } from "../../support/memory_state.ts";
import { commentBy, donation, viewer } from "../../support/overlay_events.ts";

async function reading(options: Record<string, unknown> = {}): Promise<Reading> {
  return new Reading(await optionsSchema.parseAsync(options), new MemoryState());
}

async function textOf(event: LiveEvent, by = reading()): Promise<string | null> {
  const count = event.streak?.delta ?? 1;
  return (await (await by).lineOf(event, { count, isFirstOfUser: false }))?.text ?? null;
}

const anybody = viewer("Ben");
const moderator = viewer("Ana", { roles: ["moderator"] });
const subscriber = viewer("Cleo", { roles: ["subscriber"] });
const all = { rules: [{ when: "CommentEvent", do: { say: "{comment}" } }] };

Deno.test("By default gifts, payments, comments of moderators and subscribers, and !say are read", async () => {
  const gift = { id: 1, name: "Heart Me", diamondCount: 0, isStreakable: false, imageUrl: "" };
  const cases: [LiveEvent, string | null][] = [
    [makeGift({ count: 1 }), "Ana sent Rose"],
    [makeGift({ count: 5 }), "Ana sent 5 Rose"],
    [makeGift({ data: { gift, repeatCount: 1, receiver: null } }), null],
    [
      makeEvent<"SubscribeEvent">({
        type: "SubscribeEvent",
        data: { months: 1, isGifted: false, count: 1, isSuperFan: false },
      }),
      "Ana subscribed",
    ],
    [donation("Dan", { message: "keep going" }), "Dan donated 5.00 EUR. keep going"],
    [commentBy(anybody, "hello"), null],
    [commentBy(anybody, "!say hello"), "hello"],
    [commentBy(anybody, "  !SAY   hello"), "hello"],
    [commentBy(anybody, "!sayings"), null],
    [commentBy(anybody, "!say"), null],
    [commentBy(moderator, "hello"), "hello"],
    [commentBy(moderator, "!song"), null],
    [commentBy(subscriber, "hello"), "hello"],
    [makeEvent<"JoinEvent">({ type: "JoinEvent", data: { memberCount: 1 } }), null],
  ];
  for (const [event, text] of cases) assert.equal(await textOf(event), text, JSON.stringify(event.data));
});

Deno.test("The viewer's part of the text shows the language", async () => {
  const rules = [
    { when: "CommentEvent", if: { words: "hola" }, do: { say: "{user} says: {comment}" } },
    { when: ["CommentEvent", "GiftEvent"], do: { say: "{user} is here" } },
  ];
  const by = await reading({ rules });
  const writtenIn = async (event: LiveEvent) =>
    (await by.lineOf(event, { count: 1, isFirstOfUser: false }))?.written;
  assert.equal(await writtenIn(commentBy(anybody, "!say hola a todos")), "hola a todos");
  assert.equal(await writtenIn(commentBy(anybody, "bonjour")), "");
  assert.equal(await writtenIn(makeGift()), "");
});

Deno.test("Pictures in a comment are not read", async () => {
  const emotes = [{ id: "1", imageUrl: "", at: 5 }];
  assert.equal(await textOf(commentBy(moderator, "hello there", emotes)), "hello there");
});

Deno.test("The first rule that matches decides, with its cooldown; a test ignores cooldowns", async () => {
  const rules = [
    { when: "CommentEvent", if: { words: "hi" }, do: { say: "hi {user}" }, cooldown: { rule_seconds: 60 } },
    { when: "CommentEvent", do: { say: "{comment}" } },
  ];
  const by = reading({ rules });
  assert.equal(
    await textOf(makeEvent({ id: 1, data: { comment: "hi", language: "", emotes: [] } }), by),
    "hi Ana",
  );
  assert.equal(
    await textOf(makeEvent({ id: 2, data: { comment: "hi", language: "", emotes: [] } }), by),
    "hi",
  );
  const test = makeEvent({ id: 3, isTest: true, data: { comment: "hi", language: "", emotes: [] } });
  assert.equal(await textOf(test, by), "hi Ana");
});

Deno.test("Blocked words are left out, or the whole text is", async () => {
  const blocked = { ...all, blocked_words: ["bad word"] };
  const comment = commentBy(anybody, "such a BÀD  word, and badwords");
  assert.equal(await textOf(comment, reading(blocked)), "such a , and badwords");
  assert.equal(await textOf(comment, reading({ ...blocked, on_blocked: "leave_out_text" })), null);
  assert.equal(
    await textOf(commentBy(anybody, "fine"), reading({ ...blocked, on_blocked: "leave_out_text" })),
    "fine",
  );
  assert.equal(await textOf(commentBy(anybody, "bad word"), reading(blocked)), null);
  const rules = [{ when: "CommentEvent", do: { say: "{user} is here" } }];
  assert.equal(await textOf(commentBy(viewer("Bad Word"), "x"), reading({ ...blocked, rules })), "is here");
});

Deno.test("A text ends at the limit of characters: after a word, or within a longer word", async () => {
  const by = reading({ ...all, max_letters: 20 });
  assert.equal(await textOf(commentBy(anybody, "one two three four five six"), by), "one two three four");
  assert.equal(await textOf(commentBy(anybody, "one two three four 5 six"), by), "one two three four 5");
  assert.equal(await textOf(commentBy(anybody, "x".repeat(1_000_000)), by), "x".repeat(20));
  assert.equal(await textOf(commentBy(anybody, "👩‍👩‍👧".repeat(9)), by), "👩‍👩‍👧".repeat(2));
  assert.equal(await textOf(commentBy(anybody, `e${"\u0301".repeat(5000)}`), by), null);
});

Deno.test("Control characters, lone surrogates and line breaks are replaced, and nothing else changes", async () => {
  const written = "a\u0000b\u001b[31mc\r\n\u2028d \ud800e <speak>&amp;</speak> \u202eright";
  assert.equal(
    await textOf(commentBy(anybody, written), reading(all)),
    "a b [31mc d \ufffde <speak>&amp;</speak> \u202eright",
  );
  for (const nothing of ["", " \n ", "\u0000"]) {
    assert.equal(await textOf(commentBy(anybody, nothing), reading(all)), null);
  }
});

Deno.test("Only a moderator can skip with !skip", () => {
  assert.equal(isSkip(commentBy(moderator, "!skip")), true);
  assert.equal(isSkip(commentBy(moderator, " !SKIP please")), true);
  assert.equal(isSkip(commentBy(moderator, "!skipper")), false);
  assert.equal(isSkip(commentBy(moderator, "do !skip")), false);
  assert.equal(isSkip(commentBy(subscriber, "!skip")), false);
});

Deno.test("Gifts that cost something, subscriptions and payments count as paid", () => {
  assert.equal(isPaid(makeGift()), true);
  assert.equal(isPaid(donation("Dan")), true);
  assert.equal(isPaid(commentBy(moderator, "hello")), false);
});
