/** The lines of the service's pane on the screen. */
import type { PaneLine } from "livecue/service";

export interface PaneState {
  /** Percent. */
  level: number | null;
  processor: number | null;
  fill: { at: number; rise: number } | null;
  /** When the next post is allowed; null: at once. */
  nextAt: number | null;
  place: string;
}

/** What the station's numbers mean. */
const states: Record<number, string> = {
  2: "stopped",
  4: "shutting down",
  8: "in maintenance",
  16: "normal: it empties the tank",
  32: "standby",
  64: "idle",
  128: "starting",
};

export function paneLines({ level, processor, fill, nextAt, place }: PaneState): PaneLine[] {
  return [
    level === null
      ? { label: "level", value: "no reading yet" }
      : { label: "level", value: `${level} %`, part: Math.min(1, Math.max(0, level / 100)) },
    {
      label: "processor",
      value: processor === null ? "no reading yet" : states[processor] ?? String(processor),
    },
    { label: "last fill", value: fill === null ? "none yet" : `+${fill.rise} % at ${timeOf(fill.at)}` },
    { label: "posts to", value: place },
    { label: "next post", value: nextAt === null ? "with the next fill" : `from ${timeOf(nextAt)}` },
  ];
}

function timeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 16)} UTC`;
}
