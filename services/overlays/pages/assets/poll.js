// @ts-check
/// <reference lib="dom" />
/** The page of the poll: its options with bars. */
/** @import { GameViews } from "../../games/games.ts" */
import { counted, noun, t } from "/livecue/language.js";
import { countTo, make } from "./elements.js";
import { fit } from "./fit.js";
import { Countdown, follow, place, reveal } from "./game_page.js";

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const clock = new Countdown((text) => part("left").textContent = text);
let shownNumber = 0;

/** @param {GameViews["poll"]} view */
function show(view) {
  reveal(part("poll"), view.phase !== "none");
  if (view.phase === "none") return clock.set(0, false);
  if (view.number !== shownNumber) makeRows(view);
  shownNumber = view.number;
  const total = view.options.reduce((sum, { votes }) => sum + votes, 0);
  for (const [index, { votes }] of view.options.entries()) {
    const row = /** @type {HTMLElement} */ (part("options").children[index]);
    const share = total === 0 ? 0 : votes / total;
    /** @type {HTMLElement} */ (row.querySelector(".share")).style.width = `${100 * share}%`;
    countTo(
      /** @type {HTMLElement} */ (row.querySelector(".percent")),
      Math.round(100 * share),
      (value) => `${value}%`,
    );
    row.classList.toggle("winner", view.winners.includes(index));
    row.classList.toggle("loser", view.phase === "closed" && !view.winners.includes(index));
  }
  part("left").hidden = view.leftMs === null;
  clock.set(view.leftMs ?? 0, view.phase === "open" && view.leftMs !== null);
  const votes = counted(total, noun("vote"));
  part("note").textContent = view.phase === "open" ? t`${votes} · Write the number in the chat` : votes;
}

/** @param {GameViews["poll"]} view */
function makeRows({ question, options }) {
  fit(part("question"), question).textContent = question;
  part("options").replaceChildren(...options.map(({ text }, index) =>
    make(
      "li",
      `option color-${index}`,
      make("span", "share"),
      make("span", "key loud", String(index + 1)),
      fit(make("bdi", "name loud", text)),
      make("span", "percent loud number", "0%"),
    )
  ));
}

place("right");
follow("poll", show);
