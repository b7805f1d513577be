import assert from "node:assert/strict";
import type { Snapshot } from "../../../src/control.ts";
import { loadApp, Screen } from "../../../src/faces/tui/screen.ts";
import { ScreenModel } from "../../../src/faces/tui/screen_model.ts";
import type { ScreenState } from "../../../src/faces/tui/state.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeControl, sampleSnapshot, sampleSource } from "../../support/fake_control.ts";
import { FakeTerminal, screenTest } from "../../support/fake_terminal.ts";

async function openScreen() {
  const clock = new FakeClock();
  const control = new FakeControl();
  const terminal = new FakeTerminal();
  const editing = Promise.withResolvers<void>();
  const screen = new Screen({
    control,
    clock,
    streams: terminal.streams,
    isColored: false,
    async editConfig() {
      await editing.promise;
      return { text: "Edited.", isError: false };
    },
  });
  await screen.start();
  return { clock, control, terminal, screen, endEditing: () => editing.resolve() };
}

async function closed(screen: Screen): Promise<void> {
  screen.stop();
  await screen.done;
}

function withViewers(snapshot: Snapshot, viewers: number): Snapshot {
  return { ...snapshot, sources: snapshot.sources.map((source) => ({ ...source, viewers })) };
}

const otherRows = /Livecue|joined|Services|q quit/;
const wholeScreen = /\[H.\[J.*Livecue.*@ana.*1 Events.*q quit/s;

screenTest("The first frame is there when the screen has started, in the size of the terminal", async () => {
  const { terminal, screen } = await openScreen();
  const written = terminal.take();
  assert.match(written, /^.\[\?1049h.*Livecue.*@ana.*q quit/s);
  const [, whole = ""] = written.match(/.*\[H.\[J(.*)/s) ?? [];
  assert.equal(whole.split("\n").length, 40);
  await closed(screen);
});

screenTest("A change is drawn by the rows that it changes alone", async () => {
  const { clock, control, terminal, screen } = await openScreen();
  control.shown = sampleSnapshot({ eventCount: 201 });
  clock.advance(1_000);
  await terminal.writes(/\[H.\[J.*shared the live/s);
  terminal.take();
  control.shown = withViewers(control.shown, 77_777);
  clock.advance(1_000);
  assert.doesNotMatch(await terminal.writes(/77,777 viewers/), otherRows);
  await closed(screen);
});

screenTest("Where nothing changed nothing is written, and no timer runs", async () => {
  const { clock, control, terminal, screen } = await openScreen();
  control.shown = sampleSnapshot({ eventCount: 201 });
  clock.advance(60_000);
  await terminal.writes(/\[H.\[J.*shared the live/s);
  terminal.take();
  const { looks } = control;
  clock.advance(60_000);
  assert.deepEqual([control.looks - looks, clock.timerCount], [0, 0]);
  // The new snapshot looks the same, so only the next one's changes are written.
  control.shown = { ...control.shown, takenMs: control.shown.takenMs + 60_000 };
  clock.advance(1_000);
  assert.equal(control.looks - looks, 1);
  control.shown = withViewers(control.shown, 77_777);
  clock.advance(1_000);
  const written = await terminal.writes(/77,777 viewers/);
  assert.doesNotMatch(written, otherRows);
  assert.equal(written.split("\x1b[?2026h").length, 2);
  await closed(screen);
});

screenTest("A key is answered though the next look at the live is far off", async () => {
  const { terminal, screen } = await openScreen();
  terminal.type("?");
  await terminal.writes(/open the selected/);
  terminal.take();
  terminal.type("\x1b");
  await terminal.writes(/1 Events/);
  await closed(screen);
});

screenTest("However many keys come at once, at most two frames are drawn for them", async () => {
  const { openApp } = await loadApp();
  const terminal = new FakeTerminal();
  const model = new ScreenModel({
    control: new FakeControl(),
    clock: new FakeClock(),
    isColored: false,
    editConfig: () => Promise.reject(new Error("Nobody edits here.")),
  });
  let drawn = 0;
  const draw = ({ dialog }: ScreenState) => {
    drawn++;
    return [dialog?.kind === "line" ? `${dialog.text.length} letters` : "no text"];
  };
  const ink = openApp({ model, draw }, terminal.streams);
  terminal.type("/");
  await terminal.writes(/0 letters/);
  drawn = 0;
  terminal.type("x".repeat(150));
  await terminal.writes(/150 letters/);
  assert.ok(drawn <= 2, `${drawn}`);
  model.stop();
  ink.unmount();
  await ink.waitUntilExit();
});

screenTest("Keys and pastes come as they are typed", async () => {
  const { clock, control, terminal, screen } = await openScreen();
  assert.equal(terminal.isRaw, true);
  control.shown = sampleSnapshot({
    sources: [sampleSource({ connection: { phase: "idle" }, session: null })],
  });
  clock.advance(1_000);
  terminal.type("u");
  await terminal.writes(/Capture the live of @/);
  terminal.type("\x1b[200~ben.\x1b[201~");
  terminal.type("live\r");
  await terminal.writes(/Done\./);
  assert.deepEqual(control.actions, [{ kind: "switch_user", source: "main", username: "ben.live" }]);
  await closed(screen);
});

screenTest("All rows are drawn anew in another size, and where they are asked for", async () => {
  const { terminal, screen } = await openScreen();
  await terminal.writes(wholeScreen);
  for (const change of [() => terminal.resize({ columns: 100, rows: 30 }), () => screen.repaint()]) {
    terminal.take();
    change();
    const written = await terminal.writes(wholeScreen);
    const [, whole = ""] = written.match(/.*\[H.\[J(.*)/s) ?? [];
    assert.equal(whole.split("\n").length, 30);
  }
  await closed(screen);
});

screenTest(
  "While an editor has the terminal nothing is written to it; afterwards all is there again",
  async () => {
    const { clock, control, terminal, screen, endEditing } = await openScreen();
    await terminal.writes(wholeScreen);
    terminal.type("c");
    await terminal.writes(/\[\?1049l/);
    await terminal.writes(/\[\?2004l/);
    assert.equal(terminal.isRaw, false);
    terminal.take();
    control.shown = sampleSnapshot({ configError: "A mistake." });
    clock.advance(1_000);
    endEditing();
    const written = await terminal.writes(/\[H.\[J.*A mistake\..*q quit/s);
    assert.doesNotMatch(written.split("\x1b[?1049h")[0] ?? "", /mistake/);
    assert.equal(terminal.isRaw, true);
    await closed(screen);
  },
);

screenTest("A screen that is stopped has given the terminal back, once", async () => {
  const { clock, control, terminal, screen } = await openScreen();
  await terminal.writes(wholeScreen);
  terminal.take();
  screen.stop();
  screen.stop();
  assert.equal(terminal.isRaw, false);
  control.shown = sampleSnapshot({ eventCount: 5_000 });
  clock.advance(1_000);
  assert.equal(clock.timerCount, 0);
  await screen.done;
  const written = terminal.take();
  assert.match(written, /\[\?2004l.*\[\?1049l.\[\?25h$/s);
  assert.equal(written.split("[?1049l").length, 2);
});

screenTest(
  "An error of drawing gives the terminal back and is told to whoever waits for the screen",
  async () => {
    const { clock, control, terminal, screen } = await openScreen();
    await terminal.writes(wholeScreen);
    terminal.take();
    control.shown = { ...sampleSnapshot(), rates: null as unknown as number[], eventCount: 9 };
    clock.advance(1_000);
    await assert.rejects(screen.done, TypeError);
    assert.match(terminal.take(), /\[\?1049l/);
    assert.equal(terminal.isRaw, false);
  },
);
