/**
 * Measures how late a service gets an event: from the moment at which the event is due in the source until
 * `processEvent` runs in the worker, by the worker's clock. Measures 100, 1,000 and 5,000 events/s, sync and async,
 * with the screen in a real terminal (tmux) and without it, and while the screen searches a large database again and
 * again. For comparison, a bare worker gets the same events at the same pace, with and without a bare commit before
 * each. The first ten seconds do not count; in a short run and for the bare worker, the first second does not count.
 */
import { join } from "node:path";
import { sleep, systemClock } from "../src/clock.ts";
import { openForWriting } from "../src/store/sqlite/open.ts";
import { makeLargeDatabase } from "../test/support/large_database.ts";
import { lacksTmux, type Terminal, withTerminal } from "../test/support/terminal.ts";
import { sampleEvent } from "../test/support/stored_events.ts";
import { type Benchmark, type Figure, runAlone } from "./benchmark.ts";
import { ask, withBareWorker } from "./latency/bare_worker.ts";
import { clock, dueMoments } from "./latency/pace.ts";
import { commandFor, figuresOf, latenciesIn, runPlain, type Span } from "./latency/program_run.ts";
import type { ToWorker } from "./latency/worker.ts";

/** Seconds that do not count, because the code is compiled in them and a live lasts for hours. */
const warmUps = { short: 1, whole: 10 };
const pings = 500;
const betweenSearchesMs = 300;

interface Setting extends Span {
  ratePerSecond: number;
  isAsync: boolean;
  hasScreen: boolean;
  /** Whether the screen searches the events again and again. */
  isSearched: boolean;
}

/** Runs the program to its end. Returns milliseconds in the order of the events. */
async function latenciesOf(folder: string, setting: Setting): Promise<number[]> {
  const { ratePerSecond, warmUpSeconds, seconds, isAsync, hasScreen } = setting;
  const count = ratePerSecond * (warmUpSeconds + seconds);
  const command = commandFor(folder, { ratePerSecond, count, isAsync, hasScreen });
  if (hasScreen) await runOnScreen(folder, command, setting);
  else await runPlain(command);
  return await latenciesIn(folder, { ratePerSecond, warmUpSeconds, seconds });
}

function runOnScreen(
  folder: string,
  command: string[],
  { warmUpSeconds, seconds, isSearched }: Setting,
): Promise<void> {
  return withTerminal(folder, { size: { columns: 120, rows: 40 } }, async (terminal) => {
    const quoted = command.map((part) => `'${part}'`).join(" ");
    await terminal.enter(`${quoted}; echo "ended: $?"`);
    await terminal.shows(/ la la/);
    // Reading the terminal takes CPU, so the benchmark does not read it before the measurement ends.
    if (isSearched) await search(terminal);
    else await sleep(systemClock, (seconds + warmUpSeconds) * 1000);
    if (await terminal.ended() !== 0) throw new Error("The program failed on the screen.");
  });
}

/** Searches all events for a text that none has, one search after the other, until the program ends. */
async function search(terminal: Terminal): Promise<void> {
  const hasEnded = (text: string) => /^ended: \d+$/m.test(text);
  await terminal.press("1");
  let searches = 0;
  while (true) {
    const words = `nothing${searches + 1}`;
    await terminal.press("/");
    await terminal.type(words);
    await terminal.press("Enter");
    const text = await terminal.until((text) => text.includes(words) || hasEnded(text), words);
    if (hasEnded(text)) break;
    searches++;
    await sleep(systemClock, betweenSearchesMs);
    await terminal.press("BSpace");
  }
  if (searches < 2) throw new Error("The program ended before it was searched twice.");
}

/**
 * The difference between a worker's clock and the main thread's, in microseconds. The worker reads its clock between
 * two readings of the main thread, before and after a ping. The uncertainty is half of the shortest round trip.
 */
function clockDifference(): Promise<{ difference: number; uncertainty: number }> {
  return withBareWorker(async (worker) => {
    let best = { difference: NaN, uncertainty: Infinity };
    for (let ping = 0; ping < pings; ping++) {
      const sent = clock();
      const answer = await ask(worker, { kind: "ping" });
      const received = clock();
      const uncertainty = (received - sent) / 2 * 1000;
      if (answer.kind !== "pong" || uncertainty >= best.uncertainty) continue;
      best = { difference: Math.abs(answer.at - (sent + received) / 2) * 1000, uncertainty };
    }
    return best;
  });
}

/** Posts the same events to a bare worker. With `commits`, commits each event with an item first. */
function bareLatencies(
  ratePerSecond: number,
  { warmUpSeconds, seconds }: Span,
  commits: boolean,
): Promise<number[]> {
  return withBareWorker(async (worker) => {
    const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
    const database = openForWriting(join(folder, "bench.db"), "normal");
    database.exec(
      "CREATE TABLE bare_event (id INTEGER PRIMARY KEY, data TEXT); CREATE TABLE bare_item (id INTEGER)",
    );
    const insertEvent = database.prepare("INSERT INTO bare_event VALUES (?, ?)");
    const insertItem = database.prepare("INSERT INTO bare_item VALUES (?)");
    const count = ratePerSecond * (warmUpSeconds + seconds);
    let id = 0;
    for await (const due of dueMoments({ ratePerSecond, count })) {
      const event = sampleEvent({ id: ++id });
      if (commits) {
        database.exec("BEGIN IMMEDIATE");
        insertEvent.run(id, JSON.stringify(event));
        insertItem.run(id);
        database.exec("COMMIT");
      }
      worker.postMessage({ kind: "event", due, event } satisfies ToWorker);
    }
    const answer = await ask(worker, { kind: "end" });
    database.close();
    await Deno.remove(folder, { recursive: true });
    return answer.kind === "latencies" ? answer.milliseconds.slice(ratePerSecond * warmUpSeconds) : [];
  });
}

async function* measureBare(rates: readonly number[], span: Span): AsyncGenerator<Figure> {
  const { difference, uncertainty } = await clockDifference();
  yield { name: "a worker's clock, off the main thread's by", value: difference, unit: "µs" };
  yield { name: "a worker's clock, that is known to within", value: uncertainty, unit: "µs" };
  for (const rate of rates) {
    const at = `${rate.toLocaleString("en")} events/s`;
    yield* figuresOf(`bare worker, ${at}`, await bareLatencies(rate, span, false));
    yield* figuresOf(`bare worker after a bare commit, ${at}`, await bareLatencies(rate, span, true));
  }
}

async function* measureSetting(folder: string, setting: Setting): AsyncGenerator<Figure> {
  const { ratePerSecond, isAsync, hasScreen, isSearched } = setting;
  const parts = [
    `${ratePerSecond.toLocaleString("en")} events/s`,
    isAsync ? "async" : "sync",
    hasScreen ? "screen" : "plain log",
    ...isSearched ? ["searched"] : [],
  ];
  yield* figuresOf(parts.join(", "), await latenciesOf(folder, setting), targetsOf(setting));
}

function targetsOf({ ratePerSecond, hasScreen }: Setting): Record<string, number> {
  if (!hasScreen || ratePerSecond < 1_000) return {};
  return { p99: ratePerSecond === 1_000 ? 5 : 20, "p99.9": 25 };
}

/** All settings, or the few of the short form. */
function* settings(isShort: boolean): Generator<Setting> {
  const isFew = (rate: number, isAsync: boolean, hasScreen: boolean) =>
    hasScreen && (rate === 1_000 || rate === 5_000 && isAsync);
  for (const hasScreen of lacksTmux ? [false] : [false, true]) {
    for (const ratePerSecond of [100, 1_000, 5_000]) {
      for (const isAsync of [true, false]) {
        if (isShort && !isFew(ratePerSecond, isAsync, hasScreen)) continue;
        const span = isShort
          ? { warmUpSeconds: warmUps.short, seconds: 2 }
          : { warmUpSeconds: warmUps.whole, seconds: 20 };
        yield { ratePerSecond, isAsync, hasScreen, ...span, isSearched: false };
      }
    }
  }
}

async function* measureSearched(isShort: boolean): AsyncGenerator<Figure> {
  yield* inFolder(async function* (folder) {
    const eventCount = isShort ? 300_000 : 10_000_000;
    makeLargeDatabase({
      path: join(folder, "livecue.db"),
      eventCount,
      pendingCount: 1,
      now: systemClock.now(),
    });
    const span = isShort
      ? { warmUpSeconds: warmUps.short, seconds: 3 }
      : { warmUpSeconds: warmUps.whole, seconds: 30 };
    const common = { ratePerSecond: 1_000, hasScreen: true, isSearched: true, ...span };
    for (const isAsync of isShort ? [true] : [true, false]) {
      yield* measureSetting(folder, { ...common, isAsync });
    }
  });
}

/** A folder that is gone afterwards. */
async function* inFolder(use: (folder: string) => AsyncGenerator<Figure>): AsyncGenerator<Figure> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
  try {
    yield* use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function* measure({ isShort }: { isShort: boolean }): AsyncGenerator<Figure> {
  if (lacksTmux) console.error("There is no tmux: nothing is measured with the screen.");
  yield* measureBare(isShort ? [1_000] : [100, 1_000, 5_000], {
    warmUpSeconds: warmUps.short,
    seconds: isShort ? 1 : 10,
  });
  for (const setting of settings(isShort)) yield* inFolder((folder) => measureSetting(folder, setting));
  if (!lacksTmux) yield* measureSearched(isShort);
}

export const benchmark: Benchmark = {
  name: "latency",
  about:
    "From the moment at which an event is due until `processEvent` runs in the worker, beside a bare worker.",
  measure,
};

if (import.meta.main) await runAlone(benchmark);
