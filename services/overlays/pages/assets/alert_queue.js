// @ts-check
/**
 * The queue of alerts: the one that is shown, those that gave way to a larger one, and those that wait. The waiting
 * alert with the most worth is next, the oldest among equals; one that has waited for long goes first. Events of one
 * streak are one alert. Nothing is dropped: alerts of the same type merge into one with the sum ("Bo and 8 others"),
 * follows and shares at once, others when too many wait or when they have waited for long.
 */
/** @import { OverlayEvent, Viewer } from "../../messages.ts" */
/** @import { Size, Thresholds } from "./alert_levels.js" */
import { cutsIn, isLarger, sizeOf } from "./alert_levels.js";

/** Alerts of any type, except that one of each type may always wait. */
const maxWaiting = 8;
/** An alert that has waited for this long goes first, merged with others of its type. */
export const patienceMs = 12_000;
/** Follows that come within this time of the shown one join it. The same goes for shares. */
const momentMs = 2000;
/** The number of shown events that are remembered, to recognize one that is sent again. */
const maxRemembered = 1000;
/** A crowd is at most this large by its sum alone. */
const largestCrowd = "big";

/** @type {readonly string[]} Their alerts merge at once. */
const crowdTypes = ["FollowEvent", "ShareEvent"];

/** One or several events that are shown as one alert. */
export class Alert {
  /** @type {Map<string, OverlayEvent>} The latest event of each streak, the oldest streak first. */
  #parts = new Map();
  /** @type {Map<string, OverlayEvent>} By key, all events that it represents. */
  #events = new Map();
  /** How long it is still shown when it comes back. Null if it has not been shown yet. @type {number | null} */
  leftMs = null;

  /**
   * @param {OverlayEvent} event
   * @param {number} since When it came, in the page's own milliseconds.
   */
  constructor(event, since) {
    this.since = since;
    this.joinedAt = since;
    this.type = event.type;
    this.add(event, since);
  }

  get events() {
    return [...this.#events.values()];
  }

  /** Of a crowd: the one with the most worth, the first among equals. */
  get event() {
    return [...this.#parts.values()].reduce((best, one) => one.worth > best.worth ? one : best);
  }

  /** The viewers, that of `event` first. @returns {Viewer[]} */
  get viewers() {
    const { user } = this.event;
    const all = new Map(
      [user, ...[...this.#parts.values()].map((one) => one.user)].map((one) => [keyOfUser(one), one]),
    );
    return [...all.values()];
  }

  get parts() {
    return [...this.#parts.values()];
  }

  get isCrowd() {
    return this.#parts.size > 1;
  }

  get count() {
    return this.#sum(({ total }) => total);
  }

  get diamonds() {
    return this.#sum(({ diamonds }) => diamonds);
  }

  get worth() {
    return this.#sum(({ worth }) => worth);
  }

  /** @param {OverlayEvent} event */
  has(event) {
    return this.#events.has(keyOf(event));
  }

  /** @param {OverlayEvent} event */
  hasStreakOf({ streakId }) {
    return streakId !== null && this.#parts.has(streakId);
  }

  /**
   * @param {OverlayEvent} event
   * @param {number} now
   */
  add(event, now) {
    this.joinedAt = now;
    this.#events.set(keyOf(event), event);
    const part = event.streakId ?? keyOf(event);
    const before = this.#parts.get(part);
    // Events may come out of order.
    if (before === undefined || event.total >= before.total) this.#parts.set(part, event);
  }

  /** @param {Alert} other It waits no longer. */
  merge(other) {
    for (const event of other.events) this.add(event, Math.max(this.joinedAt, other.joinedAt));
    this.since = Math.min(this.since, other.since);
  }

  /**
   * @param {Thresholds} thresholds
   * @returns {Size}
   */
  size(thresholds) {
    const { alert, worth } = this.event;
    const own = alert?.size ?? sizeOf(worth, thresholds);
    const bySum = sizeOf(this.worth, thresholds);
    if (!this.isCrowd || !isLarger(bySum, own)) return own;
    const limited = isLarger(bySum, largestCrowd) ? largestCrowd : bySum;
    return isLarger(own, limited) ? own : limited;
  }

  /** @param {(event: OverlayEvent) => number} amountOf */
  #sum(amountOf) {
    return this.parts.reduce((sum, event) => sum + amountOf(event), 0);
  }
}

export class AlertQueue {
  /** @type {Alert | null} */
  shown = null;
  /** @type {Alert[]} */
  waiting = [];
  /** @type {Alert[]} Alerts that gave way to a larger one, the largest last. */
  #paused = [];
  /** @type {Set<string>} The oldest first. */
  #done = new Set();
  #thresholds;

  /** @param {Thresholds} thresholds */
  constructor(thresholds) {
    this.#thresholds = thresholds;
  }

  /** @param {OverlayEvent} event */
  isDone(event) {
    return this.#done.has(keyOf(event));
  }

  /** When the oldest waiting alert came; null if none waits. */
  get oldestSince() {
    return this.waiting.length === 0 ? null : Math.min(...this.waiting.map(({ since }) => since));
  }

  /**
   * Adds an event. Returns its alert, or null if the queue already has the event.
   * @param {OverlayEvent} event
   * @param {number} now
   */
  add(event, now) {
    if (this.#all().some((alert) => alert.has(event))) return null;
    const known = this.#all().find((alert) => alert.hasStreakOf(event)) ?? this.#crowdFor(event, now);
    const alert = known ?? new Alert(event, now);
    if (known === undefined) this.waiting.push(alert);
    else known.add(event, now);
    this.#sort();
    this.#makeRoom();
    return alert;
  }

  /**
   * Ends the alert that is shown.
   * @param {number} now
   * @returns {Alert | null} The next alert, which is now shown.
   */
  advance(now) {
    if (this.shown !== null) this.#remember(this.shown);
    this.shown = null;
    const overdue = this.#mergeOverdue(now);
    const [next] = this.waiting;
    const paused = this.#paused.at(-1);
    if (
      paused !== undefined && overdue === undefined && (next === undefined || !this.#cutsIn(next, paused))
    ) {
      this.#paused.pop();
      this.shown = paused;
    } else if (next !== undefined) {
      this.shown = overdue ?? next;
      this.waiting.splice(this.waiting.indexOf(this.shown), 1);
    }
    return this.shown;
  }

  /**
   * If a waiting alert is large enough, the shown one gives way to it.
   * @returns {Alert | null} The alert that is now shown instead.
   */
  cutIn() {
    const [next] = this.waiting;
    if (this.shown === null || next === undefined || !this.#cutsIn(next, this.shown)) return null;
    this.#paused.push(this.shown);
    this.shown = next;
    this.waiting.shift();
    return next;
  }

  /**
   * @param {Alert} alert
   * @param {Alert} other
   */
  #cutsIn(alert, other) {
    return cutsIn(alert.size(this.#thresholds), other.size(this.#thresholds));
  }

  /**
   * @param {OverlayEvent} event
   * @param {number} now
   */
  #crowdFor({ type }, now) {
    if (!crowdTypes.includes(type)) return undefined;
    const { shown } = this;
    if (shown?.type === type && now - shown.joinedAt <= momentMs) return shown;
    return this.waiting.find((alert) => alert.type === type);
  }

  /**
   * Merges what has waited for long. Returns the alert that goes first for it.
   * @param {number} now
   */
  #mergeOverdue(now) {
    const overdue = () => this.waiting.filter(({ since }) => now - since >= patienceMs);
    for (const alert of overdue()) this.#mergeSmaller(alert);
    return overdue()[0];
  }

  /** @param {Alert} alert Takes in the less worthy ones of its type. */
  #mergeSmaller(alert) {
    const index = this.waiting.indexOf(alert);
    if (index < 0) return;
    const merged = this.waiting.slice(index + 1).filter(({ type }) => type === alert.type);
    for (const other of merged) alert.merge(other);
    this.waiting = this.waiting.filter((other) => !merged.includes(other));
    this.#sort();
  }

  /** Merges the two least worthy alerts that have the same type. */
  #makeRoom() {
    while (this.waiting.length > maxWaiting) {
      const fromLeast = [...this.waiting].reverse();
      const least = fromLeast.find((one, index) =>
        fromLeast.slice(index + 1).some(({ type }) => type === one.type)
      );
      const other = fromLeast.find((one) => one !== least && one.type === least?.type);
      if (least === undefined || other === undefined) return;
      other.merge(least);
      this.waiting.splice(this.waiting.indexOf(least), 1);
      this.#sort();
    }
  }

  /** Stable: among equals the oldest stays first. */
  #sort() {
    this.waiting.sort((one, other) => other.worth - one.worth);
  }

  #all() {
    return [...(this.shown === null ? [] : [this.shown]), ...this.#paused, ...this.waiting];
  }

  /** @param {Alert} alert */
  #remember({ events }) {
    for (const event of events) this.#done.add(keyOf(event));
    for (const oldest of this.#done) {
      if (this.#done.size <= maxRemembered) break;
      this.#done.delete(oldest);
    }
  }
}

/**
 * Includes the time, because ids start again with a new database, and those of tests with each start.
 * @param {OverlayEvent} event
 */
function keyOf({ id, at }) {
  return `${id} ${at}`;
}

/** @param {Viewer} user */
function keyOfUser({ id, handle, name }) {
  return id || handle || name;
}

/**
 * How long an alert is shown. The more alerts wait, the shorter, down to a third.
 * @param {number} durationMs
 * @param {number} waitingCount
 */
export function durationAmong(durationMs, waitingCount) {
  return durationMs * Math.max(1 / 3, 1 / (1 + waitingCount / 4));
}
