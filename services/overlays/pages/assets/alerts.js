// @ts-check
/// <reference lib="dom" />
/** The page of alerts: shows them one after the other, and reports to Livecue which ones were shown. */
/** @import { OverlayEvent } from "../../messages.ts" */
/** @import { Thresholds } from "./alert_levels.js" */
/** @import { Alert } from "./alert_queue.js" */
import { isLarger } from "./alert_levels.js";
import { AlertQueue, durationAmong, patienceMs } from "./alert_queue.js";
import { AlertStage } from "./alert_stage.js";
import { listen, send } from "./connection.js";
import { applyLook, choiceSetting, isPreview, numberSetting, typesSetting } from "./settings.js";
import { SoundLimit, StreakSound } from "./sound.js";

const types = typesSetting();
const durationSeconds = numberSetting("duration", { or: 6, min: 0.5, max: 60 });
const minDiamonds = numberSetting("min_diamonds", { or: 0, min: 0, max: Infinity });
const volume = numberSetting("volume", { or: 0.5, min: 0, max: 1 });
const soundLimit = new SoundLimit(numberSetting("sounds", { or: 30, min: 0, max: 600 }));
/** @type {Thresholds} In diamonds. */
const thresholds = {
  small: numberSetting("small", { or: 10, min: 1, max: Infinity }),
  big: numberSetting("big", { or: 100, min: 1, max: Infinity }),
  huge: numberSetting("huge", { or: 1000, min: 1, max: Infinity }),
  full: numberSetting("full", { or: 10_000, min: 1, max: Infinity }),
};

/** Each addition to a streak prolongs its alert by this much, up to `longest` times its duration. */
const longerMs = 2500;
const longest = 3;
/** An alert is shown for at least this long while another one has waited for long, or when it comes back. */
const shortestMs = 1500;
/** The same as the duration of the style sheet's exit animation. */
const leavingMs = 320;
/** Alerts up to this size share the sounds of a minute. */
const largestLimited = "big";

/**
 * @typedef {object} Appearance
 * @property {Alert} alert
 * @property {number} since In the page's own milliseconds, like `until`, which applies if no other alert waits.
 * @property {number} until
 * @property {number} latest
 * @property {ReturnType<typeof setTimeout> | undefined} timer
 */

const stage = new AlertStage({ volume: isPreview ? 0 : volume, onBroken: tellBroken, onLength: stretch });
const queue = new AlertQueue(thresholds);
/** @type {WeakMap<Alert, StreakSound>} */
const sounds = new WeakMap();
/** @type {Appearance | null} */
let onStage = null;

/** @param {OverlayEvent} event */
function receive(event) {
  if (event.alert === null || types?.has(event.type) === false) return;
  const isTooSmall = event.type === "GiftEvent" && event.diamonds < minDiamonds;
  if (isTooSmall || queue.isDone(event)) return acknowledge([event]);
  const alert = queue.add(event, performance.now());
  if (alert === null) return;
  if (queue.shown === null) return showNext();
  if (onStage === null) return;
  const { alert: before } = onStage;
  const larger = queue.cutIn();
  if (larger !== null) return giveWay(before, larger);
  if (alert === queue.shown) countUp(alert);
  planEnd();
}

function showNext() {
  const alert = queue.advance(performance.now());
  if (alert !== null) show(alert);
}

/** @param {Alert} alert */
function show(alert) {
  const since = performance.now();
  const durationMs = alert.leftMs ?? 1000 * (alert.event.alert?.durationSeconds ?? durationSeconds);
  onStage = {
    alert,
    since,
    until: since + durationMs,
    latest: since + longest * durationMs,
    timer: undefined,
  };
  stage.show(alert, alert.size(thresholds));
  if (alert.leftMs === null) sound(alert);
  planEnd();
}

/**
 * @param {Alert} before
 * @param {Alert} larger
 */
function giveWay(before, larger) {
  clearTimeout(onStage?.timer);
  before.leftMs = Math.max(shortestMs, (onStage?.until ?? 0) - performance.now());
  show(larger);
}

/** @param {Alert} alert */
function sound(alert) {
  const { event: { type, alert: announced }, count } = alert;
  const file = announced?.sound ?? "";
  if (isPreview || file === "none" || !maySound(alert)) return;
  const isGrand = isLarger(alert.size(thresholds), largestLimited);
  const onBroken = (/** @type {string} */ why) => tellBroken(file, why);
  sounds.set(alert, new StreakSound(file, { type, isGrand, volume, count, onBroken }));
}

/** @param {Alert} alert */
function maySound(alert) {
  return soundLimit.take(performance.now()) || isLarger(alert.size(thresholds), largestLimited);
}

/** @param {Alert} alert */
function countUp(alert) {
  if (onStage === null) return;
  stage.update(alert, alert.size(thresholds));
  sounds.get(alert)?.rise(alert.count, () => maySound(alert));
  onStage.until = Math.max(onStage.until, Math.min(onStage.latest, performance.now() + longerMs));
}

/** Its media, which is ready to play now, may be longer than the alert. @param {number} seconds */
function stretch(seconds) {
  if (onStage === null || onStage.alert.leftMs !== null) return;
  onStage.until = Math.max(onStage.until, performance.now() + 1000 * seconds);
  planEnd();
}

/** The more alerts wait, and the longer, the earlier the current one ends. */
function planEnd() {
  if (onStage === null) return;
  clearTimeout(onStage.timer);
  const { since, until } = onStage;
  const planned = since + durationAmong(until - since, queue.waiting.length);
  const hurried = Math.max(since + shortestMs, (queue.oldestSince ?? Infinity) + patienceMs);
  onStage.timer = setTimeout(leave, Math.max(0, Math.min(planned, hurried) - performance.now()));
}

function leave() {
  const { shown } = queue;
  if (onStage === null || shown === null) return;
  stage.leave();
  onStage = null;
  setTimeout(() => {
    acknowledge(shown.events);
    stage.clear();
    showNext();
  }, leavingMs);
}

/** @param {readonly OverlayEvent[]} events */
function acknowledge(events) {
  if (isPreview) return;
  for (const { id } of events) void send("/shown", { id });
}

/**
 * @param {string} file
 * @param {string} why
 */
function tellBroken(file, why) {
  if (!isPreview) void send("/broken", { file, why: why.slice(0, 200) });
}

/** @returns {Record<string, string>} */
function wanted() {
  if (isPreview) return {};
  return types === null ? { wants: "alerts" } : { wants: "alerts", types: [...types].join(",") };
}

applyLook();
stage.position = choiceSetting("position", [
  "top",
  "center",
  "bottom",
  "top-left",
  "top-right",
  "bottom-left",
  "bottom-right",
]);
listen({ event: receive, hello: ({ waiting }) => waiting.forEach(receive) }, wanted());
