/**
 * The line of a batch of readings in a recording: `{"readings": […], "channels": […], "source": …, "at": …}`. `readings`
 * has three entries for each: the index of its channel, its time in milliseconds after `at`, and its value. `at` is when
 * the batch came. `labels` are the names and units of the source's channels from
 * here on, and `silentMs` says how long the source was silent.
 */
import { z } from "zod";
import { t } from "../../language.ts";
import type { ChannelLabels, ReadingBatch, SentReading } from "../../source.ts";
import type { Parsed } from "./exported.ts";

const maxTimeMs = 8.64e15;
const maxNameLength = 300;
/** Far more than a batch has. */
const maxReadings = 100_000;

const name = z.string().min(1).max(maxNameLength);
const schema = z.object({
  at: z.int().min(-maxTimeMs).max(maxTimeMs),
  source: name,
  channels: z.array(name).max(maxReadings),
  labels: z.record(
    name,
    z.object({ name: z.string().max(maxNameLength), unit: z.string().max(maxNameLength) }).partial(),
  )
    .optional(),
  silentMs: z.int().min(0).max(maxTimeMs).optional(),
  // Checked by hand, because a schema takes ten times as long.
  readings: z.custom<unknown[]>((value) => Array.isArray(value) && value.length <= 3 * maxReadings),
});

/** Without a line break. `labels`: those of the source's channels, from here on. */
export function readingsLine(
  { readings, receivedAt: at, silentMs }: ReadingBatch,
  source: string,
  labels: ChannelLabels = {},
): string {
  const indexes = new Map<string, number>();
  const entries: (number | string | null)[] = [];
  for (const reading of readings) {
    let index = indexes.get(reading.channel);
    if (index === undefined) indexes.set(reading.channel, index = indexes.size);
    entries.push(index, reading.at === null ? null : reading.at - at, reading.value);
  }
  const hasLabels = Object.keys(labels).length > 0;
  return JSON.stringify({
    readings: entries,
    channels: [...indexes.keys()],
    source,
    at,
    ...(hasLabels && { labels }),
    ...(silentMs !== undefined && { silentMs }),
  });
}

export function parseReadings(line: object): Parsed<ReadingBatch> {
  const parsed = schema.safeParse(line);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { problem: `${issue?.path.join(".") || t`the line`}: ${issue?.message ?? t`not as expected`}` };
  }
  const { at: receivedAt, source, channels, readings: entries, labels, silentMs } = parsed.data;
  const readings: SentReading[] = [];
  for (let start = 0; start < entries.length; start += 3) {
    const channel = channels[entries[start] as number];
    const [delay, value] = [entries[start + 1], entries[start + 2]];
    const isRight = channel !== undefined && (typeof value === "number" || typeof value === "string") &&
      (delay === null || typeof delay === "number");
    if (!isRight) {
      return { problem: t`readings: entry ${start / 3 + 1} is not a channel, a time and a value` };
    }
    readings.push({ channel, at: delay === null ? null : receivedAt + delay, value });
  }
  return {
    value: {
      readings,
      receivedAt,
      source,
      ...(labels !== undefined && { labels }),
      ...(silentMs !== undefined && { silentMs }),
    },
  };
}
