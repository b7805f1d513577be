/** The sums and the givers of one live. Counts each item once, even if it is processed again. */
import { countsForHost, type LiveEvent } from "livecue/service";
import { boardLength, type Giver, type OverlayEvent, type Totals } from "./messages.ts";

/** Beyond this number, the givers who gave least are dropped. */
const maxGivers = 300;
/** More items than can be in progress when the program crashes. */
const maxCountedIds = 1000;

/** The JSON in the service's state. */
export interface KeptTally {
  totals: Totals;
  givers: Giver[];
  countedIds: number[];
}

type Counted = Omit<Totals, "donations">;

export const noTotals: Readonly<Totals> = {
  likes: 0,
  diamonds: 0,
  gifts: 0,
  followers: 0,
  subscribers: 0,
  shares: 0,
};

export class Tally {
  #totals: Totals;
  #givers: Map<string, Giver>;
  /** Ids of items, oldest first. */
  #countedIds: Set<number>;
  #sortedBoard: Giver[] | null = null;

  constructor(kept?: KeptTally) {
    this.#totals = { ...noTotals, ...kept?.totals };
    this.#givers = new Map(kept?.givers.map((giver) => [giver.userId, giver]));
    this.#countedIds = new Set(kept?.countedIds);
  }

  get totals(): Totals {
    return this.#totals;
  }

  get board(): Giver[] {
    this.#sortedBoard ??= this.#sorted().slice(0, boardLength);
    return this.#sortedBoard;
  }

  get kept(): KeptTally {
    return {
      totals: this.#totals,
      givers: [...this.#givers.values()],
      countedIds: [...this.#countedIds],
    };
  }

  /** Returns false if the event has already been counted or is not counted at all. */
  add(event: LiveEvent, overlayEvent: OverlayEvent): boolean {
    const added = amountsOf(event, overlayEvent);
    const donation = donationOf(overlayEvent);
    if (!countsForHost(event) || (added === null && donation === null)) return false;
    if (this.#countedIds.has(overlayEvent.id)) return false;
    this.#countedIds.add(overlayEvent.id);
    forgetOldest(this.#countedIds, maxCountedIds);
    for (const [name, amount] of Object.entries(added ?? {}) as [keyof Counted, number][]) {
      this.#totals[name] += amount;
    }
    if (donation !== null) this.#addDonation(donation);
    this.#addToGiver(overlayEvent);
    return true;
  }

  #addDonation({ amount, currency }: { amount: number; currency: string }): void {
    const { donations = {} } = this.#totals;
    this.#totals.donations = { ...donations, [currency]: (donations[currency] ?? 0) + amount };
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

/** What an event adds to the sums; null if it adds nothing. */
function amountsOf(event: LiveEvent, { count }: OverlayEvent): Partial<Counted> | null {
  switch (event.type) {
    case "GiftEvent":
      return { gifts: count, diamonds: count * event.data.gift.diamondCount };
    case "LikeEvent":
      return { likes: count };
    case "FollowEvent":
      return { followers: count };
    case "SubscribeEvent":
      return { subscribers: count };
    case "ShareEvent":
      return { shares: count };
    default:
      return null;
  }
}

function donationOf({ type, payment }: OverlayEvent): { amount: number; currency: string } | null {
  return type === "DonationEvent" && payment !== null && payment.currency !== "" ? payment : null;
}

function forgetOldest(ids: Set<number>, max: number): void {
  for (const id of ids) {
    if (ids.size <= max) return;
    ids.delete(id);
  }
}
