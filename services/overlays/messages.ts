/**
 * The messages between the server and its pages. "livecue/pages" describes the transport.
 *
 * `hello` is the first message of every connection, so that a page that reconnects catches up. `event`, `totals` and
 * `board` follow as things happen. The query of the stream's URL selects what a page receives. All its fields are
 * optional:
 *
 * - `wants=alerts`: this page shows alerts and reports each one with POST /shown {"id": …}, once for each id. Items
 *   wait for that.
 * - `wants=timer`, `wheel`, `poll`, `battle`, `countdown`, `raffle` or `soundboard`: this page shows the game and
 *   receives its messages.
 * - `player=ID`: this page plays the sounds of the soundboard. ID is its own, as a UUID. It says POST /sound
 *   {"page": ID, "can_play": true} after each `hello`, asks {"page": ID, "plays": NUMBER} before it plays a sound
 *   (204: it may), and says {"page": ID, "has_played": NUMBER} after it.
 * - `types=GiftEvent,FollowEvent`: the alerts that it shows. Default: all. It receives all events anyway.
 * - `source=main`: this source's latest live. The page receives only that live, including events of other sources of
 *   the same live. Default: the option `source`. Without it, the page receives the events of all lives, and the sums
 *   of the live that started last (of those with a room, if any has one).
 *
 * POST /test {"type": "GiftEvent"}, optionally with `"count": 20` and `"diamonds": 500` (the price of one gift),
 * creates an event that only the pages receive and that is not counted (`isTest`). For a payment, `count` is the
 * amount. POST /broken {"file": "lion.webm", "why": "it is missing"} says that an alert's file cannot be shown. POST
 * /game {"timer": "pause"} does what the same `do` of a rule does. GET /status returns `Status`, and GET /games what
 * pages see of each game, and GET /draw what is needed to repeat the raffle's latest draw. GET /picture?of=ADDRESS
 * returns the picture of an `avatarUrl` or `imageUrl`. If Livecue does not have it yet, the answer is empty (204), and
 * a message `picture` follows if it can be loaded. GET /qr_code?text=… returns a QR code as SVG. If a token is
 * required, each of these requests needs it as `?token=`, and so do the pages. Files below /assets/ need none. Each
 * POST has the content type application/json and is answered with 204.
 */
import type { GameName, GameViews } from "./games/games.ts";
import type { EventDataByType, LiveEvent, UserRole } from "livecue/service";

/** Increased when messages change, so that a page older than its server can reload itself. */
export const messagesVersion = 3;

/** The messages of the stream by name. */
export interface Messages {
  hello: Hello;
  event: OverlayEvent;
  /** Sent at most five times per second, for the first change at once. The same goes for `board`. */
  totals: Totals;
  board: Giver[];
  /** After each change that is stored, at most ten times per second. */
  game: GameMessage;
  /** The address of a picture that a page asked for in vain and that Livecue now has. */
  picture: string;
}

/** What pages see of a game. Its times are milliseconds at the moment of sending: left, or passed (`ageMs`). */
export type GameMessage = { [Name in GameName]: { name: Name; view: GameViews[Name] } }[GameName];

export type MessageName = keyof Messages;

export interface Hello {
  version: number;
  totals: Totals;
  board: Giver[];
  /** The live's latest gift, follow and subscription, whenever they happened. Gifts to guests are left out. */
  latest: OverlayEvent[];
  /** The goals of the config, in its order. */
  goals: Goal[];
  /** The latest events except likes and joins, oldest first. They fill a chat or a ticker and are not alerts. */
  recent: OverlayEvent[];
  /** What the page's game looks like, if the page wants one. */
  games: Partial<GameViews>;
  /** Alerts that no page has shown yet, oldest first. A page that reconnects may already have them in its queue. */
  waiting: OverlayEvent[];
}

/** Strangers wrote all texts, so treat them as text, never as markup. */
export interface OverlayEvent {
  /** Increases with each event. Negative for tests. */
  id: number;
  type: LiveEvent["type"];
  /** When TikTok created the event, in Unix milliseconds. Use it to distinguish events, and `ageMs` for their age. */
  at: number;
  /** Milliseconds between the first sending of the event and this one. */
  ageMs: number;
  /** 0 for a page's own test. */
  liveId: number;
  /** The name of the event's source; "" for a page's own test. */
  source: string;
  user: Viewer;
  gift: OverlayGift | null;
  /** The name of the guest who received the gift; "" if it is for the streamer. */
  receiver: string;
  subscription: { isGifted: boolean; isSuperFan: boolean } | null;
  /** The payment of a donation, a membership or an order. */
  payment: OverlayPayment | null;
  /** The number of gifts, likes or given subscriptions that this event adds; 1 for other events. */
  count: number;
  /** The streak's total up to this event; the same as `count` without a streak. */
  total: number;
  /** The value of `total` gifts; 0 for other events. */
  diamonds: number;
  /** Determines the order and the size of alerts: diamonds, or a comparable amount. */
  worth: number;
  /** The text that the viewer wrote; "" for other events and for private messages to the streamer. */
  comment: string;
  /** Sorted by position. A comment that consists only of emotes has an empty text. */
  emotes: OverlayEmote[];
  /** Events with the same streak are shown as one alert, which counts up. */
  streakId: string | null;
  /** Whether its streak has ended. */
  hasEnded: boolean;
  /** Null if the event is not an alert. */
  alert: Alert | null;
  isTest: boolean;
}

/** How the config's rules announce an alert. */
export interface Alert {
  /** The line to show; "" for the page's own words. */
  text: string;
  /** Whether the text has the viewer's name, so that the page need not show it a second time. */
  namesViewer?: boolean;
  /** Null: the page or its URL decides. */
  durationSeconds: number | null;
  /** A file below /assets/, in the user's theme folder; "none" for silence, "" for the page's own sound. */
  sound: string;
  /** A video, picture or Lottie animation (.json) below /assets/, in the user's theme folder; "" for none. */
  media: string;
  /** Null: the worth decides. */
  size: "chip" | "small" | "big" | "huge" | "full" | null;
}

export interface Viewer {
  /** TikTok's user id as text; "" if the event has no viewer. */
  id: string;
  /** The nickname, or the handle if the nickname is empty. */
  name: string;
  handle: string;
  /** A URL of TikTok's image servers, or "". */
  avatarUrl: string;
  roles: UserRole[];
}

export interface OverlayGift {
  id: number;
  name: string;
  /** The price of one gift in diamonds. */
  diamondCount: number;
  /** A URL of TikTok's image servers, or "". */
  imageUrl: string;
}

/** Amounts are in the currency's smallest unit, such as cents. `currency` is a code such as "EUR", or "" if unknown. */
export interface OverlayPayment {
  amount: number;
  currency: string;
  /**
   * `tier`, `months` and `action` belong to memberships, and `items` to orders. For others they are "", 0, null and
   * empty.
   */
  tier: string;
  months: number;
  action: EventDataByType["MembershipEvent"]["action"] | null;
  items: { name: string; count: number }[];
}

/** A picture in a comment, in front of the character at index `at`. */
export interface OverlayEmote {
  at: number;
  /** A URL of TikTok's image servers, or "". */
  imageUrl: string;
}

/** Sums of a live. Gifts to guests, tests, and events from other rooms are not counted. */
export interface Totals {
  likes: number;
  diamonds: number;
  gifts: number;
  /** New followers in this live. The same goes for subscribers. */
  followers: number;
  subscribers: number;
  shares: number;
  /** By currency, in its smallest unit: { EUR: 500 } is 5.00. Left out if there are none. */
  donations?: Record<string, number>;
}

/** An entry of a live's leaderboard, which has at most `boardLength` entries, most diamonds first. */
export interface Giver {
  userId: string;
  name: string;
  handle: string;
  avatarUrl: string;
  diamonds: number;
  gifts: number;
}

export const boardLength = 20;

/**
 * A goal. Its current value is `start` + `totals[of]`. For donations, the amounts are in the smallest unit of
 * `currency`.
 */
export interface Goal {
  /** Its name in the URL: /goal?name=NAME. */
  name: string;
  of: keyof Totals;
  /** Only for donations. */
  currency?: string | undefined;
  title: string;
  target: number;
  /** The value before the live. */
  start: number;
}

/** The data of the index page. */
export interface Status {
  version: number;
  /** For example http://127.0.0.1:7420. */
  url: string;
  /** The token for each page's URL (`?token=`); "" if none is required. */
  token: string;
  /** "alerts", "chat", …, then the pages of the theme folder. */
  pages: { name: string; isOwn: boolean }[];
  goals: Goal[];
  /** The sources of the known lives. */
  sources: string[];
  /** The number of open pages, and how many of them show alerts. */
  openCount: number;
  openAlertsCount: number;
}
