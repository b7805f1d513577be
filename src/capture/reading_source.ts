/** A source of nothing but readings, which are pushed until it is stopped. */
import type { Clock } from "../clock.ts";
import type { ChannelLabels, Source } from "../source.ts";
import { pushedItems } from "./pushed_items.ts";
import { ReadingLine } from "./reading_line.ts";

interface ReadingSourceOptions {
  /** A key of the config's `sources`. */
  name: string;
  labels: ChannelLabels;
  /** The longest time from one reading to the next. */
  silenceMs?: number | undefined;
  clock: Clock;
}

/** What adds readings to a line until the signal aborts. */
export type Pusher = { run(signal: AbortSignal): Promise<void> };

/** `open` throws a `UserError` if the source cannot be used as it is set up. */
export function readingSource(
  type: string,
  { name, labels, silenceMs, clock }: ReadingSourceOptions,
  open: (line: ReadingLine) => Pusher | Promise<Pusher>,
): Source {
  return {
    name,
    labels,
    silenceMs,
    traits: {
      type,
      isLive: true,
      keepsIds: false,
      hasHistory: false,
      keeps: "all",
      isEndless: true,
      hasRooms: false,
      bringsEvents: false,
      follows: null,
    },
    async *open(signal) {
      const line = new ReadingLine(clock);
      const pusher = await open(line);
      yield* pushedItems(line, (signal) => pusher.run(signal).finally(() => line.close()), signal);
    },
  };
}
