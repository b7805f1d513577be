/** A made-up live as a source, to try Livecue and its services without a live. */
import { type Clock, sleep } from "../../clock.ts";
import { t } from "../../language.ts";
import { DemoLive } from "./demo_live.ts";
import type { Source, SourceItem, SourceTraits } from "../../source.ts";

const username = "demo";

/** Events due within one tick come together, so that one timer serves any rate. */
const tickMs = 10;
/** After this many consecutive events, a tick lets the event loop run, even at a rate that is too high. */
const maxInRow = 1_000;
/** A longer delay is not made up for: after a laptop slept for an hour, an hour of events does not come at once. */
const maxLagMs = 5_000;

const traits: SourceTraits = {
  type: "demo",
  isLive: true,
  keepsIds: false,
  hasHistory: false,
  keeps: "all",
  isEndless: false,
  hasRooms: false,
  follows: null,
};

export interface DemoOptions {
  seed: number;
  /** Events per second, on average. */
  ratePerSecond: number;
  clock: Clock;
}

/** Runs until it is aborted. Events have no raw message. */
export function createDemoSource(options: DemoOptions): Source {
  return { name: "demo", traits, open: (signal) => run(options, signal) };
}

async function* run(
  { seed, ratePerSecond, clock }: DemoOptions,
  signal: AbortSignal,
): AsyncGenerator<SourceItem> {
  const startAt = clock.now();
  const startedAt = clock.monotonic();
  const live = new DemoLive({ seed, ratePerSecond, startAt });
  const { roomId } = live;
  const title = t`made up, about ${ratePerSecond} events per second; --seed ${seed} repeats it`;
  yield { kind: "state", state: { phase: "live", username, roomId, title } };
  yield { kind: "session", username, roomId };
  let next = live.next();
  let delayMs = 0;
  let inRow = 0;
  while (!signal.aborted) {
    const waitMs = next.createdAt - startAt + delayMs - (clock.monotonic() - startedAt);
    if (waitMs > 0 || inRow === maxInRow) {
      await sleep(clock, Math.max(tickMs, waitMs), signal);
      inRow = 0;
      continue;
    }
    // Rounded, because an event's time is an integer, and the monotonic clock has fractions.
    if (waitMs < -maxLagMs) delayMs += Math.ceil(-waitMs);
    yield { kind: "event", event: { ...next, createdAt: next.createdAt + delayMs }, raw: null };
    next = live.next();
    inRow++;
  }
}
