/** A recording of readings with excursions and a pause, and a detector that watches them, for the whole program. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { readingsLine } from "../../src/capture/replay/recorded_readings.ts";
import type { ReadingBatch } from "../../src/source.ts";

export const start = Date.UTC(2026, 0, 1);
const threshold = fileURLToPath(new URL("../../services/threshold.ts", import.meta.url));

/** For five of thirty minutes the tank is above 80. From second 5,000 to 5,400 of two hours nothing comes. */
export function batches(seconds: number): ReadingBatch[] {
  return Array.from({ length: seconds / 10 }, (_, number) => {
    const from = number * 10;
    const readings = Array.from({ length: 10 }, (_, index) => from + index)
      .filter((second) => second % 7200 < 5000 || second % 7200 >= 5400)
      .map((second) => ({
        channel: "tank",
        at: start + second * 1000,
        value: second % 1800 > 1500 ? 90 : 40 + second * 7 % 3,
      }));
    return { readings, receivedAt: start + (from + 10) * 1000 };
  }).filter(({ readings }) => readings.length > 0);
}

/** `late` comes after the batch of second 3,000. */
export function writeScene(folder: string, seconds: number, late: ReadingBatch[] = []): void {
  const all = batches(seconds);
  all.splice(300, 0, ...late);
  writeBatches(folder, all);
}

export function writeBatches(folder: string, all: readonly ReadingBatch[]): void {
  const lines = all.map((batch) => `${readingsLine(batch, "iss")}\n`);
  Deno.writeTextFileSync(join(folder, "tank.jsonl"), lines.join(""));
  const config = {
    services: {
      high: {
        service_class: threshold,
        emits: ["DetectionEvent", "SignalEvent"],
        options: { channel: "tank", above: 80, for_seconds: 60, cooldown_seconds: 600 },
      },
    },
  };
  Deno.writeTextFileSync(join(folder, "config.jsonc"), JSON.stringify(config));
}

/** Type and moment, in seconds of the recording, of each event that was stored. */
export function storedFindings(folder: string): [type: string, second: number][] {
  const database = new DatabaseSync(join(folder, "livecue.db"), { readOnly: true });
  try {
    const rows = database.prepare("SELECT event_type AS type, event_data AS data FROM live_event ORDER BY id")
      .all() as { type: string; data: string }[];
    return rows.map(({ type, data }) => {
      const { at, state, window } = JSON.parse(data);
      return type === "SignalEvent" ? [state, (at - start) / 1000] : [type, (window.to - start) / 1000];
    });
  } finally {
    database.close();
  }
}
