import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { livecue, startLivecue } from "../support/livecue.ts";
import { batches, start, storedFindings, writeBatches, writeScene } from "../support/detector_scene.ts";

/** Of two hours. */
const findings = [
  ["DetectionEvent", 1565],
  ["DetectionEvent", 3365],
  ["lost", 5060],
  ["back", 5405],
  ["DetectionEvent", 6965],
];

Deno.test("A replay ends when all of its readings are judged, and detections and losses are stored once", async () => {
  const folder = await Deno.makeTempDir();
  try {
    writeScene(folder, 7200);
    const { code, stderr } = await livecue(
      folder,
      "start",
      "--source",
      "replay:tank.jsonl",
      "--speed",
      "max",
      "--plain",
    );
    assert.equal(code, 0, stderr);
    assert.deepEqual(storedFindings(folder), findings);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("kill -9 while a detector works loses no finding and repeats none", async () => {
  const folder = await Deno.makeTempDir();
  const whole = await Deno.makeTempDir();
  const replay = ["start", "--source", "replay:tank.jsonl", "--speed", "max", "--plain"];
  try {
    writeScene(folder, 6 * 7200);
    for (const second of [1565, 5405, 15_965]) {
      const run = startLivecue(folder, ...replay);
      // Its end is stored when the log shows it, and what follows is under way.
      await run.line(new RegExp(new Date(start + second * 1000).toISOString().slice(0, -5)));
      run.kill("SIGKILL");
      await run.ended;
    }
    const { code, stderr } = await livecue(folder, ...replay);
    assert.equal(code, 0, stderr);
    const killed = storedFindings(folder);
    writeScene(whole, 6 * 7200);
    assert.equal((await livecue(whole, ...replay)).code, 0);
    assert.deepEqual(killed, storedFindings(whole));
    assert.equal(killed.length, 30);
  } finally {
    for (const each of [folder, whole]) await Deno.remove(each, { recursive: true });
  }
});

Deno.test("After a sender's clock was set back, its readings are stored, and a detector judges none of them", async () => {
  const folder = await Deno.makeTempDir();
  try {
    // With these, the tank would not be above 80 from second 1,500 to 2,500.
    const late = Array.from({ length: 100 }, (_, number) => {
      const from = 1500 + number * 10;
      const readings = Array.from({ length: 10 }, (_, index) => ({
        channel: "tank",
        at: start + (from + index) * 1000 + 500,
        value: 10,
      }));
      return { readings, receivedAt: start + 3_000_000 };
    });
    writeScene(folder, 7200, late);
    const { code, stdout, stderr } = await livecue(
      folder,
      ...["start", "--source", "replay:tank.jsonl", "--speed", "max", "--plain"],
    );
    assert.equal(code, 0, stderr);
    assert.deepEqual(storedFindings(folder), findings);
    assert.match(stdout, /Readings: 7800 stored\. 1000 came too late for detectors\./);
    const table = await livecue(folder, "--database", "livecue.db", "high", "detect", "--from=-3h");
    assert.match(table.stdout, /: 3 detections, and one loss of signal\./);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("A reading of the future does not keep a detector from judging the readings after it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const receivedAt = start + 3_000_000;
    const tomorrow = { channel: "tank", at: receivedAt + 86_000_000, value: 40 };
    writeScene(folder, 7200, [{ readings: [tomorrow], receivedAt }]);
    const { code, stdout, stderr } = await livecue(
      folder,
      ...["start", "--source", "replay:tank.jsonl", "--speed", "max", "--plain"],
    );
    assert.equal(code, 0, stderr);
    assert.deepEqual(storedFindings(folder), findings);
    assert.match(stdout, /Readings: 6801 stored\.\n/);
    const table = await livecue(folder, "--database", "livecue.db", "high", "detect");
    assert.match(
      table.stdout,
      /From 2025-12-31T01:59:59Z to 2026-01-01T01:59:59Z: 3 detections, and one loss/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("After a sender's clock was hours ahead and is corrected, a detector judges what comes, in each replay alike", async () => {
  const aheadMs = 5 * 3_600_000;
  const all = batches(7200).map((batch, number) => {
    const isAhead = number >= 300 && number < 360;
    const readings = batch.readings.map((each) => ({
      ...each,
      at: Number(each.at) + (isAhead ? aheadMs : 0),
    }));
    return { ...batch, readings };
  });
  const replayed = async () => {
    const folder = await Deno.makeTempDir();
    try {
      writeBatches(folder, all);
      const { code, stderr } = await livecue(
        folder,
        ...["start", "--source", "replay:tank.jsonl", "--speed", "max", "--plain"],
      );
      assert.equal(code, 0, stderr);
      assert.match(stderr, /is 179\d\d s ahead of this computer's clock\. Livecue stores such readings/);
      assert.match(stderr, /The times of iss went back from .* to 2026-01-01T01:00:01.000Z/);
      return storedFindings(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  };
  // A minute of the times ahead is not believed. From second 3,600 on they are right again.
  const found = [
    ["DetectionEvent", 1565],
    ["lost", 3060],
    ["back", aheadMs / 1000 + 3055],
    ["DetectionEvent", aheadMs / 1000 + 3365],
    ["lost", 5060],
    ["back", 5405],
    ["DetectionEvent", 6965],
  ];
  assert.deepEqual(await replayed(), found);
  assert.deepEqual(await replayed(), found);
});

Deno.test("A source that stays silent is reported lost while it is, and its replay says the same", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const receivedAt = start + 900_000;
    const silence = [5, 75].map((second) => ({ readings: [], receivedAt, silentMs: second * 1000 }));
    writeScene(folder, 900, silence);
    const { code, stderr } = await livecue(
      folder,
      ...["start", "--source", "replay:tank.jsonl", "--speed", "max", "--plain"],
    );
    assert.equal(code, 0, stderr);
    // The last reading is of second 899, and a channel is lost after a minute.
    assert.deepEqual(storedFindings(folder), [["lost", 960]]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("detect says when it has nothing to judge, and why", async () => {
  const folder = await Deno.makeTempDir();
  try {
    writeScene(folder, 1800);
    await livecue(folder, "start", "--source", "replay:tank.jsonl", "--speed", "max", "--plain");
    const detect = (...args: string[]) =>
      livecue(folder, "--database", "livecue.db", "high", "detect", ...args);
    assert.match(
      (await detect("--set", "channel=pond")).stderr,
      /No stored channel is called "pond"\. "deno task livecue readings" lists the channels\./,
    );
    assert.match((await detect("--from=-9d", "--to=-8d")).stderr, /no readings of "tank" in this span\.$/m);
    const future = await detect("--from", "2030-01-01");
    assert.equal(future.code, 2);
    assert.match(future.stderr, /--from \(2030-.*\) is not before the newest reading \(2026-/);
    {
      using database = new DatabaseSync(join(folder, "readings.db"));
      database.exec("DELETE FROM reading");
    }
    assert.match(
      (await detect()).stderr,
      /Only their summaries are left, and a detector needs the readings\./,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
