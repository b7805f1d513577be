/**
 * Packs readings of a channel into bytes, exactly. Times are stored as changes of their distances. Values are stored
 * as changes of whole numbers if all of them have few decimals, which most sensors send, else as single-precision
 * numbers if these are exact, else as they are. DEFLATE compresses the result.
 */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { ReadingWindow } from "../reading_query.ts";

/** The first byte of a chunk: its version and how its values are stored. From `decimal` on, plus the decimals. */
const forms = { single: 1, double: 2, decimal: 16 } as const;
const maxDecimals = 9;
/** The most bytes that a whole number takes: 7 bits in each, for 54 bits. */
const maxVarintBytes = 8;

type Columns = Pick<ReadingWindow, "at" | "value">;

/** `at` is in ascending order, from 1970 on, and spans at most some thousand years. */
export function packChunk({ at, value }: Columns): Uint8Array<ArrayBuffer> {
  const decimals = decimalsOf(value);
  const isSingle = decimals === null && value.every((each) => Object.is(Math.fround(each), each));
  const writer = new VarintWriter(2 * at.length + 2);
  writer.add(at.length);
  addTimes(writer, at);
  if (decimals !== null) addDecimals(writer, value, decimals);
  const numbers = decimals !== null
    ? new Uint8Array()
    : isSingle
    ? planes(new Float32Array(value))
    : planes(value);
  const body = new Uint8Array(writer.bytes.length + numbers.length);
  body.set(writer.bytes);
  body.set(numbers, writer.bytes.length);
  const packed = deflateRawSync(body);
  const chunk = new Uint8Array(packed.length + 1);
  chunk[0] = decimals !== null ? forms.decimal + decimals : isSingle ? forms.single : forms.double;
  chunk.set(packed, 1);
  return chunk;
}

/** Throws an `Error` if the bytes are not a chunk. */
export function unpackChunk(chunk: Uint8Array): Columns {
  const form = chunk[0] ?? 0;
  const body = inflateRawSync(chunk.subarray(1));
  const reader = new VarintReader(body);
  const count = reader.next();
  if (!(count >= 0 && count <= body.length)) throw new Error("The chunk is damaged.");
  const at = readTimes(reader, count);
  if (form >= forms.decimal && form <= forms.decimal + maxDecimals) {
    return { at, value: readDecimals(reader, count, form - forms.decimal) };
  }
  const rest = body.subarray(reader.position);
  if (form === forms.single) {
    return { at, value: Float64Array.from(fromPlanes(rest, new Float32Array(count))) };
  }
  if (form === forms.double) return { at, value: fromPlanes(rest, new Float64Array(count)) };
  throw new Error("The chunk is damaged, or a newer Livecue has packed it.");
}

/** The number of decimals with which all values are exact; null if some need more. */
function decimalsOf(values: Float64Array): number | null {
  let decimals = 0;
  for (const value of values) {
    while (!isExact(value, 10 ** decimals)) if (++decimals > maxDecimals) return null;
  }
  // A value that is exact with few decimals may be too large with more.
  return values.every((value) => isExact(value, 10 ** decimals)) ? decimals : null;
}

function isExact(value: number, scale: number): boolean {
  const whole = Math.round(value * scale);
  return Math.abs(whole) < 2 ** 51 && whole / scale === value && !Object.is(value, -0);
}

function addTimes(writer: VarintWriter, at: Float64Array): void {
  let before = at[0] ?? 0;
  let distance = 0;
  writer.add(before);
  for (const time of at) {
    writer.addSigned(time - before - distance);
    distance = time - before;
    before = time;
  }
}

function readTimes(reader: VarintReader, count: number): Float64Array<ArrayBuffer> {
  const at = new Float64Array(count);
  let before = reader.next();
  let distance = 0;
  for (let index = 0; index < count; index++) {
    distance += reader.nextSigned();
    before += distance;
    at[index] = before;
  }
  return at;
}

function addDecimals(writer: VarintWriter, values: Float64Array, decimals: number): void {
  const scale = 10 ** decimals;
  let before = 0;
  for (const value of values) {
    const whole = Math.round(value * scale);
    writer.addSigned(whole - before);
    before = whole;
  }
}

function readDecimals(reader: VarintReader, count: number, decimals: number): Float64Array<ArrayBuffer> {
  const scale = 10 ** decimals;
  const values = new Float64Array(count);
  let whole = 0;
  for (let index = 0; index < count; index++) {
    whole += reader.nextSigned();
    values[index] = whole / scale;
  }
  return values;
}

/** The bytes of the numbers, first all first bytes, then all second bytes: similar bytes are next to one another. */
function planes(numbers: Float32Array | Float64Array): Uint8Array {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  const size = numbers.BYTES_PER_ELEMENT;
  const result = new Uint8Array(bytes.length);
  for (let index = 0; index < bytes.length; index++) {
    result[(index % size) * numbers.length + Math.floor(index / size)] = bytes[index] as number;
  }
  return result;
}

function fromPlanes<Numbers extends Float32Array | Float64Array>(
  rest: Uint8Array,
  numbers: Numbers,
): Numbers {
  if (rest.length !== numbers.byteLength) throw new Error("The chunk is damaged.");
  const bytes = new Uint8Array(numbers.buffer);
  const size = numbers.BYTES_PER_ELEMENT;
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = rest[(index % size) * numbers.length + Math.floor(index / size)] as number;
  }
  return numbers;
}

/** Whole numbers up to 2 ** 53, seven bits a byte, the lowest first. */
class VarintWriter {
  readonly #bytes: Uint8Array;
  #length = 0;

  constructor(maxCount: number) {
    this.#bytes = new Uint8Array(maxCount * maxVarintBytes);
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  add(number: number): void {
    let rest = number;
    while (rest >= 128) {
      this.#bytes[this.#length++] = rest % 128 + 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  addSigned(number: number): void {
    this.add(number < 0 ? -2 * number - 1 : 2 * number);
  }
}

class VarintReader {
  readonly #bytes: Uint8Array;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  next(): number {
    let number = 0;
    let factor = 1;
    while (true) {
      const byte = this.#bytes[this.position++];
      if (byte === undefined) throw new Error("The chunk is damaged.");
      if (byte < 128) return number + byte * factor;
      number += (byte - 128) * factor;
      factor *= 128;
    }
  }

  nextSigned(): number {
    const number = this.next();
    return number % 2 === 0 ? number / 2 : -(number + 1) / 2;
  }
}
