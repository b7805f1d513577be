/**
 * Measures the time from an event to its first sound, at rest and while fifty texts of others wait, and the CPU and
 * memory of the speech. The page is a separate program that does the work of the page for OBS, except playing the
 * sound. A browser takes additional time to decode and begin a sound.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { sleep, systemClock } from "../src/clock.ts";
import type { ServiceConfig } from "../src/service.ts";
import { blockService } from "../test/support/service_blocks.ts";
import { type Benchmark, type Figure, runAlone } from "./benchmark.ts";
import { pathOf, type Running, withService } from "./running_service.ts";
import { ownMegabytes } from "./services/isolation.ts";
import { measureFlood } from "./speech/flood.ts";
import type { Heard } from "./speech/page.ts";
import { PushedSource } from "./speech/pushed_source.ts";

const waitingCount = 50;
/** The pause between two texts, so that the first one is over. */
const restMs = 300;

interface Spans {
  textsAtRest: number;
  rounds: number;
  speakingMs: number;
  floods: number;
}

const whole: Spans = { textsAtRest: 30, rounds: 10, speakingMs: 30_000, floods: 5 };
const short: Spans = { textsAtRest: 3, rounds: 1, speakingMs: 3_000, floods: 1 };

/** The service of the shipped block, at a free port. */
function speech(folder: string): ServiceConfig {
  const service = blockService("tts");
  const permissions = { ...service.permissions, net: ["127.0.0.1:0"] };
  const options = { ...service.options, port: 0, reconnect_seconds: 60 };
  return { ...service, permissions, options, dataFolder: join(folder, "data", "tts"), isActive: true };
}

/** A page in a separate process. It reports when it received the first sound of each text. */
class Page {
  readonly #child;
  readonly #lines;

  private constructor(url: string, pace: "real" | "at once") {
    const args = ["run", "-A", "--quiet", "--no-prompt", pathOf("speech/page.ts"), url, pace];
    this.#child = spawn(Deno.execPath(), args, { stdio: ["ignore", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  static async open(url: string, pace: "real" | "at once"): Promise<Page> {
    const page = new Page(url, pace);
    await page.next();
    return page;
  }

  async next(): Promise<Heard> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("the page ended");
    return JSON.parse(value);
  }

  async until(text: string): Promise<Heard> {
    for (let heard = await this.next();; heard = await this.next()) {
      if (heard.text.includes(text)) return heard;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }
}

function urlOf({ log }: Running): string {
  const [url] = log.entries.flatMap(({ text }) => text.match(/http:\/\/[^/]+/) ?? []);
  if (url === undefined) throw new Error("the speech does not say where its pages are");
  return url;
}

let textCount = 0;

/** Some eighty characters, different each time, because a text in the cache would be ready at once. */
function newText(): string {
  const number = ++textCount;
  return `this is the text with the number ${number}, and nobody has said ${
    number * 7919
  } to the streamer before`;
}

async function* measureDelays({ textsAtRest, rounds }: Spans, running: Running): AsyncGenerator<Figure> {
  const source = new PushedSource();
  running.app.switchSource(source);
  await using page = await Page.open(urlOf(running), "at once");
  const delayOf = async (push: (text: string) => void) => {
    const text = newText();
    const begin = Date.now();
    push(text);
    return (await page.until(text)).at - begin;
  };
  const atRest: number[] = [];
  for (let index = 0; index < textsAtRest; index++) {
    atRest.push(await delayOf((text) => source.comment(`viewer${index}`, text)));
    await sleep(systemClock, restMs);
  }
  yield {
    name: "an event to the first sound, at rest: the first one",
    value: atRest[0] as number,
    unit: "ms",
  };
  yield* delayFigures("an event to the first sound, at rest", atRest.slice(1), 400);
  const beside: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const others = Array.from({ length: waitingCount }, newText);
    for (const [index, text] of others.entries()) source.comment(`other${index % 10}`, text);
    beside.push(await delayOf((text) => source.donate("ana", text)));
    await page.until(others.at(-1) as string);
    await sleep(systemClock, restMs);
  }
  yield* delayFigures(`a donation to its first sound, while ${waitingCount} texts wait`, beside, 1000);
}

function* delayFigures(name: string, delays: readonly number[], atMost: number): Iterable<Figure> {
  const sorted = delays.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] as number;
  yield { name: `${name}: median`, value: median, unit: "ms" };
  yield { name: `${name}: longest`, value: sorted.at(-1) as number, unit: "ms", target: { atMost } };
}

async function* measureSpeaking({ speakingMs }: Spans, running: Running): AsyncGenerator<Figure> {
  const source = new PushedSource();
  running.app.switchSource(source);
  await using page = await Page.open(urlOf(running), "real");
  const speakOne = async () => {
    const text = newText();
    source.comment("ana", text);
    await page.until(text);
  };
  await speakOne();
  const [before, begin] = [process.cpuUsage(), systemClock.monotonic()];
  while (systemClock.monotonic() - begin < speakingMs) await speakOne();
  const { user, system } = process.cpuUsage(before);
  const share = (user + system) / 1000 / (systemClock.monotonic() - begin);
  const name = "Livecue while it speaks, text after text: CPU";
  yield { name, value: 100 * share, unit: "% of a core", target: { atMost: 5 } };
}

async function* measureAll(spans: Spans): AsyncGenerator<Figure> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
  const figures: Figure[] = [];
  try {
    await withService({ ...blockService("dummy"), isActive: true }, async () => {
      const megabytes = await ownMegabytes();
      await withService(speech(folder), async (running) => {
        for await (const figure of measureDelays(spans, running)) figures.push(figure);
        for await (const figure of measureSpeaking(spans, running)) figures.push(figure);
        const value = await ownMegabytes() - megabytes;
        figures.push({ name: "a worker of the speech: memory", value, unit: "MB", target: { atMost: 250 } });
      });
    });
    yield* figures;
    yield* measureFlood(spans.floods);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

export const benchmark: Benchmark = {
  name: "speech",
  about: "Comments and donations are spoken to a page in a program of its own, which plays nothing.",
  measure: ({ isShort }) => measureAll(isShort ? short : whole),
};

if (import.meta.main) await runAlone(benchmark);
