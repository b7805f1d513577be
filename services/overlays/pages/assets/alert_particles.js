// @ts-check
/// <reference lib="dom" />
/**
 * Confetti on a canvas: thrown from a point, falling, gone. It draws at most 30 times a second, on a canvas smaller
 * than the picture, and nothing runs when no piece is left. The canvas is desynchronized, because a browser that draws
 * in software then composes a frame without laying out the page, and its style enlarges it without smoothing, which
 * halves the time of the rest.
 */

const frameMs = 1000 / 30;
/** The canvas has at most this many pixels, whatever the picture's size. */
const maxPixels = 300_000;
export const maxPieces = 60;
const lifeMs = 1900;
const gravity = 1.1;
/** @type {readonly string[]} The theme's colors. */
const colors = ["--gift", "--follow", "--share", "--like", "--subscribe"];

/** @typedef {{ x: number, y: number, dx: number, dy: number, turn: number, color: string, since: number }} Piece In shares of the picture's height, per second. */

export class Particles {
  #canvas;
  #context;
  /** @type {Piece[]} */
  #pieces = [];
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #before = 0;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    this.#context =
      /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { desynchronized: true }));
    document.addEventListener("visibilitychange", () => document.hidden && this.stop());
  }

  /**
   * @param {number} count
   * @param {{ x: number, y: number }} from In pixels of the page.
   */
  burst(count, { x, y }) {
    if (document.hidden || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const style = getComputedStyle(document.documentElement);
    const palette = colors.map((name) => style.getPropertyValue(name).trim() || "gold");
    const now = performance.now();
    for (let index = 0; index < count && this.#pieces.length < maxPieces; index++) {
      const angle = (index / count) * 2 * Math.PI;
      const speed = 0.35 + 0.45 * Math.random();
      this.#pieces.push({
        x: x / innerHeight,
        y: y / innerHeight,
        dx: speed * Math.cos(angle) * 0.7,
        dy: speed * Math.sin(angle) - 0.35,
        turn: 8 * Math.random() - 4,
        color: palette[index % palette.length] ?? "gold",
        since: now,
      });
    }
    if (this.#timer === undefined) this.#start(now);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#pieces = [];
    this.#canvas.hidden = true;
    // Frees its memory.
    this.#canvas.width = this.#canvas.height = 1;
  }

  /** @param {number} now */
  #start(now) {
    const scale = Math.min(1, Math.sqrt(maxPixels / (innerWidth * innerHeight)));
    this.#canvas.width = Math.round(innerWidth * scale);
    this.#canvas.height = Math.round(innerHeight * scale);
    this.#canvas.hidden = false;
    this.#before = now;
    this.#timer = setInterval(() => this.#draw(performance.now()), frameMs);
  }

  /** @param {number} now */
  #draw(now) {
    this.#pieces = this.#pieces.filter(({ since, y }) => now - since < lifeMs && y < 1.05);
    if (this.#pieces.length === 0) return this.stop();
    const seconds = Math.min(0.1, (now - this.#before) / 1000);
    this.#before = now;
    const { width, height } = this.#canvas;
    const size = height / 68;
    this.#context.setTransform(1, 0, 0, 1, 0, 0);
    this.#context.clearRect(0, 0, width, height);
    for (const piece of this.#pieces) {
      piece.dy += gravity * seconds;
      piece.x += piece.dx * seconds;
      piece.y += piece.dy * seconds;
      const age = (now - piece.since) / 1000;
      const [sine, cosine] = [Math.sin(piece.turn * age), Math.cos(piece.turn * age)];
      this.#context.setTransform(cosine, sine, -sine, cosine, piece.x * height, piece.y * height);
      this.#context.globalAlpha = Math.min(1, (lifeMs / 1000 - age) * 3);
      this.#context.fillStyle = piece.color;
      this.#context.fillRect(-size / 2, -size / 3, size, size / 1.5);
    }
  }
}
