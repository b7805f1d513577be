/** Which of TikTok's messages about Super Fans and other subscriptions are subscriptions. */
import assert from "node:assert/strict";
import {
  BadgeStruct,
  CommonMessageData,
  MessageCommonText,
  MessageRedEnvelopInfo,
  TextPiece,
  TextPieceUser,
  User as TikTokUser,
} from "tiktok-live-connector";
import { decodeEvent } from "../../../src/capture/tiktok/decode.ts";
import { type BodyOf, encodeMessage, fill, fillMessage } from "../../../src/capture/tiktok/schema.ts";
import type { CapturedEvent } from "../../../src/source.ts";

type Method = Parameters<typeof fillMessage>[0];

const ann = fill(TikTokUser, {
  id: "71",
  displayId: "ann.live",
  nickname: "Ann",
  badgeList: [fill(BadgeStruct, { sceneType: 4 })],
});

function phrase(key: string, user?: TikTokUser) {
  const pieces = user === undefined ? [] : [fill(TextPiece, { userValue: fill(TextPieceUser, { user }) })];
  return fill(MessageCommonText, { key, defaultPattern: "{0:user} and Super Fans", pieces });
}

function decoded<Name extends Method>(method: Name, fields: Partial<BodyOf<Name>>): CapturedEvent {
  const payload = encodeMessage(fillMessage(method, fields));
  const event = decodeEvent({ method, createTime: null, streamer: "host", payload }, "1");
  if (event === "corrupt") throw new Error("The message is corrupt.");
  return event;
}

function barrage(fields: Partial<BodyOf<"WebcastBarrageMessage">>): CapturedEvent {
  return decoded("WebcastBarrageMessage", { user: ann, ...fields });
}

function envelope(
  info: Partial<MessageRedEnvelopInfo>,
  { key = "", display = 0, msgId = "9" } = {},
): CapturedEvent {
  return decoded("WebcastEnvelopeMessage", {
    common: fill(CommonMessageData, { msgId, displayText: phrase(key, ann) }),
    envelopeInfo: fill(MessageRedEnvelopInfo, { sendUserId: "71", sendUserName: "Ann", ...info }),
    display,
  });
}

const became = { months: 0, isGifted: false, count: 1, isSuperFan: true };

Deno.test("Becoming a Super Fan is a subscription, wherever in the announcement its key stands", () => {
  const key = "ttlive_superFan_commentNotif_someoneBecameSuperFan";
  for (
    const fields of [
      { content: phrase(key) },
      { commonBarrageContent: phrase(key) },
      { content: phrase(key.toLowerCase()), subType: "BecomingSuperFanLv10" },
      { common: fill(CommonMessageData, { displayText: phrase(key) }) },
      { subType: "becoming_super_fan_lv1" },
      { content: phrase("ttlive_superfan_new") },
    ]
  ) {
    const { type, data, user } = barrage(fields);
    assert.deepEqual({ type, data }, { type: "SubscribeEvent", data: became }, JSON.stringify(fields));
    assert.deepEqual([user.uniqueId, user.roles], ["ann.live", ["subscriber"]]);
  }
});

Deno.test("Who became a Super Fan may stand in the announcement's words alone", () => {
  const content = phrase("ttlive_superFan_commentNotif_someoneBecameSuperFan", ann);
  assert.equal(barrage({ user: undefined, content }).user.uniqueId, "ann.live");
});

Deno.test("A Super Fan who comes in, a level, a box and other announcements are no subscriptions", () => {
  for (
    const fields of [
      { content: phrase("ttlive_superFan_commentNotif_superFanJoined"), subType: "fans_entrance" },
      { commonBarrageContent: phrase("TTLIVE_SUPERFAN_COMMENTNOTIF_SUPERFANJOINED") },
      // TikTok has been seen to say both of one who comes in.
      {
        content: phrase("ttlive_superFan_commentNotif_superFanJoined"),
        subType: "BecomingSuperFanLv1",
      },
      { content: phrase("ttlive_superFan_commentNotif_upgrade"), subType: "super_fan_upgrade" },
      { subType: "super_fan_upgrade" },
      { content: phrase("ttlive_superFanBox_sent") },
      { content: phrase("pm_mt_fan_live_join"), msgType: 11 },
      // Of plain subscriptions WebcastSubNotifyMessage tells as well.
      { content: phrase("pm_mt_sub_someone_subscribed"), msgType: 4 },
      { content: phrase("pm_mt_sub_gift"), msgType: 7 },
    ]
  ) {
    const { type, data } = barrage(fields as Partial<BodyOf<"WebcastBarrageMessage">>);
    const text = "content" in fields || "commonBarrageContent" in fields ? "and Super Fans" : "";
    assert.deepEqual({ type, data }, { type: "BarrageEvent", data: { text } }, JSON.stringify(fields));
  }
});

Deno.test("A box of Super Fan subscriptions is as many, given by its sender", () => {
  const given = (count: number) => ({ months: 0, isGifted: true, count, isSuperFan: true });
  for (
    const [event, count] of [
      [envelope({ businessType: 19, superFanCount: 5, peopleCount: 5 }), 5],
      [envelope({ businessType: 19, peopleCount: 3 }), 3],
      [envelope({ businessType: 19, superFanCount: -4 }), 1],
      [envelope({ superFanCount: 2 }, { key: "ttlive_superFanBox_commentSection_sent" }), 2],
      [envelope({ superFanCount: 2 }, { key: "TTLIVE_SUPERFANBOX" }), 2],
      [envelope({ businessType: 19, superFanCount: 4 }, { display: 1 }), 4],
    ] as const
  ) {
    assert.deepEqual([event.type, event.data], ["SubscribeEvent", given(count)]);
    const { id, uniqueId, nickname, roles } = event.user;
    assert.deepEqual({ id, uniqueId, nickname, roles }, {
      id: "71",
      uniqueId: "ann.live",
      nickname: "Ann",
      roles: ["subscriber"],
    });
  }
});

Deno.test("A sender whom the words do not name has the name of the box alone", () => {
  const { user } = envelope({ businessType: 19, sendUserId: "72", sendUserName: "Ben" });
  assert.deepEqual([user.id, user.uniqueId, user.nickname], ["72", "", "Ben"]);
});

Deno.test("One box is one happening, however many messages tell of it", () => {
  const info = { businessType: 19, superFanCount: 5, envelopeId: "555" };
  const [first, again] = [envelope(info, { msgId: "1" }), envelope(info, { msgId: "2" })];
  assert.deepEqual([first.messageId, again.messageId], ["555", "555"]);
  const opened = envelope(info, { key: "ttlive_superFanBox_commentSection_claimed", msgId: "3" });
  assert.deepEqual([opened.type, opened.messageId], ["BarrageEvent", "3"]);
  const gone = envelope(info, { display: 2, msgId: "4" });
  assert.deepEqual([gone.type, gone.messageId], ["UnknownEvent", "4"]);
});

Deno.test("A treasure box of diamonds stays one, also under a key of Super Fans; that it goes away is none", () => {
  const info = { businessType: 1, diamondCount: 20, peopleCount: 10 };
  const data = { diamondCount: 20, recipientCount: 10 };
  for (const key of ["pm_mt_treasure_box_sender_comment", "pm_mt_ttlive_superfanbox_join"]) {
    const event = envelope(info, { key });
    assert.deepEqual([event.type, event.data], ["TreasureBoxEvent", data]);
  }
  assert.equal(envelope({ businessType: 1 }, { display: 2 }).type, "UnknownEvent");
});

Deno.test("Of the messages about plain subscriptions only the one of a success is a subscription", () => {
  const notify = (fields: Partial<BodyOf<"WebcastSubNotifyMessage">>) =>
    decoded("WebcastSubNotifyMessage", { user: ann, subMonth: "3", ...fields });
  assert.deepEqual(notify({}).data, { months: 3, isGifted: false, count: 1, isSuperFan: false });
  for (const giftSource of [1, 2, 3]) {
    assert.deepEqual(notify({ giftSource }).data, {
      months: 3,
      isGifted: true,
      count: 1,
      isSuperFan: false,
    });
  }
  for (let messageType = 1; messageType <= 15; messageType++) {
    assert.equal(notify({ messageType }).type, "NoticeEvent", `message type ${messageType}`);
  }
});
