/** Made-up readings of sensors: random walks with one decimal, as percents and temperatures are sent. */
import { randomFrom } from "../../test/support/rooms_scene.ts";
import type { SentReading } from "../../src/source.ts";

export class Sensors {
  readonly #random = randomFrom(1);
  readonly #tenths: number[];

  constructor(count: number) {
    this.#tenths = new Array(count).fill(500);
  }

  /** `count` readings of the sensors in turn, evenly spread over a span. */
  readings(count: number, fromMs: number, spanMs: number): SentReading[] {
    return Array.from({ length: count }, (_, index) => {
      const sensor = index % this.#tenths.length;
      const tenths = (this.#tenths[sensor] ?? 0) + Math.floor(this.#random() * 7) - 3;
      this.#tenths[sensor] = tenths;
      return {
        channel: `SENSOR${sensor}`,
        at: Math.round(fromMs + index * spanMs / count),
        value: tenths / 10,
      };
    });
  }
}
