/** Writes PNG: a picture of few colors, some of them transparent. */
import { crc32, deflateSync } from "node:zlib";

export interface Picture {
  width: number;
  height: number;
  /** Up to 256 colors. */
  colors: readonly Color[];
  /** For each dot, row by row, the place of its color in `colors`. */
  dots: Uint8Array;
}

/** Red, green, blue and opacity, each from 0 to 255. */
export type Color = readonly [number, number, number, number];

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const bitsPerDot = 8;
const indexedColor = 3;

/** The same picture gives the same bytes. */
export function pngOf({ width, height, colors, dots }: Picture): Uint8Array<ArrayBuffer> {
  const head = new DataView(new ArrayBuffer(13));
  head.setUint32(0, width);
  head.setUint32(4, height);
  head.setUint8(8, bitsPerDot);
  head.setUint8(9, indexedColor);
  const rows = new Uint8Array((width + 1) * height);
  for (let row = 0; row < height; row++) {
    rows.set(dots.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  }
  const chunks = [
    chunk("IHDR", new Uint8Array(head.buffer)),
    chunk("PLTE", Uint8Array.from(colors.flatMap((color) => color.slice(0, 3)))),
    chunk("tRNS", Uint8Array.from(colors, (color) => color[3])),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", new Uint8Array()),
  ];
  return Uint8Array.from([signature, ...chunks].flatMap((bytes) => [...bytes]));
}

function chunk(name: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(new TextEncoder().encode(name), 4);
  bytes.set(content, 8);
  view.setUint32(8 + content.length, crc32(bytes.subarray(4, 8 + content.length)));
  return bytes;
}
