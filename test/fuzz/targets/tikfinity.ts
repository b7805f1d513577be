import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeEvent, streamerOf } from "../../../src/capture/tikfinity/decode.ts";
import { readMessage } from "../../../src/capture/tikfinity/message.ts";
import { assertCaptured, assertCleaned } from "../asserts.ts";
import {
  type Edit,
  editedText,
  editsOf,
  hostileJson,
  hostileNumber,
  hostileText,
  spoiltFields,
} from "../inputs.ts";
import type { Target } from "../target.ts";

interface Input {
  message: unknown;
  edits: Edit<string>[];
  /** A long number in place of the word: JavaScript may round such. */
  number: string;
  depth: number;
}

const names = [
  ...["chat", "gift", "like", "follow", "share", "social", "member", "subscribe", "superFan", "superFanBox"],
  ...[
    "superFanJoin",
    "roomUser",
    "emote",
    "envelope",
    "questionNew",
    "liveIntro",
    "streamEnd",
    "linkMicBattle",
  ],
  ...["connected", "CHAT", "__proto__", "toString"],
];
const text = hostileText;
const number = fc.oneof(
  hostileNumber.map((value) => Number.isFinite(value) ? value : 0),
  fc.constantFrom("7", "-1", "1e9", "99999999999999999999", ""),
);
const flag = fc.oneof(fc.boolean(), fc.constantFrom(0, 1, "true", "0"));
const picture = fc.oneof(
  text,
  fc.constant("https://example.invalid/a.webp"),
  fc.constant({ urlList: ["https://a.b"] }),
);
const emotes = fc.array(spoiltFields({ emoteId: text, emoteImageUrl: picture, placeInComment: number }), {
  maxLength: 4,
});
const person = {
  uniqueId: text,
  nickname: text,
  userId: number,
  profilePictureUrl: picture,
  isModerator: flag,
  isSubscriber: flag,
  followRole: number,
  userSceneTypes: fc.array(number, { maxLength: 3 }),
};
const data = spoiltFields({
  ...person,
  user: spoiltFields(person),
  common: spoiltFields({ msgId: text, createTime: number, displayType: text }),
  msgId: text,
  createTime: number,
  comment: text,
  language: text,
  emotes,
  giftId: number,
  giftName: text,
  giftType: number,
  diamondCount: number,
  repeatCount: number,
  repeatEnd: flag,
  groupId: number,
  giftPictureUrl: picture,
  toUser: spoiltFields(person),
  likeCount: number,
  totalLikeCount: number,
  viewerCount: number,
  displayType: fc.constantFrom("pm_main_follow_message", "share", ""),
  envelopeInfo: spoiltFields({
    diamondCount: number,
    peopleCount: number,
    sendUserId: text,
    sendUserName: text,
  }),
  count: number,
  subMonth: number,
  isTest: flag,
  tikfinityUsername: text,
});
const envelope = spoiltFields({ event: fc.oneof(fc.constantFrom(...names), text), data });

export const target: Target<Input> = {
  holds: "whatever TikFinity sends becomes events as the types say, or is counted as corrupt",
  inputs: fc.record({
    message: fc.oneof({ weight: 5, arbitrary: envelope }, fc.array(envelope, { maxLength: 4 }), hostileJson),
    edits: fc.oneof({ weight: 3, arbitrary: fc.constant<Edit<string>[]>([]) }, editsOf(hostileText)),
    number: fc.bigInt().map(String),
    depth: fc.oneof({ weight: 50, arbitrary: fc.constant(0) }, fc.nat({ max: 200_000 })),
  }, { noNullPrototype: true }),
  check({ message, edits, number, depth }) {
    const written = JSON.stringify(message).replace('"7"', number);
    const whole = editedText("[".repeat(depth) + written + "]".repeat(depth), edits);
    const envelopes = readMessage(whole);
    assert.ok(envelopes.length <= 1_001);
    for (const envelope of envelopes) {
      if (envelope === "corrupt") continue;
      assertCleaned(streamerOf(envelope));
      const event = decodeEvent(envelope);
      if (event !== null && event !== "corrupt") assertCaptured(event);
    }
  },
};
