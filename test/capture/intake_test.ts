import assert from "node:assert/strict";
import type { EventType } from "../../src/event.ts";
import type { SourceItem } from "../../src/source.ts";
import { Intake, keptOfRoom } from "../../src/capture/intake.ts";
import { sampleOf } from "../support/captured_events.ts";

const room = { keeps: keptOfRoom };

function itemOf(type: EventType, messageId = type as string): SourceItem {
  return { kind: "event", event: { ...sampleOf(type), messageId }, raw: null };
}

/** All that waits, in short: an event's message id, "-Type" for what was let go, else the kind. */
async function pulled(intake: Intake): Promise<string[]> {
  intake.close();
  const seen: string[] = [];
  for await (const item of intake.items()) {
    if (item.kind === "event") seen.push(item.event.messageId ?? "");
    else if (item.kind === "shed") seen.push(`-${item.eventType}`);
    else seen.push(item.kind);
  }
  return seen;
}

function filled(capacity: number, types: EventType[]): Intake {
  const intake = new Intake(room, capacity);
  types.forEach((type, index) => intake.push(itemOf(type, `${type}${index}`)));
  return intake;
}

Deno.test("Intake gives items of all kinds in the order in which they came", async () => {
  const intake = filled(100, ["LikeEvent", "GiftEvent", "JoinEvent"]);
  intake.push({ kind: "corrupt", method: "m" });
  intake.push({ kind: "session", username: "ana", roomId: "1" });
  intake.push(itemOf("CommentEvent"));
  const order = ["LikeEvent0", "GiftEvent1", "JoinEvent2", "corrupt", "session", "CommentEvent"];
  assert.deepEqual(await pulled(intake), order);
});

Deno.test("Intake lets joins and lesser types go first, then likes, then comments, the oldest of each first", async () => {
  const start: EventType[] = ["CommentEvent", "LikeEvent", "JoinEvent", "ViewerCountEvent", "LikeEvent"];
  const gifts = (count: number): EventType[] => Array(count).fill("GiftEvent");
  const shedBy = async (count: number) =>
    (await pulled(filled(5, [...start, ...gifts(count)]))).filter((each) => each.startsWith("-"));
  assert.deepEqual(await shedBy(0), []);
  assert.deepEqual(await shedBy(1), ["-JoinEvent"]);
  assert.deepEqual(await shedBy(2), ["-JoinEvent", "-ViewerCountEvent"]);
  assert.deepEqual(await shedBy(3), ["-JoinEvent", "-ViewerCountEvent", "-LikeEvent"]);
  assert.deepEqual(
    (await shedBy(5)).toSorted(),
    ["-CommentEvent", "-JoinEvent", "-LikeEvent", "-LikeEvent", "-ViewerCountEvent"],
  );
});

Deno.test("Intake lets a newcomer go where all that waits matters more", async () => {
  const intake = filled(2, ["CommentEvent", "CommentEvent", "LikeEvent", "JoinEvent"]);
  assert.deepEqual(await pulled(intake), ["-LikeEvent", "-JoinEvent", "CommentEvent0", "CommentEvent1"]);
});

Deno.test("Intake prefers the newer of equals", async () => {
  assert.deepEqual(await pulled(filled(2, ["LikeEvent", "LikeEvent", "LikeEvent"])), [
    "-LikeEvent",
    "LikeEvent1",
    "LikeEvent2",
  ]);
});

Deno.test("Intake never lets go of gifts, follows, subscriptions, shares or news of the connection", async () => {
  const kept: EventType[] = ["GiftEvent", "FollowEvent", "SubscribeEvent", "ShareEvent"];
  const intake = filled(1, [...kept, ...kept]);
  intake.push({ kind: "session", username: "ana", roomId: "1" });
  intake.push(itemOf("CommentEvent"));
  assert.equal(intake.size, 9);
  const seen = await pulled(intake);
  assert.equal(seen.shift(), "-CommentEvent");
  assert.equal(seen.length, 9);
});

Deno.test("Intake stays within its bound under a flood and accounts for every message", async () => {
  const intake = new Intake(room, 100);
  for (let index = 0; index < 10_000; index++) {
    intake.push(itemOf(index % 2 === 0 ? "JoinEvent" : "LikeEvent"));
    if (index % 3 === 0) intake.push({ kind: "corrupt", method: "m" });
    assert.ok(intake.size <= 100);
  }
  const seen = await pulled(intake);
  assert.equal(seen.filter((each) => each === "corrupt").length, 3334);
  assert.equal(seen.length, 10_000 + 3334);
});

Deno.test("Intake wakes a waiting reader, and ends it when closed", async () => {
  const intake = new Intake(room);
  const reader = intake.items();
  const first = reader.next();
  intake.push(itemOf("GiftEvent"));
  assert.equal((await first).done, false);
  const second = reader.next();
  intake.close();
  assert.equal((await second).done, true);
  intake.push(itemOf("GiftEvent"));
  assert.equal((await reader.next()).done, true);
});
