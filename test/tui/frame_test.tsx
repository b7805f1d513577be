import assert from "node:assert/strict";
import fc from "fast-check";
import { renderToString } from "ink";
import stringWidth from "string-width";
import type { Snapshot } from "../../src/tui/control.ts";
import type { ScreenState } from "../../src/tui/state.ts";
import { Frame } from "../../src/tui/view/frame.tsx";
import {
  emptySnapshot,
  hostileNames,
  sampleEvent,
  sampleNow,
  sampleService,
  sampleSnapshot,
} from "../support/fake_control.ts";
import { Driven } from "./drive.ts";

const sizes = [{ columns: 80, rows: 24 }, { columns: 120, rows: 40 }, { columns: 200, rows: 60 }];

function draw(state: ScreenState, isColored = false): string {
  return renderToString(<Frame state={state} isColored={isColored} />, { columns: state.size.columns });
}

const frameOf = (snapshot: Snapshot, size = sizes[0], ...keys: string[]) =>
  draw(new Driven(snapshot, size).press(...keys).state);

function assertFits(frame: string, { columns, rows }: { columns: number; rows: number }): void {
  const lines = frame.split("\n");
  assert.ok(lines.length <= rows, `${lines.length} lines`);
  for (const line of lines) assert.ok(stringWidth(line) <= columns, line);
}

for (const size of sizes) {
  Deno.test(`At ${size.columns}×${size.rows} the essentials are in sight`, () => {
    const frame = frameOf(sampleSnapshot(), size);
    assertFits(frame, size);
    for (
      const essential of ["@ana", "● live 1:12:03", "1,204 viewers", "3,204 diamonds", "37 new followers"]
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

Deno.test("At 200 columns the space is used: all columns, events beside them", () => {
  const frame = frameOf(sampleSnapshot(), sizes[2]);
  assert.match(frame, /at work .*rate .*run p50\/p95 .*wait p50\/p95 .*queue lately/);
  assert.match(frame, /2 Services .*1 Events/);
});

Deno.test("The first screen says how to begin", () => {
  const frame = frameOf(emptySnapshot);
  assert.match(frame, /Welcome to Livecue/);
  assert.match(frame, /Press u and type the name behind the @/);
  assert.match(frame, /Press d to try it/);
  assert.match(frame, /not connected/);
});

Deno.test("The connection is told in words", () => {
  const frame = (connection: Snapshot["connection"]) =>
    frameOf(sampleSnapshot({ connection })).split("\n")[0];
  const why = "The connection was lost.";
  const nextAt = sampleNow + 8_000;
  assert.match(
    frame({ phase: "reconnecting", username: "ana", why, attempt: 3, nextAt }) ?? "",
    /↻ reconnecting in 8 s, attempt 3\. The connection was lost\./,
  );
  assert.match(
    frame({ phase: "waiting", username: "ana", why: "", nextAt }) ?? "",
    /waiting for @ana to go live/,
  );
  assert.match(
    frame({ phase: "ended", username: "ana", why: "The live has ended." }) ?? "",
    /○ ended\. The live/,
  );
});

Deno.test("A stop says what it waits for, a config's mistake where it is", () => {
  const frame = frameOf(sampleSnapshot({
    stopping: ["dummy has 3 items at work", "the database"],
    configError: 'config.jsonc:12:5: "priorty" is not a setting.',
  }));
  assert.match(frame, /Stopping in order. Press q again to quit now/);
  assert.match(frame, /waiting: dummy has 3 items at work/);
  assert.match(frame, /! .*old settings stay in force: config\.jsonc:12:5/);
});

Deno.test("A window that is too small says so", () => {
  const size = { columns: 60, rows: 20 };
  const frame = frameOf(sampleSnapshot(), size);
  assertFits(frame, size);
  assert.match(frame, /needs 80×24, it has 60×20/);
});

Deno.test("A question stands above the keys that answer it", () => {
  const frame = frameOf(sampleSnapshot(), sizes[0], "2", "e").split("\n").slice(-2).join("\n");
  assert.match(frame, /Empty the queue of Chrome's dino\? 12 items will be discarded\. y\/n\n y yes {2}n no/);
});

Deno.test("Without colour there is no escape code, with it every one is closed", () => {
  for (const keys of [[], ["2", "enter"], ["enter"], ["?"], ["u", "x"], ["2", "e"]]) {
    const { state } = new Driven(sampleSnapshot(), sizes[1]).press(...keys);
    assert.ok(!draw(state).includes("\x1b"));
  }
  const colored = draw(new Driven(sampleSnapshot(), sizes[1]).state, true);
  assert.ok(colored.includes("\x1b[32m● running"));
  // Dim, black, white and the two greys vanish on one terminal or another.
  for (const code of [2, 30, 37, 90, 97]) assert.ok(!colored.includes(`\x1b[${code}m`));
});

const anyText = fc.oneof(fc.constantFrom(...hostileNames), fc.string({ unit: "binary", maxLength: 120 }));
const anyCount = fc.oneof(fc.constant(0), fc.nat({ max: 30 }), fc.nat());
const anySnapshot = fc.record({
  text: anyText,
  events: fc.array(anyText, { maxLength: 30 }),
  names: fc.array(anyText, { maxLength: 12 }),
  counts: fc.tuple(anyCount, anyCount, anyCount),
  rates: fc.array(anyCount, { maxLength: 200 }),
  stopping: fc.option(fc.array(anyText, { maxLength: 6 })),
  configError: fc.option(anyText),
}).map(({ text, events, names, counts: [one, two, three], rates, stopping, configError }) =>
  sampleSnapshot({
    connection: { phase: "live", username: text, title: text, since: sampleNow - one },
    viewers: one,
    totals: { likes: one, diamonds: two, follows: three },
    rates,
    events: events.map((name, index) => sampleEvent(index + 1, name)),
    services: names.map((name, index) =>
      sampleService({
        slug: `s${index}`,
        name,
        why: text,
        pending: one,
        maxQueueSize: two,
        failed: two,
        discarded: three,
        restarts: three,
        inFlight: one,
        depths: rates,
        rate: one,
      })
    ),
    log: names.map((name, id) => ({ id, at: sampleNow, level: "error", from: name, text })),
    stopping,
    configError,
  })
);

Deno.test("No line of any frame is wider than the window, and no frame higher", () => {
  const anySize = fc.record({
    columns: fc.integer({ min: 80, max: 220 }),
    rows: fc.integer({ min: 24, max: 70 }),
  });
  const anyKeys = fc.constantFrom<string[]>([], ["2"], ["3"], ["4"], ["z"], ["enter"], ["?"], ["u", "x"], [
    "t",
  ]);
  fc.assert(
    fc.property(anySnapshot, anySize, anyKeys, (snapshot, size, keys) => {
      assertFits(frameOf(snapshot, size, ...keys), size);
    }),
    { numRuns: 150 },
  );
});
