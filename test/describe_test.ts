/** What a person reads of each event. */
import assert from "node:assert/strict";
import { describeEvent, eventSign } from "../src/describe.ts";
import { eventTypes, type LiveEvent, nobody } from "../src/event.ts";
import { paymentEvents, sampleEvents, storedAs, streamEnd } from "./support/captured_events.ts";
import { makeEvent, makeGift } from "./support/events.ts";

function storedSamples(): LiveEvent[] {
  return [...sampleEvents(), ...paymentEvents(), streamEnd()].map(storedAs);
}

Deno.test("Every type of event is one line for a person", () => {
  assert.deepEqual(storedSamples().map(describeEvent), [
    "🎁 Ana 🌹 sent Rose ×7 (+2)",
    "🎁 Ana 🌹 sent Rose ×7 (streak ended)",
    "🎁 بن sent Galaxy ×1",
    "🌟 Ana 🌹 was given a subscription (month 3)",
    "➕ بن followed",
    "📣 بن shared the live",
    "💬 Ana 🌹: Привет <b>",
    "💗 بن liked ×15 (+2)",
    "👋 بن joined",
    "👀 120 viewers",
    "😀 Ana 🌹 sent 2 emotes",
    "❓ بن asks: Where are you from?",
    "💰 بن put up a treasure box of 100 diamonds",
    "🎯 goal Clappers: 22 of 50",
    "🎉 A super fan joined",
    "📝 caption: hello everyone",
    "📜 about this live: Welcome!",
    "📢 TikTok says: Be kind.",
    "📌 pinned: pinned words",
    "📌 pinned: Coral",
    "🏆 rank: Weekly No. 45",
    "📊 poll: Next game?",
    "🥊 battle 7300000000000000001",
    "💤 the stream is paused",
    "🎬 the stream has resumed",
    "🧩 unknown message: WebcastHashtagMessage",
    "🧩 unknown message: WebcastSocialMessage",
    "🎁 بن sent Galaxy ×1 to Guest Gil",
    "🌟 Ana 🌹 became a Super Fan",
    "🌟 بن gave 5 Super Fan subscriptions",
    "💬 بن: [emote]wow [emote]🌹![emote]",
    "💶 بن gave 5.00 EUR: for the dino",
    "🎫 بن renewed a membership (Gold)",
    "📦 بن ordered for 5.00 EUR",
    "🏁 the live has ended (ended)",
  ]);
  assert.deepEqual(new Set(storedSamples().map(({ type }) => type)), new Set(eventTypes));
});

Deno.test("Each type has a sign of its own, two columns wide in a terminal", () => {
  const signs = eventTypes.map(eventSign);
  assert.equal(new Set(signs).size, eventTypes.length);
  assert.deepEqual(signs.filter((sign) => !/^\p{Emoji_Presentation}$/u.test(sign)), []);
});

Deno.test("Who has no nickname goes by the handle, and who has neither is somebody", () => {
  const follow = (user: Partial<typeof nobody>) =>
    describeEvent(makeEvent<"FollowEvent">({ type: "FollowEvent", user: { ...nobody, ...user } }));
  assert.equal(follow({ nickname: "Ana", uniqueId: "ana.live" }), "➕ Ana followed");
  assert.equal(follow({ uniqueId: "ana.live" }), "➕ ana.live followed");
  assert.equal(follow({}), "➕ somebody followed");
});

Deno.test("What TikTok leaves out leaves no gap in the line", () => {
  const gift = { id: 5655, name: "", diamondCount: 1, isStreakable: false, imageUrl: "" };
  assert.equal(
    describeEvent(makeGift({ data: { gift, repeatCount: 1, receiver: null } })),
    "🎁 Ana sent gift 5655 ×1",
  );
  const lines: [LiveEvent, string][] = [
    [
      makeEvent({
        type: "SubscribeEvent",
        data: { months: 1, isGifted: false, count: 1, isSuperFan: false },
      }),
      "🌟 Ana subscribed",
    ],
    [
      makeEvent({
        type: "SubscribeEvent",
        data: { months: 2, isGifted: false, count: 1, isSuperFan: false },
      }),
      "🌟 Ana subscribed (month 2)",
    ],
    [
      makeEvent({
        type: "SubscribeEvent",
        data: { months: 0, isGifted: true, count: 1, isSuperFan: true },
      }),
      "🌟 Ana gave a Super Fan subscription",
    ],
    [
      makeGift({ data: { gift, repeatCount: 1, receiver: { id: "7", uniqueId: "", nickname: "" } } }),
      "🎁 Ana sent gift 5655 ×1 to a guest",
    ],
    [
      makeEvent({ type: "EmoteEvent", data: { emotes: [{ id: "1", imageUrl: "" }] } }),
      "😀 Ana sent an emote",
    ],
    [makeEvent({ type: "BarrageEvent", data: { text: "" } }), "🎉 Ana makes an entrance"],
    [
      makeEvent({ type: "PinEvent", data: { method: "WebcastGiftMessage", text: "" } }),
      "📌 pinned: WebcastGiftMessage",
    ],
    [makeEvent({ type: "StreamEndEvent", data: { reason: "" } }), "🏁 the live has ended"],
  ];
  for (const [event, line] of lines) assert.equal(describeEvent(event), line);
});

Deno.test("What happened before the session began is said to have", () => {
  assert.equal(describeEvent(makeEvent({ isHistory: true })), "💬 Ana: hello (before the start)");
});

Deno.test("What a detector says is shown as its sentence, with its time if that is long ago, and nothing else is", () => {
  const receivedAt = Date.UTC(2026, 10, 27, 12);
  const emitted = (type: string, data: object) =>
    describeEvent({ ...makeEvent({ receivedAt }), type, data } as unknown as LiveEvent);
  const window = { from: receivedAt - 120_000, to: receivedAt - 10_000 };
  const detection = { name: "PeeBot", channel: "NODE3000005", text: "The tank is filling.", window };
  assert.equal(emitted("DetectionEvent", detection), "✨ PeeBot: The tank is filling.");
  const late = { ...detection, window: { from: 0, to: receivedAt - 3_600_000 } };
  assert.equal(emitted("DetectionEvent", late), "✨ PeeBot: The tank is filling. (2026-11-27T11:00:00Z)");
  const signal = {
    channel: "tank",
    state: "lost",
    at: receivedAt,
    text: "iss:\x1b[2J no reading\nof tank.",
  };
  assert.equal(emitted("SignalEvent", signal), "✨ iss: no reading of tank.");
  assert.equal(emitted("SignalEvent", { ...signal, at: 1e300 }), "✨ iss: no reading of tank.");
  assert.equal(emitted("DetectionEvent", { text: 5 }), '✨ DetectionEvent {"text":5}');
  assert.equal(emitted("SpinEvent", { text: "won" }), '✨ SpinEvent {"text":"won"}');
});
