/**
 * What a live has come to: its sums, its givers, its latest events. Counts each item once, also where it is
 * handed out again, and begins anew with another live.
 */
import type { LiveEvent } from "livecue/service";
import { boardLength, type Giver, type OverlayEvent, type Totals } from "./messages.ts";

/** More givers are not kept: the ones who gave least go. */
const maxGivers = 300;
/** More items than can be in the works when the program dies. */
const maxCountedIds = 1000;
const maxRecent = 50;

/** JSON, for the service's state. */
export interface KeptTally {
  roomId: string;
  sessionId: number;
  totals: Totals;
  givers: Giver[];
  countedIds: number[];
}

/** So too, and apart from the sums: these have to be written with each gift. */
export interface KeptRecent {
  roomId: string;
  events: OverlayEvent[];
}

const noTotals: Totals = { likes: 0, diamonds: 0, gifts: 0, followers: 0, subscribers: 0, shares: 0 };

export class Tally {
  #roomId = "";
  #sessionId = 0;
  #totals = { ...noTotals };
  #givers = new Map<string, Giver>();
  /** Of items; the oldest stands first. */
  #countedIds = new Set<number>();
  #recent: OverlayEvent[] = [];
  #sortedBoard: Giver[] | null = null;

  constructor(kept?: KeptTally, recent?: KeptRecent) {
    if (kept === undefined) return;
    this.#roomId = kept.roomId;
    this.#sessionId = kept.sessionId;
    this.#totals = { ...noTotals, ...kept.totals };
    this.#givers = new Map(kept.givers.map((giver) => [giver.userId, giver]));
    this.#countedIds = new Set(kept.countedIds);
    if (recent?.roomId === kept.roomId) this.#recent = recent.events;
  }

  get totals(): Totals {
    return this.#totals;
  }

  get board(): Giver[] {
    this.#sortedBoard ??= this.#sorted().slice(0, boardLength);
    return this.#sortedBoard;
  }

  get recent(): OverlayEvent[] {
    return this.#recent;
  }

  get keptRecent(): KeptRecent {
    return { roomId: this.#roomId, events: this.#recent };
  }

  get kept(): KeptTally {
    return {
      roomId: this.#roomId,
      sessionId: this.#sessionId,
      totals: this.#totals,
      givers: [...this.#givers.values()],
      countedIds: [...this.#countedIds],
    };
  }

  /** What it changed. */
  add(event: LiveEvent, overlayEvent: OverlayEvent): { totals: boolean; board: boolean; recent: boolean } {
    // It may come late, put back by a person.
    const isOfEarlierLive = event.roomId !== this.#roomId && event.sessionId < this.#sessionId;
    if (isOfEarlierLive) return { totals: false, board: false, recent: false };
    const isNewLive = event.roomId !== this.#roomId;
    if (isNewLive) this.#beginAnew(event.roomId);
    this.#sessionId = Math.max(event.sessionId, this.#sessionId);
    const isCounted = this.#count(event, overlayEvent);
    return {
      totals: isNewLive || isCounted,
      board: isNewLive || (isCounted && event.type === "GiftEvent"),
      recent: this.#remember(overlayEvent),
    };
  }

  #beginAnew(roomId: string): void {
    this.#roomId = roomId;
    this.#totals = { ...noTotals };
    this.#givers.clear();
    this.#sortedBoard = null;
    this.#recent = [];
  }

  /** False where it was counted before, or counts nowhere. */
  #count(event: LiveEvent, overlayEvent: OverlayEvent): boolean {
    const added = amountsOf(event, overlayEvent);
    if (added === null || this.#countedIds.has(overlayEvent.id)) return false;
    this.#countedIds.add(overlayEvent.id);
    forgetOldest(this.#countedIds, maxCountedIds);
    for (const [name, amount] of Object.entries(added) as [keyof Totals, number][]) {
      this.#totals[name] += amount;
    }
    this.#addToGiver(overlayEvent);
    return true;
  }

  /** Joins and likes are too many; of a streak the last is enough. */
  #remember(event: OverlayEvent): boolean {
    if (event.type === "JoinEvent" || event.type === "LikeEvent") return false;
    const isOther = ({ id, streakId }: OverlayEvent) =>
      id !== event.id && (streakId === null || streakId !== event.streakId);
    this.#recent = [...this.#recent.filter(isOther), event].slice(-maxRecent);
    return true;
  }

  #addToGiver({ user, count, gift }: OverlayEvent): void {
    if (user.id === "" || gift === null) return;
    const before = this.#givers.get(user.id) ?? { diamonds: 0, gifts: 0 };
    this.#givers.set(user.id, {
      userId: user.id,
      name: user.name,
      handle: user.handle,
      avatarUrl: user.avatarUrl,
      diamonds: before.diamonds + count * gift.diamondCount,
      gifts: before.gifts + count,
    });
    this.#sortedBoard = null;
    if (this.#givers.size > 2 * maxGivers) {
      this.#givers = new Map(this.#sorted().slice(0, maxGivers).map((giver) => [giver.userId, giver]));
    }
  }

  #sorted(): Giver[] {
    return [...this.#givers.values()].sort((one, other) => other.diamonds - one.diamonds);
  }
}

/** What an event adds to the sums; null where it is none of theirs. */
function amountsOf(event: LiveEvent, { count }: OverlayEvent): Partial<Totals> | null {
  switch (event.type) {
    case "GiftEvent":
      return { gifts: count, diamonds: count * event.data.gift.diamondCount };
    case "LikeEvent":
      return { likes: count };
    case "FollowEvent":
      return { followers: 1 };
    case "SubscribeEvent":
      return { subscribers: 1 };
    case "ShareEvent":
      return { shares: 1 };
    default:
      return null;
  }
}

function forgetOldest(ids: Set<number>, max: number): void {
  for (const id of ids) {
    if (ids.size <= max) return;
    ids.delete(id);
  }
}
