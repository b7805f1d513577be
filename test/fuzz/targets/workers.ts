import { noViewer } from "../../../src/viewer.ts";
import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeMessage } from "../../../src/runner/protocol.ts";
import { decodeLines, encodeLine } from "../../../src/runner/message_lines.ts";
import { makeEvent } from "../../support/events.ts";
import { emitted, WorkerTalk } from "../../support/worker_talk.ts";
import { hostileJson, hostileNumber, hostileText, spoiltFields } from "../inputs.ts";
import type { Target } from "../target.ts";

type Step =
  | { does: "say"; text: string }
  | { does: "post"; data: unknown }
  | { does: "give"; count: number }
  | { does: "pass"; ms: number }
  | { does: "hold"; isHeld: boolean };

interface Input {
  steps: Step[];
  /** For the way to the worker. */
  comment: string;
  cuts: number[];
}

const itemId = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 12 }) }, {
  weight: 1,
  arbitrary: hostileNumber,
});
const failure = spoiltFields({ sentence: hostileText, place: fc.constant(null), isUserError: fc.boolean() });
const emission = spoiltFields({
  type: fc.constantFrom(emitted, "GiftEvent", "__proto__"),
  data: fc.dictionary(hostileText, hostileJson, { maxKeys: 4 }),
  id: fc.option(hostileText),
  toSelf: fc.boolean(),
});
const live = fc.oneof(
  fc.record({ source: fc.option(hostileText) }),
  fc.record({ itemId }),
  hostileJson,
);
const stepName = fc.oneof({ weight: 4, arbitrary: fc.constantFrom("a", "b") }, {
  weight: 1,
  arbitrary: hostileText,
});
const stepRequest = spoiltFields({
  kind: fc.constantFrom("begin_step", "complete_step", "fail_step", "show_step", "use_folder", "will_fail"),
  itemId,
  name: stepName,
  rules: spoiltFields({
    retries: fc.nat({ max: 2 }),
    backoffMs: fc.nat({ max: 100_000 }),
    timeoutMs: fc.option(fc.integer({ min: 1, max: 9_000 })),
  }),
  sleepMs: fc.option(fc.nat({ max: 100_000 }), { freq: 2 }),
  result: hostileJson,
  error: hostileText,
  isFinal: fc.boolean(),
  leastWaitMs: fc.nat({ max: 100_000 }),
  fraction: fc.double({ min: 0, max: 1, noNaN: true }),
  text: hostileText,
});
const request = spoiltFields({
  kind: fc.constantFrom("get_state", "set_state", "totals", "top", "emit", "constructor"),
  scope: fc.constantFrom("service", "live", "session", "__proto__"),
  key: hostileText,
  value: hostileJson,
  count: hostileNumber,
  emission,
  live,
});
const pane = spoiltFields({
  title: hostileText,
  lines: fc.array(spoiltFields({ label: hostileText, value: hostileText, part: hostileNumber }), {
    maxLength: 5,
  }),
});
const ends = fc.array(
  spoiltFields({
    itemId,
    failure: fc.option(failure),
    emitted: fc.array(emission, { maxLength: 3 }),
    isWaiting: fc.constantFrom(undefined, undefined, true),
  }),
  { maxLength: 6 },
);

const fieldsByKind: Record<string, Record<string, fc.Arbitrary<unknown>>> = {
  ready: {},
  held: {},
  stopped: {},
  began: {},
  start_failed: { failure, isMistake: fc.boolean(), inOptions: hostileJson },
  ended: { ends },
  returned: { itemIds: fc.array(itemId, { maxLength: 6 }) },
  show: { pane },
  log: { level: fc.constantFrom("debug", "info", "warn", "error", "constructor"), text: hostileText },
  pong: { heapBytes: hostileNumber },
  request: { requestId: hostileNumber, request: fc.oneof(request, stepRequest) },
  child: { pid: hostileNumber, isRunning: fc.boolean() },
  print: { text: hostileText },
  commands: { commands: hostileJson },
  command_ended: { failure: fc.option(failure), isMistake: fc.boolean(), inOptions: hostileJson },
  crashed: { error: hostileText },
};

/** Texts that are messages, or nearly. Most lives are not ended by the first of them. */
export const workerMessage: fc.Arbitrary<string> = fc.oneof(
  ...Object.entries(fieldsByKind).map(([kind, fields]) => ({
    weight: kind === "crashed" ? 1 : 6,
    arbitrary: spoiltFields({ kind: fc.constant(kind), ...fields }).map((message) => JSON.stringify(message)),
  })),
  { weight: 3, arbitrary: hostileText },
  { weight: 3, arbitrary: hostileJson.map((value) => JSON.stringify(value)) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: workerMessage.map((text): Step => ({ does: "say", text })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(null, undefined, 5, 1n, new Map(), new Uint8Array(3), {}, [])
      .map((data): Step => ({ does: "post", data })),
  },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 5 }).map((count): Step => ({ does: "give", count })) },
  { weight: 2, arbitrary: fc.nat({ max: 3_000 }).map((ms): Step => ({ does: "pass", ms })) },
  { weight: 1, arbitrary: fc.boolean().map((isHeld): Step => ({ does: "hold", isHeld })) },
);

export const target: Target<Input> = {
  holds: "whatever a worker says, each of its items ends once, and only what is right goes any further",
  inputs: fc.record({
    steps: fc.array(step, { maxLength: 40 }),
    comment: hostileText,
    cuts: fc.array(fc.nat({ max: 5_000 }), { maxLength: 10 }),
  }, { noNullPrototype: true }),
  async check({ steps, comment, cuts }) {
    const talk = new WorkerTalk();
    talk.hear('{"kind":"ready"}');
    for (const step of steps) {
      take(talk, step);
      await Promise.resolve();
    }
    await talk.end();
    assert.equal(Reflect.get({}, "isPolluted"), undefined);
    await assertComesThrough(comment, cuts);
  },
};

function take(talk: WorkerTalk, step: Step): void {
  switch (step.does) {
    case "say":
      return talk.hear(step.text);
    case "post":
      return talk.hear(step.data);
    case "give":
      return talk.give(step.count);
    case "pass":
      return talk.clock.advance(step.ms);
    case "hold":
      if (!talk.isOver) talk.life.isHeld = step.isHeld;
  }
}

/** An item comes to a worker as it was sent, however the pipe to it is cut. */
async function assertComesThrough(comment: string, cuts: readonly number[]): Promise<void> {
  const event = makeEvent({ data: { comment, language: "en", emotes: [] } });
  const item = {
    id: 1,
    priority: 5,
    isAsync: true,
    count: 1,
    attempt: 1,
    isFirstOfUser: false,
    viewer: noViewer,
  };
  const message = { kind: "items", maxConcurrency: 3, items: [{ item, event }] } as const;
  const bytes = new TextEncoder().encode(encodeLine(encodeMessage(message)));
  const places = [0, ...cuts.map((cut) => cut % bytes.length), bytes.length].sort((a, b) => a - b);
  const chunks = places.slice(1).map((to, index) => bytes.slice(places[index], to));
  const texts: (string | null)[] = [];
  for await (const { text } of decodeLines(ReadableStream.from(chunks))) texts.push(text);
  assert.deepEqual(texts.map((text) => JSON.parse(text ?? "null")), [message]);
}
