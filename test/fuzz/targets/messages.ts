import assert from "node:assert/strict";
import fc from "fast-check";
import { logLevels } from "../../../src/log/log.ts";
import { decodeLines, encodeLine, LineTooLong } from "../../../src/runner/message_lines.ts";
import { WorkerLife } from "../../../src/runner/worker_life.ts";
import type { TransportOptions } from "../../../src/runner/transport.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { heardLog } from "../../support/heard_log.ts";
import { MemoryFeed } from "../../support/memory_feed.ts";
import { makeService } from "../../support/runner_under_test.ts";
import {
  type Edit,
  editedText,
  editsOf,
  hostileJson,
  hostileNumber,
  hostileText,
  mostlyRight,
} from "../inputs.ts";
import type { Target } from "../target.ts";

/** One thing that comes from a worker, and how much time passes behind it. */
interface Said {
  message: unknown;
  /** How it comes: as text, as text that was spoilt, or as a value that the service's own code posted. */
  form: "text" | "spoilt" | "posted";
  edits: Edit<string>[];
  ms: number;
}

const text = hostileText;
const number = hostileNumber;
const itemId = fc.oneof(fc.integer({ min: 1, max: 5 }), number);
const failure = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  mostlyRight({ sentence: text, place: fc.option(text), isUserError: fc.boolean() }),
);
const emission = mostlyRight({
  type: fc.oneof(fc.constantFrom("SpinEvent", "spinevent", "GiftEvent"), text),
  data: fc.oneof(fc.constant({}), hostileJson),
  id: fc.option(text),
  toSelf: fc.boolean(),
});
const live = fc.oneof(
  fc.constant({ source: null }),
  mostlyRight({ itemId }),
  mostlyRight({ source: fc.option(text) }),
);
const scope = fc.constantFrom("session", "live", "service");
const key = fc.oneof(fc.constantFrom("level", "__proto__", "forbidden", ""), text);
const request = fc.oneof(
  mostlyRight({ kind: fc.constant("get_state"), scope, key, live }),
  mostlyRight({ kind: fc.constant("set_state"), scope, key, value: hostileJson, live }),
  mostlyRight({ kind: fc.constant("totals"), live }),
  mostlyRight({ kind: fc.constant("top"), count: number, live }),
  mostlyRight({ kind: fc.constant("emit"), emission, live }),
  hostileJson,
);
const ended = fc.array(mostlyRight({ itemId, failure, emitted: fc.array(emission, { maxLength: 3 }) }), {
  maxLength: 4,
});
const inOptions = fc.array(
  mostlyRight({ message: text, path: fc.array(fc.oneof(text, number), { maxLength: 3 }) }),
  {
    maxLength: 3,
  },
);
const isMistake = fc.boolean();
const lines = fc.array(mostlyRight({ label: text, value: text, part: number }), { maxLength: 4 });
const requestId = fc.oneof({ weight: 4, arbitrary: fc.nat({ max: 9 }) }, number);
const fieldsByKind: Record<string, Record<string, fc.Arbitrary<unknown>>> = {
  ready: {},
  start_failed: { failure, isMistake, inOptions },
  began: {},
  ended: { ends: ended },
  returned: { itemIds: fc.array(itemId, { maxLength: 4 }) },
  held: {},
  show: { pane: mostlyRight({ title: text, lines }) },
  log: {
    level: fc.oneof(fc.constantFrom<string>(...logLevels), text),
    text,
    option: fc.array(fc.oneof(text, number)),
  },
  pong: { heapBytes: number },
  request: { requestId, request },
  stopped: {},
  child: { pid: number, isRunning: fc.boolean() },
  print: { text },
  commands: { commands: hostileJson },
  command_ended: { failure, isMistake, inOptions },
  constructor: {},
  toString: {},
  start: { options: hostileJson },
};
const message = fc.oneof(
  ...Object.entries(fieldsByKind).map(([kind, fields]) => ({
    weight: kind === "request" || kind === "ended" ? 8 : 1,
    arbitrary: mostlyRight(fields).map((rest) => ({ kind, ...Object(rest) })),
  })),
  { weight: 1, arbitrary: hostileJson },
);
const said = fc.record({
  message,
  form: fc.oneof({ weight: 8, arbitrary: fc.constant("text") }, fc.constantFrom("spoilt", "posted")),
  edits: editsOf(text, 3),
  ms: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat({ max: 3_000 })),
}, { noNullPrototype: true }) as fc.Arbitrary<Said>;

export const target: Target<Said[]> = {
  holds:
    "whatever a worker says, nothing unchecked goes through, each item is settled once, and nobody throws",
  inputs: fc.array(said, { maxLength: 30 }),
  async check(all) {
    await throughWorker(all);
    await throughPipe(all);
  },
};

async function throughWorker(all: Said[]): Promise<void> {
  const clock = new FakeClock();
  const log = heardLog();
  const feed = new MemoryFeed();
  let transport: TransportOptions | null = null;
  let ends = 0;
  const life = new WorkerLife({
    service: makeService("scripted", { emits: ["SpinEvent"] }),
    feed,
    clock,
    log,
    openTransport(options) {
      transport = options;
      return {
        canKill: false,
        ledger: null,
        children: null,
        post: () => {},
        terminate: () => Promise.resolve(),
      };
    },
    describeOptionMistakes: (mistakes) => mistakes.map(({ message }) => message),
    placeOfOption: (path) => path.join("."),
    onReady: () => give(life, feed),
    onSettled: () => {},
    onOver: () => ends++,
  });
  const { onMessage } = transport! as TransportOptions;
  onMessage('{"kind":"ready"}');
  for (const each of all) {
    onMessage(dataOf(each));
    clock.advance(each.ms);
    // Requests are answered in a later turn.
    await Promise.resolve();
  }
  const stopped = life.stop(0);
  for (let seconds = 0; seconds < 10; seconds++) {
    clock.advance(1_000);
    await Promise.resolve();
  }
  await stopped;
  assert.equal(ends, 1, "its life ended once");
  assertChecked(feed);
}

function give(life: WorkerLife, feed: MemoryFeed): void {
  for (let id = 1; id <= 5; id++) void feed.say(id, "hello");
  const items = Array.from({ length: 5 }, () => feed.next()!);
  life.give(items);
}

function assertChecked(feed: MemoryFeed): void {
  assert.deepEqual(feed.running, [], "an item was never settled");
  for (const [id, outcome] of feed.outcomes) {
    assert.ok(id >= 1 && id <= 5);
    if (outcome.kind === "completed") outcome.emitted.forEach(assertEmission);
  }
  feed.emissions.forEach(assertEmission);
  for (const [key, value] of feed.state) {
    assert.match(key, /^(session|live|service) [\s\S]{1,200}$/);
    JSON.stringify(value);
  }
  for (const { title, lines } of feed.panes) {
    assert.ok(title.length <= 1_000 && lines.length <= 50);
    assert.doesNotMatch(title, /\p{Cc}/u);
  }
}

function assertEmission({ type, data, id }: { type: string; data: unknown; id: string | null }): void {
  assert.equal(type, "SpinEvent");
  assert.ok(typeof data === "object" && data !== null && !Array.isArray(data));
  assert.ok(id === null || (id.length >= 1 && id.length <= 200));
}

function dataOf({ message, form, edits }: Said): unknown {
  switch (form) {
    case "posted":
      return message;
    case "text":
      return JSON.stringify(message);
    case "spoilt":
      return editedText(JSON.stringify(message), edits);
  }
}

/** What a process prints between its messages is told from them, however the pipe cuts it. */
async function throughPipe(all: Said[]): Promise<void> {
  const texts = all.map((each) => JSON.stringify(each.message)).map((text) => text.toWellFormed());
  const printed = all.map(({ edits }) =>
    (edits[0]?.part ?? "").replaceAll("\x1e", "").replaceAll("\n", "").toWellFormed()
  );
  const bytes = new TextEncoder().encode(
    texts.map((text, index) => printed[index] + encodeLine(text)).join(""),
  );
  const cut = Math.floor(bytes.length / 3);
  const stream = ReadableStream.from([bytes.slice(0, cut), bytes.slice(cut, cut + 1), bytes.slice(cut + 1)]);
  const read: string[] = [];
  try {
    for await (const line of decodeLines(stream, { maxCharacters: 100_000 })) {
      if (line.text !== null) read.push(line.text);
    }
  } catch (error) {
    if (!(error instanceof LineTooLong)) throw error;
    return;
  }
  assert.deepEqual(read, texts);
}
