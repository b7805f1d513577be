/** A made-up live as a source: for trying Livecue out, and services, without a live. */
import { type Clock, sleep } from "../../clock.ts";
import { DemoLive } from "./demo_live.ts";
import type { Source, SourceItem, SourceTraits } from "../../source.ts";

const username = "demo";

/** Events due within one tick come together, so that one timer serves any rate. */
const tickMs = 10;
/** After so many in a row a tick lets the event loop turn, also at a rate that cannot be reached. */
const maxInRow = 1_000;
/** What is later than this is not made up for: after a laptop's sleep no hour of events comes at once. */
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
  /** Events a second, on average. */
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
  const title = `a made-up one, about ${ratePerSecond} events a second; --seed ${seed} makes the same again`;
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
    // Whole, as the time of an event is: the monotonic clock's milliseconds have fractions.
    if (waitMs < -maxLagMs) delayMs += Math.ceil(-waitMs);
    yield { kind: "event", event: { ...next, createdAt: next.createdAt + delayMs }, raw: null };
    next = live.next();
    inRow++;
  }
}
