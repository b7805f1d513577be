import assert from "node:assert/strict";
import fc from "fast-check";
import stringWidth from "string-width";
import { screenActions } from "../../../src/screen_keys.ts";
import { ScreenModel } from "../../../src/faces/tui/screen_model.ts";
import { frameRows } from "../../../src/faces/tui/view/frame.ts";
import { plainFailure } from "../../../src/failure.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import {
  emptySnapshot,
  FakeControl,
  sampleEvent,
  sampleNow,
  sampleService,
  sampleSnapshot,
  severalSources,
} from "../../support/fake_control.ts";
import { characterName } from "../../../src/faces/tui/key_name.ts";
import { pressed } from "../../../src/faces/tui/keys.ts";
import { hostileNumber, hostileText } from "../inputs.ts";
import type { Target } from "../target.ts";

type Step =
  | { kind: "key"; name: string }
  | { kind: "typed"; text: string }
  | { kind: "size"; columns: number; rows: number }
  | { kind: "snapshot"; which: number; text: string; number: number }
  | { kind: "time"; ms: number };

const names = [
  ...new Set(Object.values(screenActions).flatMap(({ keys }) => keys)),
  "f12",
  "insert",
  "x",
  "0",
  "9",
];
const step = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({ kind: fc.constant("key" as const), name: fc.constantFrom(...names) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("typed" as const), text: hostileText }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("size" as const),
      columns: fc.oneof(fc.nat({ max: 250 }), fc.integer({ min: 75, max: 130 })),
      rows: fc.oneof(fc.nat({ max: 80 }), fc.integer({ min: 20, max: 50 })),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("snapshot" as const),
      which: fc.nat({ max: 3 }),
      text: hostileText,
      number: hostileNumber,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("time" as const), ms: fc.nat({ max: 20_000 }) }) },
) as fc.Arbitrary<Step>;

export const target: Target<Step[]> = {
  holds: "whatever keys are pressed, in whatever window, the screen can be drawn and fits",
  inputs: fc.array(step, { maxLength: 40 }),
  async check(steps) {
    const control = new FakeControl();
    const clock = new FakeClock();
    const model = new ScreenModel({
      control,
      clock,
      isColored: true,
      editConfig: () => Promise.resolve({ text: "Saved.", isError: false }),
      onQuit: () => {},
    });
    model.start();
    let size = { columns: 80, rows: 24 };
    for (const step of steps) {
      if (step.kind === "size") size = { columns: step.columns, rows: step.rows };
      take(step, { model, control, clock });
      // Answers to its requests come in a later turn.
      await Promise.resolve();
      assertDrawn(model, size);
    }
    model.stop();
  },
};

function take(
  step: Step,
  { model, control, clock }: { model: ScreenModel; control: FakeControl; clock: FakeClock },
): void {
  switch (step.kind) {
    case "key":
      return press(model, step.name);
    case "typed":
      return model.send({ kind: "typed", text: step.text });
    case "size":
      return model.resize({ columns: step.columns, rows: step.rows });
    case "snapshot":
      control.shown = snapshotOf(step);
      return clock.advance(1_000);
    case "time":
      return clock.advance(step.ms);
  }
}

/** As the model does with what Ink tells of a key. */
function press(model: ScreenModel, name: string): void {
  const message = pressed(model.state, characterName(name), name);
  if (message !== null) model.send(message);
}

function snapshotOf({ which, text, number }: Step & { kind: "snapshot" }) {
  switch (which) {
    case 0:
      return emptySnapshot;
    case 1:
      return sampleSnapshot({ services: [], sources: severalSources });
    case 2:
      return sampleSnapshot({ events: [sampleEvent(1, text)], stopping: [text], configError: text });
    default:
      return sampleSnapshot({
        takenMs: number,
        eventCount: number,
        hasChannels: true,
        rates: [number],
        services: [
          sampleService({
            ...{
              slug: "odd",
              name: text,
              failure: plainFailure(text),
              pending: number,
              maxQueueSize: number,
            },
            ...{ rate: number, busy: number, memoryBytes: number, depths: [number, 1], upMs: number },
            panes: [{ title: text, lines: [{ label: text, value: text, part: number }] }],
          }),
        ],
        log: [{ id: 1, at: sampleNow, level: "error", from: text, text }],
      });
  }
}

function assertDrawn(model: ScreenModel, { columns, rows }: { columns: number; rows: number }): void {
  const { size } = model.state;
  assert.deepEqual(size, { columns, rows });
  const drawn = frameRows(model.state, false);
  assert.ok(drawn.length <= Math.max(rows, 1), `${drawn.length} rows of ${rows}`);
  for (const row of drawn) {
    assert.doesNotMatch(row, /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    assert.ok(stringWidth(row) <= Math.max(columns, 1), `a row wider than ${columns}: ${row}`);
  }
}
