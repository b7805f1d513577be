/** Running totals of one live, kept in memory, so that nobody has to count rows. */
import { addedBy, countsForHost, type LiveEvent } from "../event.ts";
import { type LiveTotals, noTotals } from "../live.ts";

export class Totals {
  readonly #totals: LiveTotals;

  /** `totals`: the live's totals so far. */
  constructor(totals = noTotals()) {
    this.#totals = { ...totals };
  }

  /** Adds an event. One that does not count for the host changes nothing. */
  add(event: LiveEvent): void {
    if (!countsForHost(event)) return;
    const totals = this.#totals;
    const added = addedBy(event);
    switch (event.type) {
      case "GiftEvent":
        totals.gifts += added;
        totals.diamonds += added * event.data.gift.diamondCount;
        break;
      case "LikeEvent":
        totals.likes += added;
        break;
      case "CommentEvent":
        totals.comments += added;
        break;
      case "FollowEvent":
        totals.follows += added;
        break;
      case "ShareEvent":
        totals.shares += added;
        break;
      case "SubscribeEvent":
        totals.subscribes += added;
        break;
      case "JoinEvent":
        totals.joins += added;
        break;
    }
  }

  /** Returns a copy. */
  read(): LiveTotals {
    return { ...this.#totals };
  }
}
