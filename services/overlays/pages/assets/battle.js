// @ts-check
/// <reference lib="dom" />
/** The page of the battle: its sides, and a bar that they share. */
/** @import { GameViews } from "../../games/games.ts" */
import { mixed, t } from "/livecue/language.js";
import { countTo, make } from "./elements.js";
import { fit } from "./fit.js";
import { Countdown, follow, place, reveal } from "./game_page.js";

/** Each side has some of the bar, also without points. */
const least = 0.08;

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const clock = new Countdown((text) => part("left").textContent = text);
let shownNumber = 0;

/** @param {GameViews["battle"]} view */
function show(view) {
  reveal(part("battle"), view.phase !== "none");
  if (view.phase === "none") return clock.set(0, false);
  if (view.number !== shownNumber) makeSides(view);
  shownNumber = view.number;
  const total = view.sides.reduce((sum, { points }) => sum + points, 0);
  const most = Math.max(...view.sides.map(({ points }) => points));
  for (const [index, { points }] of view.sides.entries()) {
    const side = /** @type {HTMLElement} */ (part("sides").children[index]);
    countTo(/** @type {HTMLElement} */ (side.querySelector(".points")), points);
    side.classList.toggle("ahead", points === most && total > 0);
    const piece = /** @type {HTMLElement} */ (part("bar").children[index]);
    piece.style.flexGrow = String(least + (total === 0 ? 1 / view.sides.length : points / total));
  }
  clock.set(view.leftMs, view.phase === "running");
  tell(view);
}

/** @param {GameViews["battle"]} view */
function makeSides({ sides }) {
  part("sides").style.setProperty("--sides", String(sides.length));
  part("sides").replaceChildren(...sides.map(({ name, gifts }, index) => {
    const list = gifts.join(" · ");
    return make(
      "div",
      `side color-${index}`,
      fit(make("bdi", "name loud", name)),
      make("span", "points loud number", "0"),
      fit(make("bdi", "words gifts", list)),
    );
  }));
  part("bar").replaceChildren(...sides.map((_, index) => make("i", `color-${index}`)));
}

/** @param {GameViews["battle"]} view */
function tell({ phase, sides, winner }) {
  const outcome = part("outcome");
  outcome.className = `sticker loud ${winner === null ? "" : `color-${winner}`}`;
  outcome.hidden = phase !== "ended";
  const name = winner === null ? "" : sides[winner]?.name ?? "";
  outcome.replaceChildren(
    ...(name === ""
      ? [t`A draw!`]
      : mixed`${fit(make("bdi", "name loud", name))} wins!`.map((each) =>
        typeof each === "string" ? make("span", "", each.trim()) : each
      )),
  );
}

place("bottom");
follow("battle", show);
