/** Running sums over one session, kept in memory so that nobody has to count rows. */
import type { LiveEvent } from "../event.ts";
import type { LiveTotals, TopUser } from "../live.ts";

export class Totals {
  readonly #totals: LiveTotals = {
    diamonds: 0,
    gifts: 0,
    likes: 0,
    comments: 0,
    follows: 0,
    shares: 0,
    subscribes: 0,
    joins: 0,
  };
  readonly #givers = new Map<string, TopUser>();

  add(event: LiveEvent): void {
    const totals = this.#totals;
    switch (event.type) {
      case "GiftEvent":
        totals.gifts += event.streak.delta;
        totals.diamonds += event.streak.delta * event.data.gift.diamondCount;
        this.#addGift(event.user, event.streak.delta, event.data.gift.diamondCount);
        break;
      case "LikeEvent":
        totals.likes += event.streak.delta;
        break;
      case "CommentEvent":
        totals.comments++;
        break;
      case "FollowEvent":
        totals.follows++;
        break;
      case "ShareEvent":
        totals.shares++;
        break;
      case "SubscribeEvent":
        totals.subscribes++;
        break;
      case "JoinEvent":
        totals.joins++;
        break;
    }
  }

  /** A copy. */
  read(): LiveTotals {
    return { ...this.#totals };
  }

  /** The `count` users who gave the most diamonds, most first. */
  top(count: number): TopUser[] {
    return [...this.#givers.values()].sort((a, b) => b.diamonds - a.diamonds).slice(0, count);
  }

  #addGift(user: LiveEvent["user"], count: number, diamondCount: number): void {
    if (count === 0) return;
    let giver = this.#givers.get(user.id);
    if (!giver) {
      giver = { userId: user.id, uniqueId: user.uniqueId, nickname: user.nickname, diamonds: 0, gifts: 0 };
      this.#givers.set(user.id, giver);
    }
    giver.diamonds += count * diamondCount;
    giver.gifts += count;
  }
}
