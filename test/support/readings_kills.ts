/** Kills that hit the storing, packing and deletion of readings at any moment, each followed by a count of everything. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { RetentionDays } from "../../src/readings/retention.ts";
import { startChild } from "./child_process.ts";
import { batchCount, checkStream, type StoredStream } from "./readings_run.ts";
import { randomFrom } from "./rooms_scene.ts";

/** What is stored at the end. Fails if an acknowledged reading is missing, or if something is stored twice. */
export async function killWriters(
  folder: string,
  { seed, kills, days }: { seed: number; kills: number; days: RetentionDays },
): Promise<StoredStream> {
  const file = join(folder, "readings.db");
  const random = randomFrom(seed);
  let next = 0;
  let stored: StoredStream = { count: 0, deleted: 0, chunks: 0 };
  for (let round = 0; round < kills; round++) {
    const writer = new URL("readings_writer.ts", import.meta.url);
    const child = startChild(writer, file, `${next}`, JSON.stringify(days));
    const acknowledgements = 50 + Math.floor(random() * 100);
    let last = -1;
    while (last < next + acknowledgements) last = Number(await child.nextLine());
    await child.kill();
    stored = checkStream(file, days);
    assert.ok(
      batchCount(stored) > last,
      `${batchCount(stored)} batches are stored, but ${last} was acknowledged`,
    );
    // A sender repeats what it has no acknowledgement for, and more.
    next = last - 3;
  }
  return stored;
}
