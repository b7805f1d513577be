import assert from "node:assert/strict";
import fc from "fast-check";
import { packChunk, unpackChunk } from "../../src/readings/chunk.ts";

function roundTrip(readings: readonly (readonly [number, number])[]) {
  const at = Float64Array.from(readings.map(([time]) => time));
  const value = Float64Array.from(readings.map(([, each]) => each));
  const chunk = packChunk({ at, value });
  const back = unpackChunk(chunk);
  assert.ok(back.at.length === at.length && at.every((time, index) => back.at[index] === time));
  assert.ok(value.every((each, index) => Object.is(back.value[index], each)));
  return chunk;
}

const time = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 47 }),
  fc.integer({ min: 1.7e12, max: 1.7e12 + 100_000 }),
);
const sorted = (readings: [number, number][]) => readings.sort(([one], [other]) => one - other);

Deno.test("Packed readings come back exactly, whatever numbers they are", () => {
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.integer().map((whole) => whole / 1000),
    fc.constantFrom(-0, 0, 1e308, -1e308, Number.MIN_VALUE, 2 ** 53, -(2 ** 53), 0.1 + 0.2),
  );
  fc.assert(fc.property(fc.array(fc.tuple(time, value), { maxLength: 200 }), (readings) => {
    roundTrip(sorted(readings));
  }));
});

Deno.test("Values with the same number of decimals come back exactly at every size", () => {
  const values = fc.integer({ min: 0, max: 12 }).chain((decimals) =>
    fc.array(fc.maxSafeInteger().map((whole) => whole / 10 ** decimals), { minLength: 1, maxLength: 50 })
  );
  fc.assert(fc.property(values, (all) => void roundTrip(all.map((value, index) => [index, value]))));
});

Deno.test("The readings of a sensor take less than four bytes each", () => {
  let [at, level] = [1.7e12, 50];
  const readings = Array.from({ length: 4096 }, (_, index) => {
    at += 900 + index * 7919 % 200;
    level += index * 104_729 % 7 - 3;
    return [at, level / 10] as const;
  });
  assert.ok(roundTrip(readings).length < 4 * readings.length);
});

Deno.test("Damaged bytes are not taken for readings", () => {
  assert.throws(() => unpackChunk(new Uint8Array()));
  assert.throws(() => unpackChunk(Uint8Array.of(99, 1, 2, 3)));
  const chunk = packChunk({ at: Float64Array.of(1, 2), value: Float64Array.of(0.1 + 0.2, 7e300) });
  assert.throws(() => unpackChunk(chunk.subarray(0, chunk.length - 3)));
});
