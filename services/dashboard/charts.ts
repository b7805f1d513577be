/** Which channels each chart shows. */
import { channelPattern } from "livecue/channel_pattern";
import type { Reading } from "livecue/service";
import type { ShownChannel, ShownChart } from "./messages.ts";
import { maxLines, type Options } from "./options.ts";

/** The number of charts on a page whose options name none. */
const firstCharts = 6;

export function keyOf({ source, item }: { source: string; item: string }): string {
  return `${source}:${item}`;
}

export function shownChannel({ channel, at, value }: Reading): ShownChannel {
  return { key: keyOf(channel), ...channel, at, value };
}

/** The options' charts without those that have no channel yet; if the options name none, the first channels. */
export function chartsOf(options: Options, channels: readonly ShownChannel[]): ShownChart[] {
  const gapMs = options.gap_seconds * 1000;
  if (options.charts.length === 0) {
    return channels.slice(0, firstCharts).map(({ key }) => ({ title: "", channels: [key], more: 0, gapMs }));
  }
  return options.charts.map(({ title = "", channels: names, gap_seconds }) => {
    // In the order of the names, so that a line has the same color each time.
    const found = new Set(
      names.map(channelPattern).flatMap((pattern) =>
        channels.filter((channel) => pattern.matches(channel)).map(({ key }) => key)
      ),
    );
    return {
      title,
      channels: [...found].slice(0, maxLines),
      more: Math.max(0, found.size - maxLines),
      gapMs: gap_seconds === undefined ? gapMs : gap_seconds * 1000,
    };
  }).filter(({ channels }) => channels.length > 0);
}
