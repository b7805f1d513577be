import assert from "node:assert/strict";
import type { Key } from "ink";
import { ScreenModel } from "../../../src/faces/tui/screen_model.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import {
  FakeControl,
  sampleEvents,
  sampleService,
  sampleSnapshot,
  sampleSource,
} from "../../support/fake_control.ts";

function makeModel() {
  const clock = new FakeClock();
  const control = new FakeControl();
  let quits = 0;
  const model = new ScreenModel({
    control,
    clock,
    isColored: false,
    frameMs: 100,
    editConfig: () => Promise.resolve({ text: "config.jsonc was saved.", isError: false }),
    onQuit: () => quits++,
  });
  model.start();
  return { clock, control, model, stop: () => model.stop(), quits: () => quits };
}

const press = (model: ScreenModel, input: string) => model.press(input, {} as Key);

/** Lets all pending answers arrive. */
const answersArrived = () =>
  new Promise((resolve) => queueMicrotask(() => queueMicrotask(() => resolve(null))));

Deno.test("Without a change no snapshot is taken, and a change after a quiet time is shown at once", () => {
  const { clock, control, model, stop } = makeModel();
  let frames = 0;
  model.subscribe(() => frames++);
  const { looks } = control;
  clock.advance(60_000);
  assert.deepEqual([control.looks, frames], [looks, 0]);
  control.shown = sampleSnapshot({ events: sampleEvents(2, 201), eventCount: 201 });
  clock.advance(0);
  assert.equal(frames, 1);
  stop();
  assert.equal(clock.timerCount, 0);
});

Deno.test("Changes that are closer together than frames are shown together, including the last one", () => {
  const { clock, control, model, stop } = makeModel();
  const { looks } = control;
  for (let count = 1; count <= 1_000; count++) {
    control.shown = sampleSnapshot({ eventCount: count });
    clock.advance(1);
  }
  clock.advance(100);
  assert.equal(model.state.snapshot.eventCount, 1_000);
  assert.ok(control.looks - looks <= 14, `${control.looks - looks} looks in a second`);
  stop();
});

Deno.test("Changes right after the first one of a quiet time, as at a start, do not wait", () => {
  const { clock, control, model, stop } = makeModel();
  clock.advance(1_000);
  for (const eventCount of [1, 2, 3]) {
    control.shown = sampleSnapshot({ eventCount });
    clock.advance(10);
    assert.equal(model.state.snapshot.eventCount, eventCount);
  }
  stop();
});

Deno.test("A change that shows nothing new draws nothing", () => {
  const { clock, control, model, stop } = makeModel();
  let frames = 0;
  model.subscribe(() => frames++);
  control.shown = { ...control.shown };
  clock.advance(1_000);
  assert.equal(frames, 0);
  stop();
});

Deno.test("Running durations are drawn each second, not with each snapshot", () => {
  const { clock, control, model, stop } = makeModel();
  let frames = 0;
  model.subscribe(() => frames++);
  for (let ms = 100; ms <= 2_000; ms += 100) {
    control.shown = sampleSnapshot({
      takenMs: 1_000_000 + ms,
      sources: [sampleSource({ connection: { phase: "live", username: "ana", title: "", forMs: ms } })],
      services: [sampleService({ slug: "dino", upMs: ms, heartbeatMs: ms % 1_000 })],
    });
    clock.advance(100);
  }
  // The first snapshot shows another live and other services.
  assert.equal(frames, 3);
  stop();
});

Deno.test("A key press takes effect at once, without waiting for the next snapshot", () => {
  const { model, stop } = makeModel();
  press(model, "2");
  assert.equal(model.state.focus, "services");
  stop();
});

Deno.test("Key presses that arrive together each count", () => {
  const { control, model, stop } = makeModel();
  control.shown = sampleSnapshot({
    sources: [sampleSource({ connection: { phase: "idle" }, session: null })],
  });
  model.send({ kind: "snapshot", snapshot: control.shown });
  press(model, "ubob\r");
  assert.deepEqual(control.actions, [{ kind: "switch_user", source: "main", username: "bob" }]);
  stop();
});

Deno.test("An action's result is shown for a while, then removed", async () => {
  const { clock, control, model, stop } = makeModel();
  control.result = { text: "There is no such user.", isError: true };
  press(model, "P");
  await answersArrived();
  assert.deepEqual(model.state.status, { text: "There is no such user.", tone: "error" });
  clock.advance(60_000);
  assert.equal(model.state.status, null);
  stop();
});

Deno.test("The second quit calls the given exit function", () => {
  const { control, model, stop, quits } = makeModel();
  press(model, "q");
  assert.deepEqual([control.actions, quits()], [[{ kind: "quit" }], 0]);
  model.press("c", { ctrl: true } as Key);
  assert.equal(quits(), 1);
  stop();
});

Deno.test("A stopped screen takes no more messages", () => {
  const { model, stop } = makeModel();
  stop();
  press(model, "2");
  assert.equal(model.state.focus, "events");
});
