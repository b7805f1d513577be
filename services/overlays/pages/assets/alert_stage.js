// @ts-check
/// <reference lib="dom" />
/**
 * Where alerts are shown: the sticker, the glow behind a full one, its media and the particles. While the page is
 * hidden it creates no elements, because the browser would keep them until the page is drawn again.
 */
/** @import { Alert } from "./alert_queue.js" */
/** @import { Size } from "./alert_levels.js" */
/** @import { Media } from "./alert_media.js" */
import { makeMedia } from "./alert_media.js";
import { Particles } from "./alert_particles.js";
import { makeAlert, updateAlert } from "./alert_view.js";

/** @type {Record<Size, number>} */
const pieceCounts = { chip: 0, small: 0, big: 20, huge: 40, full: 60 };
const maxBroken = 100;

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

export class AlertStage {
  #given;
  #particles = new Particles(/** @type {HTMLCanvasElement} */ (part("particles")));
  /** @type {{ alert: Alert, size: Size } | null} */
  #current = null;
  /** @type {HTMLElement | null} */
  #element = null;
  /** @type {Media | null} */
  #media = null;
  /** @type {Set<string>} Files that could not be shown. They are not tried again. */
  #broken = new Set();

  /**
   * @param {object} given
   * @param {number} given.volume
   * @param {(file: string, why: string) => void} given.onBroken Called once for each file.
   * @param {(seconds: number) => void} given.onLength The length of the media that is shown.
   */
  constructor(given) {
    this.#given = given;
    document.addEventListener("visibilitychange", () => this.#draw());
  }

  /** @param {string} name */
  set position(name) {
    part("stage").dataset["position"] = name;
  }

  /**
   * @param {Alert} alert
   * @param {Size} size
   */
  show(alert, size) {
    this.#current = { alert, size };
    this.#draw();
  }

  /**
   * @param {Alert} alert
   * @param {Size} size
   */
  update(alert, size) {
    const isGrown = this.#current?.size !== size;
    this.#current = { alert, size };
    if (this.#element === null) return;
    updateAlert(this.#element, alert, size);
    this.#setSize(size);
    if (isGrown) this.#throw(size);
  }

  leave() {
    this.#element?.classList.add("leaving");
    part("glow").classList.add("leaving");
    part("media").classList.add("leaving");
  }

  clear() {
    this.#current = null;
    this.#draw();
  }

  #draw() {
    this.#media?.end();
    this.#media = null;
    this.#element = null;
    part("stage").replaceChildren();
    part("media").replaceChildren();
    for (const id of ["glow", "media"]) part(id).classList.remove("leaving");
    this.#setSize(this.#current?.size ?? null);
    if (this.#current === null || document.hidden) return;
    const { alert, size } = this.#current;
    this.#element = makeAlert(alert, size);
    part("stage").append(this.#element);
    this.#setMedia(alert.event.alert?.media ?? "");
    this.#throw(size);
  }

  /** @param {Size | null} size */
  #setSize(size) {
    document.body.dataset["size"] = size ?? "none";
    part("glow").hidden = size !== "full" || document.hidden;
  }

  /** @param {string} file */
  #setMedia(file) {
    if (file === "" || this.#broken.has(file)) return;
    const onBroken = (/** @type {string} */ why) => {
      if (this.#broken.has(file)) return;
      if (this.#broken.size < maxBroken) this.#broken.add(file);
      part("media").replaceChildren();
      this.#given.onBroken(file, why);
    };
    this.#media = makeMedia(file, { volume: this.#given.volume, onLength: this.#given.onLength, onBroken });
    part("media").append(this.#media.element);
  }

  /** @param {Size} size */
  #throw(size) {
    const count = pieceCounts[size];
    const box = this.#element?.querySelector(".medal")?.getBoundingClientRect();
    if (count === 0 || box === undefined) return;
    this.#particles.burst(count, { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 });
  }
}
