import assert from "node:assert/strict";
import { plainFailure } from "../../../src/failure.ts";
import fc from "fast-check";
import stringWidth from "string-width";
import type { ConnectionView, SourceView } from "../../../src/control.ts";
import type { Snapshot } from "../../../src/control.ts";
import { noTotals } from "../../../src/live.ts";
import type { ScreenState } from "../../../src/faces/tui/state.ts";
import { loadApp } from "../../../src/faces/tui/screen.ts";
import { ScreenModel } from "../../../src/faces/tui/screen_model.ts";
import { frameRows } from "../../../src/faces/tui/view/frame.ts";
import { shownKey } from "../../../src/key.ts";
import { screenActions } from "../../../src/screen_keys.ts";
import {
  emptySnapshot,
  FakeControl,
  hostileNames,
  sampleEvent,
  sampleNow,
  sampleService,
  sampleSnapshot,
  sampleSource,
  severalSources,
} from "../../support/fake_control.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeTerminal, screenTest } from "../../support/fake_terminal.ts";
import { Driven } from "./drive.ts";

const sizes = [{ columns: 80, rows: 24 }, { columns: 120, rows: 40 }, { columns: 200, rows: 60 }];

function draw(state: ScreenState, isColored = false): string {
  return frameRows(state, isColored).join("\n");
}

const frameOf = (snapshot: Snapshot, size = sizes[0], ...keys: string[]) =>
  draw(new Driven(snapshot, size).press(...keys).state);

function assertFits(frame: string, { columns, rows }: { columns: number; rows: number }): void {
  const lines = frame.split("\n");
  assert.ok(lines.length <= rows, `${lines.length} lines`);
  for (const line of lines) assert.ok(stringWidth(line) <= columns, line);
}

for (const size of sizes) {
  Deno.test(`At ${size.columns}×${size.rows} the essentials are visible`, () => {
    const frame = frameOf(sampleSnapshot(), size);
    assertFits(frame, size);
    for (
      const essential of ["@ana", "● live 1:12:03", "1,204 viewers", "3,204 diamonds", "37 follows"]
    ) {
      assert.ok(frame.includes(essential), essential);
    }
    for (
      const service of [/Chrome's dino +● running/, /Overlays +=.paused .*420\/500/, /↻ backing off .*✗ 4/]
    ) {
      assert.match(frame, service);
    }
    assert.match(frame, /▸ .*\d\d:\d\d:\d\d/);
    assert.match(frame, /✗ gmod +Connection refused/);
    assert.match(frame, /\? help {2}q quit/);
  });
}

Deno.test("At 200 columns the space is used: all columns, with events next to them", () => {
  const frame = frameOf(sampleSnapshot(), sizes[2]);
  assert.match(frame, /at work .*rate .*run p50\/p95 .*wait p50\/p95 .*recent queue/);
  assert.match(frame, /2 Services .*1 Events/);
});

Deno.test("The first screen says how to start", () => {
  const frame = frameOf(emptySnapshot);
  assert.match(frame, /Welcome to Livecue/);
  assert.match(frame, /Press u and enter the TikTok user/);
  assert.match(frame, /Press d to try it/);
  assert.match(frame, /not connected/);
});

Deno.test("What services emit before any live is shown in place of the first screen", () => {
  const events = sampleSnapshot().events.slice(-3).map((event) => ({
    ...event,
    text: "a sample is asked for",
  }));
  const frame = frameOf({ ...emptySnapshot, events });
  assert.match(frame, /a sample is asked for/);
  assert.doesNotMatch(frame, /Welcome/);
});

Deno.test("While a source starts, the screen does not ask for a live", () => {
  const frame = frameOf({ ...emptySnapshot, sources: [sampleSource({ connection: { phase: "idle" } })] });
  assert.match(frame, /starting …/);
  assert.doesNotMatch(frame, /Welcome|not connected/);
});

Deno.test("The connection is described in words", () => {
  const frame = (connection: ConnectionView) =>
    frameOf(sampleSnapshot({ sources: [sampleSource({ connection })] })).split("\n")[0];
  const why = "The connection was lost.";
  const inMs = 8_000;
  assert.match(
    frame({ phase: "reconnecting", username: "ana", why, attempt: 3, inMs }) ?? "",
    /↻ reconnecting in 8 s, attempt 3\. The connection was lost\./,
  );
  assert.match(
    frame({ phase: "waiting", username: "ana", why: "", inMs }) ?? "",
    /waiting for @ana to go live/,
  );
  assert.match(
    frame({ phase: "ended", username: "ana", why: "The live has ended." }) ?? "",
    /○ ended\. The live/,
  );
  assert.match(
    frame({ phase: "listening", title: "http://127.0.0.1:7423: kofi" }) ?? "",
    /main {2}● listening {2}http:\/\/127\.0\.0\.1:7423: kofi/,
  );
});

const telemetry = sampleSource({
  name: "iss",
  type: "lightstreamer",
  user: null,
  connection: { phase: "listening", title: "ISSLIVE at example.org, 2 items, no signal" },
  viewers: null,
  readings: { count: 12_345, perSecond: 70.04, sinceMs: 400 },
});

Deno.test("A source of readings shows their rate, the age of the last one and the signal", () => {
  const alone = frameOf(sampleSnapshot({ sources: [telemetry] }), { columns: 120, rows: 30 }).split("\n");
  assert.match(alone[0] ?? "", /iss {2}● listening {2}ISSLIVE at example\.org, 2 items, no signal/);
  assert.match(alone[1] ?? "", /^ 12,345 readings {2}70\.0\/s, last 400 ms ago/);
  const beside = frameOf(sampleSnapshot({ sources: [sampleSource(), telemetry] }), {
    columns: 120,
    rows: 30,
  });
  assert.match(beside, /\n iss {3}● listening +70\.0\/s, last 400 ms ago {2}ISSLIVE at .* no signal/);
});

Deno.test("A source without a user says by its own name that it reconnects", () => {
  const connection = {
    phase: "reconnecting",
    username: "",
    why: "It closed.",
    attempt: 2,
    inMs: 8_000,
  } as const;
  const frame = frameOf(sampleSnapshot({ sources: [{ ...telemetry, connection }] }), {
    columns: 120,
    rows: 30,
  });
  assert.match(frame, /iss {2}↻ reconnecting in 8 s, attempt 2\. It closed\./);
});

const several = sampleSnapshot({ sources: severalSources });

for (const size of sizes) {
  Deno.test(`At ${size.columns}×${size.rows} each of several sources has a line, and each event its source`, () => {
    const frame = frameOf(several, size);
    assertFits(frame, size);
    const [first = "", ...lines] = frame.split("\n").slice(0, 4);
    assert.match(first, /● 1 live {2}↻ 1 reconnecting {2}● 1 listening .*\/s [▁-█]/);
    const expected = [
      /^ main {4}● live 1:12:03 {2}1,204 viewers {2}123k likes {2}3,204 diamonds {2}@ana/,
      /^ second {2}↻ again in 8 s {5}87 viewers 4,821 likes {5}96 diamonds {2}@ben/,
      /^ tips {4}● listening {9}12 events {2}http:\/\/127\.0\.0\.1:7423/,
    ];
    for (const [index, line] of expected.entries()) assert.match(lines[index] ?? "", line);
    assert.match(frame, /1 Events ━ from all sources/);
    assert.match(frame, /\d\d:\d\d:\d\d main {4}\S/);
    assert.match(frame, /\? help {2}q quit/);
  });
}

Deno.test("Sources that do not fit are counted by their state", () => {
  const sources = Array.from({ length: 30 }, (_, index) =>
    sampleSource({
      name: `room ${index}`,
      liveId: index,
      connection: index % 2 === 0 ? severalSources[0]!.connection : severalSources[1]!.connection,
    }));
  for (const size of sizes) {
    const frame = frameOf(sampleSnapshot({ sources }), size);
    assertFits(frame, size);
    const [first = ""] = frame.split("\n");
    assert.match(first, /● 15 live {2}↻ 15 reconnecting/);
    assert.match(frame, /^ and \d+ more: (?=.*live).*reconnecting/m);
    assert.match(frame, /1 Events/);
  }
});

Deno.test("A test event is marked in the list and in its details", () => {
  const line = { ...sampleEvent(1, "Ana"), isTest: true, text: "[test] 💬 Ana: hello" };
  const state = new Driven(sampleSnapshot({ events: [line] }), sizes[1]).state;
  assert.ok(draw(state).includes("[test] 💬 Ana: hello"));
  assert.ok(draw(state, true).includes("\x1b[48;5;236m") && draw(state, true).includes("[test]"));
});

const shown = sampleSnapshot({
  services: [
    sampleService({ slug: "dino" }),
    sampleService({
      slug: "wheel",
      name: "Wheel",
      panes: [{ title: "Prizes", lines: [{ label: "Jackpot", value: "64 of 100", part: 0.64 }] }],
    }),
  ],
});

Deno.test("A service's pane is in its details, and in a pane that can replace the log", () => {
  const title = /Prizes/;
  const line = /Jackpot +█+░+ 64 of 100/;
  const before = frameOf(shown);
  assert.match(before, /4 Log/);
  assert.doesNotMatch(before, title);
  for (const keys of [["5"], ["5", "z"], ["2", "down", "enter"]]) {
    const frame = frameOf(shown, sizes[0], ...keys);
    assert.match(frame, title, keys.join());
    assert.match(frame, line, keys.join());
  }
  assert.doesNotMatch(frameOf(shown, sizes[0], "5"), /4 Log/);
  assert.match(frameOf(shown, sizes[0], "5", "4"), /4 Log/);
});

Deno.test("The keys of the pane that the cursor is in stand in the lowest line, and are passed on", () => {
  const lines = [{ label: "now", value: "hello" }];
  const snapshot = sampleSnapshot({
    services: [
      sampleService({ slug: "wheel", panes: [{ title: "Prizes", lines }] }),
      sampleService({
        slug: "tts",
        panes: [{ title: "Speech", lines, keys: [{ key: "s", does: "skip" }, { key: "m", does: "mute" }] }],
      }),
    ],
  });
  const driven = new Driven(snapshot, sizes[1]).press("5", "s");
  const lowest = () => draw(driven.state).trimEnd().split("\n").at(-1) ?? "";
  assert.doesNotMatch(lowest(), /skip/);
  driven.press("down", "down");
  assert.match(lowest(), /^ s skip {2}m mute {2}Enter open/);
  driven.take();
  driven.press("s", "x");
  const key = { key: "s", does: "skip" };
  assert.deepEqual(driven.take(), [
    { kind: "dispatch", action: { kind: "press", slug: "tts", pane: "Speech", key } },
  ]);
  driven.press("1", "s");
  assert.deepEqual(driven.take().filter(({ kind }) => kind === "dispatch"), []);
});

Deno.test("A stop says what it waits for, and a mistake in the config where it is", () => {
  const frame = frameOf(sampleSnapshot({
    stopping: ["dummy has 3 items at work", "the database"],
    configError: 'config.jsonc:12:5: "priorty" is not a setting.',
  }));
  assert.match(frame, /Stopping in order. Press q again to quit at once/);
  assert.match(frame, /waiting: dummy has 3 items at work/);
  assert.match(frame, /! .*old settings remain: config\.jsonc:12:5/);
});

Deno.test("Losses are shown below the header, completely even in the narrowest window", () => {
  const strain =
    "The database is locked by another program: close the program that is writing to it. So far 4,120 joins " +
    "and 310 likes were dropped. Gifts, follows and comments are kept; 20,117 changes wait in memory.";
  for (const size of sizes) {
    const frame = frameOf(sampleSnapshot({ strain }), size);
    assertFits(frame, size);
    assert.ok(frame.replace(/\s+/g, " ").includes(strain), frame);
    assert.match(
      frame.split("\n").find((line) => line.includes("locked")) ?? "",
      /^ ! The database is locked/,
    );
  }
});

Deno.test("A window that is too small says so", () => {
  const size = { columns: 60, rows: 20 };
  const frame = frameOf(sampleSnapshot(), size);
  assertFits(frame, size);
  assert.match(frame, /needs 80×24, but the window has 60×20/);
});

Deno.test("A question is shown above the keys that answer it", () => {
  const frame = frameOf(sampleSnapshot(), sizes[0], "2", "e").split("\n").slice(-2).join("\n");
  assert.match(frame, /Empty the queue of Chrome's dino\? 12 items will be discarded\. y\/n\n y yes {2}n no/);
});

Deno.test("A source with a long name leaves room to type the streamer's name", () => {
  const sources = [sampleSource({ name: "a".repeat(200) }), sampleSource({ name: "b" })];
  const size = { columns: 80, rows: 24 };
  const frame = frameOf(sampleSnapshot({ sources }), size, "u", ..."ben.live");
  assertFits(frame, size);
  assert.match(frame, /In ‹ a{23}… › capture the live of @.*ben\.live▏/);
});

Deno.test("Without color there is no escape code, with it every one is closed", () => {
  for (const keys of [[], ["2", "enter"], ["enter"], ["?"], ["u", "x"], ["t"], ["2", "e"]]) {
    const { state } = new Driven(sampleSnapshot(), sizes[1]).press(...keys);
    assert.ok(!draw(state).includes("\x1b"));
  }
  const colored = draw(new Driven(sampleSnapshot(), sizes[1]).state, true);
  assert.ok(colored.includes("\x1b[38;5;64m● running"));
  // Dim text is invisible on some terminals, and a palette color may be anything.
  for (const code of colored.matchAll(/\[(\d+)m/g)) {
    assert.ok(["1", "22", "39", "49"].includes(code[1] ?? ""), code[0]);
  }
});

/** Escape sequences that a terminal would obey. The number distinguishes them from the screen's own. */
const orders = [
  "\x1b[977A",
  "\x1b[977;1H",
  "\x1b[977m",
  "\x9b977m",
  "\x1b]977;title\x07",
  "\x1bP977\x1b\\",
  "\r977",
  "\b",
];
const anyText = fc.oneof(
  fc.constantFrom(...hostileNames),
  fc.string({ unit: "binary", maxLength: 120 }),
  fc.array(fc.constantFrom(...orders, ...hostileNames), { maxLength: 8 }).map((parts) => parts.join("")),
);
const anyConnection: fc.Arbitrary<ConnectionView> = fc.record({ text: anyText, ms: fc.nat() }).chain(
  ({ text, ms }) =>
    fc.constantFrom<ConnectionView>(
      { phase: "idle" },
      { phase: "looking_up", username: text },
      { phase: "connecting", username: text },
      { phase: "listening", title: text },
      { phase: "live", username: text, title: text, forMs: ms },
      { phase: "waiting", username: text, why: text, inMs: ms },
      { phase: "reconnecting", username: text, why: text, attempt: ms, inMs: ms },
      { phase: "ended", username: text, why: text },
    ),
);
const anyCount = fc.oneof(fc.constant(0), fc.nat({ max: 30 }), fc.nat());
const anySnapshot = fc.record({
  text: anyText,
  events: fc.array(anyText, { maxLength: 30 }),
  names: fc.array(anyText, { maxLength: 12 }),
  counts: fc.tuple(anyCount, anyCount, anyCount),
  rates: fc.array(anyCount, { maxLength: 200 }),
  stopping: fc.option(fc.array(anyText, { maxLength: 6 })),
  strain: fc.option(anyText),
  configError: fc.option(anyText),
  connections: fc.array(anyConnection, { maxLength: 16 }),
}).map((
  { text, events, names, counts: [one, two, three], rates, stopping, strain, configError, connections },
) =>
  sampleSnapshot({
    sources: connections.map((connection, index): SourceView =>
      sampleSource({
        name: names[index] ?? text,
        user: index % 3 === 0 ? null : text,
        connection,
        liveId: index % 5,
        viewers: index % 2 === 0 ? one : null,
        totals: { ...noTotals(), likes: one, diamonds: two, follows: three },
        storedCount: two,
        readings: index % 4 === 3 ? { count: one, perSecond: two, sinceMs: three } : null,
      })
    ),
    rates,
    events: events.map((name, index) => sampleEvent(index + 1, name)),
    services: names.map((name, index) =>
      sampleService({
        slug: `s${index}`,
        name,
        failure: plainFailure(text),
        pending: one,
        maxQueueSize: two,
        failed: two,
        discarded: three,
        restarts: three,
        inFlight: one,
        upMs: one,
        heartbeatMs: two,
        inMs: three,
        panes: [{ title: text, lines: events.map((label) => ({ label, value: text, part: one })) }],
        depths: rates,
        rate: one,
      })
    ),
    log: names.map((name, id) => ({ id, at: sampleNow, level: "error", from: name, text })),
    stopping,
    strain,
    configError,
  })
);

Deno.test("No line of any frame is wider than the window, and no frame higher", () => {
  const anySize = fc.record({
    columns: fc.integer({ min: 80, max: 220 }),
    rows: fc.integer({ min: 24, max: 70 }),
  });
  const anyKeys = fc.constantFrom<string[]>(
    [],
    ["2"],
    ["3"],
    ["4"],
    ["5"],
    ["z"],
    ["enter"],
    ["?"],
    [
      "u",
      "x",
    ],
    ["t"],
    ["t", "tab", "tab", "tab", "9"],
    ["s"],
    ["2", "enter"],
  );
  fc.assert(
    fc.property(anySnapshot, anySize, anyKeys, (snapshot, size, keys) => {
      assertFits(frameOf(snapshot, size, ...keys), size);
    }),
    { numRuns: 150 },
  );
});

const { openApp } = await loadApp();

/** Everything that is written to a terminal while the screen shows these states in turn. */
async function writtenFor(states: [ScreenState, ...ScreenState[]]): Promise<string> {
  const terminal = new FakeTerminal(states[0].size);
  const model = new ScreenModel({
    control: new FakeControl(),
    clock: new FakeClock(),
    isColored: true,
    editConfig: () => Promise.reject(new Error("Nobody edits here.")),
  });
  let [shown] = states;
  const ink = openApp({ model, draw: () => frameRows(shown, true) }, terminal.streams);
  for (const state of states) {
    shown = state;
    model.send({ kind: "status", result: { text: "Another frame.", isError: false } });
    await ink.waitUntilRenderFlush();
  }
  model.stop();
  ink.unmount();
  await ink.waitUntilExit();
  return terminal.take();
}

/** After an escape character: terminal modes, cursor movements, erasing, colors. */
const ownCode = /^\[(?:\?\d+[hl]|\d{0,3}[A-HJK]|\d{1,3};\d{1,3}H|(?:[34]8;5;)?\d{0,3}m)/;

function withoutCodes(text: string): string {
  const [before = "", ...coded] = text.split("\x1b");
  return [before, ...coded.map((part) => part.replace(ownCode, ""))].join("");
}

screenTest("The terminal gets every row as it was made, whatever letters are in it", async () => {
  for (const size of sizes) {
    const { state } = new Driven(sampleSnapshot({ sources: severalSources }), size);
    const written = await writtenFor([state]);
    const [, first = ""] = written.match(/\[H.\[J([^]*?).\[\?2026l/) ?? [];
    const rowsOf = (text: string) => withoutCodes(text).split(/\r?\n/).map((row) => row.trimEnd());
    assert.deepEqual(rowsOf(first), rowsOf(draw(state)));
  }
});

screenTest("Nothing of what viewers, services and TikTok send is an order to the terminal", async () => {
  const size = { columns: 120, rows: 40 };
  const anyKeys = fc.constantFrom<string[]>([], ["2", "enter"], ["4", "enter"], ["/", "x"]);
  const stateOf = (snapshot: Snapshot, keys: string[]) => new Driven(snapshot, size).press(...keys).state;
  await fc.assert(
    fc.asyncProperty(anySnapshot, anySnapshot, anyKeys, async (one, other, keys) => {
      const written = await writtenFor([stateOf(one, keys), stateOf(other, keys)]);
      assert.ok(written.includes("Livecue"));
      assert.ok(!written.includes("\x1b[977"));
      const [, ...coded] = written.split("\x1b");
      assert.deepEqual(coded.filter((text) => !ownCode.test(text)), []);
      assert.doesNotMatch(withoutCodes(written).replace(/\r?\n/g, ""), /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    }),
    { numRuns: 100 },
  );
});

/** Relative luminance by WCAG, of a color of the cube in the table of 256. */
function luminanceOf(index: number): number {
  const [red = 0, green = 0, blue = 0] = [36, 6, 1].map((size) => {
    const value = ([0, 95, 135, 175, 215, 255][Math.floor((index - 16) / size) % 6] as number) / 255;
    return ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

Deno.test("Every color is readable on a white and on a black terminal", () => {
  const services = sampleSnapshot().services;
  const full = sampleService({ slug: "full", pending: 500, failed: 3, phase: "switched off" });
  const colored = draw(new Driven(sampleSnapshot({ services: [...services, full] }), sizes[1]).state, true);
  const colorsIn = (text: string) =>
    new Set([...text.matchAll(/38;5;(\d+)m/g)].map((code) => Number(code[1])));
  const colors = colorsIn(colored.split("\n").filter((row) => !row.includes("\x1b[48;5;")).join("\n"));
  assert.equal(colors.size, 4);
  for (const luminance of [...colors].map(luminanceOf)) {
    assert.ok(1.05 / (luminance + 0.05) > 3, `${luminance} on white`);
    assert.ok((luminance + 0.05) / 0.05 > 3, `${luminance} on black`);
  }
});

/** Relative luminance of a color of the table of 256, of the cube or of its greys. */
function luminanceOnBar(index: number): number {
  return index < 232 ? luminanceOf(index) : (((8 + 10 * (index - 232)) / 255 + 0.055) / 1.055) ** 2.4;
}

Deno.test("A selected row keeps its colors and its gauge, readable on the bar", () => {
  const service = sampleService({
    slug: "full",
    phase: "switched off",
    pending: 470,
    maxQueueSize: 500,
    failed: 3,
  });
  const { state } = new Driven(sampleSnapshot({ services: [service] }), sizes[1]).press("2");
  const row = draw(state, true).split("\n").find((row) => row.includes("switched off")) ?? "";
  const [bar] = [...row.matchAll(/48;5;(\d+)m/g)].map((code) => luminanceOnBar(Number(code[1])));
  const colors = [...new Set([...row.matchAll(/38;5;(\d+)m/g)].map((code) => Number(code[1])))];
  assert.ok(colors.length >= 2, `${colors}`);
  assert.match(row, /█████░/);
  assert.ok(!row.includes("\x1b[7m"));
  for (const luminance of colors.map(luminanceOnBar)) {
    assert.ok((luminance + 0.05) / ((bar as number) + 0.05) > 4.5, `${luminance}`);
  }
});

for (const size of sizes) {
  Deno.test(`At ${size.columns}×${size.rows} an event shows the steps of its items, whatever their names are`, async () => {
    const control = new FakeControl(sampleSnapshot());
    const driven = new Driven(sampleSnapshot(), { ...size, rows: 60 }).press("enter");
    const asked = driven.take().flatMap((effect) => effect.kind === "query" ? [effect.query] : []);
    const query = asked.find(({ kind }) => kind === "event");
    assert.ok(query);
    driven.send({ kind: "answered", query, answer: await control.query(query), asked: 0 });
    const frame = draw(driven.state);
    assertFits(frame, { ...size, rows: 60 });
    assert.match(frame, /✓ download +1\.5 s {2}3 tries {3}completed$/m);
    assert.match(frame, /● convert +1\.5 s {2}1 try +█+░+ +40% to MP3$/m);
    assert.match(frame, /◌ upload +1 try +waits, goes on in 8 s\n +\S/);
    // A text that does not fit is below, and none of it is lost.
    const whole = frame.replace(/\s+/g, " ");
    assert.match(
      whole,
      /analyze 1\.5 s 1 try █+░+ 99% the tempo of the sound, by its beats, and then its key and its loudness/,
    );
    for (const name of hostileNames.slice(0, 2)) {
      assert.match(frame, new RegExp(`✗ ${name} +1.5 s {2}1 try +failed`));
    }
  });
}

Deno.test("A service's details show the items in progress with their steps", async () => {
  const control = new FakeControl(sampleSnapshot());
  const driven = new Driven(sampleSnapshot(), { columns: 80, rows: 100 }).press("2", "enter");
  const asked = driven.take().flatMap((effect) => effect.kind === "query" ? [effect.query] : []);
  const query = asked.find(({ kind }) => kind === "service");
  assert.ok(query);
  driven.send({ kind: "answered", query, answer: await control.query(query), asked: 0 });
  assert.match(draw(driven.state), /In progress\n ● processing .*\n {4}✓ download +1\.5 s {2}3 tries/);
});

Deno.test("A busy gauge above nothing never says 0%, and below all never 100%", () => {
  const busyness = (busy: number) =>
    frameOf(sampleSnapshot({ services: [sampleService({ slug: "busy", busy })] }), sizes[1], "3").match(
      /[█░]{6} +(\S+%)/,
    )
      ?.[0];
  assert.equal(busyness(0), "░░░░░░ 0%");
  assert.equal(busyness(0.001), "█░░░░░ <1%");
  assert.equal(busyness(0.999), "█████░ 99%");
  assert.equal(busyness(1), "██████ 100%");
});

Deno.test("The help shows each key and its whole text, even in the narrowest window", () => {
  const frame = frameOf(sampleSnapshot(), { columns: 80, rows: 200 }, "?");
  const whole = frame.replace(/\s+/g, " ");
  for (const { keys, description } of Object.values(screenActions)) {
    assert.ok(whole.includes(description), description);
    assert.ok(frame.includes(`   ${keys.map(shownKey).join(" ")} `), keys.join(" "));
  }
});

Deno.test("A sentence that is too long for one row goes on in the next ones, and the panes make room", () => {
  const text =
    '"an a" is not a TikTok user. Enter the text after the @ of the profile, such as ana.lives, or its address.';
  const state =
    new Driven(sampleSnapshot(), sizes[0]).send({ kind: "status", result: { text, isError: true } }).state;
  const frame = draw(state);
  assertFits(frame, { columns: 80, rows: 24 });
  assert.ok(frame.replace(/─*\n +/g, " ").includes(text.slice(-20)));
  assert.match(frame, /\? help {2}q quit/);
});

Deno.test("A trouble that holds stands below its service and counts in the header, until it is over", () => {
  const text = "Another program uses port 7420, perhaps a second Livecue.";
  const services = [
    sampleService({ slug: "overlays", troubles: [{ text, forMs: 65_000 }] }),
    sampleService({ slug: "fine" }),
    sampleService({ slug: "off", phase: "switched off", failure: plainFailure("It broke.") }),
  ];
  for (const size of sizes) {
    const frame = frameOf(sampleSnapshot({ services }), size);
    assert.match(
      frame,
      /overlays +! running.*\n +! Another program uses port 7420, perhaps a second Livecue/,
    );
    assert.match(frame, /off +✗ switched off.*\n +! It broke\. Press r/);
    assert.match(frame.split("\n")[1] ?? "", / ! 2 /);
  }
  const over = frameOf(sampleSnapshot({ services: [sampleService({ slug: "overlays" })] }));
  assert.doesNotMatch(over, /in trouble|! running| ! \d/);
});

Deno.test("A replay is seen to be one: file, speed, position, length, and when it ends; at the end, what was", () => {
  const playback = {
    file: "/lives/monday.jsonl",
    speed: 4,
    isPaused: false,
    hasEnded: false,
    positionMs: 62_000,
    lengthMs: 302_000,
  };
  const source = sampleSource({ name: "replay:/lives/monday.jsonl", playback });
  for (const size of sizes) {
    const [first = ""] = frameOf(sampleSnapshot({ sources: [source] }), size).split("\n");
    assert.match(first, /▶ replay {2}monday\.jsonl {2}×4 {2}1:02 of 5:02 ██░{10} {2}ends in 1:00/);
  }
  const ended = sampleSource({ playback: { ...playback, positionMs: 302_000, hasEnded: true } });
  const [last = ""] = frameOf(sampleSnapshot({ sources: [ended] })).split("\n");
  assert.match(last, /■ replay of monday\.jsonl {2}ended after 5:02/);
  const driven = new Driven(sampleSnapshot({ sources: [source] })).press(">", ":", ..."4:40", "enter");
  const played = driven.take().flatMap((effect) => effect.kind === "dispatch" ? [effect.action] : []);
  assert.deepEqual(played, [
    { kind: "play", source: source.name, deed: { kind: "faster" } },
    { kind: "play", source: source.name, deed: { kind: "jump", ms: 280_000, isRelative: false } },
  ]);
});

Deno.test("A gift stands out with its diamonds, a subscription and a payment by their color", () => {
  const lineOf = (id: number, type: string, diamonds = 0) => ({
    ...sampleEvent(id),
    id,
    type,
    text: `${type} of Ana`,
    diamonds,
    streakId: null,
  });
  const events = [
    lineOf(1, "GiftEvent", 1_500),
    lineOf(2, "DonationEvent"),
    lineOf(3, "JoinEvent"),
    lineOf(4, "JoinEvent"),
  ];
  const frame = draw(new Driven(sampleSnapshot({ events }), sizes[1]).state, true);
  const rowOf = (type: string) => frame.split("\n").find((row) => row.includes(`${type} of Ana`)) ?? "";
  assert.match(rowOf("GiftEvent"), /1mGiftEvent of Ana.*💎 1,500/);
  assert.match(rowOf("DonationEvent"), /38;5;64mDonationEvent of Ana/);
  assert.doesNotMatch(rowOf("JoinEvent"), /\[(1|38;5;\d+)mJoinEvent|💎/);
});

Deno.test("A long log line takes several rows where the log has room, and the lowest pane has what the services leave", () => {
  const text = `It begins ${"and goes on ".repeat(20)}to its end.`;
  const log = [{ id: 1, at: sampleNow, level: "warn" as const, from: "gmod", text }];
  const frame = frameOf(sampleSnapshot({ log }), { columns: 200, rows: 50 });
  assertFits(frame, { columns: 200, rows: 50 });
  assert.match(frame, /It begins and goes on/);
  assert.match(frame, /to its end\./);
  const rows = frame.split("\n");
  const from = rows.findIndex((row) => row.includes("4 Log"));
  assert.ok(rows.length - from > 25, `the log begins in row ${from}`);
});
