import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import fc from "fast-check";
import {
  GiftMonitorInfo,
  TextPiece,
  User as TikTokUser,
  WebcastChatMessage,
  WebcastGiftMessage,
  WebcastMemberMessage,
  WebcastRoomMessage,
} from "tiktok-live-connector";
import { eventTypes, paymentEventTypes } from "../../../src/event.ts";
import type { CapturedEvent, RawMessage } from "../../../src/source.ts";
import { decodeEvent } from "../../../src/capture/tiktok/decode.ts";
import { fill } from "../../../src/capture/tiktok/schema.ts";
import { encodeEvent, faithfulMessage } from "../../../src/capture/tiktok/encode.ts";
import {
  commentOf,
  paymentEvents,
  sampleEvents,
  sampleOf,
  streamEnd,
} from "../../support/captured_events.ts";

const everyEvent = [...sampleEvents(), streamEnd(), streamEnd(undefined, "suspended")];
const empty = new Uint8Array(0);

function decoded(raw: RawMessage, roomId = "1"): CapturedEvent {
  const event = decodeEvent(raw, roomId);
  assert.notEqual(event, "corrupt");
  return event as CapturedEvent;
}

function rawOf(method: string, payload: Uint8Array, createTime: number | null = null): RawMessage {
  return { method, createTime, streamer: "host", payload };
}

Deno.test("decodeEvent gives back every type of event that encodeEvent writes", () => {
  const types = eventTypes.filter((type) => !(paymentEventTypes as readonly string[]).includes(type));
  assert.deepEqual(new Set(everyEvent.map((event) => event.type)), new Set(types));
  for (const event of everyEvent) assert.deepEqual(decoded(encodeEvent(event, "host")), event);
});

Deno.test("A message is faithful where decoding it gives the event again, and there is none of what TikTok cannot say", () => {
  for (const event of everyEvent) {
    const raw = faithfulMessage(event, "host");
    assert.deepEqual(raw && decodeEvent(raw, "?"), event);
  }
  const comment = commentOf("hi");
  const unsayable: CapturedEvent[] = [
    ...paymentEvents(),
    { ...comment, isTest: true },
    { ...comment, isHistory: true },
    { ...comment, messageId: "kofi-1" },
    { ...comment, user: { ...comment.user, id: "somebody" } },
    {
      ...sampleOf("SubscribeEvent"),
      data: { months: 1, isGifted: true, count: 3, isSuperFan: false },
    } as CapturedEvent,
  ];
  assert.deepEqual(unsayable.map((event) => faithfulMessage(event, "host")), unsayable.map(() => null));
});

Deno.test("decodeEvent takes the ids '' and 0 for none and falls back to the room and time it was given", () => {
  const event = { ...sampleOf("JoinEvent"), messageId: null, roomId: "", createdAt: null };
  const raw = { ...encodeEvent(event, "host"), createTime: 1_699_999_999_999 };
  const { messageId, roomId, createdAt } = decoded(raw, "77");
  assert.deepEqual({ messageId, roomId, createdAt }, {
    messageId: null,
    roomId: "77",
    createdAt: 1_699_999_999_999,
  });
});

Deno.test("decodeEvent reads times given in seconds as milliseconds", () => {
  const event = { ...sampleOf("NoticeEvent"), createdAt: 1_701_789_148 };
  assert.equal(decoded(encodeEvent(event, "host")).createdAt, 1_701_789_148_000);
});

Deno.test("decodeEvent cleans names and comments", () => {
  const event = commentOf("\x1b[31mred\u202e!");
  event.user = { ...event.user, nickname: "B\x07e\u200bn" };
  const { data, user } = decoded(encodeEvent(event, "host"));
  assert.deepEqual(data, { comment: "red!", language: "en", emotes: [] });
  assert.equal(user.nickname, "Ben");
});

Deno.test("decodeEvent finds roles in the identity, the attributes, the badges and the follow status", () => {
  const chat = WebcastChatMessage.decode(
    WebcastChatMessage.encode({
      ...WebcastChatMessage.decode(empty),
      userIdentity: {
        isGiftGiverOfAnchor: false,
        isSubscriberOfAnchor: true,
        isMutualFollowingWithAnchor: true,
        isFollowerOfAnchor: false,
        isModeratorOfAnchor: true,
        isAnchor: false,
      },
      user: WebcastChatMessage.decode(encodeEvent(commentOf("hi"), "host").payload).user,
    }).finish(),
  );
  const fromIdentity = decoded(rawOf("WebcastChatMessage", WebcastChatMessage.encode(chat).finish()));
  assert.deepEqual(fromIdentity.user.roles, ["moderator", "subscriber", "follower"]);
  const fromUser = decoded(encodeEvent(sampleOf("SubscribeEvent"), "host"));
  assert.deepEqual(fromUser.user.roles, ["moderator", "subscriber", "follower"]);
  assert.deepEqual(decoded(encodeEvent(commentOf("hi"), "host")).user.roles, []);
});

Deno.test("decodeEvent counts a gift that comes once, even where it says no count", () => {
  const gift = WebcastGiftMessage.decode(encodeEvent(sampleEvents()[2] as CapturedEvent, "host").payload);
  const payload = WebcastGiftMessage.encode({ ...gift, repeatCount: 0 }).finish();
  const { streak } = decoded(rawOf("WebcastGiftMessage", payload));
  assert.deepEqual(streak, { kind: "gift", groupId: null, count: 1, isEnd: true });
});

const guest = fill(TikTokUser, { id: "77", displayId: "gil", nickname: "Guest\u202e Gil" });
const gil = { id: "77", uniqueId: "gil", nickname: "Guest Gil" };

function receiverOf(fields: Partial<WebcastGiftMessage>, streamer = "host") {
  const { payload } = encodeEvent(sampleOf("GiftEvent"), "host");
  const gift = WebcastGiftMessage.encode({ ...WebcastGiftMessage.decode(payload), ...fields }).finish();
  const event = decoded({ ...rawOf("WebcastGiftMessage", gift), streamer });
  assert.ok(event.type === "GiftEvent");
  return event.data.receiver;
}

Deno.test("decodeEvent tells the guest whom a gift is for, by whatever TikTok names the guest", () => {
  assert.deepEqual(receiverOf({ toUser: guest }), gil);
  assert.deepEqual(receiverOf({ toUser: guest, toMemberId: "77", toMemberNickname: "Another" }), gil);
  assert.deepEqual(receiverOf({ toMemberId: "77", toMemberNickname: "Guest Gil" }), { ...gil, uniqueId: "" });
  assert.deepEqual(receiverOf({ toMemberIdInt: "77" }), { id: "77", uniqueId: "", nickname: "" });
  assert.deepEqual(receiverOf({ toMemberNickname: "Gil" }), { id: "", uniqueId: "", nickname: "Gil" });
});

Deno.test("decodeEvent has no receiver for a gift to the host, also where TikTok names the host", () => {
  const monitorInfo = fill(GiftMonitorInfo, { anchorId: "77", toUserId: "77" });
  assert.equal(receiverOf({}), null);
  assert.equal(receiverOf({ toUser: fill(TikTokUser, {}), toMemberId: "0" }), null);
  assert.equal(receiverOf({ toUser: guest, monitorInfo }), null);
  assert.equal(receiverOf({ toMemberId: "77", monitorInfo }), null);
  assert.equal(receiverOf({ toUser: guest }, "Gil"), null);
  assert.deepEqual(receiverOf({ toUser: guest, monitorInfo: { ...monitorInfo, anchorId: "78" } }), gil);
});

Deno.test("decodeEvent does not take a member's subscription for a second SubscribeEvent", () => {
  const member = WebcastMemberMessage.decode(encodeEvent(sampleOf("JoinEvent"), "host").payload);
  const payload = WebcastMemberMessage.encode({ ...member, action: 3 }).finish();
  const { type, data } = decoded(rawOf("WebcastMemberMessage", payload));
  assert.deepEqual({ type, data }, { type: "UnknownEvent", data: { method: "WebcastMemberMessage" } });
});

Deno.test("decodeEvent takes the words of a notice from its phrase where its content is blank", () => {
  const notice = WebcastRoomMessage.decode(encodeEvent(sampleOf("NoticeEvent"), "host").payload);
  assert.ok(notice.common);
  notice.content = " ";
  notice.common.displayText = {
    key: "k",
    defaultPattern: "{0:string} comments were hidden",
    defaultFormat: undefined,
    pieces: [{ ...TextPiece.decode(empty), stringValue: "12" }],
  };
  const { data } = decoded(rawOf("WebcastRoomMessage", WebcastRoomMessage.encode(notice).finish()));
  assert.deepEqual(data, { text: "12 comments were hidden" });
});

Deno.test("decodeEvent keeps the method alone of a message that it does not know, cleaned and cut", () => {
  const { type, data } = decoded(rawOf("User", empty));
  assert.deepEqual({ type, data }, { type: "UnknownEvent", data: { method: "User" } });
  const hostile = decoded(rawOf("\x1b]0;title\x07" + "x".repeat(5000), empty));
  assert.deepEqual(hostile.data, { method: "x".repeat(80) });
});

Deno.test("decodeEvent calls a truncated message corrupt", () => {
  for (const event of everyEvent) {
    const raw = encodeEvent(event, "host");
    assert.equal(decodeEvent({ ...raw, payload: raw.payload.subarray(0, -1) }, "1"), "corrupt", event.type);
  }
});

Deno.test("decodeEvent throws on no bytes, random or mutated, and what it gives is fit for the database", () => {
  const methods = [
    ...new Set(everyEvent.map((event) => encodeEvent(event, "host").method)),
    "Unheard",
    "__proto__",
  ];
  const random = fc.record({
    method: fc.constantFrom(...methods),
    payload: fc.uint8Array({ maxLength: 200 }),
  });
  const mutated = fc
    .tuple(
      fc.constantFrom(...everyEvent.map((event) => encodeEvent(event, "host"))),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
    )
    .map(([{ method, payload }, changes]) => {
      const copy = Uint8Array.from(payload);
      for (const [at, value] of changes) copy[at % copy.length] = value;
      return { method, payload: copy };
    });
  fc.assert(
    fc.property(fc.oneof(random, mutated), ({ method, payload }) => {
      const event = decodeEvent(rawOf(method, payload), "1");
      if (event === "corrupt") return;
      assert.ok(eventTypes.includes(event.type));
      if (event.createdAt !== null) assert.ok(event.createdAt >= 1e12 && event.createdAt < 1e13);
      if (event.streak !== null) {
        assert.ok(Number.isSafeInteger(event.streak.count) && event.streak.count >= 0);
      }
      JSON.stringify(event);
    }),
    { numRuns: 3000 },
  );
});

const recordedFolder = new URL("../../../../shared/recorded/", import.meta.url);

interface Expected {
  unique_messages: number;
  comments: number;
  follows: number;
  shares: number;
  joins: number;
  subscribes: number;
  likes: number;
  gifts: number;
  diamonds: number;
}

for (const name of ["streak_minute", "small_room", "unknown_types"]) {
  Deno.test({
    name: `decodeEvent counts what the recording ${name} is known to hold`,
    ignore: !existsSync(new URL(`${name}.jsonl`, recordedFolder)),
    fn() {
      const expected: Expected = JSON.parse(
        Deno.readTextFileSync(new URL(`${name}.expected.json`, recordedFolder)),
      );
      const lines = Deno.readTextFileSync(new URL(`${name}.jsonl`, recordedFolder)).trim().split("\n");
      const events = lines.map((line) => {
        const { payload, ...rest } = JSON.parse(line);
        return decoded(
          { ...rest, payload: Uint8Array.from(atob(payload), (char) => char.charCodeAt(0)) },
          "?",
        );
      });
      assert.deepEqual(countsOf(events), {
        unique_messages: expected.unique_messages,
        comments: expected.comments,
        follows: expected.follows,
        shares: expected.shares,
        joins: expected.joins,
        subscribes: expected.subscribes,
        likes: expected.likes,
        gifts: expected.gifts,
        diamonds: expected.diamonds,
      });
    },
  });
}

/** By the rule of the recordings: each message once, of a streak the highest count, of other gifts each one's. */
function countsOf(events: CapturedEvent[]): Expected {
  const unique = [...new Map(events.map((event) => [`${event.roomId} ${event.messageId}`, event])).values()];
  const streaks = new Map<string, { count: number; price: number }>();
  for (const event of unique) {
    if (event.type !== "GiftEvent" || event.streak.kind !== "gift") continue;
    const { groupId, count } = event.streak;
    const key = [event.roomId, event.user.id, event.data.gift.id, groupId ?? event.messageId].join();
    const price = event.data.gift.diamondCount;
    streaks.set(key, { count: Math.max(count, streaks.get(key)?.count ?? 0), price });
  }
  const gifts = [...streaks.values()];
  const number = (type: CapturedEvent["type"]) => unique.filter((event) => event.type === type).length;
  return {
    unique_messages: unique.length,
    comments: number("CommentEvent"),
    follows: number("FollowEvent"),
    shares: number("ShareEvent"),
    joins: number("JoinEvent"),
    subscribes: number("SubscribeEvent"),
    likes: unique.reduce((sum, { streak }) => sum + (streak?.kind === "like" ? streak.count : 0), 0),
    gifts: gifts.reduce((sum, { count }) => sum + count, 0),
    diamonds: gifts.reduce((sum, { count, price }) => sum + count * price, 0),
  };
}
