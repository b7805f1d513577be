/** What happens in a busy live, second by second, as the seed gives it. */
import { nobody, type User } from "../../src/event.ts";
import type { CapturedEvent } from "../../src/source.ts";
import { sampleRoomId } from "./captured_events.ts";
import { Choices } from "./kill_scene.ts";
import { randomFrom } from "./rooms_scene.ts";

export const spin = "SpinEvent";

/** Viewers who stay. */
const regulars = 2_000;
const openStreaks = 20;
const rose = { id: 5655, name: "Rose", diamondCount: 1, isStreakable: true, imageUrl: "" };
const words = [
  "hello",
  "hello from here 🌹",
  "nice one!",
  "привет",
  "spin",
  "fail",
  "wow ".repeat(20).trim(),
];

export class LastingScene {
  readonly #choices: Choices;
  readonly #newcomers: number;
  readonly #streaks: { user: User; groupId: string; count: number }[] = [];
  #count = 0;

  /** `newcomers`: of a thousand events, those of new viewers. */
  constructor(seed: number, newcomers: number) {
    this.#newcomers = newcomers;
    this.#choices = new Choices(randomFrom(seed));
  }

  /** Each adds something: a service that takes each streak's parts gets an item for every one. */
  events(count: number, at: number): CapturedEvent[] {
    return Array.from({ length: count }, () => ({
      ...this.#event(),
      roomId: sampleRoomId,
      messageId: String(7_500_000_000_000_000_000n + BigInt(++this.#count)),
      createdAt: at,
    } as CapturedEvent));
  }

  #event(): object {
    const chance = this.#choices.whole(1_000);
    const user = this.#user(this.#choices.whole(1_000) < this.#newcomers);
    if (chance < 400) return this.#comment(user, this.#choices.of(...words));
    if (chance < 600) return { type: "JoinEvent", data: { memberCount: chance }, user, streak: null };
    if (chance < 850) {
      return {
        type: "LikeEvent",
        data: { total: 0 },
        user,
        streak: { kind: "like", count: 1 + (chance % 15) },
      };
    }
    if (chance < 990) return this.#gift(user);
    return { type: "FollowEvent", data: { followerCount: chance }, user, streak: null };
  }

  #comment(user: User, comment: string): object {
    // Some minutes apart: each takes a worker with it.
    const word = this.#choices.whole(20_000) === 0 ? "die" : comment;
    return { type: "CommentEvent", data: { comment: word, language: "en", emotes: [] }, user, streak: null };
  }

  #gift(user: User): object {
    if (this.#streaks.length < openStreaks) {
      this.#streaks.push({ user, groupId: String(1_700_000_000_000 + this.#count), count: 0 });
    }
    const index = this.#choices.whole(this.#streaks.length);
    const streak = this.#streaks[index]!;
    streak.count += 1 + this.#choices.whole(3);
    const isEnd = this.#choices.whole(4) === 0;
    if (isEnd) this.#streaks.splice(index, 1);
    return {
      type: "GiftEvent",
      data: { gift: rose, repeatCount: streak.count, receiver: null },
      user: streak.user,
      streak: { kind: "gift", groupId: streak.groupId, count: streak.count, isEnd },
    };
  }

  #user(isNew: boolean): User {
    const index = isNew ? regulars + this.#count : this.#choices.whole(regulars);
    const id = `7${String(index).padStart(18, "0")}`;
    return { ...nobody, id, uniqueId: `viewer${index}`, nickname: `Viewer ${index} 🌹`, roles: [] };
  }
}
