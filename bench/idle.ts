/**
 * Measures what Livecue costs a PC: the time to the first frame and until it is ready, and the memory and CPU at rest
 * and with 100 and 1,000 events/s, with the screen in a real terminal (tmux, 120×40) and with the plain log. Measures
 * a bare Deno process and Ink with a single text for comparison, and the main thread's time for a frame.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sleep, systemClock } from "../src/clock.ts";
import { loadApp } from "../src/faces/tui/screen.ts";
import { ScreenModel } from "../src/faces/tui/screen_model.ts";
import { frameRows } from "../src/faces/tui/view/frame.ts";
import { FakeClock } from "../test/support/fake_clock.ts";
import { emptySnapshot, FakeControl, sampleEvents, sampleSnapshot } from "../test/support/fake_control.ts";
import { FakeTerminal } from "../test/support/fake_terminal.ts";
import { lacksTmux, type Terminal, withTerminal } from "../test/support/terminal.ts";
import { type Benchmark, type Figure, runAlone } from "./benchmark.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const size = { columns: 120, rows: 40 };
const ticksASecond = 100;
/** One event in 1,000 seconds: a live in which nothing happens. */
const rateAtRest = 0.001;

interface Spans {
  /** The number of starts. The figure is their median. */
  starts: number;
  /** After this time the code is compiled and the heap has reached its size. */
  warmUpMs: number;
  measuredMs: number;
  presses: number;
  rates: number[];
}

const whole: Spans = {
  starts: 9,
  warmUpMs: 20_000,
  measuredMs: 30_000,
  presses: 15,
  rates: [rateAtRest, 100, 1_000],
};
const short: Spans = { starts: 2, warmUpMs: 2_000, measuredMs: 2_000, presses: 3, rates: [rateAtRest] };

/** A new folder with a config of one service, one of whose terminals runs what `timed` starts. */
async function inFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
  const service = {
    service_class: join(root, "services", "dummy.ts"),
    subscriptions: { GiftEvent: { priority: 10 }, FollowEvent: {}, LikeEvent: { is_discardable: true } },
  };
  const config = { log_file: false, services: { dummy: service } };
  await Deno.writeTextFile(join(folder, "config.jsonc"), JSON.stringify(config));
  await Deno.writeTextFile(join(folder, "ink.mjs"), bareInk);
  await Deno.writeTextFile(join(folder, "timed"), timed, { mode: 0o755 });
  try {
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Writes the time and the process id to files, then becomes the program. */
const timed = `#!/bin/sh
date +%s%N > started
echo $$ > livecue.pid
exec "$@"
`;

/** The command as the task runs it. It shows the screen if it runs in a terminal. */
function demo(folder: string, ratePerSecond: number): string[] {
  const settings = ["--config", join(folder, "config.jsonc"), "--database", join(folder, "livecue.db")];
  const program = ["run", "-A", "--quiet", "--no-prompt", join(root, "main.ts"), "demo"];
  return [Deno.execPath(), ...program, "--rate", String(ratePerSecond), "--seed", "1", ...settings];
}

/** Ink and React, started as Livecue starts them, with one text instead of Livecue. */
const bareInk = `
  Deno.env.set("NODE_ENV", "production");
  const [{ render, Text }, { createElement }] = await Promise.all([import("ink"), import("react")]);
  render(createElement(Text, null, "bare Ink"), { alternateScreen: true, patchConsole: false });
  setInterval(() => {}, 1e9);
`;

const bareProgram = 'console.log("bare"); setInterval(() => {}, 1e9);';
const bare = [Deno.execPath(), "eval", bareProgram];
const withProject = ["run", "-A", "--quiet", "--no-prompt", "--config", join(root, "deno.json")];
const ink = [Deno.execPath(), ...withProject, "ink.mjs"];

function inTerminal<Result>(use: (terminal: Terminal, folder: string) => Promise<Result>): Promise<Result> {
  return inFolder((folder) => withTerminal(folder, { size }, (terminal) => use(terminal, folder)));
}

/** Milliseconds from the start of the process until the terminal shows each of these. */
async function startTimes(
  commandIn: (folder: string) => string[],
  awaited: readonly RegExp[],
): Promise<number[]> {
  return await inTerminal(async (terminal, folder) => {
    await terminal.enter(`timed ${commandIn(folder).map((word) => `'${word}'`).join(" ")}`);
    const times: number[] = [];
    for (const pattern of awaited) {
      await terminal.shows(pattern);
      const nanoseconds = await Deno.readTextFile(join(folder, "started"));
      times.push(performance.timeOrigin + performance.now() - Number(nanoseconds) / 1e6);
    }
    return times;
  });
}

async function* measureStarts({ starts }: Spans): AsyncIterable<Figure> {
  const runs: number[][] = [];
  const bareRuns: number[][] = [];
  const inkRuns: number[][] = [];
  for (let start = 0; start < starts; start++) {
    bareRuns.push(await startTimes(() => bare, [/^bare$/m]));
    inkRuns.push(await startTimes(() => ink, [/^bare Ink$/m]));
    runs.push(await startTimes((folder) => demo(folder, 5), [/━ 1 Events/, /● live.*● running/s]));
  }
  yield { name: "a bare Deno process, start to its first line", value: medianOf(bareRuns, 0), unit: "ms" };
  yield { name: "bare Ink, start to its first frame", value: medianOf(inkRuns, 0), unit: "ms" };
  const name = "demo, start to";
  yield { name: `${name} the first frame`, value: medianOf(runs, 0), unit: "ms", target: { atMost: 400 } };
  yield { name: `${name} ready`, value: medianOf(runs, 1), unit: "ms", target: { atMost: 600 } };
}

function medianOf(runs: readonly number[][], column: number): number {
  return median(runs.map((run) => run[column] as number));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

interface Cost {
  /** Part of one core, for all threads, in user and system time. */
  cpu: number;
  /** Megabytes at the end. */
  memory: number;
}

async function costOf(pid: number, { warmUpMs, measuredMs }: Spans): Promise<Cost> {
  await sleep(systemClock, warmUpMs);
  const [ticks, begin] = [await cpuTicks(pid), performance.now()];
  await sleep(systemClock, measuredMs);
  const seconds = (performance.now() - begin) / 1000;
  return { cpu: (await cpuTicks(pid) - ticks) / ticksASecond / seconds, memory: await megabytesOf(pid) };
}

async function cpuTicks(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The process name before these fields may contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** Resident memory, including memory shared with other processes. */
async function megabytesOf(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(status.match(/^VmRSS:\s*(\d+) kB/m)?.[1]) / 1024;
}

const cpuTargets = new Map([[rateAtRest, 1], [100, 4], [1_000, 15]]);

async function* measureRuns(spans: Spans): AsyncIterable<Figure> {
  const alone = await plainCost(() => bare, spans);
  yield { name: "a bare Deno process, memory", value: alone.memory, unit: "MB" };
  for (const rate of spans.rates) {
    const when = rate === rateAtRest ? "at rest" : `at ${rate.toLocaleString("en")} events/s`;
    const plain = await plainCost((folder) => [...demo(folder, rate), "--plain"], spans);
    yield* figuresOf(`plain log ${when}`, plain, rate, 100);
    const { cost, keyMs } = await screenCost(rate, spans);
    yield* figuresOf(`screen ${when}`, cost, rate, 150);
    yield { name: `screen ${when}, a key until tmux shows its answer`, value: keyMs, unit: "ms" };
  }
}

function* figuresOf(name: string, { cpu, memory }: Cost, rate: number, most: number): Iterable<Figure> {
  const atMost = cpuTargets.get(rate) as number;
  yield { name: `${name}, CPU`, value: cpu * 100, unit: "% of a core", target: { atMost } };
  const figure: Figure = { name: `${name}, memory`, value: memory, unit: "MB" };
  yield rate === rateAtRest ? { ...figure, target: { atMost: most } } : figure;
}

function screenCost(rate: number, spans: Spans): Promise<{ cost: Cost; keyMs: number }> {
  return inTerminal(async (terminal, folder) => {
    await terminal.enter(`timed ${demo(folder, rate).join(" ")}`);
    await terminal.shows(/● live/);
    const cost = await costOf(terminal.pid, spans);
    return { cost, keyMs: median(await measureKeys(terminal, spans.presses)) };
  });
}

/** Includes the starts of tmux that send the key and read the screen. */
async function measureKeys(terminal: Terminal, presses: number): Promise<number[]> {
  const times: number[] = [];
  const help = /to the top/;
  for (let press = 0; press < presses; press++) {
    const begin = performance.now();
    await terminal.press("?");
    await terminal.shows(help);
    times.push(performance.now() - begin);
    await terminal.press("BSpace");
    await terminal.hides(help);
    // Nobody presses keys without a pause. The pauses differ so that each press meets another moment of the screen's
    // rhythm.
    await sleep(systemClock, 100 + 37 * press % 100);
  }
  return times;
}

/** Reads the output and drops it, as a terminal would. */
function plainCost(commandIn: (folder: string) => string[], spans: Spans): Promise<Cost> {
  return inFolder(async (folder) => {
    const [command, ...args] = commandIn(folder) as [string, ...string[]];
    const stdio = { stdin: "null", stdout: "piped", stderr: "null" } as const;
    const child = new Deno.Command(command, { args, cwd: folder, ...stdio }).spawn();
    const reading = child.stdout.pipeTo(new WritableStream());
    try {
      return await costOf(child.pid, spans);
    } finally {
      child.kill("SIGKILL");
      await Promise.all([child.status, reading]);
    }
  });
}

const frames = 1_000;
/** The code is compiled during these frames. */
const firstFrames = 200;

/** The main thread's time for frames with ten new events each, including garbage collection. */
async function* measureFrames(): AsyncIterable<Figure> {
  const [clock, control, terminal] = [
    new FakeClock(),
    new FakeControl(emptySnapshot),
    new FakeTerminal(size),
  ];
  const editConfig = () => Promise.reject(new Error("Nobody edits here."));
  const model = new ScreenModel({ control, clock, isColored: true, editConfig });
  const { openApp } = await loadApp();
  model.start();
  const ink = openApp({ model, draw: (state) => frameRows(state, true) }, terminal.streams);
  const times: number[] = [];
  for (let frame = 0; frame < frames; frame++) {
    const last = 200 + frame * 10;
    const events = sampleEvents(last - 199, last);
    terminal.take();
    const begin = performance.now();
    control.shown = sampleSnapshot({ events, eventCount: last, takenMs: frame * 250 });
    clock.advance(250);
    await ink.waitUntilRenderFlush();
    if (frame >= firstFrames) times.push(performance.now() - begin);
  }
  model.stop();
  ink.unmount();
  await ink.waitUntilExit();
  times.sort((a, b) => a - b);
  const name = "a frame on the main thread";
  const middle = times[Math.floor(times.length / 2)] as number;
  yield { name: `${name}, p50`, value: middle, unit: "ms", target: { atMost: 3 } };
  yield { name: `${name}, p99`, value: times[Math.floor(times.length * 0.99)] as number, unit: "ms" };
}

export const benchmark: Benchmark = {
  name: "idle",
  about:
    "what Livecue takes of a PC: start, memory and CPU, with the screen and the plain log, beside bare Deno",
  async *measure({ isShort }) {
    const spans = isShort ? short : whole;
    yield* measureFrames();
    if (Deno.build.os !== "linux" || lacksTmux) {
      console.error(
        "bench/idle.ts measures starts, CPU and memory on Linux with tmux alone: the rest was skipped.",
      );
      return;
    }
    yield* measureStarts(spans);
    yield* measureRuns(spans);
  },
};

if (import.meta.main) await runAlone(benchmark);
