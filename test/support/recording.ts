/** A recording in a file, as `--record` writes it. */
import { join } from "node:path";
import { encodeEvent } from "../../src/capture/tiktok/encode.ts";
import { Recorder } from "../../src/capture/replay/recorder.ts";
import type { CapturedEvent } from "../../src/source.ts";

/** Writes `recording.jsonl` into the folder; returns the name of the source that replays it. */
export async function writeRecording(folder: string, events: readonly CapturedEvent[]): Promise<string> {
  const path = join(folder, "recording.jsonl");
  const recorder = new Recorder(path, (error) => {
    throw error;
  });
  await recorder.start();
  for (const event of events) recorder.write(encodeEvent(event, "ana.live"));
  await recorder.stop();
  return `replay:${path}`;
}
