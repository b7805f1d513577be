/** The lines of the service's pane on the screen. */
import type { PaneLine } from "livecue/service";
import { type Sample, type SampleStatus, titleOf } from "./sample.ts";

const longestLabel = 30;

export function paneLines(running: readonly Sample[], counts: Record<SampleStatus, number>): PaneLine[] {
  return [
    ...running.map((sample) => ({
      label: `${sample.id} ${[...titleOf(sample)].slice(0, longestLabel).join("")}`,
      value: sample.step ?? "starts",
      ...(sample.progress === null ? {} : { part: sample.progress }),
    })),
    { label: "waiting", value: String(counts.requested) },
    { label: "done", value: String(counts.done) },
    { label: "failed", value: String(counts.failed) },
  ];
}
