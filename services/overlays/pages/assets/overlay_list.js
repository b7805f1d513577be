// @ts-check
/** The overlays, and what their URLs may set: what the index page shows of them. */

/**
 * @typedef {object} Setting
 * @property {string} name In the URL.
 * @property {string} says What it does.
 * @property {"number" | "choice" | "text" | "types"} kind
 * @property {string} or What it is where the URL does not say.
 * @property {string[]} [choices]
 */

/**
 * @typedef {object} Overlay
 * @property {string} name Its path.
 * @property {string} title
 * @property {string} says
 * @property {Setting[]} settings
 */

/** @type {Setting} */
const scale = { name: "scale", kind: "number", or: "1", says: "Size: 1.2 is a fifth larger" };

const announced = ["gift", "subscribe", "follow", "share", "donation", "membership", "order"];
const places = ["top", "center", "bottom", "top-left", "top-right", "bottom-left", "bottom-right"];

/** @type {Overlay[]} */
export const overlays = [
  {
    name: "alerts",
    title: "Alerts",
    says:
      "Gifts, follows, subscriptions, donations and more, one after the other, with sound. Streaks count up.",
    settings: [
      { name: "types", kind: "types", or: announced.join(","), choices: announced, says: "What it shows" },
      { name: "duration", kind: "number", or: "6", says: "Seconds that each one stays" },
      { name: "min_diamonds", kind: "number", or: "0", says: "Only gifts worth so many diamonds" },
      { name: "volume", kind: "number", or: "0.5", says: "Sound, from 0 to 1" },
      { name: "position", kind: "choice", or: "top", choices: places, says: "Where it is" },
      { name: "big", kind: "number", or: "100", says: "Diamonds from which one is bigger" },
      { name: "huge", kind: "number", or: "1000", says: "Diamonds from which it is a party" },
      scale,
    ],
  },
  {
    name: "chat",
    title: "Chat",
    says: "What viewers write, as they write it. Moderators and subscribers have a badge.",
    settings: [
      { name: "max", kind: "number", or: "10", says: "Comments at a time" },
      { name: "fade", kind: "number", or: "60", says: "Seconds until one goes; 0 keeps it" },
      { name: "direction", kind: "choice", or: "up", choices: ["up", "down"], says: "Which way they move" },
      { name: "side", kind: "choice", or: "left", choices: ["left", "right"], says: "Where it is" },
      scale,
    ],
  },
  {
    name: "goal",
    title: "Goal",
    says: "A bar that fills up, and a celebration when it is full.",
    settings: [
      {
        name: "of",
        kind: "choice",
        or: "likes",
        choices: ["likes", "diamonds", "followers", "gifts", "shares", "subscribers", "donations"],
        says: "What counts",
      },
      { name: "target", kind: "number", or: "1000", says: "How many" },
      { name: "currency", kind: "text", or: "EUR", says: "Of donations: which ones count" },
      { name: "title", kind: "text", or: "", says: "What it says" },
      {
        name: "position",
        kind: "choice",
        or: "top",
        choices: ["top", "center", "bottom"],
        says: "Where it is",
      },
      scale,
    ],
  },
  {
    name: "leaderboard",
    title: "Leaderboard",
    says: "Who gave most in this live. Watch them overtake each other.",
    settings: [
      { name: "count", kind: "number", or: "5", says: "How many viewers" },
      { name: "title", kind: "text", or: "Top gifters", says: "What it says" },
      { name: "side", kind: "choice", or: "right", choices: ["right", "left"], says: "Where it is" },
      scale,
    ],
  },
  {
    name: "ticker",
    title: "Ticker",
    says: "The latest events in a line, the newest first.",
    settings: [
      {
        name: "types",
        kind: "types",
        or: announced.join(","),
        choices: [...announced, "like", "comment", "join"],
        says: "What it shows",
      },
      { name: "max", kind: "number", or: "12", says: "Events at a time" },
      { name: "position", kind: "choice", or: "bottom", choices: ["bottom", "top"], says: "Where it is" },
      scale,
    ],
  },
];

/** What the test buttons send. */
export const tests = [
  { label: "Gift", type: "GiftEvent", diamonds: 1 },
  { label: "Gift ×20", type: "GiftEvent", diamonds: 1, count: 20 },
  { label: "Big gift", type: "GiftEvent", diamonds: 500 },
  { label: "Huge gift", type: "GiftEvent", diamonds: 5000 },
  { label: "Subscription", type: "SubscribeEvent" },
  { label: "Follow", type: "FollowEvent" },
  { label: "Share", type: "ShareEvent" },
  { label: "Donation", type: "DonationEvent", count: 500 },
  { label: "Membership", type: "MembershipEvent", count: 500 },
  { label: "Order", type: "OrderEvent", count: 1500 },
  { label: "Comment", type: "CommentEvent" },
  { label: "Likes", type: "LikeEvent" },
  { label: "Join", type: "JoinEvent" },
];
