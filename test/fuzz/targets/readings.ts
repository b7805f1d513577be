import assert from "node:assert/strict";
import fc from "fast-check";
import { Topics, type TopicValue } from "../../../src/capture/mqtt/topics.ts";
import { timeForms } from "../../../src/capture/reading_values.ts";
import { parseReadings, readingsLine } from "../../../src/capture/replay/recorded_readings.ts";
import { PostedReadings } from "../../../src/capture/webhook/posted_readings.ts";
import { Refusal } from "../../../src/capture/webhook/provider.ts";
import { checkReadings, describeMistake } from "../../../src/reading.ts";
import type { SentReading } from "../../../src/source.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { assertReading, assertSentence } from "../asserts.ts";
import {
  type Edit,
  editedText,
  editsOf,
  hostileJson,
  hostileNumber,
  hostileText,
  mostlyRight,
} from "../inputs.ts";
import type { Target } from "../target.ts";

interface Input {
  /** In place of the JSON of `message`, if there is any. */
  text: string | null;
  message: unknown;
  edits: Edit<string>[];
  topic: string;
  values: TopicValue[];
  isRetained: boolean;
}

const clock = new FakeClock(Date.UTC(2026, 11, 31, 23, 59));
const posted = new PostedReadings("readings", { token: "token", clock });

const number = hostileNumber.map((value) => Number.isFinite(value) ? value : 0);
const time = fc.oneof(
  number,
  hostileText,
  fc.constantFrom("2026-11-27T12:00:00Z", "2026-02-30T00:00Z", "8784.5", "24", "1e3", 8808, 1_790_000_000.25),
);
const value = fc.oneof(
  number,
  hostileText,
  fc.constantFrom("41.5", " -0 ", "1e999", "0x10", ".", "+.5", null),
);
const reading = mostlyRight({ channel: hostileText, at: time, value });
const topic = fc.oneof(fc.constantFrom("sensors/tank", "sensors//", "/", "sensors"), hostileText);
const pointer = fc.constantFrom(null, "/value", "/at", "/0/value", "/__proto__", "/a~1b", "/");
const topicValue = fc.record({
  filter: fc.constantFrom("sensors/tank", "sensors/+", "#", "+/#", "sensors/#"),
  channel: fc.constantFrom(null, "tank", "{1}", "{1}{9}", ""),
  value: pointer,
  time: pointer,
  timeForm: fc.constantFrom(...timeForms),
}, { noNullPrototype: true });

export const target: Target<Input> = {
  holds: "whatever is posted or published becomes readings that are right, or wrong with a sentence",
  inputs: fc.record({
    text: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.oneof(hostileText, value.map(String))),
    message: fc.oneof(reading, fc.array(reading, { maxLength: 4 }), hostileJson),
    edits: fc.oneof({ weight: 3, arbitrary: fc.constant<Edit<string>[]>([]) }, editsOf(hostileText)),
    topic,
    values: fc.array(topicValue, { minLength: 1, maxLength: 3 }),
    isRetained: fc.boolean(),
  }, { noNullPrototype: true }),
  check({ text, message, edits, topic, values, isRetained }) {
    const written = editedText(text ?? JSON.stringify(message), edits);
    const topics = new Topics(values, clock);
    const published = topics.read({ topic, text: written, isRetained });
    if (published !== null) assertChecked(published);
    assertPosted(written);
  },
};

function assertPosted(text: string): void {
  const body = new TextEncoder().encode(text);
  const header = (name: string) => name === "authorization" ? "Bearer token" : "";
  try {
    assertChecked(posted.read({ header, body }).readings);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    assertSentence(error.message);
  }
}

/** Each reading is right or wrong, the wrong ones have a sentence, and a recording gives all of them as they were. */
function assertChecked(readings: SentReading[]): void {
  readings.forEach(assertReading);
  const { right, wrong } = checkReadings(readings, clock.now());
  assert.equal(right.length + wrong.reduce((sum, { count }) => sum + count, 0), readings.length);
  for (const { channel, at, value } of right) {
    assert.ok(channel.length >= 1 && channel.length <= 200);
    assert.ok(Number.isInteger(at) && at >= 0 && Number.isFinite(value));
  }
  for (const each of wrong) assertSentence(describeMistake(each, "house"));
  const batch = { readings: readings.filter(({ channel }) => channel.length >= 1 && channel.length <= 300) };
  const line = readingsLine({ ...batch, receivedAt: clock.now() }, "house");
  assert.deepEqual(parseReadings(JSON.parse(line)), {
    value: { readings: JSON.parse(JSON.stringify(batch.readings)), receivedAt: clock.now(), source: "house" },
  });
}
