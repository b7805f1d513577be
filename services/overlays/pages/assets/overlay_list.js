// @ts-check
/** The overlays and the settings of their URLs, for the index page. */

/**
 * @typedef {object} Setting
 * @property {string} name Its name in the URL.
 * @property {string} says Its description.
 * @property {"number" | "choice" | "text" | "types" | "color"} kind
 * @property {string} or Its default.
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
const scale = { name: "scale", kind: "number", or: "1", says: "Size: 1.2 is 20% larger" };

const announced = ["gift", "subscribe", "follow", "share", "donation", "membership", "order"];
const places = ["top", "center", "bottom", "top-left", "top-right", "bottom-left", "bottom-right"];

const nine = ["center", "top", "bottom", "left", "right", ...places.slice(3)];

/**
 * @param {string} or
 * @returns {Setting}
 */
function position(or) {
  return { name: "position", kind: "choice", or, choices: nine, says: "Position" };
}

/** @type {Overlay[]} */
export const overlays = [
  {
    name: "alerts",
    title: "Alerts",
    says:
      "Gifts, follows, subscriptions, donations and more, one after the other, with sound. Streaks count up.",
    settings: [
      { name: "types", kind: "types", or: announced.join(","), choices: announced, says: "What it shows" },
      { name: "duration", kind: "number", or: "6", says: "Seconds that each alert stays" },
      { name: "min_diamonds", kind: "number", or: "0", says: "Only gifts worth at least this many diamonds" },
      { name: "volume", kind: "number", or: "0.5", says: "Volume of the sound, from 0 to 1" },
      { name: "position", kind: "choice", or: "top", choices: places, says: "Position" },
      { name: "sounds", kind: "number", or: "30", says: "Sounds in a minute at most" },
      { name: "small", kind: "number", or: "10", says: "Diamonds from which an alert is more than a chip" },
      { name: "big", kind: "number", or: "100", says: "Diamonds from which an alert is bigger" },
      {
        name: "huge",
        kind: "number",
        or: "1000",
        says: "Diamonds from which an alert is huge, with confetti",
      },
      { name: "full", kind: "number", or: "10000", says: "Diamonds from which an alert fills the picture" },
      scale,
    ],
  },
  {
    name: "chat",
    title: "Chat",
    says: "Viewers' comments as they come. Moderators and subscribers have a badge.",
    settings: [
      { name: "max", kind: "number", or: "10", says: "Maximum number of comments" },
      { name: "fade", kind: "number", or: "60", says: "Seconds until a comment fades; 0 keeps it" },
      { name: "direction", kind: "choice", or: "up", choices: ["up", "down"], says: "Direction of movement" },
      { name: "side", kind: "choice", or: "left", choices: ["left", "right"], says: "Position" },
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
      { name: "target", kind: "number", or: "1000", says: "Target" },
      { name: "currency", kind: "text", or: "EUR", says: "For donations: the currency that counts" },
      { name: "title", kind: "text", or: "", says: "Title" },
      {
        name: "position",
        kind: "choice",
        or: "top",
        choices: ["top", "center", "bottom"],
        says: "Position",
      },
      scale,
    ],
  },
  {
    name: "leaderboard",
    title: "Leaderboard",
    says: "Who gave the most in this live. Viewers overtake each other as they give.",
    settings: [
      { name: "count", kind: "number", or: "", says: "Number of viewers (5; upright: 3)" },
      { name: "title", kind: "text", or: "Top gifters", says: "Title" },
      { name: "side", kind: "choice", or: "right", choices: ["right", "left"], says: "Position" },
      scale,
    ],
  },
  {
    name: "ticker",
    title: "Ticker",
    says: "The latest events in a line, newest first.",
    settings: [
      {
        name: "types",
        kind: "types",
        or: announced.join(","),
        choices: [...announced, "like", "comment", "join"],
        says: "What it shows",
      },
      { name: "max", kind: "number", or: "12", says: "Maximum number of events" },
      { name: "position", kind: "choice", or: "bottom", choices: ["bottom", "top"], says: "Position" },
      scale,
    ],
  },
  {
    name: "timer",
    title: "Timer",
    says: "A countdown to which gifts and follows add time, as your rules say.",
    settings: [
      { name: "title", kind: "text", or: "", says: "Title" },
      { name: "end", kind: "text", or: "Time's up!", says: "What it says at the end" },
      position("top-left"),
      scale,
    ],
  },
  {
    name: "wheel",
    title: "Wheel",
    says: "A wheel of fortune with your own slices. A rule, a key or a command spins it.",
    settings: [
      { name: "show", kind: "choice", or: "spins", choices: ["spins", "always"], says: "When it is shown" },
      position("center"),
      scale,
    ],
  },
  {
    name: "poll",
    title: "Poll",
    says: "Viewers vote by comments, with a number or an option's words.",
    settings: [position("right"), scale],
  },
  {
    name: "battle",
    title: "Battle",
    says: "Gifts against gifts: each side has gifts of its own.",
    settings: [position("bottom"), scale],
  },
  {
    name: "countdown",
    title: "Countdown",
    says: "Counts down to a time of day or for some minutes: until the show starts, or a break ends.",
    settings: [
      { name: "title", kind: "text", or: "", says: "Title" },
      { name: "end", kind: "text", or: "Time's up!", says: "What it says at the end" },
      {
        name: "show",
        kind: "choice",
        or: "started",
        choices: ["started", "always"],
        says: "Whether it is shown before its start",
      },
      position("center"),
      scale,
    ],
  },
  {
    name: "raffle",
    title: "Raffle",
    says: "Viewers enter by a comment, and one of them wins. The draw can be checked by anybody.",
    settings: [position("center"), scale],
  },
  {
    name: "soundboard",
    title: "Soundboard",
    says: "Plays sounds by rules, keys and points. Of several open pages, one plays each sound.",
    settings: [
      { name: "volume", kind: "number", or: "1", says: "Volume, from 0 to 1, on top of the option" },
      { name: "show", kind: "choice", or: "names", choices: ["names", "nothing"], says: "What is shown" },
      {
        name: "play",
        kind: "choice",
        or: "once",
        choices: ["once", "every"],
        says: "every: this page plays each sound, even if another page does",
      },
      position("bottom-left"),
      scale,
    ],
  },
  {
    name: "now",
    title: "Now",
    says: "The latest gift, follow or subscriber, and the top giver.",
    settings: [
      {
        name: "show",
        kind: "text",
        or: "gift,follow",
        says: "Some of gift, follow, subscribe and top, in your order",
      },
      { name: "direction", kind: "choice", or: "column", choices: ["column", "row"], says: "Direction" },
      position("bottom-left"),
      scale,
    ],
  },
  {
    name: "qr",
    title: "QR code",
    says: "A code for a link. Livecue draws it.",
    settings: [
      { name: "link", kind: "text", or: "", says: "The link, or any text" },
      { name: "caption", kind: "text", or: "", says: "The line below it" },
      { name: "size", kind: "number", or: "9", says: "Its size, from 4 to 40" },
      position("bottom-right"),
      scale,
    ],
  },
];

/** @type {Setting[]} Of every page: percentages of the picture that an app covers. The defaults are TikTok's. */
export const margins = [
  { name: "safe_top", kind: "number", or: "", says: "Percent kept free at the top (upright: 12.5)" },
  { name: "safe_right", kind: "number", or: "", says: "Percent at the right (upright: 13)" },
  { name: "safe_bottom", kind: "number", or: "", says: "Percent at the bottom (upright: 32)" },
  { name: "safe_left", kind: "number", or: "", says: "Percent at the left (upright: 2)" },
];

/** @type {Setting[]} Of every page. */
export const colors = [
  { name: "paper_color", kind: "color", or: "#fffdf5", says: "Paper: edges and backgrounds" },
  { name: "ink_color", kind: "color", or: "#1d1238", says: "Ink: texts and outlines" },
  { name: "gift_color", kind: "color", or: "#ffc933", says: "Gifts and titles" },
  { name: "bar_color", kind: "color", or: "#ff5d7d", says: "Bars and counters" },
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
