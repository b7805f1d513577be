// @ts-check
/// <reference lib="dom" />
/** The settings in the page's URL: `?types=gift,follow&duration=6`. Invalid values are ignored. */

const given = new URLSearchParams(location.search);

/**
 * @param {string} name
 * @param {{ or: number, min: number, max: number }} range
 */
export function numberSetting(name, { or, min, max }) {
  const text = given.get(name);
  const value = Number(text);
  return text === null || text.trim() === "" || Number.isNaN(value)
    ? or
    : Math.min(max, Math.max(min, value));
}

/**
 * @template {string} Choice
 * @param {string} name
 * @param {readonly [Choice, ...Choice[]]} choices The first is the default.
 * @returns {Choice}
 */
export function choiceSetting(name, choices) {
  const text = given.get(name);
  return choices.find((choice) => choice === text) ?? choices[0];
}

/**
 * @param {string} name
 * @param {string} or
 */
export function textSetting(name, or) {
  return given.get(name)?.slice(0, 100) ?? or;
}

/**
 * @param {string} name
 * @param {string} or
 */
export function currencySetting(name, or) {
  const letters = given.get(name)?.trim().toUpperCase() ?? "";
  return /^[A-Z]{3}$/.test(letters) ? letters : or;
}

/**
 * Event types by their short names: "gift,follow" is GiftEvent and FollowEvent. Null if none is given.
 * @returns {Set<string> | null}
 */
export function typesSetting() {
  const names = given.get("types")?.split(",") ?? [];
  const types = names.map((name) => typeOf(name.trim().toLowerCase())).filter((type) => type !== undefined);
  return types.length > 0 ? new Set(types) : null;
}

const shortNames = {
  gift: "GiftEvent",
  subscribe: "SubscribeEvent",
  follow: "FollowEvent",
  share: "ShareEvent",
  comment: "CommentEvent",
  like: "LikeEvent",
  join: "JoinEvent",
  donation: "DonationEvent",
  membership: "MembershipEvent",
  order: "OrderEvent",
};

/** @param {string} name */
function typeOf(name) {
  return Object.entries(shortNames).find(([short, type]) => name === short || name === type.toLowerCase())
    ?.[1];
}

/** Whether the page is a preview on the index page. Livecue does not wait for previews. */
export const isPreview = given.has("preview");

/** The sides of the picture that an app may cover, with the unit of which each is a hundredth. */
const sides = { top: "vh", right: "vw", bottom: "vh", left: "vw" };

/** Whether the picture is one for phones, as for `max-aspect-ratio: 99/100` in a style sheet. */
export function isUpright() {
  return matchMedia("(max-aspect-ratio: 99/100)").matches;
}

/** The colors that a page's URL can set, as `paper_color=ffffff`. */
const colors = ["paper", "ink", "gift", "bar"];

/** Applies the settings that all pages share. */
export function applyLook() {
  const { style } = document.documentElement;
  if (given.has("scale")) {
    style.setProperty("--scale", String(numberSetting("scale", { or: 1, min: 0.3, max: 4 })));
  }
  for (const name of colors) {
    const color = given.get(`${name}_color`)?.replace("#", "") ?? "";
    if (/^[0-9a-f]{6}$/i.test(color)) style.setProperty(`--${name}`, `#${color}`);
  }
  for (const [side, unit] of Object.entries(sides)) {
    const percent = numberSetting(`safe_${side}`, { or: -1, min: 0, max: 45 });
    if (percent >= 0) style.setProperty(`--safe-${side}`, `${percent}${unit}`);
  }
}
