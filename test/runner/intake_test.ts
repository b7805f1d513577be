import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { allowance, type Credits, maxCharacters } from "../../src/runner/credits.ts";
import { Intake } from "../../src/runner/intake.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** Records the messages that pass. Each takes some time. */
class Listener {
  readonly clock = new FakeClock();
  readonly dealt: string[] = [];
  readonly refused: string[] = [];
  readonly granted: Credits[] = [];
  flood: string | null = null;
  /** How much of the main thread's time each message takes. */
  dealMs = 0;
  answer: Promise<void> | undefined = undefined;
  onDeal = () => {};
  readonly intake = this.open();

  open(name = ""): Intake {
    return new Intake({
      clock: this.clock,
      handle: (message) => {
        this.clock.stall(this.dealMs);
        this.onDeal();
        this.dealt.push(`${name}${String(message["text"] ?? message["kind"])}`);
        return this.answer;
      },
      refuse: (mistake) => this.refused.push(mistake),
      grant: (credits) => this.granted.push(credits),
      onFlood: (why) => this.flood = why,
    });
  }

  /** Advances the clock until this much time has passed since the start. */
  waitUntil(ms: number): void {
    while (this.clock.monotonic() < ms) this.clock.advance(1);
  }
}

const line = (text: string | number) => JSON.stringify({ kind: "log", level: "info", text: String(text) });

Deno.test("Credits come back when half of them are spent, and messages within them are handled in order", () => {
  const listener = new Listener();
  for (let i = 0; i < allowance.messages / 2; i++) listener.intake.receive(line(i));
  assert.deepEqual(listener.dealt, Array.from({ length: 128 }, (_, i) => String(i)));
  assert.deepEqual(listener.granted.map(({ messages }) => messages), [128]);
  for (let i = 0; i < 1_000; i++) {
    listener.intake.receive(line(i));
    listener.clock.advance(1);
  }
  assert.equal(listener.flood, null);
});

Deno.test("A worker that sends more than its credits allow is given up, and its messages are ignored", () => {
  const listener = new Listener();
  listener.answer = new Promise(() => {});
  for (let i = 0; i < allowance.messages; i++) listener.intake.receive(line(i));
  assert.equal(listener.flood, null);
  listener.intake.receive(line("one more"));
  assert.equal(listener.flood, "sent more messages than may wait at once");
  assert.equal(listener.dealt.includes("one more"), false);
  listener.intake.receive(JSON.stringify({ kind: "pong" }));
  assert.equal(listener.dealt.includes("pong"), false);
});

Deno.test("Characters are credits too: two of the longest messages may be in progress, but not a third", () => {
  const listener = new Listener();
  listener.answer = new Promise(() => {});
  const longest = line("x".repeat(maxCharacters - line("").length));
  listener.intake.receive(longest);
  listener.intake.receive(longest);
  assert.equal(listener.flood, null);
  listener.intake.receive(longest);
  assert.notEqual(listener.flood, null);
});

Deno.test("A credit comes back when the request is done, however long it takes", async () => {
  const listener = new Listener();
  const done = Promise.withResolvers<void>();
  listener.answer = done.promise;
  for (let i = 0; i < 200; i++) listener.intake.receive(line(i));
  await setImmediate();
  assert.deepEqual(listener.granted, []);
  done.resolve();
  await setImmediate();
  assert.deepEqual(listener.granted.map(({ messages }) => messages), [128]);
});

Deno.test("Slow messages wait for their share of the time, and answers to pings do not wait behind them", () => {
  const listener = new Listener();
  listener.dealMs = 2;
  for (let i = 0; i < 100; i++) listener.intake.receive(line(i));
  const atOnce = listener.dealt.length;
  assert.ok(atOnce <= 4, `${atOnce} were dealt with in one go`);
  listener.intake.receive(JSON.stringify({ kind: "ended", ends: [] }));
  listener.intake.receive(JSON.stringify({ kind: "pong" }));
  assert.equal(listener.dealt.at(-1), "pong");
  // A fifth of the time: 100 messages of 2 ms take a second.
  listener.waitUntil(500);
  const half = listener.dealt.length;
  assert.ok(half > 30 && half < 70, `${half} were dealt with in half of the time`);
  listener.waitUntil(1_500);
  assert.equal(listener.dealt.length, 102);
  assert.equal(listener.dealt.at(-1), "ended");
});

Deno.test("Reading a long message uses up part of the share too", () => {
  const listener = new Listener();
  const { parse } = JSON;
  JSON.parse = (text) => {
    listener.clock.stall(40);
    return parse(text);
  };
  try {
    for (let i = 0; i < 20; i++) listener.intake.receive(line(String(i).repeat(20_000)));
  } finally {
    JSON.parse = parse;
  }
  const { length } = listener.dealt;
  listener.waitUntil(listener.clock.monotonic() + 1_000);
  const count = listener.dealt.length - length;
  assert.ok(count > 2 && count < 8, `${count} were dealt with in a second`);
});

Deno.test("A worker that sends little does not wait for those that send much", () => {
  const listener = new Listener();
  listener.dealMs = 10;
  const others = ["b", "c", "d"].map((name) => listener.open(name));
  for (let i = 0; i < 200; i++) for (const intake of others) intake.receive(line("much"));
  listener.waitUntil(1_000);
  for (let i = 0; i < 50; i++) {
    listener.dealMs = 0.1;
    listener.intake.receive(line(`little ${i}`));
    assert.ok(listener.dealt.includes(`little ${i}`), `little ${i} waits`);
    listener.dealMs = 10;
    listener.waitUntil(listener.clock.monotonic() + 10);
  }
});

Deno.test("Quick messages are limited to what the share can carry", () => {
  const listener = new Listener();
  let received = 0;
  while (listener.clock.monotonic() < 1_000) {
    for (let i = 0; i < 100 && received - listener.dealt.length < 100; i++) {
      listener.intake.receive(line("short"));
      received++;
    }
    listener.clock.advance(1);
  }
  const { length } = listener.dealt;
  assert.ok(length > 5_000 && length < 15_000, `${length} were dealt with in a second`);
});

Deno.test("Workers that send too much share the time of one, in turns", () => {
  const listener = new Listener();
  listener.dealMs = 2;
  const others = ["b", "c"].map((name) => listener.open(name));
  for (let i = 0; i < 60; i++) for (const intake of [listener.intake, ...others]) intake.receive(line("x"));
  listener.waitUntil(900);
  const countOf = (text: string) => listener.dealt.filter((each) => each === text).length;
  const counts = ["x", "bx", "cx"].map(countOf);
  const total = counts.reduce((sum, count) => sum + count);
  assert.ok(total > 60 && total < 120, `${total} were dealt with`);
  assert.ok(Math.max(...counts) - Math.min(...counts) <= 2, counts.join());
});

Deno.test("Invalid messages are refused, and a flood of them ends the worker", () => {
  const listener = new Listener();
  for (const data of [null, 5, new Map(), "{", "5", "null", "[]", `"${"x".repeat(maxCharacters)}"`]) {
    listener.intake.receive(data);
  }
  assert.equal(
    listener.refused.filter((mistake) => mistake === "sent something that is not a message").length,
    7,
  );
  assert.match(listener.refused.at(-1) ?? "", /sent a message of 1200002 characters: the limit is 1200000/);
  assert.deepEqual([listener.dealt, listener.flood], [[], null]);
  for (let i = 0; i < 1_000; i++) listener.intake.receive("garbage");
  assert.equal(listener.flood, "sent a flood of invalid messages");
  assert.ok(listener.refused.length <= 200);
});

Deno.test("An unrequested message counts as a stray with all its characters", () => {
  const listener = new Listener();
  listener.onDeal = () => listener.intake.stray();
  const long = JSON.stringify({ kind: "pong", more: "x".repeat(1_000_000) });
  for (let i = 0; i < 3; i++) listener.intake.receive(long);
  assert.equal(listener.flood, null);
  for (let i = 0; i < 3; i++) listener.intake.receive(long);
  assert.equal(listener.flood, "sent a flood of invalid messages");
  assert.equal(listener.dealt.length, 4);
});

Deno.test("A few invalid messages per second are tolerated forever", () => {
  const listener = new Listener();
  for (let second = 0; second < 100; second++) {
    for (let i = 0; i < 100; i++) listener.intake.receive("garbage");
    listener.clock.advance(1_000);
  }
  assert.equal(listener.flood, null);
});

Deno.test("Answers that wait behind other messages are bounded too", () => {
  const listener = new Listener();
  listener.dealMs = 2;
  for (let i = 0; i < 100; i++) listener.intake.receive(line(i));
  for (let i = 0; i < 4_096; i++) listener.intake.receive(JSON.stringify({ kind: "ended", ends: [] }));
  assert.equal(listener.flood, null);
  for (let i = 0; i < 1_000; i++) listener.intake.receive(JSON.stringify({ kind: "held" }));
  assert.equal(listener.flood, "sent more messages than may wait at once");
});
