/** A service with steps in the whole app: what it did, and what became of the rows. */
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Clock, systemClock } from "../../src/clock.ts";
import { App } from "../../src/app/app.ts";
import type { ServiceConfig } from "../../src/service.ts";
import { comments } from "./app_on_a_live.ts";
import { commentOf } from "./captured_events.ts";
import { FakeClock } from "./fake_clock.ts";
import { type HeardLog, heardLog } from "./heard_log.ts";
import { query } from "./livecue.ts";
import { traitsOf } from "./sources.ts";
import { configIn, serviceConfig } from "./temporary_store.ts";

const stepper = fileURLToPath(new URL("services/stepper.ts", import.meta.url));

export interface Ran {
  folder: string;
  log: HeardLog;
  /** Lines of the service's own notes. */
  notes: string[];
  rows(sql: string): Record<string, unknown>[];
}

interface Given extends Partial<ServiceConfig> {
  clock?: Clock;
  /** Stops the app as soon as this is true. */
  stopsWhen?: () => boolean;
}

/** Runs the comments through a service with steps until all have ended. */
export async function runSteps(
  folder: string,
  said: string[],
  { clock = systemClock, stopsWhen, ...given }: Given = {},
): Promise<Ran> {
  const log = heardLog();
  const app = await App.open({
    config: configIn(folder, {
      services: [serviceConfig("stepper", {
        serviceClass: stepper,
        subscriptions: { CommentEvent: { ...comments, isDiscardable: true } },
        dataFolder: join(folder, "data/stepper"),
        ...given,
      })],
    }),
    clock,
    log,
    sources: [{
      name: "demo",
      traits: traitsOf(),
      async *open() {
        yield { kind: "session", username: "host", roomId: "700" };
        for (const [i, text] of said.entries()) {
          yield { kind: "event", event: { ...commentOf(text, "700"), messageId: `${i}${text}` }, raw: null };
        }
        yield { kind: "end", status: "completed", reason: "The live ended." };
      },
    }],
    processes: "all",
    whenIdle: "end",
  });
  const running = app.run();
  if (stopsWhen !== undefined) {
    while (!stopsWhen()) await nextTurn();
    app.stop("The test has seen enough.");
    if (clock instanceof FakeClock) await passTimeUntil(running, clock, app);
  }
  await running;
  const notes = notesIn(join(folder, "data/stepper/steps.log"));
  return { folder, log, notes, rows: (sql) => query(folder, sql).map((row) => ({ ...row })) };
}

function notesIn(path: string): string[] {
  try {
    return Deno.readTextFileSync(path).trim().split("\n");
  } catch {
    return [];
  }
}

/** A stop gives the items time by this clock. */
async function passTimeUntil(end: Promise<unknown>, clock: FakeClock, app: App): Promise<void> {
  let isOver = false;
  end.catch(() => {}).finally(() => isOver = true);
  // Workers use the system's time, so none may seem silent meanwhile.
  const isHeard = () => app.services.views().every(({ heartbeatMs }) => (heartbeatMs ?? 0) < 2_000);
  while (!isOver) {
    for (let turn = 0; turn < 5 || (turn < 10_000 && !isHeard()); turn++) await nextTurn();
    clock.advance(50);
  }
}

/** The steps of all items, in order. */
export const steps =
  "SELECT name, seq, status, attempts, failures, result FROM item_step ORDER BY item_id, seq";
