/** Answers the screen's queries about channels of readings, and finds the detections of a chart. */
import { cleanName, cleanText } from "../clean_text.ts";
import type { Clock } from "../clock.ts";
import type { ChannelLine, ChartMark, ChartSpan } from "../channel_view.ts";
import type { Answer, Query } from "../control.ts";
import type { LiveEvent } from "../event.ts";
import { signalChannel } from "../kit/detection/track.ts";
import { type ChannelKey, type ChannelOverview, dayMs, hourMs, minuteMs, startOf } from "../reading_query.ts";
import type { App } from "./app.ts";

const spanMs: Record<ChartSpan, number> = { hour: hourMs, day: dayMs, week: 7 * dayMs };
const maxPoints = 2_000;
/** A channel is quiet if it brings nothing for this many of its usual distances, and for a minute. */
const quietDistances = 10;
/** The latest detections that are looked at. */
const maxDetections = 500;
/** Finding detections may take a second in a large database, so charts that are drawn again share them. */
const detectionsAgeMs = 10_000;
/** More of a detection's text does not fit the screen. */
const maxMarkText = 300;

export class ChannelQuestions {
  readonly #app: App;
  readonly #clock: Clock;
  #detections: { found: Promise<LiveEvent[]>; atMs: number } | null = null;

  constructor({ app, clock }: { app: App; clock: Clock }) {
    this.#app = app;
    this.#clock = clock;
  }

  async page({ text, first, limit }: Query & { kind: "channels" }): Promise<Answer & { kind: "channels" }> {
    const { count, channels } = await this.#app.readings.query({ kind: "overview", text, first, limit });
    return { kind: "channels", count, lines: await this.#lines(channels) };
  }

  /** The span ends now, or with the channel's newest reading if that is older, as in a replay. */
  async channel(
    { source, item, span, points }: Query & { kind: "channel" },
  ): Promise<Answer & { kind: "channel" }> {
    const channel = { source, item };
    const only = { kind: "overview", text: "", first: 0, limit: 1, channel } as const;
    const [line] = await this.#lines((await this.#app.readings.query(only)).channels);
    const now = this.#clock.now();
    const newestAt = line?.newest?.at ?? now;
    const isRecent = newestAt <= now && now - newestAt < spanMs[span];
    const to = 1 + (isRecent ? now : newestAt);
    const from = to - spanMs[span];
    const limit = Math.min(maxPoints, Math.max(1, points));
    const [series, detections] = await Promise.all([
      this.#app.readings.query({ kind: "series", channel, from, to, points: limit }),
      this.#latestDetections(),
    ]);
    return {
      kind: "channel",
      line: line ?? null,
      from,
      to,
      points: series.map(({ at, low, high, first, last }) => ({ at, low, high, first, last })),
      marks: detections.flatMap((event) => markOf(event, channel) ?? [])
        .filter(({ at }) => at >= from && at < to)
        .sort((one, other) => one.at - other.at),
    };
  }

  async #lines(channels: readonly ChannelOverview[]): Promise<ChannelLine[]> {
    const shown = new Set(channels.map(({ channel }) => channel.source));
    const times = (await this.#app.readings.query({ kind: "times" })).filter(({ source }) =>
      shown.has(source)
    );
    const lost = await Promise.all(times.map((time) => this.#hasLostSignal(time)));
    const lostSources = new Set(times.filter((_, index) => lost[index]).map(({ source }) => source));
    const now = this.#clock.now();
    return channels.map((overview) =>
      lineOf(overview, { now, isLost: lostSources.has(overview.channel.source) })
    );
  }

  /** Whether the source says so, in its own channel for this. */
  async #hasLostSignal({ source, at }: { source: string; at: number }): Promise<boolean> {
    const channel = { source, item: signalChannel };
    const [last] = await this.#app.readings.query({ kind: "before", channel, at: at + 1 });
    return last?.value === 0;
  }

  #latestDetections(): Promise<LiveEvent[]> {
    const now = this.#clock.monotonic();
    if (this.#detections === null || now - this.#detections.atMs >= detectionsAgeMs) {
      const options = { type: "DetectionEvent", limit: maxDetections };
      this.#detections = { found: this.#app.questions.ask("events", options, "detections"), atMs: now };
      this.#detections.found.catch(() => this.#detections = null);
    }
    return this.#detections.found;
  }
}

function lineOf(
  { channel, newest, minutes }: ChannelOverview,
  { now, isLost }: { now: number; isLost: boolean },
): ChannelLine {
  const ageMs = newest === null ? null : Math.max(0, now - newest.at);
  const count = minutes.reduce((sum, minute) => sum + minute.count, 0);
  const isQuiet = ageMs === null || ageMs > Math.max(minuteMs, quietDistances * hourMs / Math.max(1, count));
  return {
    ...channel,
    newest,
    ageMs,
    signal: isLost ? "lost" : isQuiet ? "quiet" : "live",
    hour: newest === null ? [] : meansOf(minutes, startOf(newest.at, minuteMs) - hourMs + minuteMs),
  };
}

/** The mean of each minute of an hour. */
function meansOf(minutes: ChannelOverview["minutes"], from: number): (number | null)[] {
  const means = Array<number | null>(hourMs / minuteMs).fill(null);
  for (const { at, sum, count, last } of minutes) {
    const mean = sum / count;
    means[(at - from) / minuteMs] = Number.isFinite(mean) ? mean : last;
  }
  return means;
}

/** null: it is of another channel. */
function markOf({ data, createdAt }: LiveEvent, { source, item }: ChannelKey): ChartMark | null {
  const detection = data as Partial<ChartMark> & {
    channel?: string;
    source?: string;
    window?: { to?: unknown };
  };
  if (detection.channel !== item || (detection.source ?? source) !== source) return null;
  const at = detection.window?.to;
  return {
    at: typeof at === "number" ? at : createdAt,
    name: cleanName(String(detection.name ?? "")),
    text: cleanText(String(detection.text ?? ""), maxMarkText),
    confidence: typeof detection.confidence === "number" ? detection.confidence : null,
  };
}
