/** `readings`, as a person types it, while another process stores readings. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { StoredReadings } from "../../src/app/stored_readings.ts";
import { Deadline } from "../../src/deadline.ts";
import { hourMs } from "../../src/reading_query.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { livecue, writeConfig } from "../support/livecue.ts";
import { batchAt, days } from "../support/readings_run.ts";
import { silentLog } from "../support/silent_log.ts";
import { withFolder } from "../support/temporary_store.ts";

const start = Date.UTC(2026, 0, 1);

async function withReadings(use: (folder: string, stored: StoredReadings) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    writeConfig(folder, {});
    assert.equal((await livecue(folder, "init")).code, 0);
    const file = join(folder, "readings.db");
    const clock = new FakeClock();
    const stored = new StoredReadings({ file, durability: "normal", days, clock, log: silentLog() });
    try {
      await use(folder, stored);
    } finally {
      await stored.stop(new Deadline(clock));
    }
  });
}

Deno.test("readings lists the channels, and exports one of any length, packed or not, while they are stored", () =>
  withReadings(async (folder, stored) => {
    // Ten days of 2,000 readings for each of two channels, of which all but the last day are packed.
    for (let batch = 0; batch < 80; batch++) {
      stored.add("iss", { ...batchAt(batch), labels: { "channel 1": { name: "Tank, or =so", unit: "%" } } });
    }
    await stored.flushed();

    const list = await livecue(folder, "readings");
    assert.match(list.stdout, /^CHANNEL +SOURCE\/ITEM +VALUE +UNIT +AGE +READINGS +A MINUTE\n/);
    assert.match(list.stdout, /^Tank, or =so +iss\/channel 1 +39999 +% +\d+ \w+ +20000 +1\.4$/m);
    const listed = JSON.parse((await livecue(folder, "readings", "--json")).stdout);
    assert.deepEqual(listed[0].count, 20_000);

    const csv = await livecue(folder, "readings", "Tank, or =so", "--csv");
    assert.equal(csv.code, 0, csv.stderr);
    const [head, ...lines] = csv.stdout.trimEnd().split("\r\n");
    assert.equal(head, "time,source,item,value,unit");
    assert.deepEqual(lines.map((line) => Number(line.split(",")[3])), oddNumbers(20_000));
    assert.equal(lines[0], "2026-01-01T00:00:21.600Z,iss,channel 1,1,%");

    const span = ["--from", String(start), "--to", "2026-01-01T01:00Z", "--times", "ms"];
    const part = await livecue(folder, "readings", "iss/channel 0", ...span);
    assert.equal(part.stdout.split("\r\n")[1], `${start},iss,channel 0,0,`);
    assert.equal(part.stdout.trimEnd().split("\r\n").length, 1 + Math.ceil(hourMs / 43_200));

    const json = JSON.parse((await livecue(folder, "readings", "channel 1", "--json")).stdout);
    assert.deepEqual(json.readings.map(({ value }: { value: number }) => value), oddNumbers(20_000));
    assert.deepEqual(json.readings[0], { time: "2026-01-01T00:00:21.600Z", value: 1 });
  }));

const oddNumbers = (count: number) => Array.from({ length: count }, (_, index) => 2 * index + 1);

Deno.test("readings says what to do about a mistake", () =>
  withReadings(async (folder, stored) => {
    const none = await livecue(folder, "readings");
    assert.match(none.stderr, /There are no readings: .*readings\.db does not exist\./);
    assert.equal(none.code, 2);

    const hostile = { channel: "odd\x1b[2J\u202e", at: start, value: 1 };
    stored.add("iss", { ...batchAt(0), readings: [...batchAt(0).readings, hostile] });
    stored.add("house", batchAt(0));
    await stored.flushed();
    // Nothing in a sender's name for a channel controls the terminal.
    const list = await livecue(folder, "readings");
    assert.match(list.stdout, /^odd +iss\/odd +1 /m);
    assert.ok(!["\x1b", "\u202e"].some((sign) => list.stdout.includes(sign)), list.stdout);
    const misspelt = await livecue(folder, "readings", "iss/chanel 1");
    assert.match(misspelt.stderr, /There is no channel iss\/chanel 1\. Did you mean iss\/channel 1/);
    const unclear = await livecue(folder, "readings", "channel 1");
    assert.match(unclear.stderr, /More than one channel.*house\/channel 1, iss\/channel 1\./);
    const never = await livecue(folder, "readings", "iss/channel 1", "--from", "noon");
    assert.match(never.stderr, /Use a time such as 2026-11-27T12:00Z/);
    const turned = await livecue(
      folder,
      "readings",
      "iss/channel 1",
      "--from",
      "2027-01-01",
      "--to",
      "2026-01-01",
    );
    assert.match(turned.stderr, /The span is empty/);
    assert.deepEqual([misspelt.code, unclear.code, never.code, turned.code], [2, 2, 2, 2]);
  }));
