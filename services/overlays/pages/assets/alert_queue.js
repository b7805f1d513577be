// @ts-check
/**
 * Which alert is shown, which wait. Of those that wait the one worth most is next, the oldest among equals. Events of
 * one streak are one alert. It is bounded: the one worth least goes, the oldest among equals, as in the server.
 */
/** @import { OverlayEvent } from "../../messages.ts" */

/**
 * @typedef {object} Alert
 * @property {OverlayEvent} event The latest of its streak.
 * @property {OverlayEvent[]} events All that it stands for.
 * @property {number} count
 * @property {number} worth
 */

const maxWaiting = 20;

/** Of those that were shown, to know one that is sent again. */
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
   * Takes in an event, unless it has it. Returns the alert that had to go for it, if any.
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
    return this.waiting.length > maxWaiting ? this.#giveUpLeast() : null;
  }

  /**
   * Ends the one that is shown.
   * @returns {Alert | null} The next one, which now is.
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

  #giveUpLeast() {
    const least = this.waiting.at(-1)?.worth;
    const [gone = null] = this.waiting.splice(this.waiting.findIndex(({ worth }) => worth === least), 1);
    if (gone !== null) this.#remember(gone);
    return gone;
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
 * Ids begin anew where the database does, as tests' do with each start.
 * @param {OverlayEvent} event
 */
function keyOf({ id, at }) {
  return `${id} ${at}`;
}

/**
 * How long an alert stays: the more that wait, the shorter, down to a third.
 * @param {number} durationMs
 * @param {number} waitingCount
 */
export function durationAmong(durationMs, waitingCount) {
  return durationMs * Math.max(1 / 3, 1 / (1 + waitingCount / 4));
}
