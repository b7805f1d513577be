/**
 * Measures what one process costs that runs many rooms in which nothing happens: each room is an app with a database
 * of its own, a source that is silent, and two services in shared workers. The same without apps, with the databases
 * alone, says which part is the databases'.
 */
import { fileURLToPath } from "node:url";
import { type Benchmark, type Figure, runAlone } from "./benchmark.ts";
import type { RoomsCost, RoomsRun } from "./rooms/rooms_run.ts";

const program = fileURLToPath(new URL("./rooms/rooms_run.ts", import.meta.url));

export const benchmark: Benchmark = {
  name: "rooms",
  about: "idle rooms in one process, each with two services in shared workers",
  async *measure({ isShort }) {
    const measuredMs = isShort ? 2_000 : 20_000;
    for (const count of isShort ? [1, 20] : [1, 100, 500]) {
      const databases = await costOf({ count, has: "databases", measuredMs });
      const rooms = await costOf({ count, has: "rooms", measuredMs });
      yield* figuresOf(count, { databases, rooms });
    }
  },
};

function* figuresOf(
  count: number,
  { databases, rooms }: { databases: RoomsCost; rooms: RoomsCost },
): Iterable<Figure> {
  const isMany = count === 500;
  const name = count === 1 ? "1 room" : `${count} rooms`;
  yield { name: `${name}, databases alone: memory`, value: databases.megabytes, unit: "MB" };
  yield { name: `${name}, databases alone: CPU at rest`, value: databases.cpu * 100, unit: "% of a core" };
  yield { name: `${name}, databases alone: until open`, value: databases.openMs, unit: "ms" };
  yield {
    name: `${name}: memory`,
    value: rooms.megabytes,
    unit: "MB",
    ...isMany && { target: { atMost: 400 } },
  };
  yield {
    name: `${name}: CPU at rest`,
    value: rooms.cpu * 100,
    unit: "% of a core",
    ...isMany && { target: { atMost: 20 } },
  };
  yield {
    name: `${name}: until open`,
    value: rooms.openMs,
    unit: "ms",
    ...isMany && { target: { atMost: 30_000 } },
  };
  const own = (rooms.megabytes - databases.megabytes) / count;
  if (count > 1) yield { name: `${name}: memory of a room without its database`, value: own, unit: "MB" };
}

/** In a process of its own. */
async function costOf(run: RoomsRun): Promise<RoomsCost> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
  try {
    const { stdout, success } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-prompt", program, folder, JSON.stringify(run)],
      stderr: "inherit",
    }).output();
    if (!success) throw new Error(`${run.count} ${run.has} could not be measured`);
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await runAlone(benchmark);
