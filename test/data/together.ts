/** A recording of what happens between several people: guests, a battle, boxes of subscriptions. */
import type { BodyOf } from "../../src/capture/tiktok/schema.ts";
import { boxOf, monitorOf, tiktokGift, tiktokUser } from "../support/tiktok_parts.ts";
import { giftOf, person, Recording, type Whose } from "./recording.ts";

/** Guests, a battle, Super Fans and emotes, each in the several forms in which TikTok tells of them. */
export async function makeTogether(): Promise<void> {
  const live = new Recording({ seed: 3, streamer: "two_doors", roomId: "7500000000000000004" });
  const whose: Whose = {
    host_gifts: 0,
    host_diamonds: 0,
    guest_gifts: 0,
    guest_diamonds: 0,
    subscriptions: 0,
    super_fans: 0,
    emotes: 0,
    foreign_messages: 0,
  };
  giveToBoth(live, whose);
  becomeSuperFans(live, whose);
  const emote = (id: string, at: number) => ({ id, imageUrl: `https://example.invalid/${id}.webp`, at });
  const comments = [
    { comment: "", emotes: [emote("71", 0), emote("71", 0)] },
    { comment: "so 🍅 wow", emotes: [emote("72", 3), emote("73", 9)] },
    { comment: "no picture", emotes: [] },
  ];
  for (const [index, comment] of comments.entries()) {
    live.sums.comments++;
    whose.emotes += comment.emotes.length;
    live.say(60_000 + index, "CommentEvent", { user: person(20 + index), data: { ...comment, language: "en" } });
  }
  const roomId = "7500000000000000099";
  live.sums.comments++;
  live.say(70_000, "CommentEvent", {
    user: person(30),
    roomId,
    data: { comment: "go red!", language: "en", emotes: [] },
  });
  live.say(71_000, "StreamEndEvent", { roomId, data: { reason: "ended" } });
  whose.foreign_messages += 2;
  live.comment(72_000, person(1), "we go on");
  await live.write("together", "\n", whose);
}

function giveToBoth(live: Recording, whose: Whose): void {
  const [rose, corgi] = [giftOf(5655), giftOf(6267)];
  const gil = person(77, "Guest Gil");
  const receiver = { id: gil.id, uniqueId: gil.uniqueId, nickname: gil.nickname };
  const guest = tiktokUser(gil);
  // The same viewer, gift and group: to whom it goes alone tells the two streaks apart.
  for (const [index, count] of [1, 3, 4].entries()) {
    for (const to of [null, receiver]) {
      live.sums.gift_messages++;
      live.say(1_000 + index * 600, "GiftEvent", {
        user: person(1),
        data: { gift: rose, repeatCount: count, receiver: to },
        streak: { kind: "gift", groupId: "501", count, isEnd: count === 4 },
      });
    }
  }
  live.sums.gift_streaks += 2;
  whose.host_gifts += 4;
  whose.guest_gifts += 4;
  const monitorInfo = monitorOf({ anchorId: "6900000000000009999" });
  const gift = tiktokGift(corgi);
  const forms: { isGuests: boolean; fields: Partial<BodyOf<"WebcastGiftMessage">> }[] = [
    { isGuests: true, fields: { toUser: guest } },
    { isGuests: true, fields: { toMemberId: gil.id, toMemberNickname: gil.nickname } },
    { isGuests: true, fields: { toUser: guest, monitorInfo } },
    { isGuests: true, fields: { toMemberIdInt: gil.id } },
    { isGuests: false, fields: { monitorInfo } },
    { isGuests: false, fields: { toUser: tiktokUser({ id: "0", uniqueId: "two_doors", nickname: "Two Doors" }) } },
    { isGuests: false, fields: { toMemberId: monitorInfo.anchorId, toMemberNickname: "Two Doors", monitorInfo } },
  ];
  for (const [index, { isGuests, fields }] of forms.entries()) {
    const at = 10_000 + index * 1_000;
    live.message(at, "WebcastGiftMessage", { user: person(2) }, { giftId: gift.id, gift, repeatCount: 1, ...fields });
    live.sums.gift_messages++;
    whose[isGuests ? "guest_gifts" : "host_gifts"]++;
    whose[isGuests ? "guest_diamonds" : "host_diamonds"] += corgi.diamondCount;
  }
  whose.host_diamonds += 4 * rose.diamondCount;
  whose.guest_diamonds += 4 * rose.diamondCount;
  live.sums.gifts = whose.host_gifts + whose.guest_gifts;
  live.sums.diamonds = whose.host_diamonds + whose.guest_diamonds;
}

function becomeSuperFans(live: Recording, whose: Whose): void {
  const became = "ttlive_superFan_commentNotif_someoneBecameSuperFan";
  const forms: [key: string, subType: string, isOne: boolean][] = [
    [became, "BecomingSuperFanLv1", true],
    [became.toLowerCase(), "", true],
    ["", "becoming_super_fan_lv2", true],
    ["ttlive_superFan_commentNotif_superFanJoined", "fans_entrance", false],
    ["ttlive_superFan_commentNotif_superFanJoined", "BecomingSuperFanLv1", false],
    ["ttlive_superFan_commentNotif_levelUp", "super_fan_upgrade", false],
    ["pm_mt_fan_live_join", "", false],
  ];
  for (const [index, [key, subType, isOne]] of forms.entries()) {
    live.message(20_000 + index * 500, "WebcastBarrageMessage", { key, user: person(40 + index) }, { subType });
    if (!isOne) continue;
    live.sums.subscribes++;
    whose.subscriptions++;
    whose.super_fans++;
  }
  // A plain subscription, with the announcement that TikTok makes of it, and the member message that tells it again.
  const subscriber = person(50);
  live.subscribe(30_000, subscriber);
  whose.subscriptions++;
  live.message(30_100, "WebcastBarrageMessage", { key: "pm_mt_sub_someone_subscribed", user: subscriber }, { msgType: 4 });
  live.message(30_200, "WebcastMemberMessage", { user: subscriber }, { action: 3 });
  live.message(30_300, "WebcastSubNotifyMessage", { user: subscriber }, { messageType: 4 });
  giveBoxes(live, whose);
}

function giveBoxes(live: Recording, whose: Whose): void {
  const giver = person(60);
  const box = (envelopeId: string, count: number) =>
    boxOf({
      envelopeId,
      businessType: 19,
      sendUserId: giver.id,
      sendUserName: giver.nickname,
      peopleCount: count,
      superFanCount: count,
    });
  const sent = { key: "ttlive_superFanBox_commentSection_sent", user: giver };
  for (const [index, count] of [5, 1].entries()) {
    const at = 40_000 + index * 5_000;
    const envelopeInfo = box(`81${index}`, count);
    live.message(at, "WebcastEnvelopeMessage", sent, { envelopeInfo, display: 1 });
    live.sums.subscribes++;
    whose.subscriptions += count;
    // The same box once more, then opened, then gone from the screen.
    live.message(at + 100, "WebcastEnvelopeMessage", sent, { envelopeInfo, display: 1 });
    live.sums.unique_messages--;
    live.sums.repeated_messages++;
    const key = "ttlive_superFanBox_commentSection_claimed";
    live.message(at + 200, "WebcastEnvelopeMessage", { ...sent, key }, { envelopeInfo });
    live.message(at + 300, "WebcastEnvelopeMessage", {}, { envelopeInfo, display: 2 });
  }
}

