// @ts-check
/// <reference lib="dom" />
/**
 * Made-up messages for previews. With `?preview` a page shows a live that never was: `hello` at once, then an event
 * after the other. With `?preview=still` only `hello` and the first event come, so that two pictures are the same;
 * with `?preview=quiet`, nothing comes but what a test plays.
 */
import { t } from "/livecue/language.js";
/** @import { Giver, Hello, MessageName, Messages, OverlayEvent, Totals } from "../../messages.ts" */

/** @typedef {{ [Name in MessageName]?: (message: Messages[Name]) => void }} Handlers */

const pauseMs = 2800;

/** @type {Handlers} */
let player = {};
let lastId = 0;

/**
 * @param {string} name
 * @param {Partial<OverlayEvent["user"]>} [given]
 * @returns {OverlayEvent["user"]}
 */
export function madeUpViewer(name, given = {}) {
  return { id: name, name, handle: name, avatarUrl: "", roles: [], ...given };
}

/**
 * An event with what is not given filled in.
 * @param {OverlayEvent["type"]} type
 * @param {string} name The viewer's.
 * @param {Partial<OverlayEvent>} [given]
 * @returns {OverlayEvent}
 */
export function madeUpEvent(type, name, given = {}) {
  return {
    id: ++lastId,
    type,
    at: performance.now(),
    ageMs: 0,
    liveId: 0,
    source: "",
    user: madeUpViewer(name),
    gift: null,
    receiver: "",
    subscription: null,
    payment: null,
    count: 1,
    total: 1,
    diamonds: 0,
    worth: 1,
    comment: "",
    emotes: [],
    streakId: null,
    hasEnded: true,
    alert: { text: "", durationSeconds: null, sound: "none", media: "", size: null },
    isTest: true,
    ...given,
  };
}

/**
 * A gift.
 * @param {string} name The viewer's.
 * @param {string} gift
 * @param {number} price
 * @param {number} [count]
 */
export function madeUpGift(name, gift, price, count = 1) {
  return madeUpEvent("GiftEvent", name, {
    gift: { id: 1, name: gift, diamondCount: price, imageUrl: "" },
    count,
    total: count,
    diamonds: price * count,
    worth: price * count,
    streakId: `${name} ${gift}`,
  });
}

/**
 * @param {string} name The viewer's.
 * @param {string} comment
 * @param {OverlayEvent["user"]["roles"]} [roles]
 */
export function madeUpComment(name, comment, roles = []) {
  return madeUpEvent("CommentEvent", name, { comment, user: madeUpViewer(name, { roles }), alert: null });
}

/** @type {Totals} */
const totals = { likes: 640, diamonds: 640, gifts: 640, followers: 64, subscribers: 64, shares: 64 };

/** @type {Giver[]} */
const board = [["Sofía", 4200], ["DinoFan", 1337], ["민수", 860], ["Chidi", 120], ["Ana", 44]].map(
  ([name, diamonds]) => ({
    ...madeUpViewer(String(name)),
    userId: String(name),
    diamonds: Number(diamonds),
    gifts: 1,
  }),
);

/** @returns {Hello["games"]} */
const games = () => ({
  timer: { phase: "running", leftMs: 3_725_000, addedMs: 0, by: "" },
  countdown: { phase: "running", leftMs: 299_000, addedMs: 0, by: "" },
  raffle: {
    number: 1,
    phase: "open",
    prize: t`A mug`,
    command: "!raffle",
    how: "",
    leftMs: 95_000,
    entrants: 128,
    latest: ["Ana", "민수", "DinoFan", "Chidi", "Fátima"],
    hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    seed: "",
    draw: null,
  },
  soundboard: {
    sounds: ["fanfare"],
    volume: 0.6,
    maxMs: 15_000,
    waitingCount: 0,
    playing: { number: 1, sound: "fanfare", file: "", by: "Ana", ageMs: 0 },
  },
  wheel: {
    slices: [t`A song`, t`10 push-ups`, t`Sing`, t`Nothing`, t`Joker`].map((name) => ({ name, weight: 1 })),
    spin: { number: 1, by: "Ana", result: 2, place: 0.5, ageMs: 0, spinMs: 5000 },
    waitingCount: 2,
  },
  poll: {
    number: 1,
    phase: "open",
    question: t`Which game is next?`,
    options: [{ text: t`Racing`, votes: 12 }, { text: t`Puzzles`, votes: 30 }, {
      text: t`Dinosaurs`,
      votes: 45,
    }],
    leftMs: 95_000,
    winners: [],
  },
  battle: {
    number: 1,
    phase: "running",
    sides: [{ name: t`Roses`, gifts: ["Rose"], points: 640 }, {
      name: t`Hearts`,
      gifts: ["Heart"],
      points: 480,
    }],
    leftMs: 95_000,
    winner: null,
  },
});

/**
 * The first message of a preview.
 * @param {Partial<Hello>} [given]
 * @returns {Hello}
 */
export function madeUpHello(given = {}) {
  const recent = [
    madeUpComment("Óscar", t`just followed, hi!`),
    madeUpEvent("FollowEvent", "Óscar"),
    madeUpComment("DinoFan", t`jump! jump! jump! 🦖`, ["subscriber"]),
    madeUpGift("Chidi", "Doughnut", 30, 4),
    madeUpComment("Mo", t`almost there, let's get that song`, ["moderator"]),
  ];
  const latest = [
    madeUpGift("Chidi", "Doughnut", 30, 4),
    madeUpEvent("FollowEvent", "Óscar"),
    madeUpEvent("SubscribeEvent", "DinoFan"),
  ];
  return { version: 0, totals, board, latest, goals: [], recent, games: games(), waiting: [], ...given };
}

/** What happens again and again. */
const scenes = [
  () => madeUpGift("Sofía", "Rose", 1, 12),
  () => madeUpComment("Ana", t`This looks great!`),
  () => madeUpEvent("FollowEvent", "Luz"),
  () => madeUpComment("민수", "안녕하세요 👋"),
  () => madeUpGift("DinoFan", "Money Gun", 500),
  () => madeUpEvent("LikeEvent", "Eun-ji", { count: 15, total: 15, alert: null }),
  () => madeUpEvent("ShareEvent", "Chidi"),
  () => madeUpComment("Fátima", "¡Vamos!"),
  () => madeUpGift("Ana", "Galaxy", 1000),
];

/**
 * Plays a message to the page.
 * @template {MessageName} Name
 * @param {Name} name
 * @param {Messages[Name]} message
 */
export function play(name, message) {
  player[name]?.(message);
}

/**
 * Starts the preview of a page.
 * @param {Handlers} handlers
 * @param {string} mode
 */
export function preview(handlers, mode) {
  player = handlers;
  if (mode === "quiet") return;
  const isStill = mode === "still";
  let scene = 0;
  const next = () => {
    const event = scenes[scene % scenes.length]?.();
    if (event === undefined) return;
    scene++;
    play("event", event);
    if (isStill) return;
    play("totals", grow(event));
    play("board", board);
  };
  play("hello", madeUpHello());
  next();
  if (!isStill) setInterval(next, pauseMs);
}

/**
 * The totals after an event; they start again when a goal of the usual size would be full.
 * @param {OverlayEvent} event
 */
function grow({ type, count, diamonds, user }) {
  const isFull = totals.diamonds > 1500;
  totals.diamonds = isFull ? 640 : totals.diamonds + diamonds;
  totals.gifts = isFull ? 640 : totals.gifts + (type === "GiftEvent" ? count : 0);
  totals.likes = isFull ? 640 : totals.likes + 40;
  const giver = board.find(({ userId }) => userId === user.id);
  if (giver !== undefined) giver.diamonds += diamonds;
  board.sort((one, other) => other.diamonds - one.diamonds);
  return { ...totals };
}
