import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Detections, migrations } from "../../../services/dashboard/detections.ts";
import type { LiveEvent } from "../../../src/event.ts";
import { sampleEvent } from "../../support/stored_events.ts";

Deno.test("Detections that ended before a time are deleted, and a dry run only counts them", () => {
  using database = new DatabaseSync(":memory:");
  database.exec(migrations.flat().join(";"));
  const detections = new Detections(database);
  for (const [id, to] of [[1, 10], [2, 20], [3, 30]] as const) {
    const window = { from: 0, to };
    const data = {
      name: "fill",
      channel: "tank",
      confidence: 1,
      text: "",
      window,
      values: {},
      source: "iss",
    };
    detections.add({ ...sampleEvent({ id }), type: "DetectionEvent", data } as unknown as LiveEvent);
  }
  assert.equal(detections.deleteBefore(30, { isDryRun: true }), 2);
  assert.equal(detections.within(0, 100).length, 3);
  assert.equal(detections.deleteBefore(30, { isDryRun: false }), 2);
  assert.deepEqual(detections.within(0, 100).map(({ id }) => id), [3]);
});
