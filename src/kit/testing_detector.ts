/** Tests of detectors: "livecue/testing/detector". */
import { latenessMs } from "../reading.ts";
import type { DetectionData, SignalData } from "../event.ts";
import type { Detector } from "./detector.ts";
import { withoutEffect } from "./detection/no_effect.ts";
import { MemoryReadings, rehearse, type TestReading } from "./detection/rehearsal.ts";
import type { ServiceContext } from "./service.ts";

export type { TestReading } from "./detection/rehearsal.ts";

/** What a detector found in the readings. */
export interface Findings {
  detections: DetectionData[];
  signals: SignalData[];
  /** What it would have logged, as about a `detect` that threw. */
  troubles: string[];
}

/**
 * Runs a detector over readings as if they came one after another and then no more. `options` are those that its schema
 * would return.
 */
export async function detectIn<Options>(
  Service: new (context: ServiceContext<Options>) => Detector<Options>,
  readings: readonly TestReading[],
  { options }: { options?: Options } = {},
): Promise<Findings> {
  const troubles: string[] = [];
  const log = { debug() {}, info() {}, warn: (text: string) => void troubles.push(text), error() {} };
  const context = withoutEffect({
    options: (options ?? {}) as Record<string, unknown>,
    configFolder: "",
    data: {} as ServiceContext["data"],
    log,
    signal: new AbortController().signal,
  });
  const detector = new Service(context as ServiceContext<Options>);
  const times: Record<string, number> = {};
  for (const { source = "test", at } of readings) times[source] = Math.max(times[source] ?? -Infinity, at);
  // Up to the first time for which `detect` is called after the last reading.
  for (const source in times) times[source]! += latenessMs + detector.everySeconds * 1000;
  const found = await rehearse({
    detector,
    readings: new MemoryReadings(readings),
    times,
    onTrouble: (sentence) => void troubles.push(sentence),
  });
  const detections = found.flatMap((each) => each.type === "DetectionEvent" ? each.data : []);
  const signals = found.flatMap((each) => each.type === "SignalEvent" ? each.data : []);
  return { detections, signals, troubles };
}
