// @ts-check
/// <reference lib="dom" />
/** The page of the latest gift, follow and subscription, and of the top giver. Each stays until the next one. */
/** @import { Giver, OverlayEvent } from "../../messages.ts" */
import { counted, msg, noun, translated } from "/livecue/language.js";
import { listen } from "./connection.js";
import { format, make, nameOf, pictureNameOf, pictureOf, replay } from "./elements.js";
import { fit } from "./fit.js";
import { place } from "./game_page.js";
import { choiceSetting, textSetting } from "./settings.js";

/** @type {Record<string, string>} */
const titles = {
  gift: msg("Last gift"),
  follow: msg("Last follow"),
  subscribe: msg("Last subscriber"),
  top: msg("Top giver"),
};
/** @type {Record<string, string>} */
const typeNames = { GiftEvent: "gift", FollowEvent: "follow", SubscribeEvent: "subscribe" };

const chosen = textSetting("show", "gift,follow").split(",").map((name) => name.trim()).filter((name) =>
  name in titles
);
const section = /** @type {HTMLElement} */ (document.getElementById("now"));
/** @type {Map<string, HTMLElement>} In the order of the address. */
const cards = new Map(chosen.map((name) => [name, make("div", "sticker card")]));
/** @type {Map<string, OverlayEvent>} */
const latest = new Map();

/** @param {OverlayEvent} event */
function show(event) {
  const name = typeNames[event.type];
  if (name === undefined || event.receiver !== "") return;
  const before = latest.get(name);
  // A test is shown until the next event.
  if (before !== undefined && !event.isTest && !before.isTest && before.id >= event.id) return;
  latest.set(name, event);
  fill(name, {
    picture: pictureOf(event.gift?.imageUrl ?? "", pictureNameOf(event.type), "what"),
    user: event.user,
    words: event.gift === null
      ? ""
      : `${event.gift.name}${event.total > 1 ? ` ×${format(event.total)}` : ""}`,
    fillClass: event.type,
    isNew: before?.streakId !== event.streakId || event.streakId === null,
  });
}

/** @param {readonly Giver[]} board */
function showTop([first]) {
  const card = cards.get("top");
  if (card === undefined) return;
  if (first === undefined) {
    card.remove();
    card.replaceChildren();
    section.hidden = section.childElementCount === 0;
    return;
  }
  const isNew = card.dataset.userId !== first.userId;
  card.dataset.userId = first.userId;
  fill("top", {
    picture: pictureOf(first.avatarUrl, "viewer", "avatar"),
    user: first,
    words: counted(first.diamonds, noun("diamond")),
    fillClass: "GiftEvent",
    isNew,
  });
}

/**
 * A long gift is cut before its count.
 * @param {string} words
 */
function wordsOf(words) {
  const [, what = words, count = ""] = words.match(/^(.*)( ×[\d.,\s]+)$/) ?? [];
  return make("span", "words", make("bdi", "what", what), make("span", "count", count));
}

/**
 * @param {string} name
 * @param {{ picture: Node, user: { name: string, handle: string }, words: string, fillClass: string, isNew: boolean }} content
 */
function fill(name, { picture, user, words, fillClass, isNew }) {
  const card = cards.get(name);
  if (card === undefined) return;
  card.className = `sticker card ${fillClass}`;
  const title = make("span", "title", translated(titles[name] ?? ""));
  const rest = words === "" ? [] : [fit(wordsOf(words), words)];
  card.replaceChildren(picture, make("div", "texts", title, nameOf(user), ...rest));
  // Each card in its place, whatever came first.
  section.append(...[...cards.values()].filter((each) => each === card || each.isConnected));
  section.hidden = false;
  if (isNew) replay(card, "arriving");
}

place("bottom-left");
section.dataset.direction = choiceSetting("direction", ["column", "row"]);
listen({
  hello: ({ latest, board }) => {
    for (const event of latest) show(event);
    showTop(board);
  },
  event: show,
  board: showTop,
});
