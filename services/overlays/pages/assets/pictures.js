// @ts-check
/// <reference lib="dom" />
/**
 * Pictures of TikTok's servers, which Livecue loads. A page that shows one before Livecue has it is told when it can
 * be loaded.
 */
import { address } from "/livecue/page.js";

/** More than any page shows at once. */
const maxAwaited = 100;
/** The number of colors of initials in the style sheet. */
const tintCount = 5;

/** @type {Map<string, ((src: string) => void)[]>} By the picture's address, oldest first. */
const awaited = new Map();

/**
 * Calls `use` with what to set as `src` once the picture is loaded. If it cannot be loaded, `use` is never called.
 * @param {string} url
 * @param {(src: string) => void} use
 */
export function whenLoaded(url, use) {
  if (!url.startsWith("https://")) return;
  awaited.set(url, [...(awaited.get(url) ?? []).slice(1 - maxAwaited), use]);
  for (const oldest of awaited.keys()) {
    if (awaited.size <= maxAwaited) break;
    awaited.delete(oldest);
  }
  load(url, use);
}

/**
 * For the message `picture`.
 * @param {string} url
 */
export function pictureCame(url) {
  for (const use of awaited.get(url) ?? []) load(url, use);
}

/**
 * @param {string} url
 * @param {(src: string) => void} use
 */
function load(url, use) {
  const image = new Image();
  const src = address("/picture", { of: url });
  image.onload = () => {
    awaited.delete(url);
    use(src);
  };
  image.src = src;
}

/**
 * The viewer's face: the picture, and until it is loaded the initials.
 * @param {{ name: string, handle: string, avatarUrl: string }} user
 * @param {string} classes
 */
export function faceOf(user, classes) {
  const face = document.createElement("span");
  const name = user.name || user.handle;
  face.className = `face ${classes} tint-${tintOf(name)}`;
  const initials = document.createElement("span");
  initials.className = "initials";
  initials.textContent = initialsOf(name);
  face.append(initials);
  whenLoaded(user.avatarUrl, (src) => {
    const picture = document.createElement("img");
    picture.alt = "";
    picture.src = src;
    face.replaceChildren(picture);
  });
  return face;
}

const letters = new Intl.Segmenter();

/**
 * The first letters of up to two words. A letter may have marks, which are kept.
 * @param {string} name
 */
export function initialsOf(name) {
  const words = name.split(/[\s._-]+/u).filter((word) => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(word));
  const first = words.slice(0, 2).map((word) => firstLetterOf(word));
  return (first.some((letter) => /\p{Extended_Pictographic}/u.test(letter)) ? first.slice(0, 1) : first)
    .join("").toLocaleUpperCase("en") || "?";
}

/** @param {string} word */
function firstLetterOf(word) {
  for (const { segment } of letters.segment(word)) {
    // Marks without an end would grow out of the face.
    if (/[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(segment)) return [...segment].slice(0, 4).join("");
  }
  return "";
}

/**
 * The same for each occurrence of a name.
 * @param {string} name
 */
function tintOf(name) {
  return [...name].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % tintCount;
}
