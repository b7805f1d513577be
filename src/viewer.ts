/** The viewers of all lives: what each has given and said, and what a batch of events adds to that. */
import { addedBy, countsForHost, type LiveEvent } from "./event.ts";

/** Who a viewer is. Names change, and this does not. */
export interface ViewerKey {
  /** The type of source of the lives in which the viewer was seen, as "tiktok". */
  platform: string;
  /** The platform's id of the user. */
  userId: string;
}

/** What a viewer has given and said. */
export interface ViewerAmounts {
  gifts: number;
  diamonds: number;
  comments: number;
}

/** A viewer over all lives. Times are Unix milliseconds. */
export interface Viewer extends ViewerKey, ViewerAmounts {
  /** The handle and the name that the viewer had last. */
  uniqueId: string;
  nickname: string;
  firstSeen: number;
  lastSeen: number;
  /** In how many lives the viewer was seen. */
  lives: number;
  note: string | null;
  isBlocked: boolean;
}

/** Characters. */
export const maxNoteLength = 500;

/** What a person changes about a viewer; a field that is left out stays as it is. */
export interface ViewerMark extends ViewerKey {
  note?: string | null;
  isBlocked?: boolean;
}

/** What events of one live add to one viewer, who has one name in all of them. */
export interface ViewerChange extends ViewerKey, ViewerAmounts {
  liveId: number;
  firstSeen: number;
  lastSeen: number;
  /** "" if the events have none. */
  uniqueId: string;
  nickname: string;
}

/** What the rules of services may ask of the viewer of an event. */
export interface ViewerNumbers {
  /** In how many lives the viewer was seen, including the present one; 0 if nobody caused the event. */
  visits: number;
  /** The diamonds of all lives. */
  totalDiamonds: number;
}

export const noViewer: Readonly<ViewerNumbers> = { visits: 0, totalDiamonds: 0 };

/** A viewer in a live. */
export interface ViewerInLive extends ViewerKey {
  liveId: number;
}

/** What is counted of a viewer at one moment. */
export interface ViewerStanding {
  /** null if the viewer is not counted yet. */
  numbers: ViewerNumbers | null;
  /** Whether the live is counted among the viewer's. */
  wasIn: boolean;
  /** The last event that is counted. */
  upTo: number;
}

/** Whether the event shows that its user was in the live. A test shows nothing, and neither does another room. */
export function showsViewer({ user, isTest, isForeign }: LiveEvent): boolean {
  return user.id !== "" && !isTest && !isForeign;
}

/** What the event adds to its user. A gift to a guest adds nothing, as in the totals of a live. */
export function amountsOf(event: LiveEvent): ViewerAmounts {
  const amounts = { gifts: 0, diamonds: 0, comments: 0 };
  if (!countsForHost(event)) return amounts;
  const added = addedBy(event);
  if (event.type === "CommentEvent") amounts.comments = added;
  if (event.type === "GiftEvent") {
    amounts.gifts = added;
    amounts.diamonds = added * event.data.gift.diamondCount;
  }
  return amounts;
}

/** A text that identifies a viewer. No platform has a line break in its name. */
export function viewerName({ platform, userId }: ViewerKey): string {
  return `${platform}\n${userId}`;
}

/** Adds up what events add to the viewers of their lives. */
export class ViewerChanges {
  readonly #changes: ViewerChange[] = [];
  /** The last change of each viewer in each live. */
  readonly #last = new Map<string, ViewerChange>();

  /** `platform`: that of the event's live. */
  add(event: LiveEvent, platform: string): void {
    if (!showsViewer(event)) return;
    const change = this.#changeOf(event, platform);
    const { gifts, diamonds, comments } = amountsOf(event);
    change.gifts += gifts;
    change.diamonds += diamonds;
    change.comments += comments;
    change.firstSeen = Math.min(change.firstSeen, event.createdAt);
    change.lastSeen = Math.max(change.lastSeen, event.createdAt);
  }

  /** A viewer who renamed has several, in their order. */
  list(): readonly ViewerChange[] {
    return this.#changes;
  }

  #changeOf({ user, liveId, createdAt }: LiveEvent, platform: string): ViewerChange {
    const { id: userId, uniqueId, nickname } = user;
    const key = `${liveId} ${viewerName({ platform, userId })}`;
    const last = this.#last.get(key);
    const isUnnamed = uniqueId === "" && nickname === "";
    if (last && (isUnnamed || (last.uniqueId === uniqueId && last.nickname === nickname))) return last;
    const sums = { gifts: 0, diamonds: 0, comments: 0 };
    const change = {
      platform,
      userId,
      liveId,
      uniqueId,
      nickname,
      firstSeen: createdAt,
      lastSeen: createdAt,
      ...sums,
    };
    this.#last.set(key, change);
    this.#changes.push(change);
    return change;
  }
}
