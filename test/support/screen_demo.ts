/** The screen over a made-up pipeline, to look at: `deno run -A test/support/screen_demo.ts [idle|busy|calm]`. */
import { every, systemClock } from "../../src/clock.ts";
import { runScreen } from "../../src/faces/tui/screen.ts";
import { emptySnapshot, FakeControl, sampleEvent, sampleNow, sampleSnapshot } from "./fake_control.ts";

const [mode = "calm"] = Deno.args;
const control = new FakeControl(mode === "idle" ? emptySnapshot : sampleSnapshot());
const perTick = mode === "busy" ? 100 : mode === "calm" ? 1 : 0;
const startedAt = systemClock.now();
let lastId = 200;
const stopEvents = every(systemClock, 100, () => {
  const events = Array.from({ length: perTick }, () => sampleEvent(++lastId));
  control.shown = {
    ...control.shown,
    at: sampleNow + systemClock.now() - startedAt,
    eventCount: control.shown.eventCount + perTick,
    events: [...control.shown.events, ...events].slice(-200),
  };
});
const screen = await runScreen({
  control,
  clock: systemClock,
  isColored: !Deno.env.get("NO_COLOR"),
  editConfig: () => Promise.resolve({ text: "config.jsonc was saved.", isError: false }),
  onQuit: () => screen.close(),
});
await screen.done;
stopEvents();
