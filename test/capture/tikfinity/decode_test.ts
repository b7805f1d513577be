import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeEvent } from "../../../src/capture/tikfinity/decode.ts";
import { readMessage } from "../../../src/capture/tikfinity/message.ts";
import type { CapturedEvent } from "../../../src/source.ts";
import { personFields, roseFields } from "../../support/fake_tikfinity.ts";

const ana = {
  id: "7000000000000000001",
  uniqueId: "ana.live",
  nickname: "Ana 🌹",
  avatarUrl: "https://example.invalid/ana.webp",
  roles: ["moderator", "follower"],
};

function decodeText(text: string): CapturedEvent | "corrupt" | null {
  const [envelope] = readMessage(text);
  return envelope === undefined || envelope === "corrupt" ? "corrupt" : decodeEvent(envelope);
}

function decoded(event: string, data: Record<string, unknown>): CapturedEvent {
  const found = decodeText(JSON.stringify({ event, data }));
  if (found === null || found === "corrupt") throw new Error(`${event} was not decoded: ${found}`);
  return found;
}

Deno.test("A comment of TikFinity's is read with its writer, id, time and emotes", () => {
  const emotes = [{
    emoteId: "7349208530156604202",
    emoteImageUrl: "https://e.invalid/1",
    placeInComment: 2,
  }];
  assert.deepEqual(
    decoded(
      "chat",
      personFields({ comment: "hi", emotes, msgId: "7515589486609222446", createTime: "1749859543679" }),
    ),
    {
      type: "CommentEvent",
      data: {
        comment: "hi",
        language: "",
        emotes: [{ id: "7349208530156604202", imageUrl: "https://e.invalid/1", at: 2 }],
      },
      user: ana,
      streak: null,
      roomId: "",
      messageId: "7515589486609222446",
      createdAt: 1_749_859_543_679,
      isTest: false,
    },
  );
});

Deno.test("A gift that streaks is one frame of its group; TikFinity's receiver is the host as a rule, and is nobody", () => {
  const { data, streak, user } = decoded("gift", roseFields(3, false));
  assert.deepEqual(data, {
    gift: {
      id: 5655,
      name: "Rose",
      diamondCount: 1,
      isStreakable: true,
      imageUrl: "https://example.invalid/rose.png",
    },
    repeatCount: 3,
    receiver: null,
  });
  assert.deepEqual(streak, { kind: "gift", groupId: "1749859560141", count: 3, isEnd: false });
  assert.deepEqual(user, ana);
});

Deno.test("A gift that does not streak is whole at once, though TikFinity gives it a group and no end", () => {
  const { streak } = decoded("gift", roseFields(1, false, { giftType: 2, groupId: "1749859539512" }));
  assert.deepEqual(streak, { kind: "gift", groupId: null, count: 1, isEnd: true });
});

Deno.test("A gift is read from other servers' nested forms as well", () => {
  const user = {
    userId: "7000000000000000001",
    uniqueId: "ana.live",
    nickname: "Ana 🌹",
    profilePictureUrl: "https://example.invalid/ana.webp",
    isModerator: true,
    followInfo: { followStatus: "1" },
  };
  const flat = decoded("gift", roseFields(5, true));
  const forms = [
    { giftId: "5655", giftDetails: { giftName: "Rose", diamondCount: "1", giftType: 1 }, repeatEnd: 1 },
    { gift: { id: 5655, name: "Rose", diamondCount: 1 }, giftType: "1", repeatEnd: true },
    { giftId: 5655, extendedGiftInfo: { name: "Rose", diamond_count: 1, type: 1 }, repeatEnd: "true" },
  ];
  for (const form of forms) {
    const { user: person, data, streak } = decoded("gift", {
      user,
      repeatCount: "5",
      groupId: 1749859560141,
      giftPictureUrl: "https://example.invalid/rose.png",
      ...form,
    });
    assert.deepEqual({ person, data, streak }, { person: flat.user, data: flat.data, streak: flat.streak });
  }
});

Deno.test("An id stays exact as a number, too, beyond what JavaScript counts", () => {
  const text =
    '{"event":"chat","data":{"userId":7000000000000000001,"msgId":7515589486609222446,"comment":"hi"}}';
  const event = decodeText(text);
  assert.ok(event !== null && event !== "corrupt");
  assert.equal(event.user.id, "7000000000000000001");
  assert.equal(event.messageId, "7515589486609222446");
});

Deno.test("What a message lacks is null or empty by its event's shape", () => {
  assert.deepEqual(decoded("gift", { giftId: 7 }), {
    type: "GiftEvent",
    data: {
      gift: { id: 7, name: "", diamondCount: 0, isStreakable: false, imageUrl: "" },
      repeatCount: 1,
      receiver: null,
    },
    user: { id: "", uniqueId: "", nickname: "", avatarUrl: "", roles: [] },
    streak: { kind: "gift", groupId: null, count: 1, isEnd: true },
    roomId: "",
    messageId: null,
    createdAt: null,
    isTest: false,
  });
  assert.deepEqual(decoded("chat", {}).data, { comment: "", language: "", emotes: [] });
  assert.equal(decoded("chat", { msgId: "0" }).messageId, null);
});

Deno.test("One whose number is not told is known by the handle", () => {
  assert.equal(decoded("like", { uniqueId: "@ben", likeCount: 3 }).user.id, "@ben");
  assert.equal(decoded("like", { uniqueId: "@ben", likeCount: 3 }).user.uniqueId, "ben");
});

Deno.test("Each kind of message becomes its event", () => {
  const cases: [string, Record<string, unknown>, string, unknown][] = [
    ["like", { likeCount: 3, totalLikeCount: 520 }, "LikeEvent", { total: 520 }],
    ["follow", {}, "FollowEvent", { followerCount: 0 }],
    ["share", {}, "ShareEvent", { shareCount: 0 }],
    ["social", { displayType: "pm_main_follow_message_viewer_2" }, "FollowEvent", { followerCount: 0 }],
    ["social", { displayType: "pm_mt_guidance_share" }, "ShareEvent", { shareCount: 0 }],
    ["member", { actionId: 1 }, "JoinEvent", { memberCount: 0 }],
    ["member", { actionId: 26 }, "UnknownEvent", { method: "member" }],
    ["roomUser", { viewerCount: 2, topViewers: [] }, "ViewerCountEvent", {
      viewerCount: 2,
      totalUserCount: 0,
    }],
    ["subscribe", { subMonth: 3 }, "SubscribeEvent", {
      months: 3,
      isGifted: false,
      count: 1,
      isSuperFan: false,
    }],
    ["superFan", {}, "SubscribeEvent", { months: 0, isGifted: false, count: 1, isSuperFan: true }],
    [
      "superFanBox",
      { envelopeInfo: { peopleCount: 5, sendUserId: "9", sendUserName: "Ben" } },
      "SubscribeEvent",
      {
        months: 0,
        isGifted: true,
        count: 5,
        isSuperFan: true,
      },
    ],
    ["superFanJoin", { content: "Ana is here" }, "BarrageEvent", { text: "Ana is here" }],
    ["emote", { emoteId: "e1", emoteImageUrl: "https://e.invalid/1" }, "EmoteEvent", {
      emotes: [{ id: "e1", imageUrl: "https://e.invalid/1" }],
    }],
    ["envelope", { coins: 100, canOpen: 10 }, "TreasureBoxEvent", { diamondCount: 100, recipientCount: 10 }],
    ["questionNew", { questionText: "Where?" }, "QuestionEvent", { question: "Where?" }],
    ["streamEnd", { action: 3 }, "StreamEndEvent", { reason: "ended" }],
    ["streamEnd", { action: 4 }, "StreamEndEvent", { reason: "suspended" }],
    ["somethingNew", {}, "UnknownEvent", { method: "somethingNew" }],
    ["constructor", {}, "UnknownEvent", { method: "constructor" }],
  ];
  for (const [name, data, type, expected] of cases) {
    const event = decoded(name, data);
    assert.deepEqual([event.type, event.data], [type, expected], name);
  }
});

Deno.test("TikFinity's own settings and news of its connection are no events of the live", () => {
  for (const name of ["config", "connected", "roomInfo", "disconnected"]) {
    assert.equal(decodeText(JSON.stringify({ event: name, data: { events: [] } })), null, name);
  }
});

Deno.test("A message that is none is corrupt", () => {
  const texts = ["", "{", "null", "[]x", '"chat"', "{}", '{"event":5}', '{"event":"chat","data":"x"}', "[1]"];
  for (const text of texts) assert.equal(decodeText(text), "corrupt", text);
  assert.equal(decodeText('{"event":"gift","data":{"repeatCount":2}}'), "corrupt", "a gift of nothing");
});

Deno.test("Several messages may come in one list", () => {
  const text = JSON.stringify([{ event: "follow", data: {} }, 5, { type: "share" }]);
  assert.deepEqual(readMessage(text).map((each) => each === "corrupt" ? each : each.name), [
    "follow",
    "corrupt",
    "share",
  ]);
  assert.equal(readMessage(JSON.stringify(Array(5_000).fill({ event: "like" }))).length, 1_001);
});

Deno.test("Names and texts are cleaned and cut, counts and addresses are such or nothing", () => {
  const hostile = "\u001b[31mred\u202e\u0000";
  const { user, data } = decoded("chat", {
    nickname: hostile,
    uniqueId: hostile,
    userId: -5,
    profilePictureUrl: "javascript:alert(1)",
    comment: `${hostile}${"x".repeat(10_000)}`,
    emotes: Array(1_000).fill({ emoteId: "e", placeInComment: 1e9 }),
  });
  assert.equal(user.nickname, "red");
  assert.equal(user.id, "@red");
  assert.equal(user.avatarUrl, "");
  assert.ok("comment" in data && data.comment.startsWith("red") && data.comment.length === 500);
  assert.equal(data.emotes.length, 50);
  assert.equal(data.emotes[0]?.at, 500);
  for (const count of [-1, 1e300, NaN, "1e5", "0x10", {}, [], true, "99999999999999999999"]) {
    assert.deepEqual(decoded("like", { likeCount: count }).streak, { kind: "like", count: 0 }, String(count));
  }
});

Deno.test("No message makes the decoder throw", () => {
  const names = fc.constantFrom(
    "chat",
    "gift",
    "like",
    "member",
    "emote",
    "superFanBox",
    "envelope",
    "social",
  );
  const keys = fc.constantFrom(
    "user",
    "gift",
    "emotes",
    "common",
    "giftDetails",
    "userSceneTypes",
    "groupId",
    "x",
  );
  const data = fc.dictionary(keys, fc.jsonValue());
  fc.assert(fc.property(names, data, (event, data) => {
    decodeText(JSON.stringify({ event, data }));
  }));
  fc.assert(fc.property(fc.string(), (text) => void readMessage(text)));
});

Deno.test("A message may be nested as deeply as it likes", () => {
  const depth = 200_000;
  const text = `{"event":"chat","data":{"x":${"[".repeat(depth)}12345678901234567890${"]".repeat(depth)}}}`;
  assert.doesNotThrow(() => readMessage(text));
});
