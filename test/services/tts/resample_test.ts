import assert from "node:assert/strict";
import { resample } from "../../../services/tts/resample.ts";

function tone(hertz: number, rate: number, seconds: number): Float32Array {
  return Float32Array.from(
    { length: rate * seconds },
    (_, index) => Math.sin(2 * Math.PI * hertz * index / rate) / 2,
  );
}

for (const [rate, hertz] of [[22_050, 1000], [22_050, 6000], [16_000, 3000], [44_100, 5000]] as const) {
  Deno.test(`A tone of ${hertz} Hz at ${rate} samples a second keeps its pitch and length`, () => {
    const made = resample(tone(hertz, rate, 1), rate);
    const wanted = tone(hertz, 24_000, 1);
    assert.equal(made.length, 24_000);
    // The silence before and after the tone changes its ends.
    const worst = made.slice(100, -100).reduce(
      (most, sample, index) => Math.max(most, Math.abs(sample - (wanted[index + 100] as number))),
      0,
    );
    assert.ok(worst < 0.02, `${worst} apart`);
  });
}

Deno.test("A tone that is too high for the new rate does not come back as a lower one", () => {
  const made = resample(tone(20_000, 44_100, 1), 44_100);
  assert.ok(Math.max(...made.slice(100, -100)) < 0.03);
});

Deno.test("Sound never leaves the range of -1 to 1", () => {
  const loud = Float32Array.from({ length: 22_050 }, (_, index) => index % 40 < 20 ? 1 : -1);
  const made = resample(loud, 22_050);
  assert.ok(made.every((sample) => Math.abs(sample) <= 1));
});
