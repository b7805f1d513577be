/** A recording in the making, line by line, and the sums that a replay of it must come to. */
import { gifts, handle, nicknames } from "../../src/capture/demo/demo_words.ts";
import { Random } from "../../src/capture/demo/random.ts";
import type { CapturedEvent, StreakFrame } from "../../src/source.ts";
import { encodeEvent } from "../../src/capture/tiktok/encode.ts";
import { type BodyOf, encodeMessage, fillMessage, type KnownMethod } from "../../src/capture/tiktok/schema.ts";
import { type EventDataByType, type EventType, nobody, type User } from "../../src/event.ts";
import { commonOf, phraseOf, tiktokUser } from "../support/tiktok_parts.ts";

const startMs = 1_760_000_000_000;

export interface Sums {
  lines: number;
  unique_messages: number;
  repeated_messages: number;
  corrupt_messages: number;
  skipped_lines: number;
  comments: number;
  follows: number;
  shares: number;
  joins: number;
  subscribes: number;
  like_messages: number;
  likes: number;
  gift_messages: number;
  gifts: number;
  diamonds: number;
  gift_streaks: number;
}

/** Whose the gifts are, and what the subscriptions are; of a recording in which that is not all one. */
export interface Whose {
  host_gifts: number;
  host_diamonds: number;
  guest_gifts: number;
  guest_diamonds: number;
  /** Each of a box counts. */
  subscriptions: number;
  super_fans: number;
  emotes: number;
  foreign_messages: number;
}

interface Said<Type extends EventType> {
  data: EventDataByType[Type];
  user?: User;
  streak?: StreakFrame;
  roomId?: string;
  messageId?: string | null;
  createdAt?: number | null;
}

/** One recording in the making. `at` is when a line arrived, in milliseconds from the start. */
export class Recording {
  readonly random: Random;
  readonly sums: Sums = {
    lines: 0,
    unique_messages: 0,
    repeated_messages: 0,
    corrupt_messages: 0,
    skipped_lines: 0,
    comments: 0,
    follows: 0,
    shares: 0,
    joins: 0,
    subscribes: 0,
    like_messages: 0,
    likes: 0,
    gift_messages: 0,
    gifts: 0,
    diamonds: 0,
    gift_streaks: 0,
  };
  readonly #lines: { at: number; text: string }[] = [];
  readonly #streamer: string;
  readonly #roomId: string;
  #messageCount = 0;
  #likeTotal = 1_000;

  constructor(options: { seed: number; streamer: string; roomId: string }) {
    this.random = new Random(options.seed);
    this.#streamer = options.streamer;
    this.#roomId = options.roomId;
  }

  /** Adds a line as it is, without its line break. */
  addLine(at: number, text: string): void {
    this.#lines.push({ at, text });
    this.sums.lines++;
  }

  /** Adds a message that counts, and gives its line. */
  say<Type extends EventType>(at: number, type: Type, said: Said<Type>): string {
    const { data, user = nobody, streak = null, roomId = this.#roomId } = said;
    const messageId = said.messageId === undefined ? this.nextMessageId() : said.messageId;
    const createdAt = said.createdAt === undefined ? startMs + at : said.createdAt;
    const event = { type, data, user, streak, roomId, messageId, createdAt } as CapturedEvent;
    const { payload, ...raw } = encodeEvent(event, this.#streamer);
    const text = JSON.stringify({ ...raw, payload: payload.toBase64() });
    this.addLine(at, text);
    this.sums.unique_messages++;
    return text;
  }

  nextMessageId(): string {
    return String((BigInt(startMs) << 22n) + BigInt(++this.#messageCount * 4_099));
  }

  repeat(at: number, line: string): void {
    this.addLine(at, line);
    this.sums.repeated_messages++;
  }

  comment(at: number, user: User, comment: string): string {
    this.sums.comments++;
    return this.say(at, "CommentEvent", { user, data: { comment, language: "en", emotes: [] } });
  }

  join(at: number, user: User): string {
    this.sums.joins++;
    return this.say(at, "JoinEvent", { user, data: { memberCount: this.random.whole(20, 60) } });
  }

  follow(at: number, user: User): string {
    this.sums.follows++;
    return this.say(at, "FollowEvent", { user, data: { followerCount: 90 } });
  }

  share(at: number, user: User): string {
    this.sums.shares++;
    return this.say(at, "ShareEvent", { user, data: { shareCount: 1 } });
  }

  subscribe(at: number, user: User): string {
    this.sums.subscribes++;
    return this.say(at, "SubscribeEvent", { user, data: { months: 1, isGifted: false, count: 1, isSuperFan: false } });
  }

  /** The room's total runs backwards now and then, as TikTok's does. */
  like(at: number, user: User, count: number): string {
    this.sums.like_messages++;
    this.sums.likes += count;
    this.#likeTotal += count - this.random.pick([0, 0, 0, 20]);
    return this.say(at, "LikeEvent", {
      user,
      data: { total: this.#likeTotal },
      streak: { kind: "like", count },
    });
  }

  /** Frames of one streak of `counts`, half a second apart; the streak comes to the highest of them. */
  streak(
    at: number,
    given: { user: User; giftId: number; groupId: string; counts: number[]; ends: boolean },
  ): string[] {
    const { user, giftId, groupId, counts, ends } = given;
    const gift = giftOf(giftId);
    const total = Math.max(...counts);
    this.sums.gift_streaks++;
    this.sums.gifts += total;
    this.sums.diamonds += total * gift.diamondCount;
    const frames = counts.map((count, index) => ({ at: at + index * 500, count, isEnd: false }));
    if (ends) frames.push({ at: at + counts.length * 500 + 2_000, count: total, isEnd: true });
    this.sums.gift_messages += frames.length;
    return frames.map(({ at, count, isEnd }) =>
      this.say(at, "GiftEvent", {
        user,
        data: { gift, repeatCount: count, receiver: null },
        streak: { kind: "gift", groupId, count, isEnd },
      })
    );
  }

  single(at: number, user: User, giftId: number): string {
    const gift = giftOf(giftId);
    this.sums.gift_messages++;
    this.sums.gifts++;
    this.sums.diamonds += gift.diamondCount;
    return this.say(at, "GiftEvent", {
      user,
      data: { gift, repeatCount: 1, receiver: null },
      streak: { kind: "gift", groupId: null, count: 1, isEnd: true },
    });
  }

  /** Adds a message of these fields, which counts; its phrase has the key, and names the user. */
  message<Method extends KnownMethod>(
    at: number,
    method: Method,
    { key = "", user }: { key?: string; user?: User },
    fields: Partial<BodyOf<Method>> = {},
  ): void {
    const [msgId, createTime] = [this.nextMessageId(), startMs + at];
    const displayText = phraseOf(key, user);
    const common = commonOf({ method, msgId, roomId: this.#roomId, createTime: String(createTime), displayText });
    const phrase = method === "WebcastBarrageMessage" ? { content: displayText } : {};
    const body: object = { common, user: user && tiktokUser(user), ...phrase, ...fields };
    const payload = encodeMessage(fillMessage(method, body as Partial<BodyOf<Method>>)).toBase64();
    this.addLine(at, JSON.stringify({ method, createTime, streamer: this.#streamer, payload }));
    this.sums.unique_messages++;
  }

  async write(name: string, lineEnd = "\n", whose?: Whose): Promise<void> {
    const lines = this.#lines.sort((a, b) => a.at - b.at).map(({ text }) => text + lineEnd);
    const path = (suffix: string) => new URL(`${name}${suffix}`, import.meta.url);
    await Deno.writeTextFile(path(".jsonl"), lines.join(""));
    await Deno.writeTextFile(path(".expected.json"), JSON.stringify({ ...this.sums, whose }, null, 2) + "\n");
  }
}

export function giftOf(id: number) {
  const { weight: _, ...gift } = gifts.find((gift) => gift.id === id) ?? gifts[0]!;
  return gift;
}

export function person(index: number, nickname: string = nicknames[index % nicknames.length]!): User {
  const id = String(6_900_000_000_000_000_000n + BigInt(index));
  return { id, uniqueId: handle(index), nickname, avatarUrl: "", roles: [] };
}

