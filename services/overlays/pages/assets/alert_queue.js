// @ts-check
/**
 * The queue of alerts: the one that is shown and those that wait. The waiting alert with the most worth is next, the
 * oldest among equals. Events of one streak are one alert. The queue is bounded: the alert with the least worth is
 * dropped, the oldest among equals, as on the server.
 */
/** @import { OverlayEvent } from "../../messages.ts" */

/**
 * @typedef {object} Alert
 * @property {OverlayEvent} event The latest of its streak.
 * @property {OverlayEvent[]} events All events that it represents.
 * @property {number} count
 * @property {number} worth
 */

const maxWaiting = 20;

/** The number of shown events that are remembered, to recognize one that is sent again. */
const maxRemembered = 1000;

export class AlertQueue {
  /** @type {Alert | null} */
  shown = null;
  /** @type {Alert[]} */
  waiting = [];
  /** @type {Set<string>} The oldest first. */
  #done = new Set();

  /** @param {OverlayEvent} event */
  isDone(event) {
    return this.#done.has(keyOf(event));
  }

  /**
   * Adds an event, unless the queue already has it. Returns the alert that was dropped for it, if any.
   * @param {OverlayEvent} event
   * @returns {Alert | null}
   */
  add(event) {
    if (this.#all().some(({ events }) => events.some(({ id }) => id === event.id))) return null;
    const alert = this.#ofSameStreak(event);
    if (alert === undefined) {
      this.waiting.push({ event, events: [event], count: event.total, worth: event.worth });
    } else {
      alert.events.push(event);
      // Events may come out of order.
      if (event.total >= alert.count) alert.event = event;
      alert.count = Math.max(alert.count, event.total);
      alert.worth = Math.max(alert.worth, event.worth);
    }
    // Stable: among equals the oldest stays first.
    this.waiting.sort((one, other) => other.worth - one.worth);
    return this.waiting.length > maxWaiting ? this.#dropLeast() : null;
  }

  /**
   * Ends the alert that is shown.
   * @returns {Alert | null} The next alert, which is now shown.
   */
  advance() {
    if (this.shown !== null) this.#remember(this.shown);
    this.shown = this.waiting.shift() ?? null;
    return this.shown;
  }

  /** @param {OverlayEvent} event */
  #ofSameStreak({ streakId }) {
    if (!streakId) return undefined;
    return this.#all().find((alert) => alert.event.streakId === streakId);
  }

  #dropLeast() {
    const least = this.waiting.at(-1)?.worth;
    const [dropped = null] = this.waiting.splice(this.waiting.findIndex(({ worth }) => worth === least), 1);
    if (dropped !== null) this.#remember(dropped);
    return dropped;
  }

  #all() {
    return this.shown === null ? this.waiting : [this.shown, ...this.waiting];
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

/**
 * How long an alert is shown. The more alerts wait, the shorter, down to a third.
 * @param {number} durationMs
 * @param {number} waitingCount
 */
export function durationAmong(durationMs, waitingCount) {
  return durationMs * Math.max(1 / 3, 1 / (1 + waitingCount / 4));
}
