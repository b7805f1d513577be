/**
 * What events cost on their way in, and what rules cost on their way out: messages of TikTok's from gzipped frames to
 * cleaned events, a recording from its file, and a service with twenty rules. Where ../shared/recorded is there, the
 * messages are of its real lives, of the types that a live is mostly made of; else they are the made-up ones of the
 * tests, which are smaller, and the figures' names say so.
 */
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { WebcastPushFrame } from "tiktok-live-connector";
import { z } from "zod";
import { decodeEvent } from "../src/capture/tiktok/decode.ts";
import { decodeFrame } from "../src/capture/tiktok/schema.ts";
import { createReplaySource } from "../src/capture/replay/replay.ts";
import { DemoLive } from "../src/capture/demo/demo_live.ts";
import { systemClock } from "../src/clock.ts";
import { type KnownEvent, type LiveEvent, mainEventTypes } from "../src/event.ts";
import { Rules, rulesSchema } from "../src/kit/rules.ts";
import type { RawMessage } from "../src/source.ts";
import { makeEvent } from "../test/support/events.ts";
import { frameOf } from "../test/support/fake_tiktok.ts";
import { MemoryState } from "../test/support/memory_state.ts";
import { serviceConfig } from "../test/support/temporary_store.ts";
import { type Benchmark, type BenchmarkOptions, type Figure, runAlone } from "./benchmark.ts";
import { flood } from "./flood.ts";
import { pathOf, withService } from "./running_service.ts";

const realFolder = pathOf("../../shared/recorded");
const madeUpFolder = pathOf("../test/data");
const mainMethods = ["Chat", "Gift", "Like", "Member", "Social", "RoomUserSeq"]
  .map((name) => `Webcast${name}Message`);

const streamer = "ana.live";
/** Messages a frame: as many as make each as costly as can be, and as many as come together in a busy live. */
const frameSizes = [1, 8];
const ruled = pathOf("ruled_service.ts");

export const benchmark: Benchmark = {
  name: "sources",
  about:
    "Messages are decoded and cleaned beside gunzip alone, a recording is replayed beside JSON.parse alone, " +
    "and twenty rules are run beside none.",
  async *measure(options) {
    const recording = readRecordings();
    yield* measureDecoding(recording, options);
    yield* measureReplay(recording, options);
    yield* measureRules(options);
  },
};

interface Recording {
  /** "real" or "made-up". */
  kind: string;
  lines: string[];
}

function readRecordings(): Recording {
  const isReal = exists(realFolder);
  if (!isReal) {
    console.error("../shared/recorded is not there: made-up messages are measured in place of real ones.");
  }
  const [folder, names] = isReal
    ? [realFolder, ["small_room", "streak_minute"]]
    : [madeUpFolder, ["calm", "hostile"]];
  const lines = names.flatMap((name) => Deno.readTextFileSync(join(folder, `${name}.jsonl`)).split("\n"))
    .filter((line) => mainMethods.some((method) => line.startsWith(`{"method":"${method}"`)))
    .filter((line) => !isDamaged(line));
  return { kind: isReal ? "real" : "made-up", lines: shuffled(lines) };
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** Some of the made-up lines are damaged on purpose. */
function isDamaged(line: string): boolean {
  try {
    return decodeEvent(rawOf(line), "") === "corrupt";
  } catch {
    return true;
  }
}

function rawOf(line: string): RawMessage {
  const message = JSON.parse(line);
  return { ...message, payload: Uint8Array.fromBase64(message.payload) };
}

/** Shuffles them the same way each time, because recordings group their messages by type. */
function shuffled<Value>(values: Value[]): Value[] {
  let state = 1;
  const keyed = values.map((value) => ({ value, key: state = (state * 16_807) % 2_147_483_647 }));
  return keyed.sort((one, other) => one.key - other.key).map(({ value }) => value);
}

function* measureDecoding({ kind, lines }: Recording, { isShort }: BenchmarkOptions): Generator<Figure> {
  const seconds = isShort ? 0.5 : 3;
  const unit = "messages/s";
  const messages = lines.map(rawOf);
  for (const size of frameSizes) {
    const frames = Array.from(
      { length: Math.ceil(messages.length / size) },
      (_, index) => frameOf(messages.slice(index * size, (index + 1) * size), streamer, { isGzipped: true }),
    );
    const label = `${kind} messages, ${size} a frame`;
    yield {
      name: `decoded and cleaned: ${label}`,
      value: messages.length * timesASecond(seconds, () => frames.forEach(decodeAll)),
      unit,
      target: { atLeast: 25_000 },
    };
    const zipped = frames.map((frame) => WebcastPushFrame.decode(frame).payload);
    const inflated = timesASecond(seconds / 2, () => zipped.forEach((bytes) => gunzipSync(bytes)));
    yield { name: `gunzip alone: ${label}`, value: messages.length * inflated, unit };
  }
}

/** A frame's whole path, as from the socket. */
function decodeAll(bytes: Uint8Array): void {
  const frame = decodeFrame(bytes);
  if (frame === "corrupt") throw new Error("A frame of the benchmark cannot be read.");
  for (const message of frame.messages) {
    if (decodeEvent({ ...message, createTime: null, streamer }, "") === "corrupt") {
      throw new Error(`A ${message.method} of the benchmark cannot be read.`);
    }
  }
}

/** How often per second `work` runs: the median of many times. */
function timesASecond(seconds: number, work: () => void): number {
  work();
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const begin = performance.now();
    work();
    times.push(performance.now() - begin);
  }
  return 1000 / (times.sort((one, other) => one - other)[times.length >> 1] as number);
}

async function* measureReplay(
  { kind, lines }: Recording,
  { isShort }: BenchmarkOptions,
): AsyncGenerator<Figure> {
  const count = isShort ? 20_000 : 100_000;
  const text = lines.join("\n") + "\n";
  const path = await Deno.makeTempFile({ prefix: "livecue-bench-", suffix: ".jsonl" });
  try {
    await Deno.writeTextFile(path, text.repeat(Math.ceil(count / lines.length)));
    await replay(path);
    const begin = performance.now();
    const events = await replay(path);
    const value = events / (performance.now() - begin) * 1000;
    yield {
      name: `replayed from a file: ${kind} messages`,
      value,
      unit: "events/s",
      target: { atLeast: 30_000 },
    };
  } finally {
    await Deno.remove(path);
  }
  const parsed = timesASecond(isShort ? 0.5 : 2, () => lines.forEach((line) => JSON.parse(line)));
  yield {
    name: `JSON.parse alone: the lines of ${kind} messages`,
    value: lines.length * parsed,
    unit: "events/s",
  };
}

/** How many events the file gives. */
async function replay(path: string): Promise<number> {
  const source = createReplaySource({ path, speed: "max", keepGaps: false, clock: systemClock });
  let events = 0;
  for await (const { kind } of source.open(new AbortController().signal)) if (kind === "event") events++;
  return events;
}

/** Twenty rules like a streamer's. */
function twentyRules(cooldown: Record<string, number> = {}): Record<string, unknown>[] {
  const words = ["hello", ["hola", "ola"], "gg", "jump", ["song", "music"], "bom dia", "привет", "草"];
  const patterns = [
    "^!\\w+",
    "\\b(spin|jump)\\b",
    "[!?]{3,}",
    "https?://\\S+",
    "^\\d+$",
    "ха+",
    "dino",
    "^.{80,}$",
  ];
  const conditions = [
    ...words.map((words) => ({ when: "CommentEvent", if: { words } })),
    ...patterns.map((pattern) => ({ when: "CommentEvent", if: { pattern } })),
    ...[1, 10, 100, 1000].map((min_diamonds) => ({ when: "GiftEvent", if: { min_diamonds } })),
  ];
  return conditions.map((condition) => ({ ...condition, do: { say: "{user}" }, cooldown }));
}

async function* measureRules({ isShort }: BenchmarkOptions): AsyncGenerator<Figure> {
  const events = demoEvents(isShort ? 2000 : 20_000);
  const comments = events.filter(({ type }) => type === "CommentEvent");
  for (const [label, rules] of [["20 rules", twentyRules()], ["no rules", []]] as const) {
    yield {
      name: `${label}: an event of any type`,
      value: await matchMicroseconds(rules, events),
      unit: "µs",
    };
    yield { name: `${label}: a comment`, value: await matchMicroseconds(rules, comments), unit: "µs" };
  }
  const length = isShort ? 3000 : 15_000;
  const kinds = [
    { name: "no rules", rules: [], speed: 0 },
    { name: "20 rules", rules: twentyRules(), speed: 0 },
    {
      name: "20 rules with cooldowns",
      rules: twentyRules({ rule_seconds: 5, viewer_seconds: 30 }),
      speed: 0,
    },
  ];
  for (let round = 0; round < (isShort ? 1 : 4); round++) {
    for (const kind of kinds) kind.speed = Math.max(kind.speed, await itemsASecond(kind.rules, length));
  }
  const [none] = kinds;
  for (const { name, speed } of kinds) {
    yield { name: `a service with ${name}`, value: speed, unit: "items/s" };
    if (name === none?.name) continue;
    const target = name === "20 rules" ? { target: { atLeast: 0.9 } } : {};
    yield {
      name: `a service with ${name}, of one with none`,
      value: speed / (none?.speed ?? NaN),
      unit: "",
      ...target,
    };
  }
}

function demoEvents(count: number): LiveEvent[] {
  const live = new DemoLive({ seed: 1, ratePerSecond: 100, startAt: 1_700_000_000_000 });
  return Array.from({ length: count }, (_, index) => {
    const { type, data, user, createdAt, streak: frame } = live.next();
    const streak = frame && { id: "1", count: frame.count, delta: frame.count, hasEnded: false };
    return makeEvent(
      { id: index + 1, type, data, user, createdAt: createdAt ?? 0, streak } as Partial<KnownEvent>,
    );
  });
}

/** The average time to match an event with the rules. */
async function matchMicroseconds(given: readonly unknown[], events: readonly LiveEvent[]): Promise<number> {
  const schema = rulesSchema(z.strictObject({ say: z.string() }));
  const rules = new Rules(schema.parse(given), new MemoryState());
  const item = { count: 1, isFirstOfUser: false };
  const times: number[] = [];
  for (let round = 0; round < 11; round++) {
    const begin = performance.now();
    for (const event of events) await rules.match(event, item);
    times.push(performance.now() - begin);
  }
  return (times.sort((one, other) => one - other)[times.length >> 1] as number) / events.length * 1000;
}

/**
 * Items per second of a service with these rules. The second of two floods counts, because then the code is compiled.
 */
function itemsASecond(rules: unknown[], length: number): Promise<number> {
  const subscription = {
    isEnabled: true,
    priority: 5,
    isAsync: false,
    isDiscardable: false,
    streaks: "each",
  } as const;
  const subscriptions = Object.fromEntries(mainEventTypes.map((type) => [type, subscription]));
  const changes = {
    serviceClass: ruled,
    options: { rules },
    maxQueueSize: length,
    prefetch: 64,
    subscriptions,
  };
  return withService(serviceConfig("ruled", changes), async ({ app }) => {
    const completed = () => app.services.views()[0]?.completed ?? 0;
    const processFlood = async () => {
      const isCaptured = Promise.withResolvers<void>();
      app.switchSource(flood(length, (index) => index === length - 1 && isCaptured.resolve()));
      await isCaptured.promise;
      await app.idle();
    };
    await processFlood();
    const [before, begin] = [completed(), performance.now()];
    await processFlood();
    return (completed() - before) / (performance.now() - begin) * 1000;
  });
}

if (import.meta.main) await runAlone(benchmark);
