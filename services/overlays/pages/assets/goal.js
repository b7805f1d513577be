// @ts-check
/// <reference lib="dom" />
/** The page of one goal: a goal of the config (?name=) or one defined by the URL (?of=likes&target=1000). */
/** @import { Goal, Totals } from "../../messages.ts" */
import { msg, translated } from "/livecue/language.js";
import { listen } from "./connection.js";
import { fit } from "./fit.js";
import { countTo, format, formatMoney, make, replay, smallestUnits, wholeUnits } from "./elements.js";
import { applyLook, choiceSetting, currencySetting, numberSetting, textSetting } from "./settings.js";

const titles = {
  likes: msg("Likes"),
  diamonds: msg("Diamonds"),
  followers: msg("New followers"),
  gifts: msg("Gifts"),
  shares: msg("Shares"),
  subscribers: msg("New subscribers"),
  donations: msg("Donations"),
};
const kinds = /** @type {[keyof typeof titles, ...(keyof typeof titles)[]]} */ (Object.keys(titles));
const sparkCount = 24;
/** The bar's stripes move for so long after the sum has grown: twice through the style sheet's animation. */
const growingMs = 2800;

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {Omit<Goal, "name">} */
let goal = {
  start: 0,
  of: choiceSetting("of", kinds),
  target: numberSetting("target", { or: 1000, min: 1, max: Number.MAX_SAFE_INTEGER }),
  title: textSetting("title", ""),
  currency: currencySetting("currency", "EUR"),
};
if (goal.of === "donations") goal.target = smallestUnits(goal.target, goal.currency ?? "");
const name = textSetting("name", "");
/** The previous value; null until the first one, so that a page that opens late does not celebrate. */
let before = /** @type {number | null} */ (null);
/** @type {ReturnType<typeof setTimeout> | undefined} */
let growing;

/** @param {Totals} totals */
function show(totals) {
  const now = valueOf(totals);
  part("goal").hidden = false;
  part("title").textContent = goal.title || translated(titles[goal.of]);
  fit(part("title"));
  part("target").textContent = text(goal.target);
  countTo(part("now"), now, text);
  part("bar").style.width = `${Math.min(100, (100 * now) / goal.target)}%`;
  if (before !== null && now !== before) grow();
  const isReached = now >= goal.target;
  part("goal").classList.toggle("full", isReached);
  if (isReached && before !== null && before < goal.target) celebrate();
  before = now;
}

/** @param {Totals} totals */
function valueOf(totals) {
  const sum = goal.of === "donations" ? totals.donations?.[goal.currency ?? ""] ?? 0 : totals[goal.of];
  return goal.start + sum;
}

/** @param {number} value */
function text(value) {
  if (goal.of !== "donations") return format(value);
  const currency = goal.currency ?? "";
  return formatMoney(wholeUnits(value, currency), currency, true);
}

function grow() {
  part("bar").classList.add("growing");
  clearTimeout(growing);
  growing = setTimeout(() => part("bar").classList.remove("growing"), growingMs);
}

function celebrate() {
  replay(part("goal"), "celebrating");
  const sparks = make("div", "sparks");
  for (let index = 0; index < sparkCount; index++) {
    const spark = make("i", "");
    spark.style.left = `${(100 * (index + 0.5)) / sparkCount}%`;
    spark.style.setProperty("--height", `${3 + ((index * 5) % 7)}rem`);
    spark.style.setProperty("--wait", `${(index * 83) % 500}ms`);
    sparks.append(spark);
  }
  part("goal").querySelector(".sparks")?.remove();
  part("goal").prepend(sparks);
}

applyLook();
document.body.dataset.position = choiceSetting("position", ["top", "center", "bottom"]);
listen({
  hello: ({ totals, goals }) => {
    const named = goals.find((one) => one.name === name);
    if (named !== undefined) goal = named;
    show(totals);
  },
  totals: show,
});
