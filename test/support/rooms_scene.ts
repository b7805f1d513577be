/**
 * Two rooms of two TikToks of our own and a payment page, and what has to come of it: an independent count of all
 * that was sent. TikTok repeats in each connection's history what it sent before, as the real one does.
 */
import type { CapturedEvent } from "../../src/source.ts";
import { nobody, type User } from "../../src/event.ts";
import type { LiveTotals } from "../../src/live.ts";
import { noTotals } from "../../src/live.ts";
import { FakeTikTok } from "./fake_tiktok.ts";
import { kofiBody } from "./webhook_source.ts";

/** A generator of numbers in [0, 1) that gives the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6D2B79F5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const rose = { id: 5655, name: "Rose", diamondCount: 1, isStreakable: true, imageUrl: "" };
const galaxy = { id: 11046, name: "Galaxy", diamondCount: 1000, isStreakable: false, imageUrl: "" };
const guest = { id: "7000000000000000077", uniqueId: "gil", nickname: "Guest Gil" };
const otherRoom = "7999999999999999999";

/** The largest history that a connection brings. */
const historyLength = 1_500;

let lastRoom = 7_400_000_000_000_000_000n;
let lastMessage = 7_500_000_000_000_000_000n;
let lastGroup = 1_700_000_000_000;

/** A gift's streak that is still growing. */
interface OpenGift {
  user: User;
  groupId: string;
  count: number;
  isForGuest: boolean;
}

/** The messages that one broadcast was sent. */
export interface SentRoom {
  roomId: string;
  messages: CapturedEvent[];
}

/** One streamer's TikTok. The random numbers decide what its viewers do. */
export class SceneRoom {
  readonly tiktok = new FakeTikTok();
  /** All broadcasts so far; the current one is last. */
  readonly rooms: SentRoom[] = [];
  readonly #random: () => number;
  readonly #viewers: User[];
  #gifts: OpenGift[] = [];

  constructor(username: string, random: () => number) {
    this.tiktok.username = username;
    this.#random = random;
    this.#viewers = Array.from({ length: 40 }, (_, index) => ({
      ...nobody,
      id: `7000000000000001${String(index).padStart(3, "0")}`,
      uniqueId: `viewer${index}`,
      nickname: `Viewer ${index}`,
      roles: [],
    }));
    this.newRoom();
  }

  get room(): SentRoom {
    return this.rooms.at(-1)!;
  }

  /** The streamer begins another broadcast. */
  newRoom(): void {
    this.rooms.push({ roomId: String(++lastRoom), messages: [] });
    this.#gifts = [];
    this.tiktok.history = [];
    this.tiktok.goLive(this.room.roomId);
  }

  /** The viewers' actions of one moment, as one frame. Some messages come twice. */
  step(): void {
    const count = 1 + Math.floor(this.#random() * 4);
    const events = Array.from({ length: count }, () => this.#happens());
    this.#say(events);
    if (this.#random() < 0.1) this.tiktok.send([this.#any(this.room.messages)]);
  }

  /** A comment with these words. */
  say(text: string): void {
    this.#say([this.#event({ type: "CommentEvent", data: { comment: text, language: "en", emotes: [] } })]);
  }

  /** Drops all connections. */
  drop(): void {
    for (const connection of this.tiktok.connections) connection.drop();
  }

  #say(events: CapturedEvent[]): void {
    this.room.messages.push(...events);
    // Newest frames of a streak may come before older ones: history comes before what is sent next.
    this.tiktok.history = this.room.messages.slice(-historyLength);
    this.tiktok.send(events, { isGzipped: this.#random() < 0.5 });
  }

  #happens(): CapturedEvent {
    const what = this.#random();
    if (what < 0.35) return this.#giftFrame();
    if (what < 0.4) {
      return this.#event({ ...singleGift, streak: { kind: "gift", groupId: null, count: 1, isEnd: true } });
    }
    if (what < 0.6) {
      const count = 1 + Math.floor(this.#random() * 15);
      return this.#event({ type: "LikeEvent", data: { total: 100 }, streak: { kind: "like", count } });
    }
    if (what < 0.8) {
      return this.#event({ type: "CommentEvent", data: { comment: "hi", language: "en", emotes: [] } });
    }
    if (what < 0.85) return this.#event({ type: "FollowEvent", data: { followerCount: 10 } });
    if (what < 0.9) return this.#event({ type: "ShareEvent", data: { shareCount: 1 } });
    if (what < 0.95) return this.#event({ type: "JoinEvent", data: { memberCount: 7 } });
    return this.#foreign();
  }

  /** The other side of a battle. */
  #foreign(): CapturedEvent {
    const like = this.#event({ type: "LikeEvent", data: { total: 9 }, streak: { kind: "like", count: 5 } });
    return { ...like, roomId: otherRoom };
  }

  #giftFrame(): CapturedEvent {
    if (this.#gifts.length < 3) {
      const isForGuest = this.#random() < 0.2;
      this.#gifts.push({
        user: this.#any(this.#viewers),
        groupId: String(++lastGroup),
        count: 0,
        isForGuest,
      });
    }
    const gift = this.#any(this.#gifts);
    gift.count += 1 + Math.floor(this.#random() * 3);
    const isEnd = this.#random() < 0.15;
    if (isEnd) this.#gifts = this.#gifts.filter((each) => each !== gift);
    const event = this.#event({
      type: "GiftEvent",
      data: { gift: rose, repeatCount: gift.count, receiver: gift.isForGuest ? guest : null },
      streak: { kind: "gift", groupId: gift.groupId, count: gift.count, isEnd },
    });
    return { ...event, user: gift.user };
  }

  #event(sample: Record<string, unknown>): CapturedEvent {
    return {
      streak: null,
      ...sample,
      user: this.#any(this.#viewers),
      roomId: this.room.roomId,
      messageId: String(++lastMessage),
      createdAt: Date.now(),
    } as CapturedEvent;
  }

  #any<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.#random() * values.length)]!;
  }
}

const singleGift = { type: "GiftEvent", data: { gift: galaxy, repeatCount: 1, receiver: null } };

/** A payment that a provider sends again until it gets the answer 200. */
export interface Payment {
  id: string;
  isTest: boolean;
  isAnswered: boolean;
}

export class PaymentPage {
  readonly payments: Payment[] = [];
  readonly #url: string;
  readonly #random: () => number;

  constructor(port: number, random: () => number) {
    this.#url = `http://127.0.0.1:${port}/kofi`;
    this.#random = random;
  }

  /** Sends a new payment, and now and then one that was sent before. */
  async pay(): Promise<void> {
    const payment = {
      id: `payment-${this.payments.length + 1}`,
      isTest: this.#random() < 0.1,
      isAnswered: false,
    };
    this.payments.push(payment);
    await this.#tell(payment);
    if (this.#random() < 0.2) {
      await this.#tell(this.payments[Math.floor(this.#random() * this.payments.length)]!);
    }
  }

  /** Sends unanswered payments again. Returns whether all are answered now. */
  async tellAgain(): Promise<boolean> {
    for (const payment of this.payments) if (!payment.isAnswered) await this.#tell(payment);
    return this.payments.every(({ isAnswered }) => isAnswered);
  }

  async #tell(payment: Payment): Promise<void> {
    const body = kofiBody({
      message_id: payment.id,
      from_name: `Giver ${payment.id.length}`,
      ...(payment.isTest && { kofi_transaction_id: "00000000-1111-2222-3333-444444444444" }),
    });
    try {
      const response = await fetch(this.#url, { method: "POST", body });
      await response.body?.cancel();
      if (response.status === 200) payment.isAnswered = true;
    } catch {
      // Livecue is down, or died before it answered.
    }
  }
}

/** The expected sums of a broadcast, counted from the sent messages. */
export function countSent({ roomId, messages }: SentRoom): LiveTotals {
  const totals = noTotals();
  /** The highest count of each streak of gifts. */
  const streaks = new Map<string, number>();
  for (const event of messages) {
    if (event.roomId !== roomId) continue;
    if (event.type === "CommentEvent") totals.comments++;
    if (event.type === "FollowEvent") totals.follows++;
    if (event.type === "ShareEvent") totals.shares++;
    if (event.type === "JoinEvent") totals.joins++;
    if (event.type === "LikeEvent") totals.likes += event.streak.count;
    if (event.type !== "GiftEvent" || event.data.receiver !== null) continue;
    const { groupId, count } = event.streak as { groupId: string | null; count: number };
    const key = groupId === null ? `${event.messageId}` : `${event.user.id} ${groupId}`;
    const before = streaks.get(key) ?? 0;
    if (count <= before) continue;
    streaks.set(key, count);
    totals.gifts += count - before;
    totals.diamonds += (count - before) * event.data.gift.diamondCount;
  }
  return totals;
}
