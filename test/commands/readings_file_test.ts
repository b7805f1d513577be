/** `backup`, `check` and `reset` of a show with readings, as a person types them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoredReadings } from "../../src/app/stored_readings.ts";
import { Deadline } from "../../src/deadline.ts";
import { readingsDatabase } from "../../src/readings/file.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { livecue, writeConfig } from "../support/livecue.ts";
import { batchAt, checkStream, days } from "../support/readings_run.ts";
import { silentLog } from "../support/silent_log.ts";
import { withFolder } from "../support/temporary_store.ts";

Deno.test("The readings of a show, of a demo and of a replay are in files of their own", () => {
  assert.equal(readingsDatabase("/a/livecue.db"), "/a/readings.db");
  assert.equal(readingsDatabase("/a/livecue.demo.db"), "/a/readings.demo.db");
  assert.equal(readingsDatabase("/a/readings.db"), "/a/readings.readings.db");
});

Deno.test("backup copies the readings, check finds a damaged one, and reset deletes them", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {});
    assert.equal((await livecue(folder, "init")).code, 0);
    const file = join(folder, "readings.db");
    const clock = new FakeClock();
    const stored = new StoredReadings({ file, durability: "normal", days, clock, log: silentLog() });
    for (let batch = 0; batch < 20; batch++) stored.add("iss", batchAt(batch));
    await stored.stop(new Deadline(clock));

    const backup = await livecue(folder, "backup", "copy.db");
    assert.match(
      backup.stdout,
      /copy\.readings\.db has 10,000 readings of 2 channels\. The copy was checked/,
    );
    assert.equal(checkStream(join(folder, "copy.readings.db")).count, 10_000);
    const right = await livecue(folder, "check");
    assert.match(
      right.stdout,
      /readings\.db: 10,000 readings of 2 channels\. Pages and packed readings are correct\./,
    );
    assert.equal(right.code, 0, right.stderr);

    const database = new DatabaseSync(file);
    database.exec("INSERT INTO reading_chunk VALUES (9999, 1, 5, 6, 2, x'10203040')");
    database.close();
    const wrong = await livecue(folder, "check");
    assert.match(
      wrong.stdout,
      /readings\.db: .*Problems:\nreading_chunk, row 9999: its 2 readings cannot be unpacked\./,
    );
    assert.equal(wrong.code, 1);

    const reset = await livecue(folder, "reset", "--yes");
    assert.match(reset.stdout, /livecue\.db and .*readings\.db were deleted\./);
    assert.throws(() => Deno.statSync(file), Deno.errors.NotFound);
  });
});
