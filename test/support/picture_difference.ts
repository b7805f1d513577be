/// <reference lib="dom" />
/** How different two pictures are for an eye. */
import type { Page } from "puppeteer-core";

export interface Difference {
  /** The number of cells in which one of the pictures shows anything. */
  shownCount: number;
  /** The mean difference of the worst square of 5×5 cells: about 0.02 is just visible, 1 is black against white. */
  worst: number;
}

/**
 * Compares two pictures of the same size, base64 of PNG, in a page of a browser. A cell is 4×4 pixels. What is drawn up
 * to a cell further on is no difference, because engines round lengths differently. Colors differ as in OKLab.
 */
export async function differenceOf(page: Page, one: string, other: string): Promise<Difference> {
  return await page.evaluate(compare, one, other);
}

interface Lab {
  l: number;
  a: number;
  b: number;
}

async function compare(one: string, other: string): Promise<Difference> {
  const [cellSize, blockSize] = [4, 5];

  const cellsOf = async (png: string) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const [width, height] = [image.width / cellSize, image.height / cellSize].map(Math.floor) as [
      number,
      number,
    ];
    const context = new OffscreenCanvas(width, height).getContext("2d") as OffscreenCanvasRenderingContext2D;
    context.imageSmoothingQuality = "high";
    // A game of a middle gray.
    context.fillStyle = "#808080";
    context.fillRect(0, 0, width, height);
    context.drawImage(image, 0, 0, width, height);
    return { width, height, data: context.getImageData(0, 0, width, height).data };
  };

  const linear = (value: number) =>
    value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4;

  const labAt = (data: Uint8ClampedArray, index: number): Lab => {
    const [r, g, b] = [0, 1, 2].map((channel) => linear(data[index * 4 + channel] ?? 0)) as [
      number,
      number,
      number,
    ];
    const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    return {
      l: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
      a: 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
      b: 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
    };
  };

  const labsOf = async (png: string) => {
    const { width, height, data } = await cellsOf(png);
    return { width, height, labs: Array.from({ length: width * height }, (_, index) => labAt(data, index)) };
  };
  const [here, there] = [await labsOf(one), await labsOf(other)];
  const { width, height } = here;

  /** How far a color is from the nearest one at that place, or one cell beside it, in the other picture. */
  const nearest = (lab: Lab, index: number, labs: Lab[]) => {
    let best = Infinity;
    for (const row of [index - width, index, index + width]) {
      for (const { l, a, b } of labs.slice(Math.max(0, row - 1), row + 2)) {
        best = Math.min(best, Math.hypot(lab.l - l, lab.a - a, lab.b - b));
      }
    }
    return best;
  };

  const backdrop = labAt(new Uint8ClampedArray([128, 128, 128, 255]), 0);
  const differences = new Float64Array(width * height);
  let shownCount = 0;
  for (const [index, lab] of here.labs.entries()) {
    const its = there.labs[index] as Lab;
    const isShown = [lab, its].some(({ l, a, b }) => Math.hypot(l - backdrop.l, a, b) > 0.02);
    if (!isShown) continue;
    shownCount++;
    differences[index] = Math.max(nearest(lab, index, there.labs), nearest(its, index, here.labs));
  }
  let worst = 0;
  for (let y = 0; y + blockSize <= height; y++) {
    for (let x = 0; x + blockSize <= width; x++) {
      let sum = 0;
      for (let dy = 0; dy < blockSize; dy++) {
        for (let dx = 0; dx < blockSize; dx++) sum += differences[(y + dy) * width + x + dx] ?? 0;
      }
      worst = Math.max(worst, sum / blockSize ** 2);
    }
  }
  return { shownCount, worst };
}
