import assert from "node:assert/strict";
import { livecue } from "../support/livecue.ts";
import { storedFindings, writeScene } from "../support/detector_scene.ts";

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
    assert.deepEqual(storedFindings(folder), [
      ["DetectionEvent", 1565],
      ["DetectionEvent", 3365],
      ["lost", 5060],
      ["back", 5405],
      ["DetectionEvent", 6965],
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
