import assert from "node:assert/strict";
import fc from "fast-check";
import stringWidth from "string-width";
import type { ChannelLine, ChartPoint } from "../../../src/channel_view.ts";
import type { Query } from "../../../src/control.ts";
import { frameRows } from "../../../src/faces/tui/view/frame.ts";
import { type Chart, chartLines, formatTick } from "../../../src/faces/tui/view/chart.ts";
import { formatValue, trend } from "../../../src/faces/tui/view/channels.ts";
import {
  FakeControl,
  sampleChannels,
  sampleNow,
  sampleSnapshot,
  sampleSource,
} from "../../support/fake_control.ts";
import { Driven } from "./drive.ts";

const sizes = [{ columns: 80, rows: 24 }, { columns: 120, rows: 40 }, { columns: 200, rows: 50 }];
const telemetry = sampleSource({ user: null, readings: { count: 9, perSecond: 70, sinceMs: 400 } });
const snapshot = sampleSnapshot({ hasChannels: true });

const frameOf = (driven: Driven) => frameRows(driven.state, false);

/** Answers the queries that were asked, as the app does. */
async function answered(driven: Driven): Promise<Driven> {
  const control = new FakeControl();
  for (const effect of driven.take()) {
    if (effect.kind !== "query") continue;
    const { query, asked } = effect;
    driven.send({ kind: "answered", query, answer: await control.query(query), asked });
  }
  return driven;
}

async function pressed(driven: Driven, ...keys: string[]): Promise<Driven> {
  for (const key of keys) await answered(driven.press(key));
  return driven;
}

function askedFor<Kind extends Query["kind"]>(driven: Driven, kind: Kind): Query & { kind: Kind } {
  const asked = driven.take().find((effect) => effect.kind === "query" && effect.query.kind === kind);
  assert.ok(asked?.kind === "query", `It asks for ${kind}.`);
  return asked.query as Query & { kind: Kind };
}

const pointAt = (at: number, value: number): ChartPoint => ({
  at,
  low: value,
  high: value,
  first: value,
  last: value,
});

const dotBits = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

/** The parts of the height, 0 at the bottom and 1 at the top, at which each dot column has dots. */
function dotsIn(chart: Chart, size: { columns: number; rows: number }): number[][] {
  const rows = chartLines(chart, size).slice(1, -2).map((line) => line.map(({ text }) => text).join(""));
  const plot = rows.map((row) => row.slice(Math.max(row.indexOf("│"), row.indexOf("┤")) + 1));
  const columns: number[][] = Array.from({ length: (plot[0] ?? "").length * 2 }, () => []);
  plot.forEach((row, line) =>
    [...row].forEach((character, column) => {
      const bits = character === " " ? 0 : character.charCodeAt(0) - 0x2800;
      dotBits.forEach((pair, dotRow) =>
        pair.forEach((bit, side) => {
          if ((bits & bit) !== 0) {
            columns[column * 2 + side]?.push(1 - (line * 4 + dotRow) / (rows.length * 4 - 1));
          }
        })
      );
    })
  );
  return columns;
}

Deno.test("A chart of known values has its dots where the values are, and none in a gap", () => {
  const size = { columns: 80, rows: 24 };
  const [from, to] = [sampleNow, sampleNow + 3_600_000];
  const valueAt = (part: number) => Math.sin(part * 9) * 500 - 20;
  const points = Array.from(
    { length: 3_600 },
    (_, second) => pointAt(from + second * 1_000, valueAt(second / 3_600)),
  );
  const isGap = (part: number) => part > 0.4 && part < 0.6;
  const kept = points.filter((_, second) => !isGap(second / 3_600));
  const columns = dotsIn({ from, to, points: kept, marks: [] }, size);
  assert.ok(columns.length > 130, `${columns.length} dot columns`);
  const values = kept.map(({ low }) => low);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  columns.forEach((dots, column) => {
    const part = (column + 0.5) / columns.length;
    if (isGap(part - 0.01) && isGap(part + 0.01)) {
      return assert.deepEqual(dots, [], `column ${column} is in the gap`);
    }
    if (isGap(part - 0.01) || isGap(part + 0.01)) return;
    const expected = (valueAt(part) - low) / (high - low);
    assert.ok(
      dots.some((dot) => Math.abs(dot - expected) < 0.03),
      `column ${column}: ${dots}, not ${expected}`,
    );
    assert.ok(
      dots.every((dot) => Math.abs(dot - expected) < 0.08),
      `column ${column}: ${dots}, not ${expected}`,
    );
  });
});

Deno.test("A summary is a bar from its lowest to its highest value", () => {
  const points = [
    { at: 0, low: 0, high: 100, first: 50, last: 50 },
    { at: 500, low: 40, high: 60, first: 50, last: 50 },
  ];
  const columns = dotsIn({ from: 0, to: 1_000, points, marks: [] }, { columns: 60, rows: 23 });
  assert.deepEqual([Math.max(...columns[0] ?? []), Math.min(...columns[0] ?? [])], [1, 0]);
  const middle = columns[columns.length / 2] ?? [];
  assert.ok(
    Math.abs(Math.max(...middle) - 0.6) < 0.02 && Math.abs(Math.min(...middle) - 0.4) < 0.02,
    `${middle}`,
  );
});

Deno.test("The labels stand at their values and times, and a detection at its time", () => {
  const [from, to] = [new Date(2026, 10, 27, 12).getTime(), new Date(2026, 10, 27, 13).getTime()];
  const points = [pointAt(from, 0), pointAt(to - 1, 100)];
  const half = from + 1_800_000;
  const lines = chartLines({ from, to, points, marks: [half] }, { columns: 86, rows: 43 })
    .map((line) => line.map(({ text }) => text).join(""));
  const rowOf = (label: string) => lines.findIndex((line) => line.startsWith(`${label.padStart(3)} ┤`));
  assert.ok(rowOf("100") === 1 && rowOf("0") === 40 && Math.abs(rowOf("50") - 20.5) <= 1, lines.join("\n"));
  const times = lines.at(-1) ?? "";
  assert.equal((lines[0] ?? "").indexOf("▼"), times.indexOf("12:30"));
  assert.equal((lines.at(-2) ?? "")[times.indexOf("12:30")], "┴");
  assert.equal((lines[0] ?? "").indexOf("▼") - (lines[1] ?? "").indexOf("┤") - 1, 40);
});

Deno.test("A chart of any numbers fits its room", () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  const values = fc.array(fc.tuple(finite, finite), { minLength: 1, maxLength: 30 });
  fc.assert(fc.property(values, fc.integer({ min: 40, max: 160 }), (pairs, columns) => {
    const points = pairs.map(([one, other], index) => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      return { at: index * 1_000, low, high, first: low, last: high };
    });
    const lines = chartLines({ from: 0, to: 30_000, points, marks: [5] }, { columns, rows: 20 });
    assert.equal(lines.length, 20);
    for (const line of lines) {
      const text = line.map((span) => span.text).join("");
      assert.ok(stringWidth(text) <= columns && !/NaN|Infinity|undefined/.test(text), text);
    }
  }));
});

Deno.test("Numbers are short, and ticks differ", () => {
  assert.deepEqual([41.5, -0, 1e300, 123_456.789, -0.000012].map(formatValue), [
    "41.5",
    "0",
    "1e+300",
    "123457",
    "-0.000012",
  ]);
  assert.deepEqual([formatTick(40, 5), formatTick(0.5, 0.1), formatTick(1_000_000_003, 1)], [
    "40",
    "0.5",
    "1000000003",
  ]);
});

Deno.test("The curve of an hour lies between its lowest and highest value, with blanks for gaps", () => {
  assert.equal(trend([-4, -2, null, 0], 8), "▁▅ █");
  assert.equal(trend([7, 7, null], 8), "▅▅ ");
  assert.equal(trend([0, 0, 8, 8], 2), "▁█");
  assert.equal(trend([], 8), "");
});

Deno.test("Without readings there is no channels pane, and its key says why", () => {
  const driven = new Driven(sampleSnapshot()).press("6");
  assert.equal(driven.state.focus, "events");
  assert.equal(driven.state.status?.text, "There are no channels of readings.");
  assert.doesNotMatch(
    frameOf(new Driven(sampleSnapshot()).press("tab", "tab", "tab", "tab")).join("\n"),
    /Channels/,
  );
});

Deno.test("A run of nothing but readings shows the channels from the start", async () => {
  const driven = await answered(new Driven(sampleSnapshot({ hasChannels: true, sources: [telemetry] })));
  assert.match(frameOf(driven).join("\n"), /6 Channels ─ 1 of 300/);
});

for (const size of sizes) {
  Deno.test(`At ${size.columns}×${size.rows} the pane and a chart fit, whatever the channels are`, async () => {
    const driven = await pressed(new Driven(snapshot, size), "6");
    const fits = () => frameOf(driven).forEach((row) => assert.ok(stringWidth(row) <= size.columns, row));
    fits();
    assert.match(frameOf(driven).join("\n"), /channel +value +unit +age +signal +last hour/);
    assert.match(frameOf(driven).join("\n"), /▸ Ana 0 +41\.5 +% +0 ms +● live/);
    await pressed(driven, "pagedown", "pagedown");
    fits();
    await pressed(driven, "g", "enter");
    fits();
    const chart = frameOf(driven).join("\n");
    assert.match(chart, /━ Channel Ana 0 .*\n 41\.5 % .*● live {2}\[hour\] day week {2}iss\/NODE0/);
    assert.match(chart, /▼ \d\d:\d\d:\d\d tank filled, 95 % sure: The tank has 40 %\./);
    await pressed(driven, "w");
    fits();
    assert.match(frameOf(driven).join("\n"), /▼ \w{3} \d+ \d\d:\d\d:\d\d tank filled/);
  });
}

Deno.test("Hundreds of channels scroll and are filtered, and only what is visible is asked for", async () => {
  const driven = await pressed(new Driven(snapshot), "6");
  await pressed(driven, "G");
  assert.match(frameOf(driven).join("\n"), /300 of 300/);
  assert.match(frameOf(driven).join("\n"), /▸ ｆｕｌｌｗｉｄｔｈ/);
  const { limit } = askedFor(driven.press("g"), "channels");
  assert.ok(limit <= 20, `${limit} lines`);
  assert.match(frameOf(driven).join("\n"), /▸ …/);

  await pressed(driven, "/", ..."Ana 1");
  await pressed(driven, "enter");
  const found = sampleChannels.filter(({ name }) => name.includes("Ana 1")).length;
  assert.match(frameOf(driven).join("\n"), new RegExp(`1 of ${found} ━ with “Ana 1”`));
  await pressed(driven, "/", "x");
  assert.match(frameOf(driven).join("\n"), /No channel matches the filter/);
  await pressed(driven, "esc");
  await pressed(driven, "esc");
  assert.match(frameOf(driven).join("\n"), /1 of 300/);
});

Deno.test("The keys of a chart choose its span, and an answer for another span is not drawn", async () => {
  const driven = await pressed(new Driven(snapshot), "6", "enter");
  const control = new FakeControl();
  const hour = { kind: "channel", source: "iss", item: "NODE0", span: "hour", points: 100 } as const;
  assert.equal(askedFor(driven.press("w"), "channel").span, "week");
  driven.send({ kind: "answered", query: hour, answer: await control.query(hour), asked: 0 });
  assert.match(frameOf(driven).join("\n"), /hour day \[week\].*\n Loading/);
});

Deno.test("Values are read again each second while readings come, seldom otherwise, and never unseen", async () => {
  const queriesIn = async (readings: typeof telemetry.readings, keys: string[]) => {
    const at = (takenMs: number) =>
      sampleSnapshot({ hasChannels: true, takenMs, sources: [sampleSource({ readings })] });
    const driven = await pressed(new Driven(at(0)), ...keys);
    let count = 0;
    for (let second = 1; second <= 20; second++) {
      driven.send({ kind: "snapshot", snapshot: at(second * 1_000) });
      count += driven.effects.filter(({ kind }) => kind === "query").length;
      await answered(driven);
    }
    return count;
  };
  const flowing = { count: 9, perSecond: 70, sinceMs: 400 };
  const silent = { count: 9, perSecond: 0, sinceMs: 60_000 };
  assert.deepEqual(
    await Promise.all([queriesIn(flowing, ["6"]), queriesIn(silent, ["6"]), queriesIn(flowing, ["4"])]),
    [20, 2, 0],
  );
});

Deno.test("A sender's name cannot control the terminal", async () => {
  const hostile: ChannelLine = { ...sampleChannels[0] as ChannelLine, item: "x\x1b[2Jy\u202e\n" };
  const driven = new Driven(snapshot).press("6");
  const answer = { kind: "channels", count: 1, lines: [hostile] } as const;
  const query = askedFor(driven, "channels");
  driven.send({ kind: "answered", query, answer: { ...answer, lines: [hostile] }, asked: 0 }).press("enter");
  await answered(driven);
  for (const row of frameOf(driven)) {
    assert.ok(!["\x1b", "\u202e", "\n"].some((sign) => row.includes(sign)), row);
  }
});

Deno.test("The age of a value grows until it is read again", () => {
  const line: ChannelLine = { ...sampleChannels[0] as ChannelLine, ageMs: 10_000 };
  const driven = new Driven(snapshot).press("6");
  const query = askedFor(driven, "channels");
  driven.send({
    kind: "answered",
    query,
    answer: { kind: "channels", count: 1, lines: [line] },
    asked: 0,
  });
  assert.match(frameOf(driven).join("\n"), /▸ Ana 0.* 10 s /);
  driven.send({ kind: "snapshot", snapshot: { ...snapshot, takenMs: snapshot.takenMs + 5_000 } });
  assert.match(frameOf(driven).join("\n"), /▸ Ana 0.* 15 s /);
});
