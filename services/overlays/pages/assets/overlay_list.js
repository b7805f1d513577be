// @ts-check
/** The overlays and the settings of their URLs, for the index page. Its sentences are to be translated. */
import { msg } from "/livecue/language.js";

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
const scale = { name: "scale", kind: "number", or: "1", says: msg("Size: 1.2 is 20% larger") };

const announced = ["gift", "subscribe", "follow", "share", "donation", "membership", "order"];
const places = ["top", "center", "bottom", "top-left", "top-right", "bottom-left", "bottom-right"];

const nine = ["center", "top", "bottom", "left", "right", ...places.slice(3)];

/**
 * @param {string} or
 * @returns {Setting}
 */
function position(or) {
  return { name: "position", kind: "choice", or, choices: nine, says: msg("Position") };
}

/** @type {Overlay[]} */
export const overlays = [
  {
    name: "alerts",
    title: msg("Alerts"),
    says: msg(
      "Gifts, follows, subscriptions, donations and more, one after the other, with sound. Streaks count up.",
    ),
    settings: [
      {
        name: "types",
        kind: "types",
        or: announced.join(","),
        choices: announced,
        says: msg("What it shows"),
      },
      { name: "duration", kind: "number", or: "6", says: msg("Seconds that each alert stays") },
      {
        name: "min_diamonds",
        kind: "number",
        or: "0",
        says: msg("Only gifts worth at least this many diamonds"),
      },
      { name: "volume", kind: "number", or: "0.5", says: msg("Volume of the sound, from 0 to 1") },
      { name: "position", kind: "choice", or: "top", choices: places, says: msg("Position") },
      { name: "sounds", kind: "number", or: "30", says: msg("Sounds in a minute at most") },
      {
        name: "small",
        kind: "number",
        or: "10",
        says: msg("Diamonds from which an alert is more than a chip"),
      },
      { name: "big", kind: "number", or: "100", says: msg("Diamonds from which an alert is bigger") },
      {
        name: "huge",
        kind: "number",
        or: "1000",
        says: msg("Diamonds from which an alert is huge, with confetti"),
      },
      {
        name: "full",
        kind: "number",
        or: "10000",
        says: msg("Diamonds from which an alert fills the picture"),
      },
      scale,
    ],
  },
  {
    name: "chat",
    title: msg("Chat"),
    says: msg("Viewers' comments as they come. Moderators and subscribers have a badge."),
    settings: [
      { name: "max", kind: "number", or: "10", says: msg("Maximum number of comments") },
      { name: "fade", kind: "number", or: "60", says: msg("Seconds until a comment fades; 0 keeps it") },
      {
        name: "direction",
        kind: "choice",
        or: "up",
        choices: ["up", "down"],
        says: msg("Direction of movement"),
      },
      { name: "side", kind: "choice", or: "left", choices: ["left", "right"], says: msg("Position") },
      scale,
    ],
  },
  {
    name: "goal",
    title: msg("Goal"),
    says: msg("A bar that fills up, and a celebration when it is full."),
    settings: [
      {
        name: "of",
        kind: "choice",
        or: "likes",
        choices: ["likes", "diamonds", "followers", "gifts", "shares", "subscribers", "donations"],
        says: msg("What counts"),
      },
      { name: "target", kind: "number", or: "1000", says: msg("Target") },
      { name: "currency", kind: "text", or: "EUR", says: msg("For donations: the currency that counts") },
      { name: "title", kind: "text", or: "", says: msg("Title") },
      {
        name: "position",
        kind: "choice",
        or: "top",
        choices: ["top", "center", "bottom"],
        says: msg("Position"),
      },
      scale,
    ],
  },
  {
    name: "leaderboard",
    title: msg("Leaderboard"),
    says: msg("Who gave the most in this live. Viewers overtake each other as they give."),
    settings: [
      { name: "count", kind: "number", or: "", says: msg("Number of viewers (5; upright: 3)") },
      { name: "title", kind: "text", or: msg("Top gifters"), says: msg("Title") },
      { name: "side", kind: "choice", or: "right", choices: ["right", "left"], says: msg("Position") },
      scale,
    ],
  },
  {
    name: "ticker",
    title: msg("Ticker"),
    says: msg("The latest events in a line, newest first."),
    settings: [
      {
        name: "types",
        kind: "types",
        or: announced.join(","),
        choices: [...announced, "like", "comment", "join"],
        says: msg("What it shows"),
      },
      { name: "max", kind: "number", or: "12", says: msg("Maximum number of events") },
      { name: "position", kind: "choice", or: "bottom", choices: ["bottom", "top"], says: msg("Position") },
      scale,
    ],
  },
  {
    name: "timer",
    title: msg("Timer"),
    says: msg("A countdown to which gifts and follows add time, as your rules say."),
    settings: [
      { name: "title", kind: "text", or: "", says: msg("Title") },
      { name: "end", kind: "text", or: msg("Time's up!"), says: msg("What it says at the end") },
      position("top-left"),
      scale,
    ],
  },
  {
    name: "wheel",
    title: msg("Wheel"),
    says: msg("A wheel of fortune with your own slices. A rule, a key or a command spins it."),
    settings: [
      {
        name: "show",
        kind: "choice",
        or: "spins",
        choices: ["spins", "always"],
        says: msg("When it is shown"),
      },
      position("center"),
      scale,
    ],
  },
  {
    name: "poll",
    title: msg("Poll"),
    says: msg("Viewers vote by comments, with a number or an option's words."),
    settings: [position("right"), scale],
  },
  {
    name: "battle",
    title: msg("Battle"),
    says: msg("Gifts against gifts: each side has gifts of its own."),
    settings: [position("bottom"), scale],
  },
  {
    name: "countdown",
    title: msg("Countdown"),
    says: msg("Counts down to a time of day or for some minutes: until the show starts, or a break ends."),
    settings: [
      { name: "title", kind: "text", or: "", says: msg("Title") },
      { name: "end", kind: "text", or: msg("Time's up!"), says: msg("What it says at the end") },
      {
        name: "show",
        kind: "choice",
        or: "started",
        choices: ["started", "always"],
        says: msg("Whether it is shown before its start"),
      },
      position("center"),
      scale,
    ],
  },
  {
    name: "raffle",
    title: msg("Raffle"),
    says: msg("Viewers enter by a comment, and one of them wins. The draw can be checked by anybody."),
    settings: [position("center"), scale],
  },
  {
    name: "soundboard",
    title: msg("Soundboard"),
    says: msg("Plays sounds by rules, keys and points. Of several open pages, one plays each sound."),
    settings: [
      { name: "volume", kind: "number", or: "1", says: msg("Volume, from 0 to 1, on top of the option") },
      {
        name: "show",
        kind: "choice",
        or: "names",
        choices: ["names", "nothing"],
        says: msg("What is shown"),
      },
      {
        name: "play",
        kind: "choice",
        or: "once",
        choices: ["once", "every"],
        says: msg("every: this page plays each sound, even if another page does"),
      },
      position("bottom-left"),
      scale,
    ],
  },
  {
    name: "now",
    title: msg("Now"),
    says: msg("The latest gift, follow or subscriber, and the top giver."),
    settings: [
      {
        name: "show",
        kind: "text",
        or: "gift,follow",
        says: msg("Some of gift, follow, subscribe and top, in your order"),
      },
      { name: "direction", kind: "choice", or: "column", choices: ["column", "row"], says: msg("Direction") },
      position("bottom-left"),
      scale,
    ],
  },
  {
    name: "qr",
    title: msg("QR code"),
    says: msg("A code for a link. Livecue draws it."),
    settings: [
      { name: "link", kind: "text", or: "", says: msg("The link, or any text") },
      { name: "caption", kind: "text", or: "", says: msg("The line below it") },
      { name: "size", kind: "number", or: "9", says: msg("Its size, from 4 to 40") },
      position("bottom-right"),
      scale,
    ],
  },
];

/** @type {Setting[]} Of every page: percentages of the picture that an app covers. The defaults are TikTok's. */
export const margins = [
  { name: "safe_top", kind: "number", or: "", says: msg("Percent kept free at the top (upright: 12.5)") },
  { name: "safe_right", kind: "number", or: "", says: msg("Percent at the right (upright: 13)") },
  { name: "safe_bottom", kind: "number", or: "", says: msg("Percent at the bottom (upright: 32)") },
  { name: "safe_left", kind: "number", or: "", says: msg("Percent at the left (upright: 2)") },
];

/** @type {Setting[]} Of every page. */
export const colors = [
  { name: "paper_color", kind: "color", or: "#fffdf5", says: msg("Paper: edges and backgrounds") },
  { name: "ink_color", kind: "color", or: "#1d1238", says: msg("Ink: texts and outlines") },
  { name: "gift_color", kind: "color", or: "#ffc933", says: msg("Gifts and titles") },
  { name: "bar_color", kind: "color", or: "#ff5d7d", says: msg("Bars and counters") },
];

/** What the test buttons send. */
export const tests = [
  { label: msg("Gift"), type: "GiftEvent", diamonds: 1 },
  { label: msg("Gift ×20"), type: "GiftEvent", diamonds: 1, count: 20 },
  { label: msg("Big gift"), type: "GiftEvent", diamonds: 500 },
  { label: msg("Huge gift"), type: "GiftEvent", diamonds: 5000 },
  { label: msg("Subscription"), type: "SubscribeEvent" },
  { label: msg("Follow"), type: "FollowEvent" },
  { label: msg("Share"), type: "ShareEvent" },
  { label: msg("Donation"), type: "DonationEvent", count: 500 },
  { label: msg("Membership"), type: "MembershipEvent", count: 500 },
  { label: msg("Order"), type: "OrderEvent", count: 1500 },
  { label: msg("Comment"), type: "CommentEvent" },
  { label: msg("Likes"), type: "LikeEvent" },
  { label: msg("Join"), type: "JoinEvent" },
];
