// @ts-check
/// <reference lib="dom" />
/** The look of an alert: a sticker with a face and a gift, the viewer's name, a sentence, and a badge that counts. */
/** @import { OverlayEvent } from "../../messages.ts" */
/** @import { Size } from "./alert_levels.js" */
/** @import { Alert } from "./alert_queue.js" */
import { hasNameInWords, wordsOf } from "./alert_words.js";
import { countTo, format, make, nameOf, pictureNameOf, pictureOf, replay } from "./elements.js";
import { fit } from "./fit.js";
import { faceOf } from "./pictures.js";

/** The faces of a crowd that are shown. */
const maxFaces = 3;

/**
 * @param {Alert} alert
 * @param {Size} size
 */
export function makeAlert(alert, size) {
  const { event } = alert;
  const medal = make(
    "div",
    "medal",
    make("div", "rays"),
    make("div", "star", make("div", "burst")),
    tokenOf(event),
  );
  const badge = make("div", "badge loud", make("div", "burst"), make("span", "number outlined"));
  const text = make("div", "text", make("div", "who"), make("p", "words"));
  const price = make("p", "price loud", pictureOf("", "diamond", "small-icon"), make("span", "number"));
  const sticker = make(
    "article",
    `sticker alert ${event.type}`,
    medal,
    make("div", "body", text, price),
    badge,
  );
  const element = make("div", "placed", sticker);
  updateAlert(element, alert, size);
  return element;
}

/**
 * Shows the streak's new count, or who has joined.
 * @param {HTMLElement} element
 * @param {Alert} alert
 * @param {Size} size
 */
export function updateAlert(element, alert, size) {
  const { event, viewers, count, diamonds } = alert;
  const part = (
    /** @type {string} */ selector,
  ) => /** @type {HTMLElement} */ (element.querySelector(selector));
  if (element.dataset["size"] !== size) {
    if (element.dataset["size"] !== undefined) replay(element, "growing");
    element.dataset["size"] = size;
  }
  const lead = event.user.name || event.user.handle;
  if (element.dataset["lead"] !== lead) {
    element.dataset["lead"] = lead;
    part(".who").replaceChildren(nameOf(event.user));
  }
  showFaces(part(".medal"), viewers.slice(0, maxFaces));
  part(".who").hidden = hasNameInWords(alert);
  part(".words").replaceChildren(...wordsOf(alert));
  fit(part(".words"));
  const hasCount = count > 1 && (!alert.isCrowd || event.type === "GiftEvent");
  part(".badge").hidden = !hasCount;
  part(".alert").classList.toggle("counted", hasCount);
  part(".price").hidden = diamonds === 0;
  countTo(part(".price .number"), diamonds);
  countTo(part(".badge .number"), count, (value) => `×${format(value)}`);
  if (hasCount) replay(part(".badge"), "bump");
}

/**
 * @param {HTMLElement} medal
 * @param {OverlayEvent["user"][]} viewers
 */
function showFaces(medal, viewers) {
  const key = viewers.map(({ id, name }) => id || name).join(" ");
  if (medal.dataset["faces"] === key) return;
  medal.dataset["faces"] = key;
  for (const face of [...medal.querySelectorAll(".face")]) face.remove();
  // Behind the first one.
  for (const [index, viewer] of [...viewers.entries()].reverse()) {
    medal.lastElementChild?.before(faceOf(viewer, index === 0 ? "main" : `other other-${index}`));
  }
}

/**
 * The small picture beside the face: the gift, or the symbol of the event's type.
 * @param {OverlayEvent} event
 */
function tokenOf(event) {
  return pictureOf(event.gift?.imageUrl ?? "", pictureNameOf(event.type), "token");
}
