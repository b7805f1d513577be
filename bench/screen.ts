/**
 * What the screen costs: the whole program in a real terminal (tmux) of 120×40, against the same run with the
 * plain log and against one that shows nothing. Linux only, as it reads /proc.
 * `deno run -A bench/screen.ts`
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { App } from "../src/app/app.ts";
import { createDemoSource } from "../src/capture/demo/demo.ts";
import { sleep, systemClock } from "../src/clock.ts";
import { loadConfig } from "../src/config/load.ts";
import { silentLog } from "../test/support/silent_log.ts";
import { type Terminal, withTerminal } from "../test/support/terminal.ts";

/** Only then has the heap its size, and the code been compiled. */
const warmUpMs = 20_000;
const measuredMs = 10_000;
const presses = 15;
const ticksASecond = 100;

const thisFile = fileURLToPath(import.meta.url);
const main = fileURLToPath(new URL("../main.ts", import.meta.url));
const dummy = fileURLToPath(new URL("../services/dummy.ts", import.meta.url));

const configText = `{ "log_file": false, "services": { "dummy": { "service_class": ${JSON.stringify(dummy)},
  "subscriptions": { "GiftEvent": { "priority": 10 }, "FollowEvent": {}, "LikeEvent": { "is_discardable": true } }
} } }`;

interface Cost {
  /** Part of one core, over `measuredMs`. */
  cpu: number;
  /** Before and after that time. */
  megabytes: [number, number];
}

const deno = [Deno.execPath(), "run", "-A", "--no-prompt"];

/** Runs `use` with a folder that has a config, and is gone afterwards. */
async function inFolder<Result>(
  use: (folder: string, settings: string[]) => Promise<Result>,
): Promise<Result> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
  await Deno.writeTextFile(join(folder, "config.jsonc"), configText);
  try {
    return await use(folder, ["--config", join(folder, "config.jsonc")]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function measure(pid: number): Promise<Cost> {
  await sleep(systemClock, warmUpMs);
  const [ticks, before, begin] = [await cpuTicks(pid), await megabytesOf(pid), performance.now()];
  await sleep(systemClock, measuredMs);
  const seconds = (performance.now() - begin) / 1000;
  const cpu = (await cpuTicks(pid) - ticks) / ticksASecond / seconds;
  return { cpu, megabytes: [before, await megabytesOf(pid)] };
}

/** Of all its threads, in and out of the system. */
async function cpuTicks(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

async function megabytesOf(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(status.match(/^VmRSS:\s*(\d+) kB/m)?.[1]) / 1024;
}

/** Rate 0: the welcome, without a user. */
function measureScreen(rate: number): Promise<{ cost: Cost; keysMs: number[] }> {
  return inFolder((folder, settings) =>
    withTerminal(folder, { size: { columns: 120, rows: 40 } }, async (terminal) => {
      const command = rate === 0 ? ["start"] : ["demo", "--rate", String(rate), "--seed", "1"];
      await terminal.livecue(...command, ...settings);
      await terminal.shows(rate === 0 ? /Welcome to Livecue/ : /● live/);
      const cost = await measure(terminal.pid);
      const keysMs = await measureKeys(terminal);
      await terminal.press("C-c");
      await terminal.ended();
      return { cost, keysMs };
    })
  );
}

/** From before `?` is sent until the help is seen: in it are the starts of tmux that send and look. */
async function measureKeys(terminal: Terminal): Promise<number[]> {
  const times: number[] = [];
  const help = /to the top/;
  for (let press = 0; press < presses; press++) {
    const begin = performance.now();
    await terminal.press("?");
    await terminal.shows(help);
    times.push(performance.now() - begin);
    await terminal.press("BSpace");
    await terminal.hides(help);
    // Nobody types as fast as this does; and the next press is to meet another moment of the screen's rhythm.
    await sleep(systemClock, 100 + 37 * press % 100);
  }
  return times.toSorted((a, b) => a - b);
}

function measureWithout(parameters: (settings: string[]) => string[]): Promise<Cost> {
  return inFolder(async (folder, settings) => {
    const [command, ...args] = [...deno, ...parameters(settings)] as [string, ...string[]];
    const stdio = { stdin: "null", stdout: "null", stderr: "null" } as const;
    const child = new Deno.Command(command, { args, cwd: folder, ...stdio }).spawn();
    try {
      return await measure(child.pid);
    } finally {
      child.kill("SIGKILL");
      await child.status;
    }
  });
}

/** The same run as `demo`, with nothing that shows it. */
async function runUnseen(rate: number, configPath: string): Promise<void> {
  const log = { ...silentLog(), named: () => log, debug() {}, info() {}, warn() {}, error() {} };
  const config = loadConfig(configPath);
  const sources = [createDemoSource({ seed: 1, ratePerSecond: rate, clock: systemClock })];
  const app = await App.open({ config, clock: systemClock, log, sources, processes: "all", whenIdle: "end" });
  await app.run();
}

const percent = (part: number) => `${(part * 100).toFixed(1)} %`.padStart(9);
const megabytes = ([before, after]: Cost["megabytes"]) => `${before.toFixed(0)} → ${after.toFixed(0)} MB`;

async function measureAll(): Promise<void> {
  console.log(
    "events/s   screen  plain log  unseen  screen − unseen  screen ÷ plain   memory of the screen's run   keys",
  );
  for (const rate of [0, 100, 1_000]) {
    const { cost, keysMs } = await measureScreen(rate);
    const median = keysMs[Math.floor(keysMs.length / 2)] as number;
    const keys = `${median.toFixed(0)} ms, at most ${Math.max(...keysMs).toFixed(0)} ms`;
    const common = `${megabytes(cost.megabytes).padStart(26)}   ${keys}`;
    if (rate === 0) {
      console.log(`${"0".padStart(8)}${percent(cost.cpu)}${" ".repeat(52)}${common}`);
      continue;
    }
    const live = ["--rate", String(rate), "--seed", "1"];
    const plain = await measureWithout((settings) => [main, "demo", "--plain", ...live, ...settings]);
    const unseen = await measureWithout(([, path]) => [thisFile, "unseen", String(rate), path as string]);
    const own = percent(cost.cpu - unseen.cpu).padStart(17);
    const ratio = (cost.cpu / plain.cpu).toFixed(2).padStart(16);
    console.log(
      `${String(rate).padStart(8)}${percent(cost.cpu)}${percent(plain.cpu).padStart(11)}` +
        `${percent(unseen.cpu)}${own}${ratio} ${common}`,
    );
  }
  console.log("Shares are of one core, of all threads, the pipeline's included.");
  console.log("keys: from pressing ? until tmux shows the help, as a median; starting tmux twice is in it.");
}

if (import.meta.main) {
  const [mode, rate, path] = Deno.args;
  if (mode === "unseen") await runUnseen(Number(rate), path as string);
  else await measureAll();
}
