/** A made-up live of `count` events, as fast as Livecue takes them. */
import { DemoLive } from "../src/capture/demo/demo_live.ts";
import type { Source } from "../src/source.ts";
import { traitsOf } from "../test/support/sources.ts";

/** Events between two turns of the event loop. */
const perTurn = 500;

/** The events are the same in every run. Calls `onEvent` before each event, with the event's index. */
export function flood(count: number, onEvent: (index: number) => void = () => {}): Source {
  return {
    name: "replay:flood",
    traits: traitsOf({ isLive: false }),
    async *open() {
      const live = new DemoLive({ seed: 1, ratePerSecond: 100, startAt: 1_700_000_000_000 });
      yield { kind: "session", username: "demo", roomId: live.roomId };
      for (let index = 0; index < count; index++) {
        onEvent(index);
        yield { kind: "event", event: live.next(), raw: null };
        if (index % perTurn === perTurn - 1) await new Promise((resolve) => setImmediate(resolve));
      }
      yield { kind: "end", status: "completed", reason: "The recording ended." };
    },
  };
}
