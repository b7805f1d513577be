/** Running sums over one live, kept in memory so that nobody has to count rows. */
import { addedBy, countsForHost, type LiveEvent } from "../event.ts";
import { type LiveTotals, noTotals } from "../live.ts";

export class Totals {
  readonly #totals: LiveTotals;

  /** `totals`: what the live has come to before. */
  constructor(totals = noTotals()) {
    this.#totals = { ...totals };
  }

  /** Takes in an event; what does not count for the streamer changes nothing. */
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

  /** A copy. */
  read(): LiveTotals {
    return { ...this.#totals };
  }
}
