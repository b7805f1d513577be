/**
 * What the server and its pages say to each other; how, "livecue/pages" says.
 *
 * `hello` comes first on every connect, so that a page that comes back catches up; then `event`, `totals` and `board`
 * as things happen. What a page asks for by the query of its stream, all of it optional:
 *
 * - `wants=alerts`: this page shows alerts and says so with POST /shown {"id": …}, once for each id. Items wait for
 *   it.
 * - `types=GiftEvent,FollowEvent`: the alerts that it shows; default: all. All events are sent to it anyway.
 * - `source=main`: the live in which this source is (its latest): all that page is told is of it, also what came by
 *   another source of the same live. Default: the option `source`; without it events of all lives, and the sums of
 *   the one that began last (of those with a room, if any has one).
 *
 * POST /test {"type": "GiftEvent"}, with `"count": 20` and `"diamonds": 500` (the price of one) if you like, makes an
 * event for the pages alone, which counts nowhere (`isTest`); of a payment `count` is the amount.
 * GET /status answers `Status`. Where a token is needed, each of these takes it as `?token=`, as do the pages;
 * files below /assets/ need none. Each POST has the content type application/json, and answers 204.
 */
import type { EventDataByType, LiveEvent, UserRole } from "livecue/service";

/** Rises when messages change, so that a page that is older than its server can load itself anew. */
export const messagesVersion = 2;

/** The messages of the stream, by name. */
export interface Messages {
  hello: Hello;
  event: OverlayEvent;
  /** At most five a second, the first change at once. So is `board`. */
  totals: Totals;
  board: Giver[];
}

export type MessageName = keyof Messages;

export interface Hello {
  version: number;
  totals: Totals;
  board: Giver[];
  /** Those of the config, in its order. */
  goals: Goal[];
  /** The latest events of each kind but likes and joins, oldest first: to fill a chat or a ticker, not to alert. */
  recent: OverlayEvent[];
  /** Alerts that nobody has shown yet, oldest first. A page that reconnects may have them in its queue already. */
  waiting: OverlayEvent[];
}

/** All texts are what strangers wrote: text, never markup. */
export interface OverlayEvent {
  /** Grows with each event; below 0 for tests. */
  id: number;
  type: LiveEvent["type"];
  /** When TikTok made it, Unix milliseconds: to tell events apart. How long ago it was, `ageMs` says. */
  at: number;
  /** Milliseconds since pages were told of it first, as of when this is sent. */
  ageMs: number;
  /** 0 for a page's own test. */
  liveId: number;
  /** Name of the source that it came by; "" for a page's own test. */
  source: string;
  user: Viewer;
  gift: OverlayGift | null;
  /** The name of the guest whom a gift is for; "" where it is for the streamer. */
  receiver: string;
  subscription: { isGifted: boolean; isSuperFan: boolean } | null;
  /** Of a donation, a membership or an order. */
  payment: OverlayPayment | null;
  /** How many gifts, likes or given subscriptions this event adds; 1 for others. */
  count: number;
  /** The streak's total up to this event; `count` where there is no streak. */
  total: number;
  /** What `total` gifts are worth; 0 for others. */
  diamonds: number;
  /** Which alert goes before which, and how large it is: diamonds, or what is taken for as much. */
  worth: number;
  /** What the viewer wrote; "" for other events, and for what was written to the streamer alone. */
  comment: string;
  /** In the order of their places. A comment of emotes alone has an empty text. */
  emotes: OverlayEmote[];
  /** Events of one streak are one alert, which counts up. */
  streakId: string | null;
  /** Whether its streak is over. */
  hasEnded: boolean;
  /** Null where it is none: then it is not for the page of alerts. */
  alert: Alert | null;
  isTest: boolean;
}

/** What the config's rules say about an alert. */
export interface Alert {
  /** The line to show; "" for the page's own words. */
  text: string;
  /** Null: as the page's URL or the page itself says. */
  durationSeconds: number | null;
  /** A file below /assets/, in the user's theme folder; "none" for silence, "" for the page's own sound. */
  sound: string;
}

export interface Viewer {
  /** TikTok's number, as text; "" in an event that is nobody's. */
  id: string;
  /** The nickname, or the handle where that is empty. */
  name: string;
  handle: string;
  /** Of TikTok's image servers, or "". */
  avatarUrl: string;
  roles: UserRole[];
}

export interface OverlayGift {
  id: number;
  name: string;
  /** Price of one, in diamonds. */
  diamondCount: number;
  /** Of TikTok's image servers, or "". */
  imageUrl: string;
}

/** Amounts are in the currency's smallest unit, as cents; `currency` is as "EUR", or "" where nobody knows. */
export interface OverlayPayment {
  amount: number;
  currency: string;
  /** Of a membership; else "", 0 and null. So is `items` of an order. */
  tier: string;
  months: number;
  action: EventDataByType["MembershipEvent"]["action"] | null;
  items: { name: string; count: number }[];
}

/** A picture in a comment: before the character of this index. */
export interface OverlayEmote {
  at: number;
  /** Of TikTok's image servers, or "". */
  imageUrl: string;
}

/** Sums of a live. Gifts to guests, tests and what another room sent are in none of them. */
export interface Totals {
  likes: number;
  diamonds: number;
  gifts: number;
  /** New ones. So are the subscribers. */
  followers: number;
  subscribers: number;
  shares: number;
  /** By currency, in its smallest unit, as { EUR: 500 } for 5.00; left out where there are none. */
  donations?: Record<string, number>;
}

/** Of a live, most diamonds first; at most `boardLength`. */
export interface Giver {
  userId: string;
  name: string;
  handle: string;
  avatarUrl: string;
  diamonds: number;
  gifts: number;
}

export const boardLength = 20;

/** It stands at `start` + `totals[of]`; of donations, all three are in the smallest unit of `currency`. */
export interface Goal {
  /** For the URL: /goal?name=NAME. */
  name: string;
  of: keyof Totals;
  /** Of donations alone. */
  currency?: string | undefined;
  title: string;
  target: number;
  /** What was there before the live. */
  start: number;
}

/** What the index page shows. */
export interface Status {
  version: number;
  /** As http://127.0.0.1:7420. */
  url: string;
  /** To be put into each page's URL as `?token=`; "" where none is needed. */
  token: string;
  /** "alerts", "chat", …, then those of the theme folder. */
  pages: { name: string; isOwn: boolean }[];
  goals: Goal[];
  /** Those whose lives are known. */
  sources: string[];
  /** Pages that are open now, and those of them that show alerts. */
  openCount: number;
  openAlertsCount: number;
}
