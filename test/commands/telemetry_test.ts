/** The whole program with a source of readings: stored, recorded, and the same after each replay. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FakeLightstreamer } from "../support/fake_lightstreamer.ts";
import { livecue, startLivecue, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const everyReading = `SELECT source, item, name, unit, at, value FROM reading
  JOIN channel ON channel.id = channel_id ORDER BY item, at`;

function readingsIn(folder: string): Record<string, unknown>[] {
  using database = new DatabaseSync(join(folder, "readings.db"), { readOnly: true });
  return database.prepare(everyReading).all().map((row) => ({ ...row }));
}

async function replayed(folder: string, name: string, recording: string) {
  const own = join(folder, name);
  await Deno.mkdir(own);
  writeConfig(own, {});
  const { code, stderr } = await livecue(
    own,
    ...["start", "--plain", "--source", `replay:${recording}`, "--speed", "max"],
  );
  assert.equal(code, 0, stderr);
  return readingsIn(own);
}

Deno.test("Readings of a server are stored and recorded, and each replay stores the same", () =>
  withFolder(async (folder) => {
    await using server = await FakeLightstreamer.start();
    writeConfig(folder, {
      sources: {
        iss: {
          type: "lightstreamer",
          url: server.url,
          adapter_set: "ISSLIVE",
          items: ["NODE3000005", "TIME_000001"],
          fields: ["TimeStamp", "Value", "Status.Class"],
          clock: "unix_ms",
          labels: { NODE3000005: { name: "Urine tank", unit: "%" } },
        },
      },
    });
    const recording = join(folder, "recording.jsonl");
    const running = startLivecue(folder, "start", "--plain", "--record", recording);
    const session = await server.session();
    const start = Date.now() - 600_000;
    for (let second = 0; second < 500; second++) {
      session.update(1, `${start + second * 1000}|${40 + second % 9}|`);
    }
    session.update(1, `${start + 500_000}|full|`);
    session.update(2, `${start}|0|24`);
    await session.delivered();
    running.kill("SIGINT");
    const { code, stderr } = await running.ended;
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /iss sent a reading that Livecue does not store: the value of NODE3000005 is "full"/,
    );
    const stored = readingsIn(folder);
    // The station's time has a value, a status and the signal.
    assert.equal(stored.length, 503);
    assert.deepEqual(stored[1], {
      source: "iss",
      item: "NODE3000005",
      name: "Urine tank",
      unit: "%",
      at: start + 1000,
      value: 41,
    });
    assert.deepEqual(await replayed(folder, "once", recording), stored);
    assert.deepEqual(await replayed(folder, "again", recording), stored);
  }));
