/**
 * Events per second that Livecue stores and handles, against a bare loop that writes the same rows. `deno run -A
 * bench/pipeline.ts [--short] [--json]`
 */
import { type Benchmark, type Figure, runAlone } from "./benchmark.ts";
import { ceiling, singleFile } from "./pipeline/ceiling.ts";
import { runCommand } from "./pipeline/command.ts";
import { commentsOf600Bytes, type Durability, quietService, runLivecue } from "./pipeline/livecue.ts";

/** What each must reach of the ceiling; by the command, half of that. */
const targets: Record<Durability, { prefetch: number; atLeast: number }[]> = {
  normal: [{ prefetch: 64, atLeast: 0.6 }, { prefetch: 1, atLeast: 0.15 }],
  full: [{ prefetch: 64, atLeast: 0.6 }, { prefetch: 1, atLeast: 0.06 }],
};

export const benchmark: Benchmark = {
  name: "pipeline",
  about:
    "events of 600 bytes to two services that do nothing, one sync and one async, against a bare SQLite loop",
  async *measure({ isShort }) {
    const [count, rounds] = isShort ? [10_000, 1] : [50_000, 5];
    const events = commentsOf600Bytes(count);
    for (const durability of ["normal", "full"] as const) yield* measureAt(durability, { events, rounds });
  },
};

interface Size {
  events: ReturnType<typeof commentsOf600Bytes>;
  rounds: number;
}

/** The best of some rounds in turn, because a disturbance never makes a run faster. */
async function* measureAt(durability: Durability, { events, rounds }: Size): AsyncGenerator<Figure> {
  const kinds = targets[durability].map((target) => ({ ...target, livecue: 0, command: 0 }));
  const best = { ceiling: 0, floor: 0 };
  for (let round = 0; round < rounds; round++) {
    best.ceiling = Math.max(best.ceiling, await ceiling(events, durability));
    best.floor = Math.max(best.floor, await singleFile(singlesOf(events).length, durability));
    for (const kind of kinds) {
      const { prefetch } = kind;
      const flood = prefetch === 1 ? singlesOf(events) : events;
      const services = [
        quietService("one_by_one", { isAsync: false, prefetch }),
        quietService("at_once", { isAsync: true, prefetch }),
      ];
      kind.livecue = Math.max(kind.livecue, await runLivecue({ events: flood, services, durability }));
      kind.command = Math.max(kind.command, await runCommand({ events: flood, durability, prefetch }));
    }
  }
  yield { name: `${durability}, ceiling`, value: best.ceiling, unit: "events/s" };
  yield { name: `${durability}, one commit and one round trip an item`, value: best.floor, unit: "items/s" };
  for (const { prefetch, atLeast, livecue, command } of kinds) {
    const name = `${durability}, prefetch ${prefetch}`;
    yield* figuresOf(name, { value: livecue, ceiling: best.ceiling, atLeast });
    yield* figuresOf(`${name}, by the command`, {
      value: command,
      ceiling: best.ceiling,
      atLeast: atLeast / 2,
    });
  }
}

/** As many as are handled one by one in the time of the others. */
function singlesOf(events: Size["events"]): Size["events"] {
  return events.slice(0, Math.ceil(events.length / 5));
}

function* figuresOf(
  name: string,
  { value, ceiling, atLeast }: { value: number; ceiling: number; atLeast: number },
): Generator<Figure> {
  yield { name, value, unit: "events/s" };
  yield { name: `${name}, of the ceiling`, value: value / ceiling, unit: "", target: { atLeast } };
}

if (import.meta.main) await runAlone(benchmark);
