/**
 * The screen over a made-up pipeline, to look at:
 * `deno run -A test/support/screen_demo.ts [idle|busy|calm|several]`.
 */
import { every, systemClock } from "../../src/clock.ts";
import { Screen } from "../../src/faces/tui/screen.ts";
import {
  emptySnapshot,
  FakeControl,
  sampleEvent,
  sampleService,
  sampleSnapshot,
  severalSources,
} from "./fake_control.ts";

const [mode = "calm"] = Deno.args;
const several = sampleSnapshot({
  sources: severalSources,
  services: [
    ...sampleSnapshot().services,
    sampleService({
      slug: "wheel",
      name: "Wheel",
      panes: [
        {
          title: "Prizes",
          lines: [
            { label: "Spins today", value: "41" },
            { label: "Jackpot", value: "3,204 of 5,000", part: 0.64 },
          ],
        },
        { title: "Last spin", lines: [{ label: "Ana", value: "a free song" }] },
      ],
    }),
  ],
});
const control = new FakeControl(
  mode === "idle" ? emptySnapshot : mode === "several" ? several : sampleSnapshot(),
);
const perTick = mode === "busy" ? 100 : mode === "idle" ? 0 : 1;
const names = control.shown.sources.map(({ name }) => name);
const startedAt = systemClock.monotonic();
let lastId = 200;
const stopEvents = every(systemClock, 100, () => {
  const events = Array.from({ length: perTick }, () => sampleEvent(++lastId))
    .map((line) => ({ ...line, source: names[line.id % names.length] ?? "main", isTest: line.id % 17 === 0 }))
    .map((line) => line.isTest ? { ...line, text: `[test] ${line.text}` } : line);
  control.shown = {
    ...control.shown,
    takenMs: systemClock.monotonic() - startedAt,
    eventCount: control.shown.eventCount + perTick,
    events: [...control.shown.events, ...events].slice(-200),
  };
});
const screen: Screen = new Screen({
  control,
  clock: systemClock,
  isColored: !Deno.env.get("NO_COLOR"),
  editConfig: () => Promise.resolve({ text: "config.jsonc was saved.", isError: false }),
  onQuit: () => screen.stop(),
});
await screen.start();
await screen.done;
stopEvents();
