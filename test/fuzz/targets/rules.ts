import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { eventTypes } from "../../../src/event.ts";
import { Rules, rulesSchema } from "../../../src/kit/rules.ts";
import { sampleEvents, storedAs } from "../../support/captured_events.ts";
import { makeEvent } from "../../support/events.ts";
import { MemoryState } from "../../support/memory_state.ts";
import { hostileNumber, hostileText, spoiltFields } from "../inputs.ts";
import type { Target } from "../target.ts";

interface Input {
  rules: unknown;
  comment: string;
  times: number;
  nickname: string;
  createdAt: number;
}

const type = fc.oneof(
  fc.constantFrom<string>(...eventTypes),
  fc.constantFrom("SpinEvent", "giftevent"),
  hostileText,
);
const number = fc.oneof(fc.nat({ max: 50 }), hostileNumber);
const regexPart = fc.constantFrom(
  ...[
    "(",
    ")",
    "a",
    "a+",
    "(a+)+",
    "(a|aa)*",
    "[a-z]{1,50}",
    "{1000}",
    "{1000}{1000}",
    ".*",
    "^",
    "$",
    "\\b",
    "\\1",
  ],
  ...[
    "(?=a)",
    "(?i)",
    "\\p{L}",
    "[^",
    "*",
    "+?",
    "|",
    "\\x{10ffff}",
    "\\Q",
    "(?P<n>",
    "\\C",
    "[[:alpha:]]",
    "ß",
    "👩‍👩‍👧",
  ],
);
const pattern = fc.oneof(fc.array(regexPart, { maxLength: 8 }).map((parts) => parts.join("")), hostileText);
const word = fc.oneof(fc.constantFrom("!spin", "!jump 3", "rose", "hello", "a"), hostileText);
const someWords = fc.oneof(word, fc.array(word, { maxLength: 4 }));
const rule = spoiltFields({
  when: fc.oneof(type, fc.array(type, { maxLength: 3 })),
  sources: fc.array(hostileText, { maxLength: 2 }),
  if: spoiltFields({
    ...{
      gift: fc.oneof(word, number),
      min_diamonds: number,
      max_diamonds: number,
      min_count: number,
      max_count: number,
    },
    ...{
      every_count: number,
      words: someWords,
      pattern,
      role: fc.constantFrom("moderator", "subscriber", "boss"),
    },
    ...{
      first_time: fc.boolean(),
      receiver: word,
      min_amount: fc.oneof(number, word),
      currency: word,
      tier: word,
    },
  }),
  do: fc.constant("act"),
  cooldown: spoiltFields({ rule_seconds: number, viewer_seconds: number }),
  otherwise: fc.boolean(),
});

const schema = rulesSchema(z.string());
const samples = sampleEvents().map(storedAs);

export const target: Target<Input> = {
  holds:
    "rules, their patterns and the chat's words are taken or told as wrong, and looked for in bounded time",
  inputs: fc.record({
    rules: fc.array(rule, { maxLength: 6 }),
    comment: fc.oneof(fc.constantFrom("!spin", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "ROSE"), hostileText),
    times: fc.oneof({ weight: 10, arbitrary: fc.constant(1) }, fc.constantFrom(10, 100)),
    nickname: hostileText,
    createdAt: hostileNumber,
  }, { noNullPrototype: true }),
  async check({ rules, comment, times, nickname, createdAt }) {
    const parsed = schema.safeParse(rules);
    if (!parsed.success) {
      for (const { message } of parsed.error.issues) assert.notEqual(message, "");
      return;
    }
    const acting = new Rules(parsed.data, new MemoryState());
    // As long as a comment can be, and emotes beyond it do no harm.
    const written = [...comment.repeat(times)].slice(0, 500).join("");
    const event = makeEvent({
      data: { comment: written, language: "en", emotes: [] },
      user: { id: "1", uniqueId: nickname, nickname, avatarUrl: "", roles: ["moderator"] },
      createdAt,
    });
    for (const each of [event, ...samples]) {
      const once = await acting.match(each, { count: 3, isFirstOfUser: true });
      // When the item is handed out again after a failure, the service asks for the same.
      assert.deepEqual(await acting.match(each, { count: 3, isFirstOfUser: true }), once);
    }
  },
};
