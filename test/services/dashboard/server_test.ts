/** What the page of charts asks for: the overview, series, detections, and CSV. */
import assert from "node:assert/strict";
import { csvHeader } from "../../../src/reading_query.ts";
import type {
  Messages,
  Overview,
  ShownDetection,
  ShownSeries,
} from "../../../services/dashboard/messages.ts";
import { type DashboardUnderTest, testDashboard } from "../../support/dashboard_under_test.ts";
import { PageStream } from "../../support/page_stream.ts";

const start = Date.UTC(2026, 10, 1, 12);

async function jsonAt<Answer>({ url }: DashboardUnderTest, path: string): Promise<Answer> {
  const answer = await fetch(`${url}/${path}`);
  assert.equal(answer.status, 200, path);
  return await answer.json();
}

function query(given: Record<string, unknown>): string {
  return new URLSearchParams({ source: "iss", from: String(start), ...given }).toString();
}

testDashboard("The options choose the channels of each chart by names and patterns", async (dashboard) => {
  const items = ["tank", "pump/2", "pump/1", ...Array.from({ length: 9 }, (_, index) => `cell ${index}`)];
  await dashboard.add(items.map((channel) => ({ channel, at: start, value: 1 })));
  const { charts, channels } = await jsonAt<Overview>(dashboard, "channels");
  assert.deepEqual(charts, [
    { title: "Water", channels: ["iss:tank", "iss:pump/1", "iss:pump/2"], more: 0, gapMs: 5000 },
    { title: "", channels: items.slice(3, 11).map((item) => `iss:${item}`), more: 1, gapMs: 60_000 },
  ]);
  assert.equal(channels.length, items.length);
}, {
  charts: [
    { title: "Water", channels: ["iss:tank", "pump/*"], gap_seconds: 5 },
    { channels: ["cell*"] },
    { channels: ["other:tank"] },
  ],
});

testDashboard(
  "A series has each reading, or the mean, the low and the high of several",
  async (dashboard) => {
    const values = [3, 5, 10, 20];
    await dashboard.add(
      values.map((value, second) => ({ channel: "tank", at: start + second * 1000, value })),
    );
    const of = (points: number) =>
      jsonAt<ShownSeries>(dashboard, `series?${query({ item: "tank", to: start + 4000, points })}`);
    const single = { mean: values, low: values, high: values };
    assert.deepEqual(await of(4), {
      ...single,
      stepMs: 0,
      at: values.map((_, second) => start + second * 1000),
    });
    assert.deepEqual(await of(2), {
      stepMs: 2000,
      at: [start, start + 2000],
      mean: [4, 15],
      low: [3, 10],
      high: [5, 20],
    });
  },
);

testDashboard(
  "CSV has exactly the stored readings of the span, also beyond one answer",
  async (dashboard) => {
    const count = 45_000;
    const readings = Array.from({ length: count }, (_, index) => {
      return { channel: 'a "tank", =1', at: start + index * 10, value: index / 8 };
    });
    for (let from = 0; from < count; from += 9000) await dashboard.add(readings.slice(from, from + 9000));
    const [first, to] = [1000, 44_000];
    const span = { item: 'a "tank", =1', from: start + first * 10, to: start + to * 10 };
    const answer = await fetch(`${dashboard.url}/csv?${query(span)}`);
    assert.match(
      answer.headers.get("content-disposition") ?? "",
      /^attachment; filename="a_tank_1_2026-11-01/,
    );
    const expected = readings.slice(first, to).map(({ at, value }) =>
      `${new Date(at).toISOString()},iss,"a ""tank"", =1",${value},\r\n`
    );
    assert.equal(await answer.text(), csvHeader + expected.join(""));
    const empty = await fetch(`${dashboard.url}/csv?${query({ item: "nobody", to: start + 1 })}`);
    assert.equal(await empty.text(), csvHeader);
  },
);

testDashboard("A download that is not read does not hold up the stop", async (dashboard) => {
  // Far more than the buffers of a connection hold.
  const [channel, count] = ["long".repeat(45), 9000];
  for (let from = 0; from < 10 * count; from += count) {
    const readings = Array.from(
      { length: count },
      (_, index) => ({ channel, at: start + from + index, value: 1 }),
    );
    await dashboard.add(readings);
  }
  const answer = await fetch(`${dashboard.url}/csv?${query({ item: channel, to: start + 10 * count })}`);
  await dashboard.tested.runner.stop({ graceMs: 60_000 });
  await assert.rejects(answer.text());
});

testDashboard("A wrong question is refused with a sentence", async ({ url }) => {
  for (const path of ["series?from=1", "csv?from=x&to=2&source=a&item=b", "detections?from=-1&to=1"]) {
    const answer = await fetch(`${url}/${path}`);
    assert.equal(answer.status, 400, path);
    assert.match(await answer.text(), /→ at (?:to|from)/);
  }
  const answer = await fetch(`${url}/csv`, { method: "POST", headers: { origin: url } });
  assert.equal(answer.status, 405);
  await answer.text();
});

testDashboard("Detections are stored once and sent to open pages", async (dashboard) => {
  await using page = await PageStream.connect<Messages>(dashboard.url);
  const window = { from: start, to: start + 60_000 };
  await dashboard.detect({ text: "It fills.", window });
  const data = await page.heard("detection");
  const found = await jsonAt<ShownDetection[]>(
    dashboard,
    `detections?from=${start + 50_000}&to=${start + 90_000}`,
  );
  const expected = { channel: "iss:tank", name: "Fill", confidence: 0.9, text: "It fills.", ...window };
  assert.deepEqual(found.map(({ id: _, ...rest }) => rest), [expected]);
  assert.deepEqual(found, [data]);
  assert.deepEqual(await jsonAt(dashboard, `detections?from=${start + 60_001}&to=${start + 90_000}`), []);
});

testDashboard("Only an open page costs questions, and it gets only what has changed", async (dashboard) => {
  await dashboard.add([{ channel: "tank", at: start, value: 1 }, { channel: "pump", at: start, value: 2 }]);
  const before = dashboard.questions.length;
  {
    await using page = await PageStream.connect<Messages>(dashboard.url);
    const { readings: first } = await page.heard("readings");
    assert.deepEqual(
      new Map(first.map(([key, at, value]) => [key, [at, value]])),
      new Map([
        ["iss:tank", [start, 1]],
        ["iss:pump", [start, 2]],
      ]),
    );
    await dashboard.add([{ channel: "tank", at: start + 1000, value: 3 }]);
    const { readings } = await page.heard("readings", ({ readings }) => readings[0]?.[1] !== start);
    assert.deepEqual(readings, [["iss:tank", start + 1000, 3]]);
    await dashboard.asked("version", 2);
    const count = dashboard.questions.length;
    await dashboard.asked("version", 2);
    assert.deepEqual(dashboard.questions.slice(count), ["version", "version"]);
  }
  assert.ok(dashboard.questions.length > before);
  assert.equal(before, 0);
});
