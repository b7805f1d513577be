import assert from "node:assert/strict";
import { detectIn } from "livecue/testing/detector";
import PeeBot, { optionsSchema } from "../../../services/peebot/main.ts";
import { findFills } from "../../support/fill_score.ts";
import { Tank, type TankOptions } from "../../support/tank.ts";

const given: Partial<TankOptions> = { seed: 77, days: 0.6, rate: 10, repeated: 0, late: 0, fillsPerDay: 60 };

Deno.test("The detector finds in the station's readings what the measured detection finds, and says losses of signal", async () => {
  const options = optionsSchema.parse({});
  const tank = new Tank(given);
  const readings = [...tank.readings()].map(({ item, at, value }) => ({
    channel: item,
    at,
    value,
    source: "iss",
  }));
  const { detections, signals, troubles } = await detectIn(PeeBot, readings, { options });
  assert.deepEqual(troubles, []);
  assert.ok(detections.length > 10, String(detections.length));
  const expected = findFills(new Tank(given), options.detection);
  assert.deepEqual(
    detections.map(({ window, values }) => [window.to, values["rise"], values["level"]]),
    expected.map(({ to, rise, level }) => [to, rise, level]),
  );
  const [first] = detections;
  assert.equal(first?.name, "urine_tank_fill");
  assert.equal(first?.channel, "NODE3000005");
  assert.match(first?.text ?? "", /^The space station's urine tank has risen by \d+ % to \d+ %\.$/);
  assert.ok(signals.some(({ state }) => state === "lost"));
});

Deno.test("Without a clock, the level itself shows that the signal is there", async () => {
  const options = optionsSchema.parse({ channels: { clock: "" } });
  const start = Date.UTC(2026, 0, 1);
  const readings = Array.from({ length: 600 }, (_, index) => ({
    channel: "NODE3000005",
    at: start + index * 1000,
    value: index < 300 ? 20 : 24,
  }));
  const { detections, troubles } = await detectIn(PeeBot, readings, { options });
  assert.deepEqual(troubles, []);
  assert.deepEqual(detections.map(({ values }) => values), [{ level: 24, rise: 4 }]);
});
