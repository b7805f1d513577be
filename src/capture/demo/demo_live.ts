/**
 * A made-up live with returning viewers, streaks as TikTok sends them, and rushes. The same seed, rate and start give
 * the same events.
 */
import {
  type Emote,
  type EventDataByType,
  type EventType,
  lesserEventTypes,
  nobody,
  type Receiver,
  type User,
} from "../../event.ts";
import { comments, gifts, handle, languages, nicknames } from "./demo_words.ts";
import { Random } from "./random.ts";
import type { CapturedEvent, StreakFrame } from "../../source.ts";

/** Average number of events per act of a viewer, including streaks and rushes. */
const eventsPerAct = 1.5;

export type DemoEvent = CapturedEvent & { createdAt: number };

export interface DemoLiveOptions {
  seed: number;
  /** Events per second, on average. */
  ratePerSecond: number;
  /** Unix milliseconds. */
  startAt: number;
}

interface Planned {
  at: number;
  make: (at: number) => DemoEvent;
}

/** The guest in the live, next to the host. */
const guest: Receiver = { id: "6700000000000000001", uniqueId: "guest.gil", nickname: "Guest Gil" };

type LesserType = typeof lesserEventTypes[number];
type LesserMaker<Type extends LesserType> = (random: Random) => EventDataByType[Type];

/** Makes the data of lesser events. */
const lesserData: { [Type in LesserType]: LesserMaker<Type> } = {
  ViewerCountEvent: (random) => ({
    viewerCount: random.whole(80, 400),
    totalUserCount: random.whole(1_000, 5_000),
  }),
  EmoteEvent: (random) => ({ emotes: [{ id: String(random.whole(1, 40)), imageUrl: "" }] }),
  QuestionEvent: (random) => ({ question: random.pick(comments) }),
  TreasureBoxEvent: (random) => ({
    diamondCount: random.pick([20, 50, 100]),
    recipientCount: random.whole(1, 30),
  }),
  GoalEvent: (random) => ({ title: "Roses for the dino", current: random.whole(0, 500), target: 500 }),
  BarrageEvent: () => ({ text: "A super fan is here" }),
  CaptionEvent: (random) => ({ text: random.pick(["and jump", "thank you so much", "we are going again"]) }),
  IntroEvent: () => ({ text: "The dino runs, you decide how fast" }),
  NoticeEvent: () => ({ text: "Welcome! Be kind to one another." }),
  PinEvent: (random) => ({ method: "WebcastChatMessage", text: random.pick(comments) }),
  RankEvent: (random) => ({ text: `No. ${random.whole(1, 99)} in Gaming` }),
  PollEvent: (random) => ({
    title: "Faster?",
    options: [{ text: "yes", votes: random.whole(0, 99) }, { text: "no", votes: random.whole(0, 99) }],
  }),
  BattleEvent: (random) => ({
    battleId: String(random.whole(1_000_000, 9_999_999)),
    status: random.whole(1, 4),
  }),
  StreamPauseEvent: () => ({}),
  StreamResumeEvent: () => ({}),
  StreamEndEvent: () => ({ reason: "ended" }),
  UnknownEvent: () => ({ method: "WebcastLinkMicMethod" }),
};

const ofUsers: readonly EventType[] = [
  "EmoteEvent",
  "QuestionEvent",
  "TreasureBoxEvent",
  "BarrageEvent",
  "PinEvent",
];

/** Relative frequencies of lesser types, default 1. Pauses and resumptions come in pairs, as a separate act. */
const lesserWeights: Partial<Record<LesserType, number>> = {
  ViewerCountEvent: 30,
  StreamPauseEvent: 0,
  StreamResumeEvent: 0,
  // Only to try it out: the live continues afterwards.
  StreamEndEvent: 0.2,
};
const lesserTypes = lesserEventTypes.map((type) => ({ type, weight: lesserWeights[type] ?? 1 }));

export class DemoLive {
  readonly roomId: string;
  readonly #random: Random;
  /** A separate generator for rare cases, so that they do not change the other events. */
  readonly #rare: Random;
  readonly #seed: number;
  readonly #actsPerSecond: number;
  readonly #viewerCount: number;
  readonly #viewers = new Map<number, User>();
  /** Future events of acts that have started, latest first. */
  readonly #planned: Planned[] = [];
  readonly #firstMessageId: bigint;
  #nextActAt: number;
  #messageCount = 0;
  #groupCount = 0;
  #likeTotal = 0;
  #memberCount = 40;

  /** The acts of viewers, with their relative frequencies. */
  readonly #acts: readonly { weight: number; start: (at: number) => void }[] = [
    { weight: 31, start: (at) => this.#plan(at, this.#comment(this.#viewer())) },
    { weight: 26, start: (at) => this.#plan(at, this.#join(this.#viewer())) },
    { weight: 8, start: (at) => this.#startLikes(at) },
    { weight: 4, start: (at) => this.#startGift(at) },
    { weight: 4, start: (at) => this.#plan(at, this.#follow(this.#viewer())) },
    { weight: 3, start: (at) => this.#plan(at, this.#share(this.#viewer())) },
    { weight: 0.8, start: (at) => this.#plan(at, this.#subscribe(this.#viewer())) },
    { weight: 5, start: (at) => this.#plan(at, this.#lesser(this.#random.pickWeighted(lesserTypes).type)) },
    { weight: 0.05, start: (at) => this.#startPause(at) },
    { weight: 0.15, start: (at) => this.#startRush(at) },
  ];

  constructor({ seed, ratePerSecond, startAt }: DemoLiveOptions) {
    this.#random = new Random(seed);
    this.#rare = new Random(seed * 7_001 + 1);
    this.#seed = seed;
    this.#actsPerSecond = ratePerSecond / eventsPerAct;
    this.#viewerCount = Math.min(5_000, Math.ceil(40 + ratePerSecond * 10));
    // Like TikTok's ids, which start with the time of their creation.
    this.#firstMessageId = BigInt(startAt) << 22n;
    this.roomId = String(this.#firstMessageId);
    this.#nextActAt = startAt + this.#random.untilNext(this.#actsPerSecond);
  }

  /** The next event, in order of time. There is always one. */
  next(): DemoEvent {
    while ((this.#planned.at(-1)?.at ?? Infinity) > this.#nextActAt) {
      const at = this.#nextActAt;
      this.#nextActAt += this.#random.untilNext(this.#actsPerSecond);
      this.#random.pickWeighted(this.#acts).start(at);
    }
    const { at, make } = this.#planned.pop() as Planned;
    return make(Math.floor(at));
  }

  #plan(at: number, make: Planned["make"]): void {
    let index = this.#planned.length;
    // Most events are planned for soon, so their place is near the end.
    while (index > 0 && (this.#planned[index - 1] as Planned).at <= at) index--;
    this.#planned.splice(index, 0, { at, make });
  }

  /** A few viewers are active all the time, most from time to time. */
  #viewer(): User {
    const index = Math.floor(this.#random.fraction() ** 2 * this.#viewerCount);
    let viewer = this.#viewers.get(index);
    if (!viewer) this.#viewers.set(index, viewer = this.#newViewer(index));
    return viewer;
  }

  #newViewer(index: number): User {
    // A separate generator, so that a viewer does not depend on when it first comes.
    const random = new Random(this.#seed * 5_003 + index);
    const nickname = random.pick(nicknames);
    return {
      id: String(6_800_000_000_000_000_000n + BigInt(index) * 7_919n),
      uniqueId: handle(index),
      nickname: index < nicknames.length ? nicknames[index] as string : `${nickname} ${random.whole(1, 99)}`,
      avatarUrl: "",
      roles: index < 2 ? ["moderator"] : random.isBelow(0.3) ? ["follower"] : [],
    };
  }

  #event<Type extends EventType>(
    type: Type,
    at: number,
    content: { user?: User; data: EventDataByType[Type]; streak?: StreakFrame },
  ): DemoEvent {
    const { user = nobody, data, streak = null } = content;
    return {
      type,
      data,
      roomId: this.roomId,
      messageId: String(this.#firstMessageId + BigInt(++this.#messageCount)),
      createdAt: at,
      // A copy, because the viewer's roles change later.
      user: { ...user, roles: [...user.roles] },
      streak,
    } as DemoEvent;
  }

  #comment(user: User): Planned["make"] {
    const comment = this.#random.pick(comments);
    const data = { comment, language: this.#random.pick(languages), emotes: this.#emotes(comment) };
    return (at) => this.#event("CommentEvent", at, { user, data });
  }

  /** One comment in twenty ends with emotes. */
  #emotes({ length: at }: string): Emote[] {
    if (!this.#rare.isBelow(0.05)) return [];
    const emote = { id: String(this.#rare.whole(1, 40)), imageUrl: "", at };
    return Array.from({ length: this.#rare.whole(1, 3) }, () => ({ ...emote }));
  }

  #join(user: User): Planned["make"] {
    return (at) => {
      this.#memberCount = Math.max(10, this.#memberCount + this.#random.whole(-2, 3));
      return this.#event("JoinEvent", at, { user, data: { memberCount: this.#memberCount } });
    };
  }

  #follow(user: User): Planned["make"] {
    return (at) => {
      addRole(user, "follower");
      return this.#event("FollowEvent", at, {
        user,
        data: { followerCount: this.#random.whole(900, 1_000) },
      });
    };
  }

  #share(user: User): Planned["make"] {
    return (at) => this.#event("ShareEvent", at, { user, data: { shareCount: 1 } });
  }

  #subscribe(user: User): Planned["make"] {
    const [months, isGifted] = [this.#random.whole(1, 14), this.#random.isBelow(0.15)];
    const isSuperFan = this.#rare.isBelow(0.4);
    const data = isSuperFan
      ? { months: 0, isGifted, count: isGifted ? this.#rare.pick([1, 5, 10]) : 1, isSuperFan }
      : { months, isGifted, count: 1, isSuperFan };
    return (at) => {
      addRole(user, "subscriber");
      return this.#event("SubscribeEvent", at, { user, data });
    };
  }

  #lesser(type: LesserType): Planned["make"] {
    const data = lesserData[type](this.#random);
    const user = ofUsers.includes(type) ? this.#viewer() : nobody;
    return (at) => this.#event(type, at, { user, data });
  }

  #startLikes(at: number): void {
    const user = this.#viewer();
    const taps = this.#random.whole(1, 7);
    for (let tap = 0; tap < taps; tap++) {
      // TikTok sends at most 15 likes in one message, and a fast thumb reaches that.
      const count = tap < taps - 1 && this.#random.isBelow(0.6) ? 15 : this.#random.whole(1, 14);
      this.#plan(at + tap * this.#random.whole(900, 2_200), (at) => {
        this.#likeTotal += count;
        return this.#event("LikeEvent", at, {
          user,
          data: { total: this.#likeTotal },
          streak: { kind: "like", count },
        });
      });
    }
  }

  #startGift(at: number): void {
    const user = this.#viewer();
    const { weight: _, ...gift } = this.#random.pickWeighted(gifts);
    const receiver = this.#rare.isBelow(0.06) ? guest : null;
    const plan = (at: number, repeatCount: number, streak: StreakFrame) =>
      this.#plan(
        at,
        (at) => this.#event("GiftEvent", at, { user, data: { gift, repeatCount, receiver }, streak }),
      );
    if (!gift.isStreakable) return plan(at, 1, { kind: "gift", groupId: null, count: 1, isEnd: true });

    const groupId = String(this.#firstMessageId / 1_000n + BigInt(++this.#groupCount));
    const counts = this.#streakCounts();
    let frameAt = at;
    for (const count of counts) {
      plan(frameAt, count, { kind: "gift", groupId, count, isEnd: false });
      frameAt += this.#random.whole(300, 1_200);
    }
    // Some streaks have no end frame.
    if (this.#random.isBelow(0.1)) return;
    const total = Math.max(...counts);
    plan(frameAt + this.#random.whole(1_000, 3_000), total, {
      kind: "gift",
      groupId,
      count: total,
      isEnd: true,
    });
  }

  /** The cumulative counts of one streak: they skip numbers, and two may be out of order. */
  #streakCounts(): number[] {
    const total = 1 + Math.min(60, Math.floor(this.#random.untilNext(1) / 200));
    const counts = [];
    for (let count = 1; count < total; count += this.#random.whole(1, 4)) counts.push(count);
    counts.push(total);
    if (counts.length > 2 && this.#random.isBelow(0.15)) {
      const [moved] = counts.splice(this.#random.whole(0, counts.length - 2), 1);
      counts.splice(this.#random.whole(1, counts.length), 0, moved as number);
    }
    return counts;
  }

  #startPause(at: number): void {
    this.#plan(at, this.#lesser("StreamPauseEvent"));
    this.#plan(at + this.#random.whole(2_000, 20_000), this.#lesser("StreamResumeEvent"));
  }

  /** A raid: another streamer sends their viewers. */
  #startRush(at: number): void {
    const size = this.#random.whole(15, 35);
    for (let index = 0; index < size; index++) {
      const user = this.#viewer();
      const joinAt = at + this.#random.fraction() * 4_000;
      this.#plan(joinAt, this.#join(user));
      if (this.#random.isBelow(0.5)) this.#plan(joinAt + this.#random.whole(500, 4_000), this.#comment(user));
      if (this.#random.isBelow(0.2)) this.#plan(joinAt + this.#random.whole(500, 4_000), this.#follow(user));
    }
  }
}

function addRole(user: User, role: User["roles"][number]): void {
  if (!user.roles.includes(role)) user.roles.push(role);
}
