// @ts-check
/// <reference lib="dom" />
/** The page of alerts: shows them one after the other, and reports to Livecue which ones were shown. */
/** @import { OverlayEvent } from "../../messages.ts" */
/** @import { Alert } from "./alert_queue.js" */
import { AlertQueue, durationAmong } from "./alert_queue.js";
import { makeAlert, updateAlert } from "./alert_view.js";
import { listen, send } from "./connection.js";
import { applyLook, choiceSetting, isPreview, numberSetting, typesSetting } from "./settings.js";
import { playCount, playFile, playTune } from "./sound.js";

const types = typesSetting();
const durationSeconds = numberSetting("duration", { or: 6, min: 0.5, max: 60 });
const minDiamonds = numberSetting("min_diamonds", { or: 0, min: 0, max: Infinity });
const volume = numberSetting("volume", { or: 0.5, min: 0, max: 1 });
const bigFrom = numberSetting("big", { or: 100, min: 1, max: Infinity });
const hugeFrom = numberSetting("huge", { or: 1000, min: 1, max: Infinity });

/** Each addition to a streak prolongs its alert by this much, up to `longest` times its duration. */
const longerMs = 2500;
const longest = 3;
/** The same as the duration of the style sheet's exit animation. */
const leavingMs = 320;

/**
 * @typedef {object} Appearance
 * @property {HTMLElement} element
 * @property {number} since In the page's own milliseconds, like `until`, which applies if no other alert waits.
 * @property {number} until
 * @property {number} latest
 * @property {ReturnType<typeof setTimeout> | undefined} timer
 */

const stage = /** @type {HTMLElement} */ (document.getElementById("stage"));
const queue = new AlertQueue();
/** @type {Appearance | null} */
let onStage = null;

/** @param {OverlayEvent} event */
function receive(event) {
  if (event.alert === null || types?.has(event.type) === false) return;
  const isTooSmall = event.type === "GiftEvent" && event.diamonds < minDiamonds;
  if (isTooSmall || queue.isDone(event)) return acknowledge([event]);
  const countBefore = queue.shown?.count ?? 0;
  const dropped = queue.add(event);
  if (dropped !== null) acknowledge(dropped.events);
  if (queue.shown === null) return showNext();
  if (queue.shown.count > countBefore) countUp(queue.shown);
  planEnd();
}

function showNext() {
  const alert = queue.advance();
  if (alert === null) return;
  const element = makeAlert(alert, sizeOf(alert));
  stage.replaceChildren(element);
  const since = performance.now();
  const durationMs = 1000 * (alert.event.alert?.durationSeconds ?? durationSeconds);
  onStage = {
    element,
    since,
    until: since + durationMs,
    latest: since + longest * durationMs,
    timer: undefined,
  };
  sound(alert);
  planEnd();
}

/** @param {Alert} alert */
function sound(alert) {
  const file = alert.event.alert?.sound ?? "";
  if (isPreview || file === "none") return;
  if (file !== "") playFile(file, volume);
  else playTune(alert.event.type, { volume, isGrand: sizeOf(alert) === "huge" });
}

/** @param {Alert} alert */
function countUp(alert) {
  if (onStage === null) return;
  updateAlert(onStage.element, alert, sizeOf(alert));
  if (!isPreview && alert.event.alert?.sound !== "none") playCount(alert.count, volume);
  onStage.until = Math.max(onStage.until, Math.min(onStage.latest, performance.now() + longerMs));
}

/** The more alerts wait, the earlier the current one ends. */
function planEnd() {
  if (onStage === null) return;
  clearTimeout(onStage.timer);
  const end = onStage.since + durationAmong(onStage.until - onStage.since, queue.waiting.length);
  onStage.timer = setTimeout(leave, Math.max(0, end - performance.now()));
}

function leave() {
  const { shown } = queue;
  if (onStage === null || shown === null) return;
  onStage.element.classList.add("leaving");
  onStage = null;
  setTimeout(() => {
    acknowledge(shown.events);
    stage.replaceChildren();
    showNext();
  }, leavingMs);
}

/** @param {OverlayEvent[]} events */
function acknowledge(events) {
  if (isPreview) return;
  for (const { id } of events) void send("/shown", { id });
}

/** @param {Alert} alert */
function sizeOf({ worth }) {
  if (worth >= hugeFrom) return "huge";
  return worth >= bigFrom ? "big" : "small";
}

/** @returns {Record<string, string>} */
function wanted() {
  if (isPreview) return {};
  return types === null ? { wants: "alerts" } : { wants: "alerts", types: [...types].join(",") };
}

applyLook();
stage.dataset.position = choiceSetting("position", [
  "top",
  "center",
  "bottom",
  "top-left",
  "top-right",
  "bottom-left",
  "bottom-right",
]);
listen({ event: receive, hello: ({ waiting }) => waiting.forEach(receive) }, wanted());
