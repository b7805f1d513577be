import assert from "node:assert/strict";
import fc from "fast-check";
import {
  Session,
  type SessionListener,
  type Subscription,
} from "../../../src/capture/lightstreamer/session.ts";
import { Table } from "../../../src/capture/lightstreamer/table.ts";
import type { SentReading } from "../../../src/source.ts";
import { assertReading, assertSentence } from "../asserts.ts";
import { type Edit, editedText, editsOf, hostileText } from "../inputs.ts";
import type { Target } from "../target.ts";

/** A line of any kind, or what the server of a session does next. */
type Step =
  | { kind: "line"; text: string; edits: Edit<string>[] }
  | { kind: "update"; value: number }
  | { kind: "cut"; repeats: number }
  | { kind: "loop" };

interface Input {
  /** Whether the server keeps to the protocol: then every update is read exactly once. */
  isRight: boolean;
  steps: Step[];
}

const subscription: Subscription = {
  adapterSet: "ISSLIVE",
  items: ["NODE3000005", "TIME_000001"],
  fields: ["TimeStamp", "Value", "Status.Class"],
  mode: "MERGE",
};
const now = Date.UTC(2026, 10, 27, 12);

const value = fc.oneof(
  fc.constantFrom("7956.5", "41", "24", "0", "#", "$", "", "^2", "^9", "^Pa", "%41", "%"),
  hostileText,
);
const list = fc.array(value, { minLength: 1, maxLength: 4 }).map((values) => values.join("|"));
const number = fc.oneof(
  fc.nat({ max: 4 }).map(String),
  fc.constantFrom("-1", "1e3", "99999999999999999999", "x", ""),
);
const tag = fc.constantFrom(
  ...[
    "U",
    "SUBOK",
    "UNSUB",
    "SUBCMD",
    "EOS",
    "CS",
    "OV",
    "CONF",
    "MSGDONE",
    "CONOK",
    "CONERR",
    "END",
    "LOOP",
  ],
  ...["PROG", "REQOK", "REQERR", "ERROR", "PROBE", "NOOP", "SYNC", "CONS", "WSOK", "toString", "__proto__"],
);
const line = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(number, list).map(([item, values]) => `U,1,${item},${values}`) },
  {
    weight: 4,
    arbitrary: fc.tuple(tag, fc.array(fc.oneof(number, hostileText), { maxLength: 5 }))
      .map(([tag, given]) => [tag, ...given].join(",")),
  },
  { weight: 1, arbitrary: hostileText },
);
const cut = fc.record({ kind: fc.constant("cut" as const), repeats: fc.nat({ max: 5 }) }, {
  noNullPrototype: true,
});
const loop = fc.constant({ kind: "loop" as const });
const update = fc.record({ kind: fc.constant("update" as const), value: fc.nat({ max: 100 }) }, {
  noNullPrototype: true,
});
const anyLine = fc.record(
  { kind: fc.constant("line" as const), text: line, edits: editsOf(hostileText, 2) },
  {
    noNullPrototype: true,
  },
);

export const target: Target<Input> = {
  holds:
    "whatever a Lightstreamer server sends is read or counted, and of a right one each update is read once",
  inputs: fc.oneof(
    fc.record({
      isRight: fc.constant(true),
      steps: fc.array<Step>(fc.oneof({ weight: 6, arbitrary: update }, cut, loop), { maxLength: 60 }),
    }, { noNullPrototype: true }),
    fc.record({
      isRight: fc.constant(false),
      steps: fc.array<Step>(fc.oneof({ weight: 9, arbitrary: anyLine }, update, cut, loop), {
        maxLength: 60,
      }),
    }, { noNullPrototype: true }),
  ),
  check({ isRight, steps }) {
    const server = new Server();
    for (const step of steps) server.take(step);
    server.readings.forEach(assertReading);
    if (!isRight) return;
    assert.equal(server.corruptCount, 0);
    const read = server.readings.filter(({ channel }) => channel === "NODE3000005").map(({ value }) => value);
    assert.deepEqual(read, steps.flatMap((step) => step.kind === "update" ? step.value : []));
  },
};

/** A session with a server that answers its requests, sends data, and remembers it for a recovery. */
class Server implements SessionListener {
  readonly readings: SentReading[] = [];
  corruptCount = 0;
  readonly #session = new Session(subscription, this);
  readonly #table = new Table({ ...subscription, timeForm: "hours_of_year", timeField: "TimeStamp" });
  #data: string[] = [];
  /** Requests that are not answered yet. */
  readonly #requests: string[] = [];

  constructor() {
    this.#session.open();
    this.#answer();
  }

  take(step: Step): void {
    switch (step.kind) {
      case "line":
        this.#session.take(editedText(step.text, step.edits).replaceAll(/[\r\n]/g, ""));
        break;
      case "update":
        this.#say(`U,1,1,7956.5|${step.value}|`);
        break;
      case "cut":
        this.#session.takeLink();
        this.#session.open();
        this.#answer(step.repeats);
        break;
      case "loop":
        this.#session.take("LOOP,0");
        break;
    }
    this.#answer();
  }

  #say(...lines: string[]): void {
    for (const line of lines) {
      this.#data.push(line);
      this.#session.take(line);
    }
  }

  #answer(repeats = 0): void {
    for (let turns = 0; this.#requests.length > 0 && turns < 100; turns++) {
      const [name, text = ""] = (this.#requests.shift() as string).split("\r\n");
      const parameters = new URLSearchParams(text);
      if (name === "create_session") this.#data = [];
      if (name === "control") this.#say(`SUBOK,${parameters.get("LS_subId")},2,3`);
      else this.#session.take("CONOK,S1,50000,5000,*");
      const wanted = parameters.get("LS_recovery_from");
      if (wanted === null) continue;
      const from = Math.max(0, Number(wanted) - repeats);
      this.#session.take(`PROG,${from}`);
      for (const line of this.#data.slice(from)) this.#session.take(line);
    }
  }

  send(request: string): void {
    assert.match(request, /^(create_session|bind_session|control)\r\n[\w=&%.!'()*~-]*$/);
    this.#requests.push(request);
  }

  onKeepAlive(ms: number): void {
    assert.ok(ms >= 0 && ms <= 600_000);
  }

  onReady(): void {}

  onUpdate(item: number, changes: (string | null | undefined)[]): void {
    this.readings.push(...this.#table.update(item, changes, now));
  }

  onForgotten(item: number | null): void {
    this.#table.forget(item);
  }

  onLost(count: number): void {
    assert.ok(Number.isSafeInteger(count) && count >= 0);
  }

  onCorrupt(): void {
    this.corruptCount++;
  }

  onLoop(delayMs: number): void {
    assert.ok(Number.isSafeInteger(delayMs) && delayMs >= 0);
    this.#session.rebind();
  }

  onFailed(why: string): void {
    assertSentence(why);
  }
}
